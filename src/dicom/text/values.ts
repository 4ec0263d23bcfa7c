import { type ElementTable, isBigEndian, lengthOf, startOf, tagOf, vrOf } from '../document/element-table.ts';
import { addFinding, type FindingList } from '../document/findings.ts';
import { formatTag, Refused } from '../document/refused.ts';
import { VR } from '../encoding/element-header.ts';
import type { ReadLimits } from '../encoding/limits.ts';
import { type CharacterSet, decodeText } from './character-set.ts';

/** What the steps of one reading share. */
export type Reading = {
  readonly table: ElementTable;
  readonly limits: ReadLimits;
  readonly findings: FindingList;
};

/**
 * A value of the default repertoire (CS, DS, IS, UI, DA, TM, DT, AS), without padding. "" when empty. NUL beyond the
 * padding gives U+FFFD, as everywhere: no text leaves the reader that a database cannot hold.
 */
export function readString(reading: Reading, row: number, path: string | null): string {
  const { start, end } = trimmedRange(reading, row, path, true);
  if (start === end) return '';
  const text = reading.table.bytes.toString('latin1', start, end);
  return text.includes('\0') ? withoutNul(reading, text, row, path) : text;
}

/**
 * A text value in the character set of its place. In `freeText` (ST, LT, UT) leading blanks count and a backslash is a
 * character; in SH, LO, UC and PN neither is so (PS3.5 6.2).
 */
export function readText(
  reading: Reading,
  row: number,
  characterSet: CharacterSet,
  path: string | null,
  freeText = false,
): string {
  const { start, end } = trimmedRange(reading, row, path, !freeText);
  if (start === end) return '';
  const bytes = reading.table.bytes;
  if (characterSet.asciiTransparent && isPlainAscii(bytes, start, end)) return bytes.toString('latin1', start, end);
  const { text, trouble } = decodeText(characterSet, bytes.subarray(start, end), !freeText);
  const where = path ?? formatTag(tagOf(reading.table, row));
  if (trouble === 'undeclared') addFinding(reading.findings, 'CHARSET_UNDECLARED', where);
  if (trouble === 'unreadable') addFinding(reading.findings, 'TEXT_UNREADABLE', where);
  return text.includes('\0') ? withoutNul(reading, text, row, path) : text;
}

/** Binary numbers: FL, FD (as `width` bytes, floating), UL, SL. Null when the length does not fit. */
export function readNumbers(
  reading: Reading,
  row: number,
  type: 'float32' | 'float64' | 'uint32' | 'int32',
): number[] | null {
  const { table } = reading;
  const width = type === 'float64' ? 8 : 4;
  const start = startOf(table, row);
  const length = lengthOf(table, row);
  if (length % width !== 0) return null;
  const little = !isBigEndian(table, row) || vrOf(table, row) === VR.UN;
  const numbers: number[] = [];
  for (let at = start; at < start + length; at += width) {
    if (type === 'float64') numbers.push(table.view.getFloat64(at, little));
    else if (type === 'float32') numbers.push(table.view.getFloat32(at, little));
    else if (type === 'uint32') numbers.push(table.view.getUint32(at, little));
    else numbers.push(table.view.getInt32(at, little));
  }
  return numbers;
}

function trimmedRange(reading: Reading, row: number, path: string | null, leading: boolean) {
  const { bytes } = reading.table;
  let start = startOf(reading.table, row);
  let end = start + lengthOf(reading.table, row);
  if (end - start > reading.limits.maxTextBytes) {
    const facts = { limit: reading.limits.maxTextBytes };
    throw new Refused('LIMIT_TEXT', { offset: start, path: path ?? formatTag(tagOf(reading.table, row)), facts });
  }
  while (end > start && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0)) end--;
  if (leading) while (start < end && bytes[start] === 0x20) start++;
  return { start, end };
}

function isPlainAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte >= 0x80 || byte === 0x1b || byte === 0) return false;
  }
  return true;
}

function withoutNul(reading: Reading, text: string, row: number, path: string | null): string {
  addFinding(reading.findings, 'NUL_IN_TEXT', path ?? formatTag(tagOf(reading.table, row)));
  return text.replaceAll('\0', '\uFFFD');
}
