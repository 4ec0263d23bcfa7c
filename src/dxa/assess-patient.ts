import { compareHistory } from './change/longitudinal.ts';
import { scansBySite, trendsOf } from './change/region-trend.ts';
import { evaluateVisits } from './discordance/evaluate.ts';
import type { IdentityAnswer, OnFile, PatientHistory } from './study/history.ts';
import { type Visit, visitsByStudy, visitsOf } from './study/visits.ts';
import type { Assessment } from './values/assessment.ts';
import type { AssessmentSettings } from './values/settings.ts';

/** Raised with every change that can change a verdict, a check or a case; stored with each of them. */
export const RULE_SET_VERSION = '6';

/**
 * Judges everything that a patient's studies say about change, visit by visit. A function of its arguments alone: the same
 * studies give the same assessment, byte for byte, in whatever order they arrived.
 */
export function assessPatient(history: PatientHistory, onFile: OnFile, settings: AssessmentSettings): Assessment {
  const context = { onFile, settings };
  const visits = visitsOf(history.studies);
  const answers = answersOf(history, visits);
  const compared = {
    ...history,
    studies: visits.filter(({ studyId }) => answers.get(studyId) !== 'other_person'),
    pinnedBaselines: pinsOf(history, visits),
  };
  const comparisons = compareHistory(compared, context);
  const scans = scansBySite(compared, context);
  return {
    ruleSetVersion: RULE_SET_VERSION,
    comparisons,
    trends: trendsOf(scans, context),
    ...evaluateVisits({ visits, comparisons, scans, answers, context }),
  };
}

/** What a person said of each visit, by its first study; "other person" where the answers of its studies differ. */
function answersOf(
  { identityAnswers = [] }: PatientHistory,
  visits: readonly Visit[],
): ReadonlyMap<string, IdentityAnswer['answer']> {
  return new Map(
    visits.flatMap(({ studyId, studyIds }) => {
      const answers = identityAnswers.filter((one) => studyIds.includes(one.studyId)).map(({ answer }) => answer);
      if (answers.length === 0) return [];
      return [[studyId, answers.includes('other_person') ? 'other_person' : 'same_person'] as const];
    }),
  );
}

/** A study that is pinned as a baseline stands for its visit. */
function pinsOf({ pinnedBaselines = [] }: PatientHistory, visits: readonly Visit[]) {
  const byStudy = visitsByStudy(visits);
  return pinnedBaselines.map((pin) => ({ ...pin, studyId: byStudy.get(pin.studyId)?.studyId ?? pin.studyId }));
}
