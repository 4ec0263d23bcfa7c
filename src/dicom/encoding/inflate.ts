import { inflateRawSync, inflateSync } from 'node:zlib';
import { Refused } from '../document/refused.ts';
import type { ReadLimits } from './limits.ts';

export type Inflated = {
  readonly bytes: Buffer;
  /** The stream had a zlib header, which PS3.5 A.5 does not allow but some writers add. */
  readonly zlibHeader: boolean;
  /** Bytes of the input after the stream's end. */
  readonly rest: number;
};

/** Inflates the data set of a deflated file, never beyond the limit. */
export function inflateDataSet(bytes: Buffer, start: number, limits: ReadLimits): Inflated {
  const input = bytes.subarray(start);
  const zlibHeader = hasZlibHeader(input);
  const inflate = zlibHeader ? inflateSync : inflateRawSync;
  try {
    const options = { maxOutputLength: limits.maxInflatedBytes, info: true };
    // With `info` the result is an object; @types/node does not know.
    const result = inflate(input, options) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    return { bytes: result.buffer, zlibHeader, rest: input.length - result.engine.bytesWritten };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Refused('LIMIT_INFLATED_BYTES', { offset: start, facts: { limit: limits.maxInflatedBytes } });
    }
    if (code === 'Z_BUF_ERROR') throw new Refused('TRUNCATED', { offset: start });
    if (code === 'Z_DATA_ERROR' || code === 'Z_NEED_DICT') throw new Refused('DEFLATE_CORRUPT', { offset: start });
    throw error;
  }
}

/** RFC 1950: method 8, and the two bytes together a multiple of 31. A raw stream cannot sensibly start like this. */
function hasZlibHeader(input: Buffer): boolean {
  const [first = 0, second = 0] = input;
  return (first & 0x0f) === 8 && first >> 4 <= 7 && ((first << 8) | second) % 31 === 0;
}
