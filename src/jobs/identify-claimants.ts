import type { Pool } from '../db/pool.ts';
import { listUnidentified, noteIdentity } from '../db/standing.ts';
import { codeOf } from '../errors.ts';
import { readArchived } from './archive.ts';
import type { ReadingPool } from './reading-pool.ts';

/**
 * Finds out the content of files that an earlier release read, before a file with the same SOP Instance UID is held
 * against them. One whose bytes the archive has lost keeps its hash for an identity: it equals no other.
 */
export async function identifyClaimants(
  { pool, archiveDir, reader }: { readonly pool: Pool; readonly archiveDir: string; readonly reader: ReadingPool },
  sopInstanceUid: string,
  exceptFileId: string,
): Promise<void> {
  for (const file of await listUnidentified(pool, sopInstanceUid, exceptFileId)) {
    try {
      const outcome = await reader.read(await readArchived(archiveDir, file.archivePath, file.sha256), file.receivedOn);
      if (outcome.ok && outcome.contentIdentity != null) await noteIdentity(pool, file.id, outcome.contentIdentity);
    } catch (error) {
      if (!['ARCHIVE_MISSING', 'ARCHIVE_DAMAGED'].includes(codeOf(error))) throw error;
    }
  }
}
