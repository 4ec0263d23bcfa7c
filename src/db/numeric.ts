import { type Bmd, formatMicro, type Micro, parseMicro } from '../dxa/values/quantity.ts';

/** Writes millionths for a numeric column. */
export function toNumeric<T extends number | null>(value: T): T extends null ? null : string;
export function toNumeric(value: number | null): string | null {
  return value === null ? null : formatMicro(value, 6);
}

/** Reads a numeric column back into millionths; our own rows always obey the grammar. */
export function microOf(text: string): Micro {
  const value = parseMicro(text);
  if (value === null) throw new RangeError('a numeric column is not a plain decimal');
  return value;
}

export const bmdOf = (text: string): Bmd => microOf(text) as Bmd;
export const optionalBmdOf = (text: string | null): Bmd | null => (text === null ? null : bmdOf(text));
