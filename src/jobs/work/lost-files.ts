import { type FailureReason, recordFailedFile } from '../../db/files/failure.ts';
import { findSourceFile } from '../../db/files/source-file.ts';
import { lockInstances } from '../../db/locks.ts';
import { inTransaction, type Pool, type Queryable } from '../../db/pool.ts';
import { requeueDuplicate, requeueNextClaimant } from '../../db/records/standing.ts';

const ARCHIVE_PROBLEMS: readonly string[] = ['ARCHIVE_MISSING', 'ARCHIVE_DAMAGED'];

async function withInstanceOf<T>(
  pool: Pool,
  sourceFileId: string,
  work: (transaction: Queryable, sopInstanceUid: string | null) => Promise<T>,
): Promise<T> {
  return await inTransaction(pool, async (transaction) => {
    const sopInstanceUid = (await findSourceFile(transaction, sourceFileId))?.sopInstanceUid ?? null;
    if (sopInstanceUid !== null) await lockInstances(transaction, [sopInstanceUid]);
    return await work(transaction, sopInstanceUid);
  });
}

/**
 * Notes that the archive has lost the bytes of a file. Another file with the same content is read in its place; returns its
 * id, for the queue.
 */
export async function noteArchiveLoss(pool: Pool, sourceFileId: string, code: string): Promise<readonly string[]> {
  return await withInstanceOf(
    pool,
    sourceFileId,
    async (transaction) => await requeueDuplicate(transaction, sourceFileId, code),
  );
}

/**
 * Notes that processing a file broke for good. Files that claim the same SOP instance get their turn if nothing stands for
 * it; returns their ids, for the queue.
 */
export async function giveUpFile(pool: Pool, sourceFileId: string, why: FailureReason): Promise<readonly string[]> {
  return await withInstanceOf(pool, sourceFileId, async (transaction, sopInstanceUid) => {
    await recordFailedFile(transaction, sourceFileId, why);
    if (ARCHIVE_PROBLEMS.includes(why.code)) {
      const duplicates = await requeueDuplicate(transaction, sourceFileId, why.code);
      if (duplicates.length > 0) return duplicates;
    }
    return sopInstanceUid === null ? [] : await requeueNextClaimant(transaction, sopInstanceUid);
  });
}
