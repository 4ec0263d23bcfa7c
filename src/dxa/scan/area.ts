import type { Density } from './region-scan.ts';

/** Change of bone area between two scans of a region, as fractions (0.02 = 2 %). */
export type AreaChange = {
  readonly relative: number;
  /** Millionths of cm². */
  readonly absolute: number;
  readonly bmcRelative: number;
  /** %area - slope * %BMC: what is left once edge detection is allowed for (R2.4). */
  readonly residual: number;
  /** Share of ln(BMD2/BMD1) that -ln(area2/area1) explains; null when BMD did not change. May lie outside 0 to 1. */
  readonly areaShare: number | null;
};

type WithArea = Pick<Density, 'bmd' | 'bmc' | 'area'>;

/** Takes a change of BMD apart into BMC and area (R2.4); null when one scan gives no BMC or area. */
export function areaChange(reference: WithArea, followUp: WithArea, areaPerBmcSlope: number): AreaChange | null {
  if (!isPositive(reference.area) || !isPositive(followUp.area)) return null;
  if (!isPositive(reference.bmc) || !isPositive(followUp.bmc)) return null;
  const relative = followUp.area / reference.area - 1;
  const bmcRelative = followUp.bmc / reference.bmc - 1;
  const logBmd = Math.log(followUp.bmd / reference.bmd);
  return {
    relative,
    absolute: followUp.area - reference.area,
    bmcRelative,
    residual: relative - areaPerBmcSlope * bmcRelative,
    areaShare: logBmd === 0 ? null : -Math.log(followUp.area / reference.area) / logBmd,
  };
}

function isPositive(value: number | null): value is NonNullable<Density['area']> {
  return value !== null && value > 0;
}
