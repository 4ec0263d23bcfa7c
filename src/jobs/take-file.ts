import { unlink } from 'node:fs/promises';
import type { Pool } from '../db/pool.ts';
import { announceSourceFile, markReceived } from '../db/source-file.ts';
import { DxaflowError } from '../errors.ts';
import { archiveHolds, archivePathOf, copyIntoArchive, type FilePath, hashFile, moveIntoArchive } from './archive.ts';

export type TakenFile = {
  readonly sourceFileId: string;
  /** `duplicate`: these bytes came before, and nothing is left to do. */
  readonly outcome: 'received' | 'duplicate';
};

/**
 * Takes one whole file: hashed, announced in source_file, archived, received. With `keepOriginal` it is copied,
 * otherwise moved. Whatever moment a crash picks, either the file is still where it was or its row and its archived
 * bytes are there, and the sweep goes on from that.
 */
export async function takeFile(
  pool: Pool,
  archiveDir: string,
  file: { readonly path: FilePath; readonly dropName: string; readonly keepOriginal: boolean },
): Promise<TakenFile> {
  const hashed = await hashFile(file.path);
  if (hashed === null) {
    throw new DxaflowError('FILE_CHANGED', 'A file changed while it was taken in; it is tried again.', {
      transient: true,
    });
  }
  const archivePath = archivePathOf(hashed.sha256);
  const row = await announceSourceFile(pool, {
    sha256: hashed.sha256,
    byteCount: Number(hashed.stats.size),
    archivePath,
    dropName: file.dropName,
  });
  const settled = !row.fresh && row.state !== 'arriving';
  if (settled && (await archiveHolds(archiveDir, archivePath, hashed.stats.size))) {
    if (!file.keepOriginal) await unlink(file.path);
    return { sourceFileId: row.id, outcome: 'duplicate' };
  }
  if (file.keepOriginal) await copyIntoArchive(archiveDir, file.path, hashed);
  else await moveIntoArchive(archiveDir, file.path, hashed);
  await markReceived(pool, row.id);
  return { sourceFileId: row.id, outcome: settled ? 'duplicate' : 'received' };
}
