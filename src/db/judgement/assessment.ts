import type { WithdrawnReason } from '../../dxa/cases/case-decision.ts';
import type { Assessment } from '../../dxa/values/assessment.ts';
import { type CaseChange, type CaseOnFile, type JudgedCase, writeCases } from '../cases/case-judging.ts';
import type { Queryable } from '../pool.ts';
import { writeHistoryFindings } from '../records/history-finding.ts';
import type { AssessmentInput } from './assessment-input.ts';
import { writeComparisons } from './comparison-writing.ts';
import { endStrayRows } from './current-rows.ts';
import { changedFollowUps, type StudyFollowUp, writeFollowUpsAndRevision } from './study-follow-up.ts';
import { writeTrends } from './trend-writing.ts';
import { type VisitToWrite, writeVisits } from './visit-writing.ts';

/** Everything that one judgement of a patient says. */
export type Judgement = {
  readonly assessment: Assessment;
  readonly cases: readonly JudgedCase[];
  readonly followUps: readonly StudyFollowUp[];
  readonly visits: readonly VisitToWrite[];
  readonly withdrawalReason: (before: CaseOnFile) => WithdrawnReason;
};

export type WrittenAssessment = {
  readonly cases: readonly CaseChange[];
  /** Whether a comparison, a trend, a visit or a case came out differently than it was written. */
  readonly changed: boolean;
};

/** Writes a judgement and notes which revision of the patient it saw; run it in the transaction that holds the lock. */
export async function writeAssessment(
  database: Queryable,
  patientId: string,
  { revision, settingsVersion, claims, history, written }: AssessmentInput,
  { assessment, cases, followUps, visits, withdrawalReason }: Judgement,
): Promise<WrittenAssessment> {
  const { ruleSetVersion } = assessment;
  if (written.hasStrayRows) await endStrayRows(database, patientId);
  const studies = new Set(history.studies.map(({ studyId }) => studyId));
  const judgesFewer = written.followUps.some(({ studyId }) => !studies.has(studyId));
  if (history.findings.length > 0 || written.hasFindings || judgesFewer || history.isPhantom !== written.isPhantom) {
    await writeHistoryFindings(database, history);
  }
  const compared = await writeComparisons(
    database,
    patientId,
    assessment,
    claims,
    written.comparisonHashes,
    settingsVersion,
  );
  const trended = await writeTrends(database, patientId, assessment, written.trendHashes, settingsVersion);
  const visited = await writeVisits(database, patientId, ruleSetVersion, visits, written.visits);
  const changes =
    cases.length === 0 && !written.hasCases
      ? []
      : await writeCases(database, patientId, { ruleSetVersion, settingsVersion }, cases, withdrawalReason);
  if (changes.length > 0) await database.query('set local synchronous_commit to on');
  const lines = changedFollowUps(followUps, ruleSetVersion, written.followUps);
  await writeFollowUpsAndRevision(database, patientId, { revision, ruleSetVersion, settingsVersion }, lines);
  return { cases: changes, changed: written.hasStrayRows || compared || trended || visited || changes.length > 0 };
}
