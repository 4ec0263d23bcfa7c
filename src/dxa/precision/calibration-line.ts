import type { Bmd } from '../values/quantity.ts';
import { MINIMUM_CALIBRATION_SUBJECTS } from './cross-calibration.ts';

/** What a cross-calibration says, in g/cm². */
export type CalibrationLine = {
  readonly slope: number;
  readonly intercept: number;
  readonly standardErrorOfEstimate: number;
  readonly n: number;
  readonly meanFrom: number;
  readonly sumOfSquaresFrom: number;
  readonly minFrom: number;
  readonly maxFrom: number;
};

/**
 * Least squares of the new scanner's values on the old one's, with the standard error of the estimate on n - 2 degrees of
 * freedom (R2.1, R2.2). Null with fewer than three people, or when all have the same value on the old scanner.
 */
export function calibrationLine(pairs: readonly { readonly from: Bmd; readonly to: Bmd }[]): CalibrationLine | null {
  const n = pairs.length;
  if (n < MINIMUM_CALIBRATION_SUBJECTS) return null;
  const xs = pairs.map(({ from }) => from / 1e6);
  const ys = pairs.map(({ to }) => to / 1e6);
  const meanFrom = mean(xs);
  const meanTo = mean(ys);
  const sum = (term: (x: number, y: number) => number) => xs.reduce((total, x, i) => total + term(x, ys[i] ?? 0), 0);
  const sumOfSquaresFrom = sum((x) => (x - meanFrom) ** 2);
  if (sumOfSquaresFrom === 0) return null;
  const slope = sum((x, y) => (x - meanFrom) * (y - meanTo)) / sumOfSquaresFrom;
  const intercept = meanTo - slope * meanFrom;
  const residual = sum((x, y) => (y - intercept - slope * x) ** 2);
  return {
    slope,
    intercept,
    standardErrorOfEstimate: Math.sqrt(residual / (n - 2)),
    n,
    meanFrom,
    sumOfSquaresFrom,
    minFrom: Math.min(...xs),
    maxFrom: Math.max(...xs),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
