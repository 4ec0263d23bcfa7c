import iconv from 'iconv-lite';
import { SINGLE_BYTE } from './character-set-terms.ts';

/** What the halves of the code table stand for: G0 below 0x80, G1 above. */
type LeftSet = 'ascii' | 'jis-roman' | 'jis-x-0208' | 'jis-x-0212';
type RightSet = 'none' | 'katakana' | 'ks-x-1001' | 'gb-2312' | { readonly single: string };

/** The state that value 1 of Specific Character Set sets up. */
export type Iso2022 = { readonly left: LeftSet; readonly right: RightSet };

/** Which half an escape sequence changes, and to what. */
type Escape = { readonly left?: LeftSet; readonly right?: RightSet };

/** Escape sequences of PS3.3 tables C.12-3 and C.12-4, without ESC, and two older ones for JIS X 0208 that are met. */
const ESCAPES: ReadonlyMap<string, Escape> = new Map<string, Escape>([
  ['(B', { left: 'ascii' }],
  ['(J', { left: 'jis-roman' }],
  [')I', { right: 'katakana' }],
  ['$B', { left: 'jis-x-0208' }],
  ['$@', { left: 'jis-x-0208' }],
  ['$(B', { left: 'jis-x-0208' }],
  ['$(D', { left: 'jis-x-0212' }],
  ['$)C', { right: 'ks-x-1001' }],
  ['$)A', { right: 'gb-2312' }],
  ['-A', single(100)],
  ['-B', single(101)],
  ['-C', single(109)],
  ['-D', single(110)],
  ['-L', single(144)],
  ['-G', single(127)],
  ['-F', single(126)],
  ['-H', single(138)],
  ['-M', single(148)],
  ['-T', single(166)],
  ['-b', single(203)],
]);

const ESC = 0x1b;

function single(ir: number): { readonly right: RightSet } {
  return { right: { single: SINGLE_BYTE.get(ir) ?? 'latin1' } };
}

export function initialState(ir: number): Iso2022 {
  if (ir === 13) return { left: 'jis-roman', right: 'katakana' };
  if (ir === 149) return { left: 'ascii', right: 'ks-x-1001' };
  if (ir === 58) return { left: 'ascii', right: 'gb-2312' };
  return { left: 'ascii', right: SINGLE_BYTE.has(ir) ? single(ir).right : 'none' };
}

/**
 * Decodes text with code extensions (PS3.5 6.1.2.5). The initial state comes back at line ends, tabs, form feeds and the
 * delimiters "\", "^" and "="; a right half that value 1 leaves empty stays as it was, since some writers do not repeat
 * the escape sequence. Bytes that no set defines give U+FFFD. In a `delimited` value, byte 5C divides values
 * even where the set has a yen sign there (PS3.5 6.1.2.3).
 */
export function decodeIso2022(initial: Iso2022, bytes: Buffer, delimited: boolean): string {
  let { left, right } = initial;
  let text = '';
  let i = 0;
  while (i < bytes.length) {
    const byte = bytes[i] ?? 0;
    if (byte === ESC) {
      const designation = escapeAt(bytes, i + 1);
      if (designation === null) {
        text += '\uFFFD';
        i++;
        continue;
      }
      left = designation.left ?? left;
      right = designation.right ?? right;
      i += 1 + designation.length;
      continue;
    }
    const wide = left === 'jis-x-0208' || left === 'jis-x-0212';
    if (byte <= 0x20 || (!wide && byte < 0x80)) {
      text += delimited && byte === 0x5c ? '\\' : leftCharacter(left, byte);
      i++;
      if (isReset(byte)) {
        left = initial.left;
        if (initial.right !== 'none') right = initial.right;
      }
      continue;
    }
    const end = endOfRun(bytes, i, byte < 0x80);
    text += byte < 0x80 ? decodeWide(left, bytes.subarray(i, end)) : decodeRight(right, bytes.subarray(i, end));
    i = end;
  }
  return text;
}

/** A run ends where the bytes change halves, and at control characters and blanks. */
function endOfRun(bytes: Buffer, from: number, leftHalf: boolean): number {
  let i = from;
  for (; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (leftHalf ? byte <= 0x20 || byte >= 0x7f : byte < 0x80) break;
  }
  // 0x7f is in no 94-character set: let it be a run of its own, so that the loop moves on.
  return Math.max(i, from + 1);
}

function escapeAt(bytes: Buffer, at: number): { left?: LeftSet; right?: RightSet; length: number } | null {
  for (const length of [2, 3]) {
    const designation = ESCAPES.get(bytes.toString('latin1', at, at + length));
    if (designation !== undefined) return { ...designation, length };
  }
  return null;
}

function leftCharacter(left: LeftSet, byte: number): string {
  if (left === 'jis-roman' && byte === 0x5c) return '¥';
  if (left === 'jis-roman' && byte === 0x7e) return '‾';
  return String.fromCharCode(byte);
}

function isReset(byte: number): boolean {
  return (byte >= 0x09 && byte <= 0x0d) || byte === 0x5c || byte === 0x5e || byte === 0x3d;
}

/** JIS sets in the left half, decoded as EUC-JP, which has the same tables with the high bit set. */
function decodeWide(left: LeftSet, run: Buffer): string {
  const prefix = left === 'jis-x-0212' ? [0x8f] : [];
  const euc: number[] = [];
  for (let i = 0; i + 1 < run.length; i += 2) euc.push(...prefix, (run[i] ?? 0) | 0x80, (run[i + 1] ?? 0) | 0x80);
  return iconv.decode(Buffer.from(euc), 'eucjp') + (run.length % 2 === 1 ? '\uFFFD' : '');
}

function decodeRight(right: RightSet, run: Buffer): string {
  if (right === 'none') return '\uFFFD'.repeat(run.length);
  if (right === 'ks-x-1001') return iconv.decode(run, 'euckr');
  if (right === 'gb-2312') return iconv.decode(run, 'gb2312');
  if (right === 'katakana') {
    return Array.from(run, (byte) => (byte > 0xa0 && byte < 0xe0 ? String.fromCharCode(byte + 0xfec0) : '\uFFFD')).join(
      '',
    );
  }
  return right.single === 'latin1' ? run.toString('latin1') : iconv.decode(run, right.single);
}
