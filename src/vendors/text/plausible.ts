import type { Micro, Quantity } from '../../dxa/values/quantity.ts';
import type { ScanType } from '../../dxa/values/region.ts';

type Range = readonly [low: number, high: number];

export const PLAUSIBLE: Readonly<Partial<Record<Quantity, Range>>> = {
  // Areal BMD and scores: the bounds beyond which a number cannot be that quantity, not clinical limits.
  bmd: [0.1, 3],
  t_score: [-10, 10],
  z_score: [-10, 10],
  percent_young_adult: [1, 400],
  percent_age_matched: [1, 400],
};

// Wide bounds of our own. They tell a lost decimal sign or a wrong unit (1000 times too much or too little), no more;
// a whole body has 1000-4000 g in about 2000 cm2, its smallest region some tens of grams.
export const PLAUSIBLE_BY_SCAN: Readonly<Record<ScanType, Readonly<Record<'bmc' | 'area', Range>>>> = {
  spine: { bmc: [0.5, 250], area: [2, 200] },
  hip: { bmc: [0.1, 150], area: [0.3, 150] },
  forearm: { bmc: [0.1, 60], area: [0.3, 100] },
  whole_body: { bmc: [5, 8000], area: [10, 6000] },
};

/** Whether a number (millionths) can be this quantity of this scan at all. */
export function isPlausible(quantity: Quantity, scanType: ScanType, value: Micro): boolean {
  const range = quantity === 'bmc' || quantity === 'area' ? PLAUSIBLE_BY_SCAN[scanType][quantity] : PLAUSIBLE[quantity];
  if (range === undefined) return true;
  return value >= range[0] * 1_000_000 && value <= range[1] * 1_000_000;
}
