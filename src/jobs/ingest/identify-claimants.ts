import type { Pool } from '../../db/pool.ts';
import { listUnidentified, noteIdentity } from '../../db/records/standing.ts';
import { codeOf } from '../../errors/errors.ts';
import { ARCHIVE_PROBLEMS } from '../archive/archive.ts';
import type { FileReading } from './read-source-file.ts';

/**
 * Finds out the content of files that an earlier release read, before a file with the same SOP Instance UID is held
 * against them. One whose bytes the archive has lost keeps its hash for an identity: it equals no other.
 */
export async function identifyClaimants(
  { pool, readFile }: { readonly pool: Pool; readonly readFile: FileReading },
  sopInstanceUid: string,
  exceptFileId: string,
): Promise<void> {
  for (const file of await listUnidentified(pool, sopInstanceUid, exceptFileId)) {
    try {
      const outcome = await readFile(file);
      if (outcome.ok && outcome.contentIdentity != null) await noteIdentity(pool, file.id, outcome.contentIdentity);
    } catch (error) {
      const code = codeOf(error);
      if (!ARCHIVE_PROBLEMS.includes(code) && code !== 'WORKER_CRASHED') throw error;
    }
  }
}
