import type { Bmd } from '../values/quantity.ts';
import { MINIMUM_CALIBRATION_SUBJECTS } from './cross-calibration.ts';

/** What a cross-calibration says, in g/cm². */
export type CalibrationLine = {
  readonly slope: number;
  readonly intercept: number;
  /** Of one scan on the later scanner. */
  readonly standardErrorOfEstimate: number;
  readonly n: number;
  readonly meanFrom: number;
  readonly sumOfSquaresFrom: number;
  readonly minFrom: number;
  readonly maxFrom: number;
};

/** One person: one scan on the earlier scanner, one or more on the later. */
export type CalibrationPerson = { readonly from: Bmd; readonly to: readonly Bmd[] };

/**
 * Least squares of the new scanner's values on the old one's, with the standard error of the estimate on n - 2 degrees of
 * freedom (R2.1, R2.2). Of a person's scans on the new scanner the mean is on the line; the error of the estimate is that
 * of one scan, as patients have. Null with fewer than three people, or when all have the same value on the old scanner.
 */
export function calibrationLine(people: readonly CalibrationPerson[]): CalibrationLine | null {
  const n = people.length;
  // In whole millionths: a sum of squares of equal binary fractions need not be zero.
  if (new Set(people.map(({ from }) => from)).size < 2) return null;
  if (n < MINIMUM_CALIBRATION_SUBJECTS || people.some(({ to }) => to.length === 0)) return null;
  const xs = people.map(({ from }) => from / 1e6);
  const ys = people.map(({ to }) => mean(to.map((value) => value / 1e6)));
  const meanFrom = mean(xs);
  const meanTo = mean(ys);
  const sum = (term: (x: number, y: number) => number) => xs.reduce((total, x, i) => total + term(x, ys[i] ?? 0), 0);
  const sumOfSquaresFrom = sum((x) => (x - meanFrom) ** 2);
  const slope = sum((x, y) => (x - meanFrom) * (y - meanTo)) / sumOfSquaresFrom;
  const intercept = meanTo - slope * meanFrom;
  const residual = sum((x, y) => (y - intercept - slope * x) ** 2);
  return {
    slope,
    intercept,
    standardErrorOfEstimate: Math.sqrt(residual / (n - 2) + errorTakenOutByMeans(people)),
    n,
    meanFrom,
    sumOfSquaresFrom,
    minFrom: Math.min(...xs),
    maxFrom: Math.max(...xs),
  };
}

/**
 * The variance that a mean of k scans hides of one scan: s² · (1 - 1/k), with s the RMS-SD of the repeats (R1.1), (g/cm²)².
 * Where people have different numbers of scans, k is their harmonic mean. Zero with one scan each.
 */
function errorTakenOutByMeans(people: readonly CalibrationPerson[]): number {
  let squares = 0;
  let degreesOfFreedom = 0;
  for (const { to } of people) {
    const values = to.map((value) => value / 1e6);
    const own = mean(values);
    squares += values.reduce((total, value) => total + (value - own) ** 2, 0);
    degreesOfFreedom += values.length - 1;
  }
  if (degreesOfFreedom === 0) return 0;
  const oneOverK = mean(people.map(({ to }) => 1 / to.length));
  return (squares / degreesOfFreedom) * (1 - oneOverK);
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
