import type { ComparabilityCheck } from '../assessment.ts';
import type { Bridge } from '../cross-calibration.ts';
import type { OnFile } from '../history.ts';
import type { JudgingLsc } from '../lsc.ts';
import type { RegionScan } from '../region-scan.ts';
import type { AssessmentSettings } from '../settings.ts';
import type { PairedDensities } from '../vertebral-set.ts';
import type { CheckId, CodeOf, Outcome } from './checks.ts';

/** Two scans of one region, with everything that a comparability rule may look at. */
export type Pair = {
  readonly reference: RegionScan;
  readonly followUp: RegionScan;
  readonly densities: PairedDensities;
  readonly bridge: Bridge | null;
  readonly lsc: JudgingLsc | null;
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
