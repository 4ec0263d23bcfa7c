import jstat from 'jstat';

const { jStat } = jstat;

/** Multiplier of a two-sided interval: 0.95 -> 1.95996 (R1.4). */
export function twoSidedZ(confidenceLevel: number): number {
  return jStat.normal.inv((1 + confidenceLevel) / 2, 0, 1);
}

/** Multiplier of a one-sided limit: 0.95 -> 1.64485 (R1.4). */
export function oneSidedZ(confidenceLevel: number): number {
  return jStat.normal.inv(confidenceLevel, 0, 1);
}

export function chiSquareQuantile(p: number, degreesOfFreedom: number): number {
  return jStat.chisquare.inv(p, degreesOfFreedom);
}

/** Two-sided p of Student's t. */
export function studentTwoSidedP(t: number, degreesOfFreedom: number): number {
  return 2 * (1 - jStat.studentt.cdf(Math.abs(t), degreesOfFreedom));
}

export function studentQuantile(p: number, degreesOfFreedom: number): number {
  return jStat.studentt.inv(p, degreesOfFreedom);
}
