import type { Random } from './random.ts';

/**
 * One measured part. Everything is a whole number as printed: BMC and area in hundredths of g and cm2, BMD in thousandths
 * of g/cm2 and always the ratio of the two, so that every sum of parts is consistent by construction.
 */
export type Part = { readonly bmc: number; readonly area: number };

/** What stays the same between a person's visits: bone size, and how density is spread over the parts. */
export type Profile = {
  readonly areas: readonly number[];
  readonly shares: readonly number[];
};

/** L1 to L4: area rises from top to bottom, density too up to L3 (printouts of enCORE; Biology Direct 2025, table 1). */
const SPINE = { areas: [1210, 1320, 1460, 1600], shares: [0.93, 1.0, 1.04, 1.02] };
/** Neck, trochanter, shaft; together the total hip of GE Lunar. */
const HIP = { areas: [490, 1260, 1590], shares: [0.93, 0.8, 1.17] };

export function drawSpineProfile(random: Random, sex: 'F' | 'M'): Profile {
  return drawProfile(random, SPINE, sex === 'M' ? 1.18 : 1);
}

export function drawHipProfile(random: Random, sex: 'F' | 'M'): Profile {
  return drawProfile(random, HIP, sex === 'M' ? 1.18 : 1);
}

function drawProfile(random: Random, typical: Profile, scale: number): Profile {
  const size = scale * random.normal(1, 0.05);
  return {
    areas: typical.areas.map((area) => Math.round(area * size * random.normal(1, 0.008))),
    shares: typical.shares.map((share) => share * random.normal(1, 0.015)),
  };
}

/**
 * Draws the parts of one scan so that their printed total is exactly `target` (thousandths of g/cm2): the noise of the
 * total is in the target; parts and areas have their own on top (area 0.4 %, part 0.8 %).
 */
export function drawParts(random: Random, profile: Profile, target: number): readonly Part[] {
  const areas = profile.areas.map((area) => Math.round(area * random.normal(1, 0.004)));
  const weights = profile.shares.map((share) => share * random.normal(1, 0.008));
  const totalArea = sum(areas);
  const scale = (target * totalArea) / 1000 / sum(areas.map((area, index) => area * (weights[index] ?? 1)));
  const bmcs = areas.map((area, index) => Math.round(area * (weights[index] ?? 1) * scale));
  let missing = Math.round((target * totalArea) / 1000) - sum(bmcs);
  for (let index = bmcs.length - 1; missing !== 0; index = index === 0 ? bmcs.length - 1 : index - 1) {
    bmcs[index] = (bmcs[index] ?? 0) + Math.sign(missing);
    missing -= Math.sign(missing);
  }
  return areas.map((area, index) => ({ area, bmc: bmcs[index] ?? 0 }));
}

/** Adds parts up: the areal definition of a region's BMD is the ratio of sums, not the mean of BMDs. */
export function addParts(parts: readonly Part[]): Part {
  return { bmc: sum(parts.map(({ bmc }) => bmc)), area: sum(parts.map(({ area }) => area)) };
}

/** Printed BMD in thousandths of g/cm2, rounded half up with integers. */
export function bmdOf(part: Part): number {
  return Math.floor((part.bmc * 2000 + part.area) / (2 * part.area));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
