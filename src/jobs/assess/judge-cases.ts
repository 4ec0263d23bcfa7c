import type { CaseOnFile, JudgedCase } from '../../db/cases/case-judging.ts';
import type { WithdrawnReason } from '../../dxa/cases/case-decision.ts';
import { evidenceOf, hashEvidence, sourcesOf } from '../../dxa/cases/case-evidence.ts';
import { maybeAnotherPerson } from '../../dxa/discordance/whose-scan.ts';
import { checklistFor } from '../../dxa/explanations/checklist.ts';
import { explainCase } from '../../dxa/explanations/explain-case.ts';
import { dayOf } from '../../dxa/study/chronology.ts';
import type { PatientContext } from '../../dxa/study/context.ts';
import type { PatientHistory } from '../../dxa/study/history.ts';
import { visitsByStudy, visitsOf } from '../../dxa/study/visits.ts';
import type { AssessedVisit, Assessment, DiscordanceCase, RuleTier } from '../../dxa/values/assessment.ts';
import type { AssessmentSettings } from '../../dxa/values/settings.ts';

/** Information is kept in the comparisons; a case is work for a person. */
export const isWork = ({ tier }: { readonly tier: RuleTier }): boolean => tier !== 'information';

/** The cases of an assessment with evidence, ranked explanations and checklist. */
export function judgeCases(
  assessment: Assessment,
  history: PatientHistory,
  context: PatientContext,
  settings: AssessmentSettings,
): readonly JudgedCase[] {
  const visits = visitsByStudy(visitsOf(history.studies));
  return assessment.cases.filter(isWork).flatMap((found) => {
    const visit = visits.get(found.followUpStudyId);
    if (visit === undefined) return [];
    const evidence = evidenceOf(found, assessment, history);
    return [
      {
        rule: found.rule,
        tier: found.tier,
        topic: found.topic,
        caseKey: found.caseKey,
        followUpStudyId: found.followUpStudyId,
        studyIds: found.studyIds,
        regionPair: found.regionPair,
        strength: found.strength,
        statement: found.statement,
        followUpOn: dayOf(visit.scannedAt),
        scannerKey: visit.measurements[0]?.scanner.scannerId ?? '',
        evidence,
        evidenceHash: hashEvidence(found, evidence),
        explanations: explainCase(found, assessment, history, context, settings),
        checklist: checklistFor({ found, day: dayOf(visit.scannedAt), context, settings }),
      },
    ];
  });
}

const JUDGED: readonly string[] = ['up', 'down', 'not_significant'];

/**
 * Why an earlier case is not among those found now. `outOfUse`: SOP Instance UIDs
 * of the patient's reports that count no more.
 */
export function withdrawalReason(
  assessment: Assessment,
  before: CaseOnFile,
  outOfUse: ReadonlySet<string>,
): WithdrawnReason {
  if (sourcesOf(before.evidence).some((source) => outOfUse.has(source.split('#')[0] ?? ''))) return 'VALUES_OUT_OF_USE';
  const ofVisit = assessment.cases.filter(({ studyIds }) => overlap(studyIds, before.studyIds));
  if (assessment.visits.some(isOthers(before))) return 'SCAN_OF_ANOTHER_PERSON';
  if (ofVisit.some(isFolded(before))) return 'WHOSE_SCAN_IS_OPEN';
  if (ofVisit.some((one) => isWork(one) && one.caseKey === before.caseKey)) return 'PART_OF_ANOTHER_CASE';
  if (ofVisit.some(({ rule, tier }) => rule === before.rule && isWork({ tier }))) return 'OTHER_REGIONS_FLAGGED';
  const stillJudged = new Set(
    assessment.comparisons
      .filter(({ followUp, verdict }) => before.studyIds.includes(followUp.studyId) && JUDGED.includes(verdict))
      .map(({ roi }) => roi.region),
  );
  const compared = before.evidence.comparisons.map(({ region }) => region);
  return compared.every((region) => stillJudged.has(region)) ? 'NO_LONGER_FLAGGED' : 'NO_LONGER_COMPARABLE';
}

const overlap = (one: readonly string[], other: readonly string[]) => one.some((id) => other.includes(id));

/** True for a case "whose scan is this?" that what the rule of the earlier case saw supports. */
const isFolded =
  (before: CaseOnFile) =>
  ({ rule, supporting }: DiscordanceCase) =>
    rule === maybeAnotherPerson.code && supporting.some((one) => one.rule === before.rule);

const isOthers =
  (before: CaseOnFile) =>
  ({ studyIds, remarks }: AssessedVisit) =>
    overlap(studyIds, before.studyIds) && remarks.some(({ code }) => code === 'OTHER_PERSON');
