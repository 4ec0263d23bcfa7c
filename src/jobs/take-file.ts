import { BY_KEYS, inTransaction, type Pool } from '../db/pool.ts';
import { type Announcement, announceSourceFiles, DROP_FOLDER, markReceived } from '../db/source-file.ts';
import { DxaflowError } from '../errors.ts';
import {
  archiveHolds,
  archivePathOf,
  copyIntoArchive,
  type FilePath,
  hashFile,
  moveIntoArchive,
  removeDuplicate,
} from './archive.ts';
import { inBatches } from './batch.ts';

export type TakenFile = {
  readonly sourceFileId: string;
  /** `duplicate`: these bytes came before, and nothing is left to do. */
  readonly outcome: 'received' | 'duplicate';
};

export type FileToTake = { readonly path: FilePath; readonly dropName: string; readonly keepOriginal: boolean };

const BATCH = 100;

/**
 * Gives a function that takes one whole file: hashed, announced in source_file, archived, received. With
 * `keepOriginal` it is copied, otherwise moved. Whatever moment a crash picks, either the file is still where it was or
 * its row and its bytes are there, and the sweeps go on from that. Calls made at the same time share their statements.
 */
export function openFileTaker(
  pool: Pool,
  archiveDir: string,
  route: string = DROP_FOLDER,
): (file: FileToTake) => Promise<TakenFile> {
  const announce = inBatches(
    (files: readonly Announcement[]) => inTransaction(pool, (to) => announceSourceFiles(to, files), BY_KEYS),
    BATCH,
  );
  const receive = inBatches(async (ids: readonly string[]) => {
    await inTransaction(pool, (to) => markReceived(to, ids, route), BY_KEYS);
    return ids;
  }, BATCH);

  return async (file) => {
    const hashed = await hashFile(file.path);
    if (hashed === null) {
      throw new DxaflowError('FILE_CHANGED', 'A file changed while it was taken in; it is tried again.', {
        transient: true,
      });
    }
    const { sha256, stats } = hashed;
    const archivePath = archivePathOf(sha256);
    const row = await announce({ sha256, byteCount: Number(stats.size), archivePath, dropName: file.dropName });
    const settled = !row.fresh && row.state !== 'arriving';
    if (settled && (await archiveHolds(archiveDir, archivePath, stats.size))) {
      if (!file.keepOriginal) await removeDuplicate(archiveDir, file.path, hashed);
      await receive(row.id);
      return { sourceFileId: row.id, outcome: 'duplicate' };
    }
    if (file.keepOriginal) await copyIntoArchive(archiveDir, file.path, hashed);
    else await moveIntoArchive(archiveDir, file.path, hashed);
    await receive(row.id);
    return { sourceFileId: row.id, outcome: settled ? 'duplicate' : 'received' };
  };
}
