import { compareText, epochsBetween } from '../study/chronology.ts';
import type { LscEntry, ScannerEpoch } from '../study/history.ts';
import { roundHalfAway } from '../values/arithmetic.ts';
import { twoSidedZ } from '../values/distributions.ts';
import type { Bmd } from '../values/quantity.ts';
import { type Laterality, type RegionOfInterest, vertebraeKey } from '../values/region.ts';
import type { IsoDate } from '../values/report.ts';
import type { AssessmentSettings } from '../values/settings.ts';

/** The confidence at which every change is judged (ISCD precision calculator glossary, VERIFIED). */
export const JUDGED_CONFIDENCE = 0.95;

/** What judges a change, at 95 % two-sided confidence. */
export type JudgingLsc = {
  readonly lscIds: readonly string[];
  readonly leastSignificantChange: Bmd;
  /** LSC from the upper limit of the precision error (R1.3); null when that is unknown. */
  readonly upperLimit: Bmd | null;
  readonly source: string;
};

/** The LSC at 95 %, from one at any two-sided confidence level, by the ratio of z' (R1.4). */
export function lscAt95(entry: LscEntry, settings: AssessmentSettings): Bmd {
  const factor =
    entry.confidenceLevel === JUDGED_CONFIDENCE ? 1 : twoSidedZ(JUDGED_CONFIDENCE) / twoSidedZ(entry.confidenceLevel);
  return scale(entry.leastSignificantChange, factor * settings.longTermFactor, settings);
}

/**
 * An absolute LSC from one in percent, by the mean BMD of the precision cohort and not of the patient: precision in
 * g/cm² does not depend on BMD, so a percent would be too lenient where BMD is low (R1.7; Rajamanohar 2011, VERIFIED).
 */
export function absoluteLsc(percent: number, cohortMean: Bmd): Bmd {
  return roundHalfAway((percent / 100) * cohortMean) as Bmd;
}

/** What an LSC is looked up for: one region on one scanner and the days of both scans. */
export type LscQuestion = {
  readonly scannerId: string;
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
  readonly referenceOn: IsoDate;
  readonly followUpOn: IsoDate;
};

/** Finds the LSC that was valid for both scans, or null (C16). */
export function findLsc(
  question: LscQuestion,
  entries: readonly LscEntry[],
  epochs: readonly ScannerEpoch[],
  settings: AssessmentSettings,
): JudgingLsc | null {
  const { referenceOn, followUpOn } = question;
  const matching = entries.filter((entry) => isUsable(entry) && isAbout(entry, question)).sort(mostSpecificFirst);
  const valid = (entry: LscEntry, day: IsoDate) => isInForce(entry, day, epochs);
  const both = matching.find((entry) => valid(entry, referenceOn) && valid(entry, followUpOn));
  if (both !== undefined) return judging(both, settings);
  if (settings.lscAcrossEntries === 'provisional') return null;
  const before = matching.find((entry) => valid(entry, referenceOn));
  const after = matching.find((entry) => valid(entry, followUpOn));
  return before === undefined || after === undefined ? null : generalised(before, after, settings);
}

/** An LSC of zero would call no change at all a change; an entry that cannot be true counts as none. */
function isUsable({ leastSignificantChange, confidenceLevel }: LscEntry): boolean {
  return leastSignificantChange > 0 && confidenceLevel > 0 && confidenceLevel < 1;
}

/** True when the entry is about this scanner, region and side, whatever its dates. */
function isAbout(entry: LscEntry, { scannerId, roi, laterality }: Omit<LscQuestion, 'referenceOn' | 'followUpOn'>) {
  return (
    entry.scannerId === scannerId &&
    entry.roi.region === roi.region &&
    vertebraeKey(entry.roi.vertebrae) === vertebraeKey(roi.vertebrae) &&
    coversSide(entry.laterality, laterality)
  );
}

/** `any` stands for either single side, never for the mean of both, which is more precise (C10). */
export function coversSide(onFile: Laterality | 'any', side: Laterality): boolean {
  return onFile === side || (onFile === 'any' && (side === 'left' || side === 'right'));
}

/** An LSC ends with the scanner's epoch: a moved or repaired scanner needs a new precision study (R1.2; ISCD). */
function isInForce(entry: LscEntry, day: IsoDate, epochs: readonly ScannerEpoch[]): boolean {
  if (day < entry.validFrom || (entry.validTo !== null && day > entry.validTo)) return false;
  return epochsBetween(epochs, entry.scannerId, entry.validFrom, day).length === 0;
}

function mostSpecificFirst(a: LscEntry, b: LscEntry): number {
  return (
    Number(a.laterality === 'any') - Number(b.laterality === 'any') ||
    compareText(b.validFrom, a.validFrom) ||
    compareText(a.lscId, b.lscId)
  );
}

function judging(entry: LscEntry, settings: AssessmentSettings): JudgingLsc {
  return {
    lscIds: [entry.lscId],
    leastSignificantChange: lscAt95(entry, settings),
    upperLimit: upperLimit(entry, settings),
    source: entry.source,
  };
}

/** 1.96 * sqrt(PE1² + PE2²), written with the two LSCs (R2.2, DERIVED; after Shepherd & Lu 2007). */
function generalised(before: LscEntry, after: LscEntry, settings: AssessmentSettings): JudgingLsc {
  const combine = (a: Bmd, b: Bmd) => roundHalfAway(Math.sqrt((a * a + b * b) / 2)) as Bmd;
  const upper = [upperLimit(before, settings), upperLimit(after, settings)] as const;
  return {
    lscIds: [before.lscId, after.lscId],
    leastSignificantChange: combine(lscAt95(before, settings), lscAt95(after, settings)),
    upperLimit: upper[0] === null || upper[1] === null ? null : combine(upper[0], upper[1]),
    source: `generalised from ${before.source} and ${after.source}`,
  };
}

function upperLimit({ precisionErrorUpper }: LscEntry, settings: AssessmentSettings): Bmd | null {
  if (precisionErrorUpper === null) return null;
  return scale(precisionErrorUpper, settings.lscFactor.value * settings.longTermFactor, settings);
}

function scale(value: Bmd, factor: number, { lscConversionRounding }: AssessmentSettings): Bmd {
  if (factor === 1) return value;
  switch (lscConversionRounding) {
    case 'half_away_from_zero':
      return roundHalfAway(value * factor) as Bmd;
    case 'up':
      return Math.ceil(value * factor) as Bmd;
    default:
      return lscConversionRounding satisfies never;
  }
}
