import type { CaseChange, JudgedCase } from '../../db/cases/case-judging.ts';
import { writeAssessment } from '../../db/judgement/assessment.ts';
import { type AssessmentInput, type LastJudgement, readAssessmentInput } from '../../db/judgement/assessment-input.ts';
import { lockPatientsForAssessment } from '../../db/locks.ts';
import { inTransaction, type Pool, type Queryable, TO_JUDGE } from '../../db/pool.ts';
import { readPatientContext } from '../../db/records/context.ts';
import type { HistoryFinding } from '../../db/records/history.ts';
import { assessPatient } from '../../dxa/assess-patient.ts';
import { reportVisits } from '../../dxa/report/follow-up-text.ts';
import type { PatientHistory } from '../../dxa/study/history.ts';
import type { Assessment } from '../../dxa/values/assessment.ts';
import { regionKey, scanTypeOf } from '../../dxa/values/region.ts';
import type { AssessmentSettings, Settings } from '../../dxa/values/settings.ts';
import { followUpsOf } from './follow-up-of-study.ts';
import { isWork, judgeCases, withdrawalReason } from './judge-cases.ts';

export type Assessed = {
  /** Revision of the patient that was judged; every report stored with this one or an earlier one was seen. */
  readonly revision: string;
  /** Of the settings that judged. */
  readonly settingsVersion: string;
  readonly cases: readonly CaseChange[];
  /** Whether a comparison, a trend, a visit or a case came out differently than it was written. */
  readonly changed: boolean;
  readonly before: LastJudgement;
};

/**
 * Reassesses one patient from everything stored and writes what differs. Repeating it changes nothing; two at once on
 * one patient take turns. Null when there is no such patient: the job is left over from another database.
 */
export async function assessStoredPatient(pool: Pool, patientId: string): Promise<Assessed | null> {
  return await inTransaction(pool, (transaction) => assessInTransaction(transaction, patientId, null), TO_JUDGE);
}

/** Settings in the place of those in force, for a judgement that will be rolled back. */
export type TrialSettings = (inForce: Settings) => Settings;

/**
 * The same in the caller's transaction `TO_JUDGE`, which may hold more than this one judgement or end in a rollback. The
 * settings are those in force at the moment of the data, unless it is a trial.
 */
export async function assessInTransaction(
  transaction: Queryable,
  patientId: string,
  trial: TrialSettings | null,
): Promise<Assessed | null> {
  await lockPatientsForAssessment(transaction, [patientId]);
  const input = await readAssessmentInput(transaction, patientId);
  if (input === null) return null;
  const { pinnedBaselines, identityAnswers, revision, settingsVersion, before, outOfUse } = input;
  const settings = trial === null ? input.settings : trial(input.settings);
  const findings = [...input.history.findings, ...pinsOutOfUse(input)];
  const history = { ...input.history, pinnedBaselines, identityAnswers, findings };
  const gone = new Set(outOfUse.map(({ sopInstanceUid }) => sopInstanceUid));
  const assessment = assessPatient(history, input, settings);
  const { cases, changed } = await writeAssessment(
    transaction,
    patientId,
    { ...input, history },
    {
      assessment,
      cases: await casesOf(transaction, assessment, history, settings),
      followUps: followUpsOf(history, assessment, settings),
      visits: [
        ...reportVisits({ assessment, history, onFile: input, settings }),
        ...history.undated.map((visit) => ({ ...visit, report: '' })),
      ],
      withdrawalReason: (before) => withdrawalReason(assessment, before, gone),
    },
  );
  return { revision, settingsVersion, cases, changed, before };
}

/** Pinned baselines whose scan is out of use: the first comparable scan is used instead, and this is reported. */
function pinsOutOfUse({ pinnedBaselines, history, outOfUse }: AssessmentInput): readonly HistoryFinding[] {
  const studies = new Map(history.studies.map((study) => [study.studyId, study]));
  return pinnedBaselines
    .filter(({ studyId, region, laterality }) => {
      const measured = studies
        .get(studyId)
        ?.measurements.some(
          (one) => one.roi.region === region && (laterality === 'mean' || one.laterality === laterality),
        );
      return measured !== true && outOfUse.some((one) => one.studyId === studyId);
    })
    .map(({ studyId, region, laterality }) => ({
      code: 'PINNED_BASELINE_OUT_OF_USE',
      subject: regionKey({ scanType: scanTypeOf(region), roi: { region, vertebrae: [] }, laterality }),
      studyId,
    }));
}

/** What is known of a patient beside the scans only speaks to cases, which few patients have. */
async function casesOf(
  transaction: Queryable,
  assessment: Assessment,
  history: PatientHistory,
  settings: AssessmentSettings,
): Promise<readonly JudgedCase[]> {
  if (!assessment.cases.some(isWork)) return [];
  return judgeCases(assessment, history, await readPatientContext(transaction, history.patientId), settings);
}
