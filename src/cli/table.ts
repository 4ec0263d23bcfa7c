import { shownName } from '../jobs/shown-name.ts';

const width = (text: string) => [...text].length;

/**
 * Lays out rows for a terminal, columns padded to their widest cell. Whatever a file or a sender put into a cell, nothing
 * of it steers the terminal.
 */
export function renderTable(headers: readonly string[], given: readonly (readonly string[])[]): string {
  const rows = given.map((cells) => cells.map(shownName));
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
