import { Refused, uidOrNull } from '../document/refused.ts';
import { type Encoding, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE } from './data-set.ts';
import { isLongForm, isStandardVr, isVrLetters } from './element-header.ts';
import { TAG } from './tags.ts';

/** The file's own header (PS3.10 section 7.1), as far as it is there. */
export type FileMeta = {
  readonly present: boolean;
  readonly groupLengthFits: boolean;
  readonly mediaStorageSopClassUid: string | null;
  readonly mediaStorageSopInstanceUid: string | null;
  readonly transferSyntaxUid: string | null;
  /** Where the data set starts. */
  readonly dataSetStart: number;
  /** "DICM" stood where it belongs, so this is meant to be a DICOM file. */
  readonly marked: boolean;
};

const DEFLATED = '1.2.840.10008.1.2.1.99';

/** Finds the data set: behind preamble and header, behind a header without preamble, or at the very start. */
export function readFileMeta(bytes: Buffer): FileMeta {
  const marker =
    bytes.toString('latin1', 128, 132) === 'DICM' ? 132 : bytes.toString('latin1', 0, 4) === 'DICM' ? 4 : 0;
  const values = new Map<number, string>();
  let at = marker;
  let claimedEnd = -1;
  while (at + 8 <= bytes.length && bytes.readUInt16LE(at) === 0x0002) {
    const tag = 0x00020000 | bytes.readUInt16LE(at + 2);
    // A wrong group length may point at an element that still belongs here; only deflated bytes can look like one.
    if (at === claimedEnd && values.get(TAG.TransferSyntaxUID) === DEFLATED) break;
    const vr = bytes.readUInt16BE(at + 4);
    let start = at + 8;
    let length: number;
    if (!isVrLetters(vr)) length = bytes.readUInt32LE(at + 4);
    else if (!isLongForm(vr)) length = bytes.readUInt16LE(at + 6);
    else {
      if (at + 12 > bytes.length) throw new Refused('TRUNCATED', { offset: at });
      length = bytes.readUInt32LE(at + 8);
      start = at + 12;
    }
    const end = start + length;
    if (end > bytes.length) throw new Refused('TRUNCATED', { offset: at });
    if (tag === TAG.FileMetaInformationGroupLength && length === 4) claimedEnd = end + bytes.readUInt32LE(start);
    else if (length <= 256)
      values.set(
        tag,
        bytes
          .toString('latin1', start, end)
          .replace(/[\0 ]+$/, '')
          .trim(),
      );
    at = end;
  }
  const present = at > marker;
  const partOfTag = at < bytes.length && at + 8 > bytes.length;
  if ((marker > 0 || present) && (at === bytes.length || partOfTag)) throw new Refused('TRUNCATED', { offset: at });
  const text = (tag: number) => values.get(tag)?.replaceAll('\0', '\uFFFD') || null;
  return {
    present,
    groupLengthFits: claimedEnd === -1 || claimedEnd === at,
    mediaStorageSopClassUid: uidOrNull(text(TAG.MediaStorageSOPClassUID)),
    mediaStorageSopInstanceUid: uidOrNull(text(TAG.MediaStorageSOPInstanceUID)),
    transferSyntaxUid: text(TAG.TransferSyntaxUID),
    dataSetStart: at,
    marked: marker > 0,
  };
}

/**
 * Works out the encoding from the first element, which in any data set of a report is of group 0008. Null when the bytes
 * are not the start of one.
 */
export function guessEncoding(bytes: Buffer, start: number): Encoding | null {
  if (bytes.length - start < 8) return null;
  const explicit = isStandardVr(bytes.readUInt16BE(start + 4));
  if (explicit && bytes.readUInt16LE(start) === 0x0008) return EXPLICIT_LITTLE;
  if (explicit && bytes.readUInt16BE(start) === 0x0008) return EXPLICIT_BIG;
  const length = bytes.readUInt32LE(start + 4);
  const fits = length === 0xffffffff || length <= bytes.length - start - 8;
  return bytes.readUInt16LE(start) === 0x0008 && fits ? IMPLICIT_LITTLE : null;
}
