import { plainText } from '../text/markup.ts';

/** What the private element of a Hologic image says: named values and tables of text. */
export type Assignments = {
  readonly values: ReadonlyMap<string, string>;
  /** By name, "ResultsTable1"; rows and columns as numbered in the file, "" where a cell was not assigned. */
  readonly tables: ReadonlyMap<string, readonly (readonly string[])[]>;
  /** Lines that assign to a cell of ResultsTable1 in a form that is not read: a row or a value is missing. */
  readonly unreadCells: number;
};

const STRING = String.raw`"((?:[^"\\\r\n]|\\(?:["'\\/nrt]|u[\da-fA-F]{4}|x[\da-fA-F]{2}))*)"`;
const VALUE = new RegExp(String.raw`^\s*(?:var\s+)?([A-Za-z_]\w{0,63})\s*=\s*${STRING}\s*;\s*$`);
const CELL = new RegExp(
  String.raw`^\s*(ResultsTable\d{0,2})\s*\[\s*(\d{1,3})\s*\]\s*\[\s*(\d{1,3})\s*\]\s*=\s*${STRING}\s*;\s*$`,
);
/** A cell or row of the results, but not the empty row that JavaScript makes first. */
const CELL_START = /^\s*ResultsTable1\s*\[/;
const EMPTY_ROW = /^\s*ResultsTable1\s*\[[\s\w]{0,16}\]\s*=\s*new\s+Array\s*\([\s\d]{0,8}\)\s*;?\s*$/;
/** The table of the results of the scan. */
export const RESULTS = 'ResultsTable1';
export const MAX_ROWS = 200;
export const MAX_COLUMNS = 40;

/**
 * Reads assignments `Name = "value";` and `ResultsTable1[ r][ c] = "v";` line by line. It is JavaScript in the file, but
 * it is parsed by this grammar and never evaluated; a line of any other form says nothing, but one for a cell is counted.
 */
export function readAssignments(text: string): Assignments {
  const values = new Map<string, string>();
  const tables = new Map<string, string[][]>();
  let unreadCells = 0;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const cell = CELL.exec(line);
    if (cell !== null) {
      const [, name = '', row = '', column = '', raw = ''] = cell;
      const known = setCell(tables, name, Number(row), Number(column), textOf(raw));
      if (!known && name === RESULTS) unreadCells += 1;
      continue;
    }
    if (CELL_START.test(line) && !EMPTY_ROW.test(line)) unreadCells += 1;
    const value = VALUE.exec(line);
    if (value !== null) values.set(value[1] ?? '', textOf(value[2] ?? ''));
  }
  return { values, tables, unreadCells };
}

function setCell(tables: Map<string, string[][]>, name: string, row: number, column: number, text: string): boolean {
  if (row >= MAX_ROWS || column >= MAX_COLUMNS) return false;
  const table = tables.get(name) ?? [];
  tables.set(name, table);
  while (table.length <= row) table.push([]);
  const cells = table[row] ?? [];
  while (cells.length <= column) cells.push('');
  cells[column] = text;
  return true;
}

const ESCAPE = /\\(?:u([\da-fA-F]{4})|x([\da-fA-F]{2})|(.))/g;

/** Text of a string in the script, without its escapes and without HTML. */
function textOf(raw: string): string {
  const unescaped = raw.replace(ESCAPE, (_, unicode?: string, latin?: string, other?: string) => {
    const code = unicode ?? latin;
    const number = code === undefined ? -1 : Number.parseInt(code, 16);
    if (number >= 0x20) return String.fromCharCode(number);
    return number >= 0 || (other !== undefined && 'nrt'.includes(other)) ? ' ' : (other ?? '');
  });
  return plainText(unescaped).toWellFormed();
}
