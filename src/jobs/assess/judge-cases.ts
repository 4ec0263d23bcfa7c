import type { CaseOnFile, JudgedCase } from '../../db/cases/case-judging.ts';
import type { WithdrawnReason } from '../../dxa/cases/case-decision.ts';
import { evidenceOf, hashEvidence } from '../../dxa/cases/case-evidence.ts';
import { checklistFor } from '../../dxa/explanations/checklist.ts';
import { explainCase } from '../../dxa/explanations/explain-case.ts';
import { dayOf } from '../../dxa/study/chronology.ts';
import type { PatientContext } from '../../dxa/study/context.ts';
import type { PatientHistory } from '../../dxa/study/history.ts';
import type { Assessment, RuleTier } from '../../dxa/values/assessment.ts';
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
  const studies = new Map(history.studies.map((study) => [study.studyId, study]));
  const checklist = checklistFor(context);
  return assessment.cases.filter(isWork).flatMap((found) => {
    const study = studies.get(found.followUpStudyId);
    if (study === undefined) return [];
    const { comparisons: _comparisons, ...rest } = found;
    const evidence = evidenceOf(found, assessment, history);
    return [
      {
        ...rest,
        followUpOn: dayOf(study.scannedAt),
        scannerKey: study.measurements[0]?.scanner.scannerId ?? '',
        evidence,
        evidenceHash: hashEvidence(found, evidence),
        explanations: explainCase(found, assessment, history, context, settings),
        checklist,
      },
    ];
  });
}

const JUDGED: readonly string[] = ['up', 'down', 'not_significant'];

/** Every place of a value that the case looked at, "SOP Instance UID#tree path". */
const sourcesOf = ({ comparisons, measured = [] }: CaseOnFile['evidence']) => [
  ...comparisons.flatMap(({ reference, followUp }) => [...reference.sources, ...followUp.sources]),
  ...measured.map(({ source }) => source),
];

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
  const ofStudy = <T extends { readonly followUpStudyId: string }>(one: T) =>
    one.followUpStudyId === before.followUpStudyId;
  if (assessment.cases.filter(ofStudy).some(({ rule, tier }) => rule === before.rule && isWork({ tier }))) {
    return 'OTHER_REGIONS_FLAGGED';
  }
  const stillJudged = new Set(
    assessment.comparisons
      .filter(({ followUp, verdict }) => followUp.studyId === before.followUpStudyId && JUDGED.includes(verdict))
      .map(({ roi }) => roi.region),
  );
  const compared = before.evidence.comparisons.map(({ region }) => region);
  return compared.every((region) => stillJudged.has(region)) ? 'NO_LONGER_FLAGGED' : 'NO_LONGER_COMPARABLE';
}
