import { maybeAnotherPerson } from '../discordance/whose-scan.ts';
import { ageOn, compareText, dayOf } from '../study/chronology.ts';
import type { PatientContext } from '../study/context.ts';
import type { PatientHistory } from '../study/history.ts';
import { treatmentCourses } from '../study/treatment-course.ts';
import { visitsByStudy, visitsOf } from '../study/visits.ts';
import type { Assessment, Comparison, DiscordanceCase } from '../values/assessment.ts';
import type { Region } from '../values/region.ts';
import type { AssessmentSettings } from '../values/settings.ts';
import { DENOSUMAB_EXPLANATIONS } from './denosumab.ts';
import { type CaseView, EXPLANATION_BASES, type Explanation, type ExplanationRule } from './explanation.ts';
import { IDENTITY_EXPLANATIONS } from './identity.ts';
import { LOSS_EXPLANATIONS } from './loss.ts';
import { MEASUREMENT_EXPLANATIONS } from './measurement.ts';
import { SPINE_ARTEFACT_EXPLANATIONS } from './spine-artefact.ts';
import { TREATMENT_EXPLANATIONS } from './treatment.ts';
import { WEIGHT_EXPLANATIONS } from './weight.ts';

export const EXPLANATION_RULES: readonly ExplanationRule[] = [
  ...IDENTITY_EXPLANATIONS,
  ...MEASUREMENT_EXPLANATIONS,
  ...SPINE_ARTEFACT_EXPLANATIONS,
  ...WEIGHT_EXPLANATIONS,
  ...DENOSUMAB_EXPLANATIONS,
  ...TREATMENT_EXPLANATIONS,
  ...LOSS_EXPLANATIONS,
];

/**
 * What could lie behind a case, the likeliest first: whatever was measured in this case before all that is only generally
 * likely. Throws a RangeError when the case is not of this history.
 */
export function explainCase(
  found: DiscordanceCase,
  assessment: Pick<Assessment, 'comparisons'>,
  history: PatientHistory,
  context: PatientContext,
  settings: AssessmentSettings,
): readonly Explanation[] {
  const view = viewOf(found, assessment.comparisons, history, context, settings);
  const asksWhose = found.rule === maybeAnotherPerson.code;
  return rankExplanations(
    EXPLANATION_RULES.filter(({ ofIdentity }) => !asksWhose || ofIdentity === true).flatMap(
      ({ code, group, basis, source, weight, weigh }): readonly Explanation[] => {
        const weighed = weigh(view);
        return weighed === null ? [] : [{ code, group, basis, source, weight, ...weighed }];
      },
    ),
  );
}

const rankOf = ({ basis }: Pick<ExplanationRule | Explanation, 'basis'>) =>
  EXPLANATION_BASES.indexOf(basis ?? 'measured');

/** Measured before likely, whatever the weights; within each by weight, then by code. */
export function rankExplanations<T extends Pick<Explanation, 'basis' | 'weight' | 'code'>>(
  explanations: readonly T[],
): readonly T[] {
  return explanations.toSorted((a, b) => rankOf(a) - rankOf(b) || b.weight - a.weight || compareText(a.code, b.code));
}

/** Where a loss is looked for an explanation. */
const LOSS_REGIONS: readonly Region[] = ['spine', 'total_hip', 'femoral_neck', 'radius_33'];

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
  const ofStudy = all.filter((one) => one.kind === 'previous' && found.studyIds.includes(one.followUp.studyId));
  const at = (index: number) => {
    const comparison = all[index];
    if (comparison === undefined) throw new RangeError(`comparison ${index} of the case is not in the assessment`);
    return comparison;
  };
  const named = found.comparisons.map(at);
  const supporting = found.supporting.flatMap((one) => one.comparisons).map(at);
  const comparisons = found.rule === maybeAnotherPerson.code ? ofStudy : [...new Set([...named, ...supporting])];
  return {
    found,
    followUp,
    day: dayOf(followUp.scannedAt),
    studies,
    named,
    comparisons,
    ofStudy,
    spine: comparisons.find(({ roi }) => roi.region === 'spine') ?? null,
    hip: comparisons.find(({ roi }) => roi.region === 'total_hip' || roi.region === 'femoral_neck') ?? null,
    radius: comparisons.find(({ roi }) => roi.region === 'radius_33') ?? null,
    fell: comparisons.filter(({ roi, verdict }) => verdict === 'down' && LOSS_REGIONS.includes(roi.region)),
    age: followUp.birthDate === null ? null : ageOn(followUp.birthDate, followUp.scannedAt),
    context,
    courses: treatmentCourses(context.therapies ?? [], settings),
    settings,
  };
}
