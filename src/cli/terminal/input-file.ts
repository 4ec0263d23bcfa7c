import { open } from 'node:fs/promises';
import { DxaflowError, EXIT } from '../../errors/errors.ts';

/** A table with a line a patient of a large hospital has a tenth of that. */
const MOST_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 1 << 20;

const tooLarge = (maxBytes: number): DxaflowError =>
  new DxaflowError('FILE_TOO_LARGE', `The file is larger than ${maxBytes} bytes, which is as much as is read.`, {
    exitCode: EXIT.usage,
  });

/**
 * Reads a file that a person named, a pipe too, and no more of it than `maxBytes`: its size is looked at first, and what
 * gives no size is read until that much has come. Throws FILE_TOO_LARGE, and what the file system says.
 */
export async function readInputBytes(path: string | Buffer, maxBytes: number = MOST_BYTES): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    if ((await file.stat()).size > maxBytes) throw tooLarge(maxBytes);
    const chunks: Buffer[] = [];
    for (let total = 0; ; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return Buffer.concat(chunks);
      total += bytesRead;
      if (total > maxBytes) throw tooLarge(maxBytes);
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
