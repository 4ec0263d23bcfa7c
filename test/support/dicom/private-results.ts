import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { readImageContent } from '../../../src/vendors/adapt-image.ts';
import { isDocument, type PrivateResults } from '../../../src/vendors/report/adapter.ts';

/** The private results of an image; null for any other file. */
export function privateResults(bytes: Uint8Array): PrivateResults | null {
  const read = readImageContent(bytes, READ_LIMITS);
  return read.ok && !isDocument(read.content) ? read.content : null;
}

/** The private results of an image that must have some. */
export function privateResultsOf(bytes: Uint8Array): PrivateResults {
  const results = privateResults(bytes);
  if (results === null) throw new Error('no private results');
  return results;
}
