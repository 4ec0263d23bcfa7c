import { yearsBetween } from '../study/chronology.ts';
import { roundHalfAway } from '../values/arithmetic.ts';
import type { Bmd, Micro } from '../values/quantity.ts';
import type { IsoDate } from '../values/report.ts';
import type { AssessmentSettings } from '../values/settings.ts';

export type TrendPoint = { readonly scannedOn: IsoDate; readonly bmd: Bmd };

/** Straight line through three or more comparable scans. The rates are for display; `verdict` tests the line. */
export type Trend = {
  readonly points: number;
  readonly years: number;
  /** Least squares slope, millionths of g/cm² a year. */
  readonly annualRate: Micro;
  /** 100 * slope / fitted value at the first scan, millionths of a percent a year. */
  readonly annualPercent: Micro;
  /** |slope| over the smallest slope that is significant. */
  readonly strength: number;
  readonly verdict: 'up' | 'down' | 'not_significant';
};

/**
 * Least squares with known precision: significant if |b| reaches 1.96 * PE / sqrt(sum (t - mean)²) (clinical-rules 4.6).
 * The LSC carries the precision, LSC = 1.96 * sqrt(2) * PE, so that two scans give exactly the LSC test. Null without at
 * least two days.
 */
export function trendOf(
  points: readonly TrendPoint[],
  leastSignificantChange: Bmd,
  operator: AssessmentSettings['significanceOperator'],
): Trend | null {
  const [first] = points;
  if (first === undefined) return null;
  const times = points.map(({ scannedOn }) => yearsBetween(first.scannedOn, scannedOn));
  const meanTime = meanOf(times);
  const meanBmd = meanOf(points.map(({ bmd }) => bmd));
  const squares = times.reduce((total, time) => total + (time - meanTime) ** 2, 0);
  if (squares === 0) return null;
  const products = points.reduce(
    (total, { bmd }, index) => total + ((times[index] ?? 0) - meanTime) * (bmd - meanBmd),
    0,
  );
  const slope = products / squares;
  const atFirst = meanBmd - slope * meanTime;
  const strength = (Math.abs(slope) * Math.sqrt(2 * squares)) / leastSignificantChange;
  return {
    points: points.length,
    years: Math.max(...times) - Math.min(...times),
    annualRate: roundHalfAway(slope) as Micro,
    annualPercent: roundHalfAway((100 * slope * 1e6) / atFirst) as Micro,
    strength,
    verdict: verdictOf(slope, strength, operator),
  };
}

/**
 * The LSC of a line whose points have LSCs of their own: each counts by how far its day lies from the mean day, as its
 * error does in the slope. With one LSC for all it is that one, with two points their root mean square (R2.2).
 */
export function lscOfLine(
  points: readonly { readonly scannedOn: IsoDate; readonly leastSignificantChange: Bmd }[],
): Bmd | null {
  const [first] = points;
  if (first === undefined) return null;
  const times = points.map(({ scannedOn }) => yearsBetween(first.scannedOn, scannedOn));
  const meanTime = meanOf(times);
  const weights = times.map((time) => (time - meanTime) ** 2);
  const sum = (term: (lsc: number) => number) =>
    points.reduce((total, point, index) => total + (weights[index] ?? 0) * term(point.leastSignificantChange), 0);
  const squares = sum(() => 1);
  return squares === 0 ? null : (roundHalfAway(Math.sqrt(sum((lsc) => lsc * lsc) / squares)) as Bmd);
}

/** Binary fractions stand in the way of an exact boundary; within this share of it a slope counts as on it. */
const ON_THE_BOUNDARY = 1e-9;

function verdictOf(
  slope: number,
  strength: number,
  operator: AssessmentSettings['significanceOperator'],
): Trend['verdict'] {
  const onBoundary = Math.abs(strength - 1) <= ON_THE_BOUNDARY;
  const significant = onBoundary ? operator === '>=' : strength > 1;
  if (!significant) return 'not_significant';
  return slope > 0 ? 'up' : 'down';
}

function meanOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
