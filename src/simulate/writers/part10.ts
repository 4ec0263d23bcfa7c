import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { type DicomElements, data } from 'dcmjs';
import type { ReportStyle } from '../scanner/style.ts';
import { element } from './sr-elements.ts';

/** Who wrote the file (PS3.10 7.1); a UUID-derived UID of this simulator. */
const IMPLEMENTATION_CLASS_UID = '2.25.196421339287360573245914467211548230213';

/** A UID that a text determines: 2.25 and 122 bits of its SHA-256 (PS3.5 B.2). */
export function uidOf(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return `2.25.${(BigInt(`0x${digest}`) & ((1n << 122n) - 1n)) | (1n << 121n)}`;
}

const TRANSFER_SYNTAXES = {
  explicit: '1.2.840.10008.1.2.1',
  implicit: '1.2.840.10008.1.2',
  'big-endian': '1.2.840.10008.1.2.2',
  deflated: '1.2.840.10008.1.2.1.99',
  'jpeg-lossless': '1.2.840.10008.1.2.4.70',
  'jpeg-2000': '1.2.840.10008.1.2.4.90',
  rle: '1.2.840.10008.1.2.5',
} as const satisfies Record<ReportStyle['transferSyntax'], string>;

/** Writes a data set as a DICOM file. */
export function writePart10(
  sopClassUid: string,
  sopInstanceUid: string,
  dataset: DicomElements,
  transferSyntax: ReportStyle['transferSyntax'] = 'explicit',
): Uint8Array {
  const dict = new data.DicomDict({
    '00020001': element('OB', new Uint8Array([0, 1]).buffer),
    '00020002': element('UI', sopClassUid),
    '00020003': element('UI', sopInstanceUid),
    '00020010': element('UI', TRANSFER_SYNTAXES[transferSyntax]),
    '00020012': element('UI', IMPLEMENTATION_CLASS_UID),
    '00020013': element('SH', 'DXAFLOW_SIM'),
  });
  dict.dict = dataset;
  const bytes = new Uint8Array(dict.write());
  // dcmjs names the deflated syntax in the file header but does not deflate.
  return transferSyntax === 'deflated' ? deflateDataSet(bytes) : bytes;
}

/** Deflates what follows the file header (PS3.5 A.5): its length stands at byte 140, in (0002,0000). */
function deflateDataSet(bytes: Uint8Array): Uint8Array {
  const start = 144 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(140, true);
  const deflated = deflateRawSync(bytes.subarray(start));
  const file = new Uint8Array(start + deflated.length + (deflated.length % 2));
  file.set(bytes.subarray(0, start));
  file.set(deflated, start);
  return file;
}
