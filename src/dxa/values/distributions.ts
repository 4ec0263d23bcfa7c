import jstat from 'jstat';

const { jStat } = jstat;

/** Multiplier of a two-sided interval: 0.95 -> 1.95996 (R1.4). */
export function twoSidedZ(confidenceLevel: number): number {
  return jStat.normal.inv((1 + confidenceLevel) / 2, 0, 1);
}

export function chiSquareQuantile(p: number, degreesOfFreedom: number): number {
  return jStat.chisquare.inv(p, degreesOfFreedom);
}
