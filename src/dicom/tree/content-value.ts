import { findRow, nextOf } from '../document/element-table.ts';
import { addFinding } from '../document/findings.ts';
import { formatTag } from '../document/refused.ts';
import type { DicomDateTime, PersonName, ReferencedSop } from '../document/sr-document.ts';
import { TAG } from '../encoding/tags.ts';
import { isUnreadable } from '../text/date-time.ts';
import { readPersonName } from '../text/person-name.ts';
import { type Reading, readNumbers, readString, readText } from '../text/values.ts';
import type { Context } from './code-sequence.ts';
import { onlyItem } from './code-sequence.ts';

/** A string of the default repertoire, null when absent or empty. */
export function stringAt(reading: Reading, parent: number, tag: number, path: string | null): string | null {
  const row = findRow(reading.table, parent, tag);
  if (row < 0) return null;
  const text = readString(reading, row, path);
  return text === '' ? null : text;
}

/** A text in the character set of its place, null when absent or empty. */
export function textAt(reading: Reading, parent: number, tag: number, context: Context, freeText = false) {
  const row = findRow(reading.table, parent, tag);
  if (row < 0) return null;
  const text = readText(reading, row, context.characterSet, context.path, freeText);
  return text === '' ? null : text;
}

/** A date or time by one of the readers of date-time.ts; raw text is kept, with a finding, when it cannot be read. */
export function timeAt(
  reading: Reading,
  parent: number,
  tag: number,
  path: string | null,
  read: (raw: string) => DicomDateTime,
): DicomDateTime | null {
  const raw = stringAt(reading, parent, tag, path);
  if (raw === null) return null;
  const value = read(raw);
  if (isUnreadable(value))
    addFinding(reading.findings, 'VALUE_UNREADABLE', path ?? formatTag(tag), { tag: formatTag(tag) });
  return value;
}

export function personNameAt(reading: Reading, parent: number, tag: number, context: Context): PersonName | null {
  const text = textAt(reading, parent, tag, context);
  if (text === null) return null;
  const values = text.split('\\');
  if (values.length > 1) {
    addFinding(reading.findings, 'EXTRA_VALUES', context.path ?? formatTag(tag), { tag: formatTag(tag) });
  }
  return readPersonName(values[0] ?? '');
}

/** A UID, kept even when it breaks the rules of PS3.5 section 9.1 (then with a finding). */
export function uidAt(reading: Reading, parent: number, tag: number, path: string | null): string | null {
  const uid = stringAt(reading, parent, tag, path);
  if (uid !== null && !(uid.length <= 64 && /^[0-9.]+$/.test(uid))) {
    addFinding(reading.findings, 'VALUE_UNREADABLE', path ?? formatTag(tag), { tag: formatTag(tag) });
  }
  return uid;
}

/** The single finite number of a binary attribute, null when absent, empty, or (with a finding) unreadable. */
export function numberAt(
  reading: Reading,
  parent: number,
  tag: number,
  path: string,
  type: 'float64' | 'uint32' | 'int32',
): number | null {
  const row = findRow(reading.table, parent, tag);
  if (row < 0) return null;
  const numbers = readNumbers(reading, row, type);
  if (numbers?.length === 0) return null;
  const number = numbers?.[0];
  if (numbers?.length === 1 && number !== undefined && Number.isFinite(number)) return number;
  addFinding(reading.findings, 'VALUE_UNREADABLE', path, { tag: formatTag(tag) });
  return null;
}

/** All numbers of a binary attribute that may hold several; none, with a finding, when its length does not fit. */
export function numbersAt(reading: Reading, parent: number, tag: number, path: string, type: 'float32' | 'uint32') {
  const row = findRow(reading.table, parent, tag);
  if (row < 0) return [];
  const numbers = readNumbers(reading, row, type);
  if (numbers === null) addFinding(reading.findings, 'VALUE_UNREADABLE', path, { tag: formatTag(tag) });
  return numbers ?? [];
}

/** The items of Referenced SOP Sequence. */
export function referencesOf(reading: Reading, parent: number, path: string): ReferencedSop[] {
  const { table } = reading;
  const sequence = findRow(table, parent, TAG.ReferencedSOPSequence);
  if (sequence < 0) return [];
  const references: ReferencedSop[] = [];
  for (let item = sequence + 1; item < nextOf(table, sequence); item = nextOf(table, item)) {
    references.push({
      sopClassUid: uidAt(reading, item, TAG.ReferencedSOPClassUID, path),
      sopInstanceUid: uidAt(reading, item, TAG.ReferencedSOPInstanceUID, path),
    });
  }
  return references;
}

/** Template Identifier of the item's own Content Template Sequence. */
export function templateOf(reading: Reading, parent: number, path: string): string | null {
  const item = onlyItem(reading, parent, TAG.ContentTemplateSequence, path);
  return item < 0 ? null : stringAt(reading, item, TAG.TemplateIdentifier, path);
}
