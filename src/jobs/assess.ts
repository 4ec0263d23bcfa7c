import { lockPatientForAssessment, writeAssessment } from '../db/assessment.ts';
import { readAssessmentInput } from '../db/assessment-input.ts';
import type { CaseChange } from '../db/case-judging.ts';
import { readPatientContext } from '../db/context.ts';
import { readHistory } from '../db/history.ts';
import { writeHistoryFindings } from '../db/history-finding.ts';
import { inTransaction, type Pool, type Queryable } from '../db/pool.ts';
import { assessPatient } from '../dxa/assess-patient.ts';
import type { AssessmentSettings } from '../dxa/settings.ts';
import { followUpsOf } from './follow-up-of-study.ts';
import { judgeCases, reasonGone } from './judge-cases.ts';

export type Assessed = {
  /** Revision of the patient that was judged; every report stored with this one or an earlier one was seen. */
  readonly revision: string;
  readonly cases: readonly CaseChange[];
};

/**
 * Judges one patient anew from everything stored and writes what differs. Repeating it changes nothing; two at once on
 * one patient take turns. Null when there is no such patient: the job is left over from another database.
 */
export async function assessStoredPatient(
  pool: Pool,
  patientId: string,
  settings: AssessmentSettings,
): Promise<Assessed | null> {
  return await inTransaction(pool, (transaction) => assessInTransaction(transaction, patientId, settings));
}

/** The same in the caller's transaction, which may hold more than this one judgement or end in a rollback. */
export async function assessInTransaction(
  transaction: Queryable,
  patientId: string,
  settings: AssessmentSettings,
): Promise<Assessed | null> {
  await lockPatientForAssessment(transaction, patientId);
  // The revision is read before the scans: what comes in between is judged again rather than taken as seen.
  const input = await readAssessmentInput(transaction, patientId);
  if (input === null) return null;
  const { pinnedBaselines, revision } = input;
  const history = { ...(await readHistory(transaction, patientId)), pinnedBaselines };
  const assessment = assessPatient(history, input, settings);
  await writeHistoryFindings(transaction, history);
  const context = await readPatientContext(transaction, patientId);
  const cases = await writeAssessment(transaction, patientId, input, {
    assessment,
    cases: judgeCases(assessment, history, context, settings),
    followUps: followUpsOf(history, assessment, settings),
    reasonGone: (before) => reasonGone(assessment, before),
  });
  return { revision, cases };
}
