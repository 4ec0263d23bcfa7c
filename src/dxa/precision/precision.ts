import { chiSquareQuantile } from '../values/distributions.ts';
import type { Region } from '../values/region.ts';
import type { PrecisionSettings } from '../values/settings.ts';
import { ISCD_LSC_CEILING_PERCENT } from './fallback-lsc.ts';

/** Repeat scans of one person at one region, repositioned in between, by one technologist. Any unit; kept throughout. */
export type RepeatScans = {
  readonly subject: string;
  /** Null where the technologist was not recorded. */
  readonly technologist: string | null;
  readonly values: readonly number[];
};

export type Precision = {
  readonly subjects: number;
  readonly degreesOfFreedom: number;
  /** Root mean square of the subjects' sample SDs, weighted by degrees of freedom (R1.1); unit of the values. */
  readonly precisionError: number;
  /** Upper limit of the precision error (R1.3). */
  readonly precisionErrorUpper: number;
  /** Percent. */
  readonly rmsCv: number;
  readonly mean: number;
};

export type TechnologistPrecision = Precision & {
  readonly technologist: string;
  /** False when above the ISCD ceiling, null where the region has none; retraining is then due (R1.5). */
  readonly withinCeiling: boolean | null;
};

export type PrecisionStudy = {
  readonly verdict: 'sufficient' | 'insufficient_degrees_of_freedom' | 'retrain';
  /** Pooled by degrees of freedom over the technologists within the ceiling (R1.6); null when none is left. */
  readonly pooled: Precision | null;
  readonly technologists: readonly TechnologistPrecision[];
  /** LSC at 95 %, one scan at each visit; null without a pooled precision. */
  readonly leastSignificantChange: number | null;
  readonly ceilingPercent: number | null;
  /** Subjects left out for having fewer than two scans or a mean of zero or less. */
  readonly unusable: readonly string[];
};

/** One scan says nothing about repeats. */
export const MINIMUM_REPEATS = 2;

/** Evaluates a precision study of one region on one scanner (R1.1 to R1.6). */
export function evaluatePrecisionStudy(
  scans: readonly RepeatScans[],
  region: Region,
  settings: PrecisionSettings,
): PrecisionStudy {
  const usable = scans.filter(({ values }) => values.length >= MINIMUM_REPEATS && meanOf(values) > 0);
  const unusable = scans.filter((scan) => !usable.includes(scan)).map(({ subject }) => subject);
  const lscCeiling = ISCD_LSC_CEILING_PERCENT[region];
  const ceilingPercent = lscCeiling === undefined ? null : lscCeiling;
  const technologists = [...Map.groupBy(usable, ({ technologist }) => technologist ?? '')]
    .map(([technologist, own]) => ({ technologist, own, precision: precisionOf(own, settings) }))
    .map(({ technologist, own, precision }) => ({
      own,
      result: { technologist, ...precision, withinCeiling: isWithin(precision.rmsCv, ceilingPercent, settings) },
    }))
    .sort((a, b) => (a.result.technologist < b.result.technologist ? -1 : 1));
  const kept = technologists.filter(({ result }) => result.withinCeiling !== false).flatMap(({ own }) => own);
  const pooled = kept.length === 0 ? null : precisionOf(kept, settings);
  return {
    verdict: verdictOf(
      pooled,
      technologists.some(({ result }) => result.withinCeiling === false),
      settings,
    ),
    pooled,
    technologists: technologists.map(({ result }) => result),
    leastSignificantChange: pooled === null ? null : settings.lscFactor.value * pooled.precisionError,
    ceilingPercent,
    unusable,
  };
}

/**
 * RMS-SD with sample SDs, its degrees of freedom and upper limit, and RMS-CV. With equal numbers of scans this is
 * sqrt(sum SD² / m), the ISCD calculator's (R1.1, VERIFIED); unequal numbers weigh by degrees of freedom (Glüer 1995).
 */
export function precisionOf(scans: readonly RepeatScans[], settings: PrecisionSettings): Precision {
  let sumOfSquares = 0;
  let sumOfRelativeSquares = 0;
  let degreesOfFreedom = 0;
  let sum = 0;
  let count = 0;
  for (const { values } of scans) {
    const mean = meanOf(values);
    const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
    sumOfSquares += squares;
    degreesOfFreedom += values.length - 1;
    sumOfRelativeSquares += squares / (values.length - 1) / mean ** 2;
    sum += mean * values.length;
    count += values.length;
  }
  const precisionError = Math.sqrt(sumOfSquares / degreesOfFreedom);
  return {
    subjects: scans.length,
    degreesOfFreedom,
    precisionError,
    precisionErrorUpper: precisionError * upperLimitFactor(degreesOfFreedom, settings.upperLimitLowerTail),
    rmsCv: 100 * Math.sqrt(sumOfRelativeSquares / scans.length),
    mean: sum / count,
  };
}

/** sqrt(df / chi²) at the lower tail: 27 df and 5 % give 1.2929, Glüer's "+30 %" (R1.3, VERIFIED). */
export function upperLimitFactor(degreesOfFreedom: number, lowerTail: number): number {
  return Math.sqrt(degreesOfFreedom / chiSquareQuantile(lowerTail, degreesOfFreedom));
}

function isWithin(rmsCv: number, ceilingPercent: number | null, { lscFactor }: PrecisionSettings): boolean | null {
  if (ceilingPercent === null) return null;
  // The ceiling is printed as an LSC to one decimal, so the technologist's is compared as it would be printed.
  return Math.round(10 * lscFactor.value * rmsCv) <= Math.round(10 * ceilingPercent);
}

function verdictOf(pooled: Precision | null, retrain: boolean, settings: PrecisionSettings): PrecisionStudy['verdict'] {
  if (retrain) return 'retrain';
  if (pooled === null || pooled.degreesOfFreedom < settings.minimumDegreesOfFreedom) {
    return 'insufficient_degrees_of_freedom';
  }
  return 'sufficient';
}

function meanOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
