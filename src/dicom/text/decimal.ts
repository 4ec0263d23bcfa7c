import { decimalParts } from '../../dxa/values/decimal.ts';
import type { DecimalText } from '../document/sr-document.ts';

/**
 * Longest plain notation we write out. DS allows 16 bytes (PS3.5 table 6.2-1), scanners write up to about 25; beyond
 * this it is no measurement.
 */
const MAX_DIGITS = 64;

/**
 * Reads a DS value by the grammar of PS3.5 6.2. `decimal` is plain notation without "+", exponent, padding or
 * superfluous leading zeros ("7.49E-1" gives "0.749"); its decimals stay as written. Null for anything else: a decimal
 * comma, "<0.5", "12abc", hexadecimal, NaN, several values, nothing.
 */
export function readDecimalString(raw: string): DecimalText {
  return { raw, decimal: plainDecimal(raw.trim()) };
}

function plainDecimal(text: string): string | null {
  const parts = decimalParts(text);
  if (parts === null) return null;
  const { negative, whole, fraction, exponent } = parts;
  if (whole.length + fraction.length + Math.abs(exponent) > MAX_DIGITS) return null;
  if (exponent === 0) return withSign(negative, joined(trimZeros(whole), fraction));
  const digits = whole + fraction;
  const point = whole.length + exponent;
  if (point <= 0) return withSign(negative, joined('0', '0'.repeat(-point) + digits));
  return withSign(negative, joined(trimZeros(digits.slice(0, point).padEnd(point, '0')), digits.slice(point)));
}

function joined(whole: string, fraction: string): string {
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function trimZeros(whole: string): string {
  let i = 0;
  while (i < whole.length - 1 && whole.charCodeAt(i) === 48) i++;
  return whole === '' ? '0' : i === 0 ? whole : whole.slice(i);
}

function withSign(negative: boolean, magnitude: string): string {
  return negative ? `-${magnitude}` : magnitude;
}
