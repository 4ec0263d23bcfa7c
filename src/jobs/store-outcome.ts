import type { Queryable } from '../db/pool.ts';
import { removeReport, replaceReport } from '../db/report.ts';
import { keepReport, READER_FAILURES, recordOutcome, type SourceFile } from '../db/source-file.ts';
import type { ReadOutcome } from './read-thread.ts';
import { READING_VERSION } from './versions.ts';

export type StoredOutcome = {
  readonly state: 'stored' | 'refused' | 'conflicted';
  /** Why it was not stored; of a stored file why a later reading failed, whose earlier report stands. */
  readonly code: string | null;
  /** Set when the patient must be judged again. */
  readonly patientId: string | null;
  /** What leads on from the file: its report, and the revision of its patient that a later assessment names. */
  readonly trace: { readonly report: string; readonly patient: string; readonly revision: string } | null;
};

/**
 * Writes what reading a file gave, in place of whatever an earlier reading wrote; run it inside a transaction. The same
 * outcome again gives the same rows.
 */
export async function storeOutcome(
  transaction: Queryable,
  file: SourceFile,
  outcome: ReadOutcome,
): Promise<StoredOutcome> {
  if (!outcome.ok) {
    const { code, path, facts, sopInstanceUid, findings } = outcome;
    const refused = { reasonPath: path, reasonFacts: facts, sopInstanceUid, readerVersion: READING_VERSION };
    if (READER_FAILURES.includes(code) && (await keepReport(transaction, file.id, code))) {
      return { state: 'stored', code, patientId: null, trace: null };
    }
    // What an earlier reading made of the file does not outlive its refusal; a file to be read again is `received` too.
    if (file.attempts > 0) await removeReport(transaction, file.id);
    await recordOutcome(transaction, file.id, { ...refused, state: 'refused', reasonCode: code }, findings);
    return { state: 'refused', code, patientId: null, trace: null };
  }
  const { report } = outcome;
  const stored = await replaceReport(transaction, report, file);
  if (stored.ok) {
    const { patientId, revision, reportId } = stored;
    const trace = { report: reportId, patient: patientId, revision };
    return { state: 'stored', code: null, patientId, trace };
  }
  const conflicted = { reasonPath: null, reasonFacts: {}, sopInstanceUid: report.sopInstanceUid };
  await recordOutcome(
    transaction,
    file.id,
    { ...conflicted, state: 'conflicted', reasonCode: stored.code, readerVersion: READING_VERSION },
    report.findings,
  );
  return { state: 'conflicted', code: stored.code, patientId: null, trace: null };
}
