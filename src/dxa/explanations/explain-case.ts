import { ageOn, compareText } from '../study/chronology.ts';
import type { PatientContext } from '../study/context.ts';
import type { PatientHistory } from '../study/history.ts';
import { visitsByStudy, visitsOf } from '../study/visits.ts';
import type { Assessment, Comparison, DiscordanceCase } from '../values/assessment.ts';
import type { AssessmentSettings } from '../values/settings.ts';
import { type CaseView, type Explanation, type ExplanationRule, isKeyPattern } from './explanation.ts';
import { MEASUREMENT_EXPLANATIONS } from './measurement.ts';
import { SITE_SPECIFIC_EXPLANATIONS } from './site-specific-loss.ts';
import { SPINE_ARTEFACT_EXPLANATIONS } from './spine-artefact.ts';
import { TREATMENT_EXPLANATIONS } from './treatment.ts';
import { WEIGHT_EXPLANATIONS } from './weight.ts';

export const EXPLANATION_RULES: readonly ExplanationRule[] = [
  ...MEASUREMENT_EXPLANATIONS,
  ...SPINE_ARTEFACT_EXPLANATIONS,
  ...WEIGHT_EXPLANATIONS,
  ...TREATMENT_EXPLANATIONS,
  ...SITE_SPECIFIC_EXPLANATIONS,
];

/**
 * What could lie behind a case, the likeliest first: measured evidence before what is only generally likely. Throws a
 * RangeError when the case is not of this history.
 */
export function explainCase(
  found: DiscordanceCase,
  assessment: Pick<Assessment, 'comparisons'>,
  history: PatientHistory,
  context: PatientContext,
  settings: AssessmentSettings,
): readonly Explanation[] {
  const view = viewOf(found, assessment.comparisons, history, context, settings);
  const keyPattern = isKeyPattern(view);
  return EXPLANATION_RULES.flatMap((rule): readonly Explanation[] => {
    const weighed = rule.weigh(view);
    if (weighed === null) return [];
    const weight = keyPattern ? rule.weight : (rule.weightOutsideKeyPattern ?? rule.weight);
    return [{ code: rule.code, group: rule.group, source: rule.source, weight, ...weighed }];
  }).sort((a, b) => b.weight - a.weight || compareText(a.code, b.code));
}

function viewOf(
  found: DiscordanceCase,
  all: readonly Comparison[],
  history: PatientHistory,
  context: PatientContext,
  settings: AssessmentSettings,
): CaseView {
  const studies = visitsByStudy(visitsOf(history.studies));
  const followUp = studies.get(found.followUpStudyId);
  if (followUp === undefined) throw new RangeError(`study ${found.followUpStudyId} of the case is not in the history`);
  const comparisons = found.comparisons.map((index) => {
    const comparison = all[index];
    if (comparison === undefined) throw new RangeError(`comparison ${index} of the case is not in the assessment`);
    return comparison;
  });
  return {
    found,
    followUp,
    studies,
    comparisons,
    ofStudy: all.filter((one) => one.kind === 'previous' && found.studyIds.includes(one.followUp.studyId)),
    spine: comparisons.find(({ roi }) => roi.region === 'spine') ?? null,
    hip: comparisons.find(({ roi }) => roi.region === 'total_hip' || roi.region === 'femoral_neck') ?? null,
    age: followUp.birthDate === null ? null : ageOn(followUp.birthDate, followUp.scannedAt),
    context,
    settings,
  };
}
