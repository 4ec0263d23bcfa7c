import { lockPatientForAssessment, writeAssessment } from '../db/assessment.ts';
import type { CaseChange } from '../db/case-judging.ts';
import { readPatientContext } from '../db/context.ts';
import { readHistory } from '../db/history.ts';
import { readLscOf } from '../db/lsc.ts';
import { inTransaction, type Pool } from '../db/pool.ts';
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
  return await inTransaction(pool, async (transaction) => {
    const patient = await lockPatientForAssessment(transaction, patientId);
    if (patient === null) return null;
    const history = await readHistory(transaction, patientId);
    const scannerIds = history.studies.flatMap((study) => study.measurements.map(({ scanner }) => scanner.scannerId));
    const lscEntries = await readLscOf(transaction, [...new Set(scannerIds)]);
    const assessment = assessPatient(history, { lscEntries, crossCalibrations: [], scannerEpochs: [] }, settings);
    const context = await readPatientContext(transaction, patientId);
    const cases = await writeAssessment(transaction, patientId, patient.revision, {
      assessment,
      cases: judgeCases(assessment, history, context, settings),
      followUps: followUpsOf(history, assessment, settings),
      reasonGone: (before) => reasonGone(assessment, before),
    });
    return { revision: patient.revision, cases };
  });
}
