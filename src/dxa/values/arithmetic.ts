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
