import type { ComparabilityCheck } from '../values/assessment.ts';
import { phantomInControl, sameDemographics, sameScanMode, sameSoftware, similarWeight } from './acquisition.ts';
import { longEnough, lscOnFile, similarArea } from './change.ts';
import type { ComparabilityRule, Pair } from './pair.ts';
import { enoughVertebrae, forearmRegion, meanOfBothHips, monitoringRegion, sameSide, sameVertebrae } from './region.ts';
import { laterStudy, sameManufacturer, sameModel, sameScanner } from './scanner.ts';

/** The rules of clinical-rules section 2, in their order: C1 to C18. */
const COMPARABILITY_RULES: readonly ComparabilityRule[] = [
  laterStudy,
  sameScanner,
  sameModel,
  sameManufacturer,
  sameSoftware,
  sameScanMode,
  sameVertebrae,
  enoughVertebrae,
  sameSide,
  meanOfBothHips,
  monitoringRegion,
  forearmRegion,
  similarArea,
  similarWeight,
  longEnough,
  lscOnFile,
  sameDemographics,
  phantomInControl,
];

/** Asks every rule, also after one has blocked: a reader wants all reasons at once. */
export function checkPair(pair: Pair): readonly ComparabilityCheck[] {
  return COMPARABILITY_RULES.map((rule) => rule(pair));
}
