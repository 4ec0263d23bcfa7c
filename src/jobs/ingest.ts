import { inTransaction, type Pool } from '../db/pool.ts';
import { storeReport } from '../db/report.ts';
import { findSourceFile, type SourceFile } from '../db/source-file.ts';
import { codeOf, DxaflowError } from '../errors.ts';
import { readArchived } from './archive.ts';
import type { ReadOutcome } from './read-thread.ts';
import type { ReadingPool } from './reading-pool.ts';
import { type StoredOutcome, storeOutcome } from './store-outcome.ts';

export type IngestContext = { readonly pool: Pool; readonly archiveDir: string; readonly reader: ReadingPool };

export type Ingested = StoredOutcome & {
  /** How long the stages took; null for one that was not reached. */
  readonly seconds: { readonly read: number; readonly store: number | null };
};

const secondsSince = (startedAt: number) => (performance.now() - startedAt) / 1000;

const UNIQUE_VIOLATION = '23505';

/** Most files are new, and cost one statement; the others take the place of what is there. */
async function store(pool: Pool, file: SourceFile, outcome: ReadOutcome): Promise<StoredOutcome> {
  if (outcome.ok && file.state === 'received') {
    try {
      const stored = await storeReport(pool, outcome.report, file.id);
      if (stored.ok) {
        const { patientId, revision, reportId } = stored;
        return { state: 'stored', code: null, patientId, trace: { report: reportId, patient: patientId, revision } };
      }
    } catch (error) {
      if (codeOf(error) !== UNIQUE_VIOLATION) throw error;
    }
  }
  return await inTransaction(pool, (transaction) => storeOutcome(transaction, file, outcome));
}

/**
 * Reads one archived file and stores what it says, or why it says nothing, in one transaction. Doing it again gives the
 * same rows. Throws only for what trying again may cure (database away, archive missing).
 */
export async function ingestSourceFile(context: IngestContext, sourceFileId: string): Promise<Ingested> {
  const { pool } = context;
  const file = await findSourceFile(pool, sourceFileId);
  if (file === null) {
    throw new DxaflowError(
      'SOURCE_FILE_UNKNOWN',
      `There is no source file ${sourceFileId}; the job is left over from another database.`,
    );
  }
  const startedAt = performance.now();
  const bytes = await readArchived(context.archiveDir, file.archivePath, file.sha256);
  const outcome = await context.reader.read(bytes);
  const readSeconds = secondsSince(startedAt);
  const readAt = performance.now();
  const stored = await store(pool, file, outcome);
  return { ...stored, seconds: { read: readSeconds, store: outcome.ok ? secondsSince(readAt) : null } };
}
