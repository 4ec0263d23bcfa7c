import { percentOf } from '../values/arithmetic.ts';
import type { Bmd, Micro } from '../values/quantity.ts';
import type { AssessmentSettings } from '../values/settings.ts';

export type Change = {
  readonly verdict: 'up' | 'down' | 'not_significant';
  readonly delta: Micro;
  readonly percent: Micro;
  /** |delta| / LSC. */
  readonly strength: number;
};

/**
 * Holds the change between two scans against an absolute LSC, all in millionths of g/cm². Integers only: plain float
 * subtraction misses 31.7 % of the changes that equal the LSC (clinical-rules 8.13).
 */
export function judgeChange(
  reference: Bmd,
  followUp: Bmd,
  leastSignificantChange: Bmd,
  operator: AssessmentSettings['significanceOperator'],
): Change {
  const delta = (followUp - reference) as Micro;
  return {
    verdict: verdictOf(delta, leastSignificantChange, operator),
    delta,
    percent: percentOf(delta, reference),
    strength: Math.abs(delta) / leastSignificantChange,
  };
}

/** True when |delta| reaches (">=") or exceeds (">") the limit. */
export function reaches(delta: Micro, limit: Bmd, operator: AssessmentSettings['significanceOperator']): boolean {
  switch (operator) {
    case '>=':
      return Math.abs(delta) >= limit;
    case '>':
      return Math.abs(delta) > limit;
    default:
      return operator satisfies never;
  }
}

function verdictOf(delta: Micro, limit: Bmd, operator: AssessmentSettings['significanceOperator']): Change['verdict'] {
  if (!reaches(delta, limit, operator)) return 'not_significant';
  return delta > 0 ? 'up' : 'down';
}
