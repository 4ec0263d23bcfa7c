import type { Bridge } from '../precision/cross-calibration.ts';
import type { JudgingLsc } from '../precision/lsc.ts';
import type { RegionScan } from '../scan/region-scan.ts';
import type { PairedDensities } from '../scan/vertebral-set.ts';
import type { OnFile } from '../study/history.ts';
import type { ComparabilityCheck } from '../values/assessment.ts';
import type { AssessmentSettings } from '../values/settings.ts';
import type { CheckId, CodeOf, Outcome } from './checks.ts';

/** Two scans of one region, with everything that a comparability rule may look at. */
export type Pair = {
  readonly reference: RegionScan;
  readonly followUp: RegionScan;
  readonly densities: PairedDensities;
  readonly bridge: Bridge | null;
  /** The scanner's own LSC on both days; across scanners those of both. Null where a day has none. */
  readonly lsc: JudgingLsc | null;
  /** Which day has no LSC of its scanner. */
  readonly withoutLsc: { readonly reference: boolean; readonly followUp: boolean };
  readonly onFile: OnFile;
  readonly settings: AssessmentSettings;
};

export type ComparabilityRule = (pair: Pair) => ComparabilityCheck;

/** Writes the outcome of a rule; the code must be one that COMPARABILITY_CHECKS lists for it. */
export function check<R extends CheckId, O extends Outcome>(
  rule: R,
  outcome: O,
  code: CodeOf<R, O>,
  facts: ComparabilityCheck['facts'],
): ComparabilityCheck {
  return { rule, outcome, code, facts };
}
