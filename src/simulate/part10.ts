import { createHash } from 'node:crypto';
import { type DicomElements, data } from 'dcmjs';
import { element } from './sr-elements.ts';

/** Who wrote the file (PS3.10 7.1); a UUID-derived UID of this simulator. */
const IMPLEMENTATION_CLASS_UID = '2.25.196421339287360573245914467211548230213';

/** A UID that a text determines: 2.25 and 122 bits of its SHA-256 (PS3.5 B.2). */
export function uidOf(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return `2.25.${(BigInt(`0x${digest}`) & ((1n << 122n) - 1n)) | (1n << 121n)}`;
}

/** Writes a data set as a DICOM file in Explicit VR Little Endian. */
export function writePart10(sopClassUid: string, sopInstanceUid: string, dataset: DicomElements): Uint8Array {
  const dict = new data.DicomDict({
    '00020001': element('OB', new Uint8Array([0, 1]).buffer),
    '00020002': element('UI', sopClassUid),
    '00020003': element('UI', sopInstanceUid),
    '00020010': element('UI', '1.2.840.10008.1.2.1'),
    '00020012': element('UI', IMPLEMENTATION_CLASS_UID),
    '00020013': element('SH', 'DXAFLOW_SIM'),
  });
  dict.dict = dataset;
  return new Uint8Array(dict.write());
}
