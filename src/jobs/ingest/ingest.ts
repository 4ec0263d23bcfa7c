import { findSourceFiles, type SourceFile } from '../../db/files/source-file.ts';
import { BY_KEYS, inTransaction, type Pool } from '../../db/pool.ts';
import { WENT_ON_GROWING } from '../../db/records/supersede-file.ts';
import { codeOf, DxaflowError } from '../../errors/errors.ts';
import { inBatches } from '../batch.ts';
import { identifyClaimants } from './identify-claimants.ts';
import { openFileReading } from './read-source-file.ts';
import type { ReadOutcome } from './read-thread.ts';
import type { ReadingPool } from './reading-pool.ts';
import { outcomeOf, type StoredOutcome, storeOutcome } from './store-outcome.ts';
import { type ExpectedReport, openReportStore, UNIQUE_VIOLATION } from './store-reports.ts';

export type IngestContext = { readonly pool: Pool; readonly archiveDir: string; readonly reader: ReadingPool };

export type Ingested = StoredOutcome & {
  /** How long the stages took; null for one that was not reached. */
  readonly seconds: { readonly read: number; readonly store: number | null };
};

const secondsSince = (startedAt: number) => (performance.now() - startedAt) / 1000;

const BATCH = 100;
const TRIES = 5;

/**
 * Gives a function that reads one archived file and stores what it says, or why it says nothing, in one transaction.
 * Doing it again gives the same rows. It throws only for what trying again may cure (database away, archive missing).
 * Calls made at the same time share their statements.
 */
export function openFileIngest(context: IngestContext): (sourceFileId: string) => Promise<Ingested> {
  const { pool } = context;
  const read = openFileReading(context);
  const find = inBatches((ids: readonly string[]) => findSourceFiles(pool, ids), BATCH);
  const expectReport = openReportStore(pool);

  /** Most files are new and have a report; the others may take the place of what is there. */
  async function store(file: SourceFile, outcome: ReadOutcome, expected: ExpectedReport): Promise<StoredOutcome> {
    if (outcome.ok && file.attempts === 0) {
      const stored = await expected.store({ ...outcome, sourceFileId: file.id });
      if (stored !== null) return outcomeOf(stored);
    }
    expected.withdraw();
    if (outcome.ok) await identifyClaimants({ pool, readFile: read }, outcome.report.sopInstanceUid, file.id);
    return await inTransaction(pool, (transaction) => storeOutcome(transaction, file, outcome), BY_KEYS);
  }

  async function ingest(sourceFileId: string, expected: ExpectedReport): Promise<Ingested> {
    const file = await find(sourceFileId);
    if (file === null) {
      throw new DxaflowError(
        'SOURCE_FILE_UNKNOWN',
        `There is no source file ${sourceFileId}; the job is left over from another database.`,
      );
    }
    const startedAt = performance.now();
    if (file.supersededById !== null) {
      return {
        state: 'refused',
        code: WENT_ON_GROWING,
        patientId: null,
        trace: null,
        losers: [],
        requeued: [],
        seconds: { read: 0, store: null },
      };
    }
    const outcome = await read(file);
    const readSeconds = secondsSince(startedAt);
    const readAt = performance.now();
    const stored = await store(file, outcome, expected);
    return { ...stored, seconds: { read: readSeconds, store: outcome.ok ? secondsSince(readAt) : null } };
  }

  return async (sourceFileId) => {
    for (let attempt = 1; ; attempt += 1) {
      const expected = expectReport();
      try {
        return await ingest(sourceFileId, expected);
      } catch (error) {
        // The mappings changed while it was read: it is read again after each change. A process of an earlier
        // release, which locks no instances, may have stored another file of this one's at the same moment.
        const overtaken = codeOf(error) === UNIQUE_VIOLATION && attempt < TRIES;
        if (codeOf(error) !== 'MAPPINGS_CHANGED' && !overtaken) throw error;
      } finally {
        expected.withdraw();
      }
    }
  };
}
