import { printable } from '../../dicom/text/printable.ts';

const width = (text: string) => [...text].length;

/** Lays out rows for a terminal, columns padded to their widest cell; what cannot be seen in a cell is written out. */
export function renderTable(headers: readonly string[], given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(printable));
  const widths = headers.map((header, column) =>
    Math.max(width(header), ...rows.map((row) => width(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd();
  return [line(headers), widths.map((count) => '-'.repeat(count)).join('  '), ...rows.map(line)].join('\n');
}
