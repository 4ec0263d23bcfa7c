import { roundHalfAway } from '../values/arithmetic.ts';
import type { Bmd } from '../values/quantity.ts';

export type StandardisableManufacturer = 'hologic' | 'lunar' | 'norland';
export type StandardisableRegion = 'spine' | 'total_hip' | 'femoral_neck' | 'trochanter';

type Equation = { readonly slope: number; readonly intercept: number };

/**
 * sBMD = slope * BMD + intercept, in g/cm². Spine: Hui 1997, written with its anchors; hip: Hanson/ICSBM 1997 and Lu 2001
 * (R2.7; U. Washington page and Fan 2010, VERIFIED).
 */
const EQUATIONS: Readonly<Record<StandardisableRegion, Readonly<Record<StandardisableManufacturer, Equation>>>> = {
  spine: {
    hologic: { slope: 1.055, intercept: 1.0436 - 1.055 * 0.972 },
    lunar: { slope: 0.9683, intercept: 1.0436 - 0.9683 * 1.1 },
    norland: { slope: 0.9743, intercept: 1.0436 - 0.9743 * 0.969 },
  },
  total_hip: {
    hologic: { slope: 1.008, intercept: 0.006 },
    lunar: { slope: 0.979, intercept: -0.031 },
    norland: { slope: 1.012, intercept: 0.026 },
  },
  femoral_neck: {
    hologic: { slope: 1.087, intercept: 0.019 },
    lunar: { slope: 0.939, intercept: -0.023 },
    norland: { slope: 0.985, intercept: 0.006 },
  },
  trochanter: {
    hologic: { slope: 1.105, intercept: -0.017 },
    lunar: { slope: 0.949, intercept: -0.042 },
    norland: { slope: 0.961, intercept: 0.057 },
  },
};

/** A BMD for pooling cohorts. Not a `Bmd`, so that no one can put it into an individual's comparison by mistake. */
export type StandardisedBmd = number & { readonly __standardised: true };

/**
 * Standardised BMD in millionths of g/cm². For cohorts only: the error for one person is about 3.5 %, so an individual's
 * change is never computed through it (R2.7).
 */
export function standardisedBmd(
  bmd: Bmd,
  region: StandardisableRegion,
  manufacturer: StandardisableManufacturer,
): StandardisedBmd {
  const { slope, intercept } = EQUATIONS[region][manufacturer];
  return roundHalfAway(slope * bmd + intercept * 1e6) as StandardisedBmd;
}
