import { decimalParts } from './decimal.ts';

/**
 * What is measured. All values are held as integers in millionths of their unit, because a binary fraction misses the
 * LSC boundary in about a third of exact cases (0.817 - 0.800 < 0.017).
 */
export type Quantity = 'bmd' | 'bmc' | 'area' | 't_score' | 'z_score' | 'percent_young_adult' | 'percent_age_matched';

/** Unit of each quantity, in UCUM. */
export const UNIT_OF = {
  bmd: 'g/cm2',
  bmc: 'g',
  area: 'cm2',
  t_score: '{T-score}',
  z_score: '{Z-score}',
  percent_young_adult: '%',
  percent_age_matched: '%',
} as const satisfies Record<Quantity, string>;

/** An integer in millionths of the quantity's unit. */
export type Micro = number & { readonly __micro: true };

/** Areal bone mineral density, an integer in millionths of g/cm² (0.985 g/cm² = 985000). */
export type Bmd = Micro & { readonly __bmd: true };

/**
 * Converts decimal text (the grammar of decimal.ts, already trimmed) to millionths, exactly; digits beyond the sixth decimal are
 * rounded half away from zero. Returns null when the text is not a plain decimal or leaves the safe integer range.
 */
export function parseMicro(text: string): Micro | null {
  const parts = decimalParts(text);
  if (parts === null) return null;
  const { negative, whole, fraction, exponent } = parts;
  const digits = whole + fraction;
  // Number of digits that stand before the point once the value is counted in millionths.
  const point = whole.length + exponent + 6;
  if (point > 40 || digits.length > 64) return null;
  const kept = point <= 0 ? '' : digits.slice(0, point).padEnd(point, '0');
  const roundUp = point >= 0 && (digits.charCodeAt(point) || 48) >= 53 ? 1 : 0;
  // Fifteen digits are exact as a number; a patient's history has thousands of values, all of them shorter than that.
  const value = kept.length <= 15 ? Number(kept) + roundUp : Number(BigInt(kept) + BigInt(roundUp));
  if (!Number.isSafeInteger(value)) return null;
  return (negative && value !== 0 ? -value : value) as Micro;
}

/** Writes millionths as decimal text with `decimals` places (0-6), rounded half away from zero: (985000, 3) = "0.985". */
export function formatMicro(micro: number, decimals: number): string {
  const step = 10 ** (6 - decimals);
  const scaled = Math.floor((Math.abs(micro) + step / 2) / step);
  const digits = String(scaled).padStart(decimals + 1, '0');
  const sign = micro < 0 && scaled !== 0 ? '-' : '';
  const whole = digits.slice(0, digits.length - decimals);
  return decimals === 0 ? sign + digits : `${sign}${whole}.${digits.slice(digits.length - decimals)}`;
}
