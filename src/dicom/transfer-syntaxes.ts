import { type Encoding, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE } from './data-set.ts';

export type TransferSyntax =
  | { readonly kind: 'readable'; readonly encoding: Encoding; readonly deflated: boolean }
  | { readonly kind: 'compressed' | 'unknown'; readonly name: string | null };

const READABLE: ReadonlyMap<string, TransferSyntax> = new Map([
  ['1.2.840.10008.1.2', { kind: 'readable', encoding: IMPLICIT_LITTLE, deflated: false }],
  ['1.2.840.10008.1.2.1', { kind: 'readable', encoding: EXPLICIT_LITTLE, deflated: false }],
  ['1.2.840.10008.1.2.1.99', { kind: 'readable', encoding: EXPLICIT_LITTLE, deflated: true }],
  ['1.2.840.10008.1.2.2', { kind: 'readable', encoding: EXPLICIT_BIG, deflated: false }],
]);

const COMPRESSED_NAMES: ReadonlyMap<string, string> = new Map([
  ['1.2.840.10008.1.2.1.98', 'Encapsulated Uncompressed Explicit VR Little Endian'],
  ['1.2.840.10008.1.2.4.50', 'JPEG Baseline'],
  ['1.2.840.10008.1.2.4.51', 'JPEG Extended'],
  ['1.2.840.10008.1.2.4.57', 'JPEG Lossless'],
  ['1.2.840.10008.1.2.4.70', 'JPEG Lossless, First-Order Prediction'],
  ['1.2.840.10008.1.2.4.80', 'JPEG-LS Lossless'],
  ['1.2.840.10008.1.2.4.81', 'JPEG-LS Near-lossless'],
  ['1.2.840.10008.1.2.4.90', 'JPEG 2000 Lossless'],
  ['1.2.840.10008.1.2.4.91', 'JPEG 2000'],
  ['1.2.840.10008.1.2.4.100', 'MPEG2 Main Profile / Main Level'],
  ['1.2.840.10008.1.2.4.102', 'MPEG-4 AVC/H.264 High Profile / Level 4.1'],
  ['1.2.840.10008.1.2.4.201', 'High-Throughput JPEG 2000 Lossless'],
  ['1.2.840.10008.1.2.5', 'RLE Lossless'],
  ['1.2.840.10008.1.2.8.1', 'Deflated Image Frame Compression'],
]);

/** What a Transfer Syntax UID means for the reader (PS3.5 annex A, PS3.6 annex A). */
export function transferSyntax(uid: string): TransferSyntax {
  const readable = READABLE.get(uid);
  if (readable !== undefined) return readable;
  const name = COMPRESSED_NAMES.get(uid) ?? null;
  // The arc .4 holds pixel compressions only, .8 frame compressions.
  const compressed = name !== null || /^1\.2\.840\.10008\.1\.2\.[48]\./.test(uid);
  return { kind: compressed ? 'compressed' : 'unknown', name };
}
