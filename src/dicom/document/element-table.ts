/**
 * A parsed data set as one flat table, rows in file order: an element, then (for a sequence) its items and their
 * elements, each row knowing where its subtree ends. No object per element, no recursion, whatever the nesting.
 */
export type ElementTable = {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** COLUMNS numbers per row: tag, VR and byte order, value offset, value length, row after the subtree. */
  cells: Uint32Array;
  rows: number;
};

const COLUMNS = 5;
const BIG_ENDIAN = 0x10000;

/** Row 0 is the data set itself, so its children are found as those of any item. */
export const ROOT_ROW = 0;

/** Makes a table with its root row, sized for the usual density of a report's elements. */
export function createTable(bytes: Buffer): ElementTable {
  const rows = Math.min(Math.ceil(bytes.length / 10) + 16, 65_536);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { bytes, view, cells: new Uint32Array(rows * COLUMNS), rows: 1 };
}

/** Adds a row and returns its number. The subtree is the row alone until closeRow says otherwise. */
export function addRow(
  table: ElementTable,
  tag: number,
  vr: number,
  bigEndian: boolean,
  start: number,
  length: number,
): number {
  const row = table.rows;
  const at = row * COLUMNS;
  if (at >= table.cells.length) {
    const wider = new Uint32Array(table.cells.length * 2);
    wider.set(table.cells);
    table.cells = wider;
  }
  const cells = table.cells;
  cells[at] = tag;
  cells[at + 1] = bigEndian ? vr | BIG_ENDIAN : vr;
  cells[at + 2] = start;
  cells[at + 3] = length;
  cells[at + 4] = row + 1;
  table.rows = row + 1;
  return row;
}

/** Ends a row's subtree after the last row added, its value at byte `end`. */
export function closeRow(table: ElementTable, row: number, end: number): void {
  const at = row * COLUMNS;
  table.cells[at + 3] = end - startOf(table, row);
  table.cells[at + 4] = table.rows;
}

export function tagOf(table: ElementTable, row: number): number {
  return table.cells[row * COLUMNS] ?? 0;
}

/** The two letters of the VR as a number (see data-set.ts); 0 in implicit VR. */
export function vrOf(table: ElementTable, row: number): number {
  return (table.cells[row * COLUMNS + 1] ?? 0) & 0xffff;
}

export function isBigEndian(table: ElementTable, row: number): boolean {
  return ((table.cells[row * COLUMNS + 1] ?? 0) & BIG_ENDIAN) !== 0;
}

export function startOf(table: ElementTable, row: number): number {
  return table.cells[row * COLUMNS + 2] ?? 0;
}

export function lengthOf(table: ElementTable, row: number): number {
  return table.cells[row * COLUMNS + 3] ?? 0;
}

/** The row after `row` and everything in it. */
export function nextOf(table: ElementTable, row: number): number {
  return table.cells[row * COLUMNS + 4] ?? 0;
}

/** True for a sequence with items (also an encapsulated pixel stream), false for a plain or empty value. */
export function hasRows(table: ElementTable, row: number): boolean {
  return nextOf(table, row) > row + 1;
}

/** The row of an attribute directly in an item (or in ROOT_ROW), or -1. */
export function findRow(table: ElementTable, parent: number, tag: number): number {
  const end = nextOf(table, parent);
  for (let row = parent + 1; row < end; row = nextOf(table, row)) {
    if (tagOf(table, row) === tag) return row;
  }
  return -1;
}

/** The value's bytes, a view and no copy. */
export function valueBytes(table: ElementTable, row: number): Buffer {
  const start = startOf(table, row);
  return table.bytes.subarray(start, start + lengthOf(table, row));
}
