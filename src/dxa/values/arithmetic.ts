import type { Micro } from './quantity.ts';

/** Rounds half away from zero; for values that are not already integers. */
export function roundHalfAway(value: number): number {
  const rounded = Math.floor(Math.abs(value) + 0.5);
  return value < 0 && rounded !== 0 ? -rounded : rounded;
}

/** numerator / denominator to the nearest integer, half away from zero, without a binary fraction in between. */
export function divideRounded(numerator: bigint, denominator: bigint): number {
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  const quotient = Number((2n * n + d) / (2n * d));
  return negative && quotient !== 0 ? -quotient : quotient;
}

/** 100 * part / whole in millionths of a percent, half away from zero. */
export function percentOf(part: Micro, whole: Micro): Micro {
  return divideRounded(BigInt(part) * 100_000_000n, BigInt(whole)) as Micro;
}

/** numerator / denominator of two quantities in millionths, again in millionths. */
export function ratio(numerator: Micro, denominator: Micro): Micro {
  return divideRounded(BigInt(numerator) * 1_000_000n, BigInt(denominator)) as Micro;
}

/** Binary fractions stand in the way of an exact limit; within this much of it a share counts as on it. */
const ON_THE_LIMIT = 1e-9;

/** True where a share, either way, is more than the limit. */
export const exceeds = (share: number, limit: number): boolean => Math.abs(share) > limit + ON_THE_LIMIT;

/** True where a share, either way, is less than the limit. */
export const isBelow = (share: number, limit: number): boolean => Math.abs(share) < limit - ON_THE_LIMIT;

/**
 * A percentage with as few decimals, from `decimals` on, as still lie on the same side of the limit: 56.04 is printed as
 * 56.04 where the limit is 56, so that a sentence never contradicts its own number.
 */
export function percentText(value: number, limit: number, decimals: number): string {
  for (let digits = decimals; digits < MOST_DECIMALS; digits += 1) {
    const text = value.toFixed(digits);
    if (Math.sign(Number(text) - limit) === Math.sign(value - limit)) return text;
  }
  return value.toFixed(MOST_DECIMALS);
}

const MOST_DECIMALS = 10;
