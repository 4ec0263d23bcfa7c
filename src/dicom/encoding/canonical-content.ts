import {
  createTable,
  type ElementTable,
  hasRows,
  isBigEndian,
  lengthOf,
  nextOf,
  ROOT_ROW,
  startOf,
  tagOf,
  vrOf,
} from '../document/element-table.ts';
import { Refused } from '../document/refused.ts';
import { isBinaryAttribute } from './binary-attributes.ts';
import { IMPLICIT_LITTLE, parseDataSet } from './data-set.ts';
import { VR, vrNumber } from './element-header.ts';
import type { ReadLimits } from './limits.ts';
import { TAG } from './tags.ts';

/** Bytes that change places in big endian, by VR (PS3.5 7.3); all other values are bytes in any order. */
const WIDTHS: ReadonlyMap<number, number> = new Map([
  ...(['AT', 'OW', 'SS', 'US'] as const).map((vr) => [vrNumber(vr), 2] as const),
  ...(['FL', 'OF', 'OL', 'SL', 'UL'] as const).map((vr) => [vrNumber(vr), 4] as const),
  ...(['FD', 'OD', 'OV', 'SV', 'UV'] as const).map((vr) => [vrNumber(vr), 8] as const),
]);
/** (0008,0001), retired: how many bytes follow, which is a matter of the encoding. */
const LENGTH_TO_END = 0x00080001;
const UNDEFINED_LENGTH = 0xffffffff;
const ITEM_BYTES = Buffer.from('feff00e0', 'hex');
/** Under this header a value of unknown kind is read as a sequence. */
const SEQUENCE_TAG = TAG.ContentSequence;
/** Copying fewer bytes one by one is quicker than asking for it. */
const SHORT = 48;

type Stream = { bytes: Buffer; end: number; readonly limits: ReadLimits };

/**
 * The data set as implicit VR little endian with undefined lengths, in the order of its tags, without padding, group
 * lengths and trailing padding (PS3.5 7.1 to 7.5, PS3.10 7.2): the same bytes however a file was encoded, and others as
 * soon as one byte of a value is another. Private elements and pixels are part of it; the file's own header is not.
 */
export function canonicalContent(table: ElementTable, limits: ReadLimits): Uint8Array {
  const stream: Stream = { bytes: Buffer.allocUnsafe(table.bytes.length + 16 * table.rows), end: 0, limits };
  writeDataSet(stream, table, ROOT_ROW, 0);
  return stream.bytes.subarray(0, stream.end);
}

function writeDataSet(stream: Stream, table: ElementTable, parent: number, depth: number): void {
  if (!isOrdered(table, parent)) {
    for (const row of inOrder(table, parent)) writeElement(stream, table, row, depth);
    return;
  }
  const end = nextOf(table, parent);
  for (let row = parent + 1; row < end; row = nextOf(table, row)) writeElement(stream, table, row, depth);
}

function isOrdered(table: ElementTable, parent: number): boolean {
  const end = nextOf(table, parent);
  let last = 0;
  for (let row = parent + 1; row < end; row = nextOf(table, row)) {
    const tag = tagOf(table, row);
    if (tag < last) return false;
    last = tag;
  }
  return true;
}

/** Elements that stand in another order than that of their tags mean the same (PS3.5 7.1). */
function inOrder(table: ElementTable, parent: number): readonly number[] {
  const rows: number[] = [];
  for (let row = parent + 1; row < nextOf(table, parent); row = nextOf(table, row)) rows.push(row);
  return rows.sort((a, b) => tagOf(table, a) - tagOf(table, b) || a - b);
}

function writeElement(stream: Stream, table: ElementTable, row: number, depth: number): void {
  const tag = tagOf(table, row);
  if ((tag & 0xffff) === 0 || tag === LENGTH_TO_END || tag === TAG.DataSetTrailingPadding) return;
  const vr = vrOf(table, row);
  if (hasRows(table, row)) {
    writeItems(stream, table, row, tag, depth);
    return;
  }
  const mayHide = (vr === 0 || vr === VR.UN) && depth < stream.limits.maxDepth;
  const inner = mayHide ? hiddenSequence(stream, table, startOf(table, row), lengthOf(table, row)) : null;
  if (inner === null) writeValue(stream, table, row, tag);
  else writeItems(stream, inner, ROOT_ROW + 1, tag, depth);
}

function writeItems(stream: Stream, table: ElementTable, row: number, tag: number, depth: number): void {
  const fragments = vrOf(table, row) === VR.OB || vrOf(table, row) === VR.OW;
  writeHeader(stream, tag, UNDEFINED_LENGTH);
  const end = nextOf(table, row);
  for (let item = row + 1; item < end; item = nextOf(table, item)) {
    if (fragments) {
      writeHeader(stream, TAG.Item, lengthOf(table, item));
      writeBytes(stream, table.bytes, startOf(table, item), startOf(table, item) + lengthOf(table, item));
      continue;
    }
    writeHeader(stream, TAG.Item, UNDEFINED_LENGTH);
    writeDataSet(stream, table, item, depth + 1);
    writeHeader(stream, TAG.ItemDelimitationItem, 0);
  }
  writeHeader(stream, TAG.SequenceDelimitationItem, 0);
}

/**
 * A sequence that implicit VR or UN of defined length hides, parsed by itself: in explicit VR the same one is no riddle.
 * Null for a value that is none, and for one so large that looking into it at every depth would cost too much.
 */
function hiddenSequence(
  { limits }: Stream,
  { bytes }: ElementTable,
  start: number,
  length: number,
): ElementTable | null {
  if (length < 8 || length > limits.maxTextBytes || !bytes.subarray(start, start + 4).equals(ITEM_BYTES)) return null;
  const whole = Buffer.allocUnsafe(8 + length);
  whole.writeUInt16LE(SEQUENCE_TAG >>> 16, 0);
  whole.writeUInt16LE(SEQUENCE_TAG & 0xffff, 2);
  whole.writeUInt32LE(length, 4);
  bytes.copy(whole, 8, start, start + length);
  const table = createTable(whole);
  try {
    parseDataSet(table, 0, IMPLICIT_LITTLE, limits);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
  return table;
}

function writeValue(stream: Stream, table: ElementTable, row: number, tag: number): void {
  const start = startOf(table, row);
  const length = lengthOf(table, row);
  writeHeader(stream, tag, length);
  writeBytes(stream, table.bytes, start, start + length);
  const width = isBigEndian(table, row) ? (WIDTHS.get(vrOf(table, row)) ?? 1) : 1;
  if (width > 1 && length % width === 0) turnRound(stream.bytes, stream.end - length, stream.end, width);
  const padding = paddingOf(stream.bytes, stream.end - length, stream.end, tag);
  if (padding === 0) return;
  stream.end -= length + 8;
  writeHeader(stream, tag, length - padding);
  stream.end += length - padding;
}

/**
 * How many bytes at the end of a value are padding: of text, blanks and NULs (PS3.5 6.2). Whether a private value is text,
 * implicit VR does not say: there a blank is padding whatever it is, and a NUL is not.
 */
function paddingOf(bytes: Buffer, start: number, end: number, tag: number): number {
  const isPrivate = ((tag >>> 16) & 1) === 1;
  const last = bytes[end - 1];
  if (start === end || (last !== 0x20 && last !== 0) || (!isPrivate && isBinaryAttribute(tag))) return 0;
  let at = end;
  while (at > start && (bytes[at - 1] === 0x20 || (bytes[at - 1] === 0 && !isPrivate))) at--;
  return end - at;
}

/** From big to little endian, in place. */
function turnRound(bytes: Buffer, start: number, end: number, width: number): void {
  for (let at = start; at < end; at += width) bytes.subarray(at, at + width).reverse();
}

function writeHeader(stream: Stream, tag: number, length: number): void {
  makeRoom(stream, 8);
  const { bytes, end } = stream;
  bytes[end] = tag >>> 16;
  bytes[end + 1] = tag >>> 24;
  bytes[end + 2] = tag;
  bytes[end + 3] = tag >>> 8;
  bytes[end + 4] = length;
  bytes[end + 5] = length >>> 8;
  bytes[end + 6] = length >>> 16;
  bytes[end + 7] = length >>> 24;
  stream.end = end + 8;
}

function writeBytes(stream: Stream, from: Buffer, start: number, end: number): void {
  const length = end - start;
  makeRoom(stream, length);
  const { bytes } = stream;
  if (length > SHORT) from.copy(bytes, stream.end, start, end);
  else for (let at = 0; at < length; at++) bytes[stream.end + at] = from[start + at] ?? 0;
  stream.end += length;
}

/** Only what was hidden in values has no room yet. */
function makeRoom(stream: Stream, length: number): void {
  if (stream.end + length <= stream.bytes.length) return;
  const wider = Buffer.allocUnsafe(2 * stream.bytes.length + length);
  stream.bytes.copy(wider, 0, 0, stream.end);
  stream.bytes = wider;
}
