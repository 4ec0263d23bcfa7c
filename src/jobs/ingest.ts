import { inTransaction, type Pool } from '../db/pool.ts';
import { type Stored, storeReport } from '../db/report.ts';
import { findSourceFile, recordOutcome } from '../db/source-file.ts';
import { READER_VERSION } from '../dicom/read-report.ts';
import { codeOf, DxaflowError } from '../errors.ts';
import { readArchived } from './archive.ts';
import type { ReadingPool } from './reading-pool.ts';

export type IngestContext = { readonly pool: Pool; readonly archiveDir: string; readonly reader: ReadingPool };

export type Ingested = {
  readonly state: 'stored' | 'refused' | 'conflicted';
  readonly code: string | null;
  /** Set when the patient must be judged again. */
  readonly patientId: string | null;
};

class StoreConflict extends Error {
  readonly conflict: Extract<Stored, { ok: false }>['code'];
  constructor(conflict: Extract<Stored, { ok: false }>['code']) {
    super(conflict);
    this.conflict = conflict;
  }
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
  const bytes = await readArchived(context.archiveDir, file.archivePath, file.sha256);
  const outcome = await context.reader.read(bytes);
  if (!outcome.ok) {
    const { code, path, facts, sopInstanceUid, findings } = outcome;
    await recordOutcome(
      pool,
      sourceFileId,
      {
        state: 'refused',
        reasonCode: code,
        reasonPath: path,
        reasonFacts: facts,
        sopInstanceUid,
        readerVersion: READER_VERSION,
      },
      findings,
    );
    return { state: 'refused', code, patientId: null };
  }
  const { report } = outcome;
  const done = {
    reasonPath: null,
    reasonFacts: {},
    sopInstanceUid: report.sopInstanceUid,
    readerVersion: READER_VERSION,
  };
  try {
    const patientId = await inTransaction(pool, async (transaction) => {
      const stored = await storeReport(transaction, report, sourceFileId, READER_VERSION);
      if (!stored.ok) throw new StoreConflict(stored.code);
      await recordOutcome(transaction, sourceFileId, { ...done, state: 'stored', reasonCode: null }, report.findings);
      return stored.patientId;
    });
    return { state: 'stored', code: null, patientId };
  } catch (error) {
    if (!(error instanceof StoreConflict)) throw error;
    await recordOutcome(
      pool,
      sourceFileId,
      { ...done, state: 'conflicted', reasonCode: error.conflict },
      report.findings,
    );
    return { state: 'conflicted', code: error.conflict, patientId: null };
  }
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
