import { stringify } from 'csv-stringify/sync';
import writeXlsxFile from 'write-excel-file/node';
import { printable } from '../../dicom/text/printable.ts';
import type { Line } from './qa-lines.ts';

const FORMULA = /^\s*[=+\-@\t\r\n＝＋－＠]/;

/**
 * CSV of a list. A cell that a spreadsheet would run as a formula gets an apostrophe in front: values of files (names,
 * labels, ids) come from outside and end up on a clinician's desk. What cannot be seen in them is written out.
 */
export function toCsv(columns: readonly string[], lines: readonly Line[], header: boolean): string {
  const cell = (value: string) => (FORMULA.test(value) ? `'${printable(value)}` : printable(value));
  return stringify([...lines], { header, columns: [...columns], cast: { string: cell } });
}

/**
 * A workbook of one sheet. Every text is a text cell, which no spreadsheet runs, whatever it begins with; control characters
 * are written out: a workbook that holds one does not open.
 */
export async function toXlsx(title: string, columns: readonly string[], lines: readonly Line[]): Promise<Buffer> {
  const heading = columns.map((name) => ({ value: name, type: String, fontWeight: 'bold' as const }));
  const rows = lines.map((line) =>
    columns.map((name) => {
      const value = line[name] ?? '';
      return typeof value === 'number' ? { value, type: Number } : { value: printable(value), type: String };
    }),
  );
  const widths = columns.map((name) => ({ width: Math.max(10, Math.min(60, name.length + 4)) }));
  return await writeXlsxFile([heading, ...rows], {
    sheet: title.slice(0, 31),
    columns: widths,
    stickyRowsCount: 1,
  }).toBuffer();
}
