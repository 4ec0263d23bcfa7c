import { type Micro, parseMicro } from '../dxa/quantity.ts';

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
const DOT_THOUSANDS = /^[+-]?\d{1,3}(?:\.\d{3})+,\d+$/;

export function readNumberText(text: string): NumberText {
  const plain = text.trim().replace(/^−/, '-');
  if (MISSING.test(plain)) return { kind: 'absent' };
  const value = parseMicro(plain);
  if (value !== null) return { kind: 'number', value };
  if (!plain.includes(',')) return { kind: 'unreadable' };
  if (DOT_THOUSANDS.test(plain)) {
    const only = parseMicro(plain.replaceAll('.', '').replace(',', '.'));
    return only === null ? { kind: 'unreadable' } : { kind: 'number', value: only };
  }
  const decimal = DECIMAL_COMMA.test(plain) ? parseMicro(plain.replace(',', '.')) : null;
  const thousands = THOUSANDS.test(plain) ? parseMicro(plain.replaceAll(',', '')) : null;
  return decimal === null && thousands === null ? { kind: 'unreadable' } : { kind: 'comma', decimal, thousands };
}
