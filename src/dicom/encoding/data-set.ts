import { addRow, closeRow, type ElementTable, lengthOf, ROOT_ROW } from '../document/element-table.ts';
import { Refused } from '../document/refused.ts';
import { isLongForm, isVrLetters, VR } from './element-header.ts';
import { noteDisorder, type OrderBook } from './element-order.ts';
import type { ReadLimits } from './limits.ts';
import { KNOWN_SEQUENCES, TAG } from './tags.ts';

export type Encoding = { readonly explicit: boolean; readonly bigEndian: boolean };

export const IMPLICIT_LITTLE: Encoding = { explicit: false, bigEndian: false };
export const EXPLICIT_LITTLE: Encoding = { explicit: true, bigEndian: false };
export const EXPLICIT_BIG: Encoding = { explicit: true, bigEndian: true };

/** What a whole data set may still have wrong with it. */
export type ParsedDataSet = {
  readonly order: OrderBook;
  readonly oddLengths: number;
  /** Zero bytes after the last element. */
  readonly trailingZeros: number;
};

/** An open data set, sequence or stream of pixel fragments. `limit` is its end, or that of what holds it. */
type Frame = {
  readonly kind: 'data set' | 'sequence' | 'fragments';
  readonly row: number;
  readonly limit: number;
  readonly defined: boolean;
  readonly encoding: Encoding;
  lastTag: number;
};

const UNDEFINED_LENGTH = 0xffffffff;
const ITEM_GROUP = 0xfffe;

/**
 * Splits the data set that fills the table's bytes from `start` to the end into its elements, as rows of a new table
 * (createTable), PS3.5 sections 7.1 to 7.5. Throws Refused when a length or a marker does not fit or a limit is passed,
 * so each byte belongs to exactly one element. Walks with its own stack: nesting costs no call depth. `upToPixelData` ends
 * the data set where the pixels of an image begin, and asks nothing of what follows.
 */
export function parseDataSet(
  table: ElementTable,
  start: number,
  encoding: Encoding,
  limits: ReadLimits,
  upToPixelData = false,
): ParsedDataSet {
  const { bytes, view } = table;
  const size = bytes.length;
  const order: OrderBook = { disordered: [] };
  const stack: Frame[] = [];
  let frame: Frame = { kind: 'data set', row: ROOT_ROW, limit: size, defined: true, encoding, lastTag: 0 };
  let pos = start;
  let items = 0;
  let depth = 0;
  let oddLengths = 0;

  const close = (end: number) => {
    closeRow(table, frame.row, end);
    if (frame.kind !== 'data set') depth--;
    const outer = stack.pop();
    if (outer === undefined) throw new Refused('BROKEN_STRUCTURE', { offset: end });
    frame = outer;
  };
  const open = (kind: Frame['kind'], row: number, length: number, inner: Encoding) => {
    if (kind !== 'data set' && ++depth > limits.maxDepth) {
      throw new Refused('LIMIT_DEPTH', { offset: pos, facts: { limit: limits.maxDepth } });
    }
    const defined = length !== UNDEFINED_LENGTH;
    stack.push(frame);
    frame = { kind, row, limit: defined ? pos + length : frame.limit, defined, encoding: inner, lastTag: 0 };
  };
  const misfit = (offset: number, end: number) =>
    new Refused(end > size ? 'TRUNCATED' : 'BROKEN_STRUCTURE', { offset });

  for (;;) {
    if (pos === frame.limit) {
      if (frame.row === ROOT_ROW) break;
      if (!frame.defined) throw misfit(pos, pos + 8);
      close(pos);
      continue;
    }
    const at = pos;
    const { explicit, bigEndian } = frame.encoding;
    if (frame.row === ROOT_ROW && isZeroToEnd(bytes, at)) break;
    if (frame.limit - at < 8) throw misfit(at, at + 8);
    const group = view.getUint16(at, !bigEndian);
    const tag = ((group << 16) | view.getUint16(at + 2, !bigEndian)) >>> 0;
    if (upToPixelData && tag === TAG.PixelData && frame.row === ROOT_ROW) {
      closeRow(table, ROOT_ROW, at);
      return { order, oddLengths, trailingZeros: 0 };
    }

    if (group === ITEM_GROUP) {
      const length = view.getUint32(at + 4, !bigEndian);
      pos = at + 8;
      if (tag === TAG.Item && frame.kind !== 'data set') {
        if (++items > limits.maxItems)
          throw new Refused('LIMIT_ITEMS', { offset: at, facts: { limit: limits.maxItems } });
        const end = pos + length;
        const fragment = frame.kind === 'fragments';
        if (length === UNDEFINED_LENGTH ? fragment : end > frame.limit) throw misfit(at, end);
        const row = addRow(table, tag, 0, bigEndian, pos, fragment ? length : 0);
        if (fragment) pos = end;
        else open('data set', row, length, frame.encoding);
        checkRows(table, at, limits);
        continue;
      }
      const ends = frame.kind === 'data set' ? TAG.ItemDelimitationItem : TAG.SequenceDelimitationItem;
      if (tag !== ends || frame.defined || length !== 0) throw new Refused('BROKEN_STRUCTURE', { offset: at });
      close(at);
      continue;
    }
    if (frame.kind !== 'data set') throw new Refused('BROKEN_STRUCTURE', { offset: at });
    if (frame.row === ROOT_ROW && (tag <= frame.lastTag || group < 8)) refuseSecondFile(bytes, at, group);

    let vr = 0;
    let length: number;
    if (explicit) {
      vr = view.getUint16(at + 4, false);
      if (!isVrLetters(vr)) throw new Refused('BROKEN_STRUCTURE', { offset: at });
      if (isLongForm(vr)) {
        if (frame.limit - at < 12) throw misfit(at, at + 12);
        length = view.getUint32(at + 8, !bigEndian);
        pos = at + 12;
      } else {
        length = view.getUint16(at + 6, !bigEndian);
        pos = at + 8;
      }
    } else {
      length = view.getUint32(at + 4, true);
      pos = at + 8;
    }

    const row = addRow(table, tag, vr, bigEndian, pos, 0);
    checkRows(table, at, limits);
    if (tag <= frame.lastTag) noteDisorder(order, frame.row, row);
    else frame.lastTag = tag;

    if (length === UNDEFINED_LENGTH) {
      if (vr === VR.SQ || vr === 0) open('sequence', row, length, frame.encoding);
      else if (vr === VR.UN) open('sequence', row, length, IMPLICIT_LITTLE);
      else if (vr === VR.OB || vr === VR.OW) open('fragments', row, length, frame.encoding);
      else throw new Refused('BROKEN_STRUCTURE', { offset: at });
      continue;
    }
    const end = pos + length;
    if (end > frame.limit) throw misfit(at, end);
    if (vr === VR.SQ) {
      open('sequence', row, length, frame.encoding);
    } else if ((vr === 0 || vr === VR.UN) && length >= 8 && KNOWN_SEQUENCES.has(tag) && startsWithItem(view, pos)) {
      open('sequence', row, length, IMPLICIT_LITTLE);
    } else {
      if ((length & 1) === 1) oddLengths++;
      closeRow(table, row, end);
      pos = end;
    }
  }
  closeRow(table, ROOT_ROW, pos);
  if (lengthOf(table, ROOT_ROW) === start) throw new Refused('TRUNCATED', { offset: start });
  return { order, oddLengths, trailingZeros: size - pos };
}

/** Implicit VR is little endian, and so is UN in any file (PS3.5 6.2.2). */
function startsWithItem(view: DataView, pos: number): boolean {
  return view.getUint32(pos, true) === 0xe000fffe;
}

function checkRows(table: ElementTable, offset: number, limits: ReadLimits): void {
  if (table.rows - 1 > limits.maxElements) {
    throw new Refused('LIMIT_ELEMENTS', { offset, facts: { limit: limits.maxElements } });
  }
}

/** Only padding is left: there is no group 0000 in a stored data set. Reads on only while it sees zeros. */
function isZeroToEnd(bytes: Buffer, from: number): boolean {
  if (bytes[from] !== 0 || (bytes.length - from >= 2 && bytes[from + 1] !== 0)) return false;
  for (let i = from; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** At the top level of the file, what cannot be the next element: is it the start of another file? */
function refuseSecondFile(bytes: Buffer, at: number, group: number): void {
  if (group === 0x0002 || startsAnotherFile(bytes, at)) throw new Refused('TWO_FILES_IN_ONE', { offset: at });
  if (group < 8) throw new Refused('TRAILING_BYTES', { offset: at });
}

/** "DICM" stands within the length of a preamble. */
export function startsAnotherFile(bytes: Buffer, at: number): boolean {
  return bytes.subarray(at, at + 132).includes('DICM', 0, 'latin1');
}
