/** First bytes of what else ends up in a drop folder. */
const SIGNATURES: readonly (readonly [string, string])[] = [
  ['\x1f\x8b', 'gzip'],
  ['PK\x03\x04', 'zip'],
  ['%PDF', 'pdf'],
  ['\x89PNG', 'png'],
  ['\xff\xd8\xff', 'jpeg'],
  ['BM', 'bmp'],
  ['MSH|', 'hl7'],
  ['<?xml', 'xml'],
  ['<', 'html or xml'],
  ['{', 'json'],
];

/** What bytes that are not DICOM seem to be, for the person who has to find out where they come from. */
export function guessFileKind(bytes: Buffer): string | null {
  if (bytes.length === 0) return 'empty';
  const head = bytes.toString('latin1', 0, 8);
  for (const [signature, kind] of SIGNATURES) if (head.startsWith(signature)) return kind;
  return bytes.every((byte) => byte === 0) ? 'zeros' : null;
}
