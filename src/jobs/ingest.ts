import { inTransaction, type Pool } from '../db/pool.ts';
import { removeReport, replaceReport, type Stored, storeReport } from '../db/report.ts';
import { findSourceFile, recordOutcome, type SourceFile } from '../db/source-file.ts';
import { READER_VERSION } from '../dicom/read-report.ts';
import type { NormalisedReport } from '../dxa/report.ts';
import { codeOf, DxaflowError } from '../errors.ts';
import { readArchived } from './archive.ts';
import type { ReadingPool } from './reading-pool.ts';

export type IngestContext = { readonly pool: Pool; readonly archiveDir: string; readonly reader: ReadingPool };

export type Ingested = {
  readonly state: 'stored' | 'refused' | 'conflicted';
  readonly code: string | null;
  /** Set when the patient must be judged again. */
  readonly patientId: string | null;
  /** What leads on from the file: its report, and the revision of its patient that a later assessment names. */
  readonly trace: { readonly report: string; readonly patient: string; readonly revision: string } | null;
  /** How long the stages took; null for one that was not reached. */
  readonly seconds: { readonly read: number; readonly store: number | null };
};

const secondsSince = (startedAt: number) => (performance.now() - startedAt) / 1000;

const UNIQUE_VIOLATION = '23505';

/** Most files are new, and cost one statement; the others take the place of what is there. */
async function store(pool: Pool, report: NormalisedReport, file: SourceFile): Promise<Stored> {
  if (file.state === 'received') {
    try {
      return await storeReport(pool, report, file.id, READER_VERSION);
    } catch (error) {
      if (codeOf(error) !== UNIQUE_VIOLATION) throw error;
    }
  }
  return await inTransaction(pool, (transaction) => replaceReport(transaction, report, file, READER_VERSION));
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
  if (!outcome.ok) {
    const { code, path, facts, sopInstanceUid, findings } = outcome;
    const refused = { reasonPath: path, reasonFacts: facts, sopInstanceUid, readerVersion: READER_VERSION };
    await inTransaction(pool, async (transaction) => {
      // What an earlier adapter made of the file does not outlive its refusal.
      if (file.state !== 'received') await removeReport(transaction, sourceFileId);
      await recordOutcome(transaction, sourceFileId, { ...refused, state: 'refused', reasonCode: code }, findings);
    });
    return { state: 'refused', code, patientId: null, trace: null, seconds: { read: readSeconds, store: null } };
  }
  const { report } = outcome;
  const readAt = performance.now();
  const stored = await store(pool, report, file);
  const seconds = { read: readSeconds, store: secondsSince(readAt) };
  if (stored.ok) {
    const { patientId, revision, reportId } = stored;
    const trace = { report: reportId, patient: patientId, revision };
    return { state: 'stored', code: null, patientId, trace, seconds };
  }
  const conflicted = { reasonPath: null, reasonFacts: {}, sopInstanceUid: report.sopInstanceUid };
  await recordOutcome(
    pool,
    sourceFileId,
    { ...conflicted, state: 'conflicted', reasonCode: stored.code, readerVersion: READER_VERSION },
    report.findings,
  );
  return { state: 'conflicted', code: stored.code, patientId: null, trace: null, seconds };
}

/** Notes that processing broke for good, so that the file shows up in a QA list instead of only in the queue. */
export async function recordIngestFailure(pool: Pool, sourceFileId: string, error: unknown): Promise<void> {
  const code = error instanceof DxaflowError ? error.code : 'PROCESSING_FAILED';
  await recordOutcome(
    pool,
    sourceFileId,
    {
      state: 'failed',
      reasonCode: code,
      reasonPath: null,
      reasonFacts: { cause: codeOf(error) },
      sopInstanceUid: null,
      readerVersion: READER_VERSION,
    },
    [],
  );
}
