import type { SourceFile } from '../../db/files/source-file.ts';
import { holdFiles, holdPatients, lockInstances, lockPatientsForAssessment, lockStoring } from '../../db/locks.ts';
import { findConcerned } from '../../db/night/concerned.ts';
import type { Queryable } from '../../db/pool.ts';
import { listAffected } from '../../db/rejection/settle.ts';
import type { ReadOutcome } from '../ingest/read-thread.ts';

export type ReadFile = { readonly file: SourceFile; readonly outcome: ReadOutcome };

/**
 * Takes every lock that storing these files again and judging their patients needs, in the one order (locks.ts): a night
 * stores and judges in one transaction, and would otherwise hold rows while it waits for the right to judge. Returns the
 * patients who may be judged.
 */
export async function lockForRedoing(
  transaction: Queryable,
  read: readonly ReadFile[],
  patientId: string | null,
): Promise<ReadonlySet<string>> {
  const sopInstanceUids = read.flatMap(({ file, outcome }) => {
    const uid = outcome.ok ? outcome.report.sopInstanceUid : outcome.sopInstanceUid;
    return [uid, file.sopInstanceUid].filter((one) => one != null);
  });
  const fileIds = read.map(({ file }) => file.id);
  const named = read.flatMap(({ outcome }) => (outcome.ok ? [outcome.report] : []));
  const notes = read.flatMap(({ outcome }) => (outcome.ok || outcome.note === undefined ? [] : [outcome.note]));
  const rejected = notes.flatMap(({ names }) => names.map((one) => one.sopInstanceUid));
  const affected = await listAffected(transaction, [...sopInstanceUids, ...rejected]);
  const concerned = await findConcerned(transaction, { fileIds, sopInstanceUids: affected, patientId, named });
  await lockPatientsForAssessment(transaction, concerned.judged);
  if (affected.length > new Set(sopInstanceUids).size) await lockStoring(transaction);
  await lockInstances(transaction, sopInstanceUids);
  await holdFiles(transaction, fileIds, sopInstanceUids);
  await holdPatients(transaction, concerned.touched);
  return new Set(concerned.judged);
}
