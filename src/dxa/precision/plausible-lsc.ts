import type { LscEntry } from '../study/history.ts';
import { roundHalfAway } from '../values/arithmetic.ts';
import { twoSidedZ } from '../values/distributions.ts';
import { type Bmd, formatMicro } from '../values/quantity.ts';
import type { Region } from '../values/region.ts';
import { ISCD_LSC_CEILING_PERCENT } from './fallback-lsc.ts';
import { JUDGED_CONFIDENCE } from './lsc.ts';

/** LSCs at 95 % that a real scanner and site can have, millionths of g/cm² (R1.12, own). */
export const PLAUSIBLE_LSC = { least: 8_000, most: 80_000 } as const;

/** How far an LSC may be from z' · √2 · its precision error, millionths of g/cm²: both are rounded, often to 0.001. */
export const PRECISION_ERROR_TOLERANCE = 1_500;

/** The BMD at which a ceiling in percent is held against an absolute LSC, millionths of g/cm². */
export const CEILING_AT = 1_000_000;

const CHECKED_REGIONS: ReadonlySet<Region> = new Set(['spine', 'total_hip', 'femoral_neck', 'radius_33']);

export type LscDoubts = {
  /** Why it can hardly be right: it is not filed without a reason. */
  readonly implausible: readonly string[];
  /** What it is filed with nevertheless. */
  readonly warnings: readonly string[];
};

/** What speaks against an LSC that is to be put on file, each in a sentence (R1.12). */
export function doubtsAbout({
  roi: { region },
  leastSignificantChange,
  confidenceLevel,
  precisionError,
}: Pick<LscEntry, 'roi' | 'leastSignificantChange' | 'confidenceLevel'> & {
  readonly precisionError: Bmd | null;
}): LscDoubts {
  const z = twoSidedZ(confidenceLevel);
  const at95 = roundHalfAway((leastSignificantChange * twoSidedZ(JUDGED_CONFIDENCE)) / z);
  const implausible: string[] = [];
  if (CHECKED_REGIONS.has(region) && (at95 < PLAUSIBLE_LSC.least || at95 > PLAUSIBLE_LSC.most)) {
    implausible.push(
      `the LSC at 95 % is ${grams(at95)} g/cm², not from ${grams(PLAUSIBLE_LSC.least)} to ${grams(PLAUSIBLE_LSC.most)}`,
    );
  }
  if (precisionError !== null) {
    const expected = roundHalfAway(z * Math.SQRT2 * precisionError);
    if (Math.abs(leastSignificantChange - expected) > PRECISION_ERROR_TOLERANCE) {
      const isPrecisionError = Math.abs(leastSignificantChange - precisionError) <= PRECISION_ERROR_TOLERANCE;
      implausible.push(
        `a precision error of ${grams(precisionError)} g/cm² gives an LSC of ${grams(expected)} at ${100 * confidenceLevel} %, not ${grams(leastSignificantChange)}${isPrecisionError ? ' (was the precision error filed as the LSC?)' : ''}`,
      );
    }
  }
  const percent = ISCD_LSC_CEILING_PERCENT[region];
  const ceiling = percent === undefined ? null : roundHalfAway((percent / 100) * CEILING_AT);
  const warnings =
    ceiling !== null && at95 > ceiling
      ? [
          `the LSC at 95 % is ${grams(at95)} g/cm², above ISCD's minimum acceptable precision of ${percent} % at 1.000 g/cm²`,
        ]
      : [];
  return { implausible, warnings };
}

const grams = (micro: number) => formatMicro(micro, 6).replace(/0{1,3}$/, '');
