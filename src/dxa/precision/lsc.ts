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
  /** The entry of the earlier day and that of the later one, or the one of both. */
  readonly lscIds: readonly string[];
  readonly leastSignificantChange: Bmd;
  /** LSC from the upper limit of the precision error (R1.3); null when that is unknown. */
  readonly upperLimit: Bmd | null;
  readonly source: string;
  /** First day of the first entry, where a scan lies before it; null where an entry was in force on every day. */
  readonly laterThanScan: IsoDate | null;
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

/** What an LSC is looked up for: one region and side on one scanner. */
export type LscPlace = {
  readonly scannerId: string;
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
};

/** The entry that speaks for one day. */
export type LscOfDay = {
  readonly entry: LscEntry;
  /** True when the day lies before the first entry, which stands in for it. */
  readonly isLater: boolean;
};

/**
 * The entry in force on a day: of those that began by then and are not past, the one that began last. An open entry ends
 * for good the day before the next one of the same side begins; the side's own comes before one for any side. A day
 * before the first entry is spoken for by that entry, where the setting says so. An epoch makes another scanner: nothing
 * of before it, or of after it, says anything about the day (R1.2).
 */
export function lscOfDay(
  place: LscPlace,
  day: IsoDate,
  entries: readonly LscEntry[],
  epochs: readonly ScannerEpoch[],
  settings: AssessmentSettings,
): LscOfDay | null {
  const about = entries
    .filter((entry) => isUsable(entry) && isAbout(entry, place) && isOfSameEpoch(entry, day, epochs))
    .sort(inOrderOfBeginning);
  const own = about.filter(({ laterality }) => laterality !== 'any');
  const any = about.filter(({ laterality }) => laterality === 'any');
  const entry = inForceOn(own, day) ?? inForceOn(any, day);
  if (entry !== undefined) return { entry, isLater: false };
  const [first] = about;
  if (first === undefined || settings.lscBeforeFirstEntry === 'provisional' || day >= first.validFrom) return null;
  // Of two that begin on the same day the side's own speaks.
  const [ownFirst = first] = own;
  return { entry: ownFirst.validFrom === first.validFrom ? ownFirst : first, isLater: true };
}

/** An LSC of zero would call no change at all a change; an entry that cannot be true counts as none. */
function isUsable({ leastSignificantChange, confidenceLevel }: LscEntry): boolean {
  return leastSignificantChange > 0 && confidenceLevel > 0 && confidenceLevel < 1;
}

/** True when the entry is about this scanner, region and side, whatever its dates. */
function isAbout(entry: LscEntry, { scannerId, roi, laterality }: LscPlace): boolean {
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

/** A moved or repaired scanner needs a new precision study (R1.2; ISCD). */
function isOfSameEpoch({ scannerId, validFrom }: LscEntry, day: IsoDate, epochs: readonly ScannerEpoch[]): boolean {
  const [from, to] = validFrom < day ? [validFrom, day] : [day, validFrom];
  return epochsBetween(epochs, scannerId, from, to).length === 0;
}

/** Of those that begin on one day the one filed later comes later: ids are numbers that only grow. */
function inOrderOfBeginning(a: LscEntry, b: LscEntry): number {
  return compareText(a.validFrom, b.validFrom) || a.lscId.length - b.lscId.length || compareText(a.lscId, b.lscId);
}

/** `entries` of one side, in order of their beginning. */
function inForceOn(entries: readonly LscEntry[], day: IsoDate): LscEntry | undefined {
  const begun = entries.filter(({ validFrom }) => validFrom <= day);
  return begun.findLast(({ validTo }, index) => (validTo === null ? index === begun.length - 1 : day <= validTo));
}

/**
 * The LSC of a pair on one scanner from those of its days. Where a scan was made before the first LSC of the scanner, that
 * first one judges alone (surveillance 4c); else both are combined.
 */
export function lscOfPair(before: LscOfDay, after: LscOfDay, settings: AssessmentSettings): JudgingLsc {
  const later = [before, after].find(({ isLater }) => isLater);
  if (before.entry.lscId !== after.entry.lscId && later === undefined) return combineLscs(before, after, settings);
  const { entry } = later ?? before;
  return {
    lscIds: [entry.lscId],
    leastSignificantChange: lscAt95(entry, settings),
    upperLimit: upperLimit(entry, settings),
    source: entry.source,
    laterThanScan: later === undefined ? null : entry.validFrom,
  };
}

/** 1.96 * sqrt(PE1² + PE2²), written with the LSCs of both days; of two scanners neither speaks for the other (R2.2, DERIVED). */
export function combineLscs(before: LscOfDay, after: LscOfDay, settings: AssessmentSettings): JudgingLsc {
  const [one, other] = [before.entry, after.entry];
  const later = [before, after].find(({ isLater }) => isLater);
  const upper = [upperLimit(one, settings), upperLimit(other, settings)] as const;
  return {
    lscIds: [one.lscId, other.lscId],
    leastSignificantChange: rootMeanSquare(lscAt95(one, settings), lscAt95(other, settings)),
    upperLimit: upper[0] === null || upper[1] === null ? null : rootMeanSquare(upper[0], upper[1]),
    source: `generalised from ${one.source} and ${other.source}`,
    laterThanScan: later === undefined ? null : later.entry.validFrom,
  };
}

const rootMeanSquare = (a: Bmd, b: Bmd) => roundHalfAway(Math.sqrt((a * a + b * b) / 2)) as Bmd;

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
