import { type Encoding, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE } from './data-set.ts';

/**
 * How the data set is encoded. `encapsulated`: Pixel Data (7FE0,0010) is a stream of fragments in some compression, which
 * nothing here needs: the data set is read up to there.
 */
export type TransferSyntax = {
  readonly encoding: Encoding;
  readonly deflated: boolean;
  readonly encapsulated: boolean;
};

const ENCAPSULATED: TransferSyntax = { encoding: EXPLICIT_LITTLE, deflated: false, encapsulated: true };
const DEFLATED: TransferSyntax = { encoding: EXPLICIT_LITTLE, deflated: true, encapsulated: false };

const SYNTAXES: ReadonlyMap<string, TransferSyntax> = new Map([
  ['1.2.840.10008.1.2', { encoding: IMPLICIT_LITTLE, deflated: false, encapsulated: false }],
  ['1.2.840.10008.1.2.1', { encoding: EXPLICIT_LITTLE, deflated: false, encapsulated: false }],
  // Encapsulated Uncompressed Explicit VR Little Endian.
  ['1.2.840.10008.1.2.1.98', ENCAPSULATED],
  ['1.2.840.10008.1.2.1.99', DEFLATED],
  ['1.2.840.10008.1.2.2', { encoding: EXPLICIT_BIG, deflated: false, encapsulated: false }],
  // JPIP Referenced Deflate and JPIP HTJ2K Referenced Deflate: no pixel data, a deflated data set (PS3.5 A.7, A.10).
  ['1.2.840.10008.1.2.4.95', DEFLATED],
  ['1.2.840.10008.1.2.4.205', DEFLATED],
  // RLE Lossless.
  ['1.2.840.10008.1.2.5', ENCAPSULATED],
]);

/** What a Transfer Syntax UID means for the reader (PS3.5 annex A, PS3.6 annex A); null for an unknown one. */
export function transferSyntax(uid: string): TransferSyntax | null {
  const known = SYNTAXES.get(uid);
  if (known !== undefined) return known;
  // The arc .4 holds compressions of pixels only and .8 those of frames, all over an explicit little endian data set.
  return /^1\.2\.840\.10008\.1\.2\.[48]\.\d/.test(uid) ? ENCAPSULATED : null;
}
