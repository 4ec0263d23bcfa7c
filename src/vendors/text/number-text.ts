import { decimalParts, decimalPlaces } from '../../dxa/values/decimal.ts';
import { type Micro, parseMicro } from '../../dxa/values/quantity.ts';

/**
 * What a piece of text says as a number, in millionths. `comma` keeps both readings of text such as "1,023" until unit,
 * range and BMD = BMC/area decide; a reading that the grammar forbids is null.
 */
export type NumberText =
  | { readonly kind: 'absent' }
  | { readonly kind: 'number'; readonly value: Micro }
  | { readonly kind: 'comma'; readonly decimal: Micro | null; readonly thousands: Micro | null }
  | { readonly kind: 'unreadable' };

/** How printouts and reports write "no value": nothing, dashes, or the asterisks of an overflowed field. */
const MISSING = /^(?:[-‐-―]+|\*+)?$/;
const THOUSANDS = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const DECIMAL_COMMA = /^[+-]?\d*,\d+$/;
/** A number with an exponent has no grouped digits: its comma is the decimal sign ("9,85e-001"). */
const COMMA_WITH_EXPONENT = /^[+-]?\d*,\d*[eE][+-]?\d{1,3}$/;
const DOT_THOUSANDS = /^[+-]?\d{1,3}(?:\.\d{3})+,\d+$/;

export function readNumberText(text: string): NumberText {
  const plain = text.trim().replace(/^−/, '-');
  if (MISSING.test(plain)) return { kind: 'absent' };
  const value = parseMicro(plain);
  if (value !== null) return { kind: 'number', value };
  if (!plain.includes(',')) return { kind: 'unreadable' };
  if (DOT_THOUSANDS.test(plain) || COMMA_WITH_EXPONENT.test(plain)) {
    const only = parseMicro(plain.replaceAll('.', '').replace(',', '.'));
    return only === null ? { kind: 'unreadable' } : { kind: 'number', value: only };
  }
  const decimal = DECIMAL_COMMA.test(plain) ? parseMicro(plain.replace(',', '.')) : null;
  const thousands = THOUSANDS.test(plain) ? parseMicro(plain.replaceAll(',', '')) : null;
  return decimal === null && thousands === null ? { kind: 'unreadable' } : { kind: 'comma', decimal, thousands };
}

const NUMBER_AND_UNIT = /^([+\-−]?[\d.,]+(?:[eE][+\-−]?\d{1,3})?)\s*((?!e[+\-−]?\d)[%\p{L}µ].*)$/iu;

/** "80 %" is the number 80 with the unit %; text that does not look like that stays whole. */
export function splitUnit(text: string): { readonly text: string; readonly unit: string | null } {
  const match = NUMBER_AND_UNIT.exec(text.trim());
  return match === null ? { text, unit: null } : { text: match[1] ?? '', unit: match[2] ?? null };
}

/** How many decimal places the text shows of the number that was read from it, six at most: those that a value keeps. */
export function printedPlaces(rawText: string, value: Micro): number {
  const text = splitUnit(rawText).text.trim().replace(/^−/, '-');
  const number = readNumberText(text);
  const grouped = number.kind === 'comma' && number.thousands === value;
  const plain = grouped ? text.replaceAll(',', '') : DOT_THOUSANDS.test(text) ? text.replaceAll('.', '') : text;
  const parts = decimalParts(plain.replace(',', '.'));
  return parts === null ? 6 : Math.min(6, decimalPlaces(parts));
}

type Printed = { readonly value: Micro; readonly rawText: string };

/**
 * Whether two prints can be of one number: equal, or the finer one rounds to the coarser at its last printed place. A half
 * may have been rounded either way, as binary fractions are.
 */
export function printsOfOneNumber(one: Printed, other: Printed): boolean {
  if (one.value === other.value) return true;
  const places = [one, other].map(({ rawText, value }) => printedPlaces(rawText, value));
  const [fine, coarse] = [Math.max(...places), Math.min(...places)];
  return fine !== coarse && 2 * Math.abs(one.value - other.value) <= 10 ** (6 - coarse);
}
