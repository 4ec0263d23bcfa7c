import { printTenths, type RegionTScore, sameReference, tScoresOf } from '../scan/t-score.ts';
import { ageOn, compareText } from '../study/chronology.ts';
import type { StudyOfPatient } from '../study/history.ts';
import type { QuotedValue } from '../values/assessment.ts';
import { diagnosticDiscordance, type TScoreClass } from '../values/classification.ts';
import type { Region, Vertebra } from '../values/region.ts';
import type { IsoDate } from '../values/report.ts';
import type { AssessmentSettings } from '../values/settings.ts';
import { describeChange, sentence, siteKey, siteName } from '../values/wording.ts';
import type { DiscordanceRule, FollowUpView, IndexedComparison, RuleHit } from './rule.ts';

const CLASS_REGIONS: readonly Region[] = ['spine', 'total_hip', 'femoral_neck'];
const CLASS_ORDER: readonly TScoreClass[] = ['osteoporosis', 'low_bone_mass', 'normal'];

/** D8: normal at one of spine and total hip, osteoporosis at the other (Woodson 2000: 5 %; VERIFIED). */
export const majorDiscordance: DiscordanceRule = {
  code: 'D8_MAJOR_T_SCORE_DISCORDANCE',
  tier: 'check',
  topic: 'discordance',
  saidOnce: (view) => spineAndHip(view) !== null,
  needs: 'T-scores of the lumbar spine and of a total hip against one reference, from the age of 50 on',
  says: 'The T-scores of spine and total hip are two classes apart.',
  source: 'clinical-rules 4.1 D8, R3.6; surveillance 3',
  reads: ['t_scores'],
  evaluate: (view) => crossSectional(view, 'major'),
};

/** D9: one class apart, in 39-44 % of patients: information, never a case (clinical-rules 8.5, VERIFIED). */
export const minorDiscordance: DiscordanceRule = {
  code: 'D9_MINOR_T_SCORE_DISCORDANCE',
  tier: 'information',
  topic: 'discordance',
  needs: 'T-scores of the lumbar spine and of a total hip against one reference, from the age of 50 on',
  says: 'The T-scores of spine and total hip are one class apart.',
  source: 'clinical-rules 4.1 D9, R3.6',
  reads: ['t_scores'],
  evaluate: (view) => crossSectional(view, 'minor'),
};

/**
 * D10: the T-score class changed though BMD did not change significantly (R3.8; Berry 2018: 31 % of pairs). A line, not a
 * case: where a site near a limit falls on either side of it by chance, nothing happened (surveillance 3).
 */
export const classShiftNotSignificant: DiscordanceRule = {
  code: 'D10_CLASS_SHIFT_NOT_SIGNIFICANT',
  tier: 'information',
  topic: 'technical',
  needs: 'a judged change and T-scores against one reference at both visits',
  says: 'The T-score class changed while BMD did not change by the least significant change.',
  source: 'clinical-rules 4.1 D10, R3.8; surveillance 3',
  reads: ['t_scores'],
  evaluate: (view) =>
    oneOfVisit(
      classShifts(view, view.previous)
        .filter(
          ({ comparison, shift, movedWithBmd }) =>
            comparison.verdict === 'not_significant' && shift !== 0 && movedWithBmd,
        )
        .map((shift) => shiftHit(shift, `while BMD did not change significantly${exceptWhere(view)}`)),
    ),
};

/** D10: the T-score class moved against BMD, so the reference or the demographics must have changed. */
export const classAgainstBmd: DiscordanceRule = {
  code: 'D10_CLASS_AGAINST_BMD',
  tier: 'check',
  topic: 'technical',
  sharesCase: 'scores_against_bmd',
  needs: 'a judged change and T-scores against one reference at both visits',
  says: 'The T-score class moved one way and BMD the other; the reference or the demographics differ.',
  source: 'clinical-rules 4.1 D10',
  reads: ['t_scores'],
  evaluate: (view) =>
    oneOfVisit(
      classShifts(view, view.previous)
        .filter(({ shift, movedWithBmd }) => shift !== 0 && !movedWithBmd)
        .map((shift) =>
          shiftHit(shift, 'while BMD moved the other way, so reference and demographics should be compared'),
        ),
    ),
};

/** A T-score that moved against its own BMD on one scanner: the reference or the demographics must have changed. */
export const tScoreAgainstBmd: DiscordanceRule = {
  code: 'T_AGAINST_BMD',
  tier: 'check',
  topic: 'technical',
  sharesCase: 'scores_against_bmd',
  needs: 'T-scores of one site against one reference at both visits, on one scanner and of one sex',
  says: 'A T-score changed by 0.3 or more while BMD did not change, or changed the other way.',
  source: 'surveillance 3',
  reads: ['t_scores'],
  evaluate: (view) => {
    const { study, studies, previous, settings } = view;
    return oneOfVisit(
      previous.flatMap((comparison): readonly RuleHit[] => {
        const { delta, reference, followUp } = comparison;
        const earlier = studies.get(reference.studyId);
        if (earlier === undefined || delta === null || comparison.rebuilt) return [];
        if (reference.scannerId !== followUp.scannerId || comparison.referenceConverted !== null) return [];
        if (earlier.sex !== study.sex) return [];
        return scorePairs(earlier, study, comparison).flatMap(([before, after]) => {
          const moved = after.tenths - before.tenths;
          if (Math.abs(moved) < settings.tScoreAgainstBmdTenths || moved * delta > 0) return [];
          return [
            {
              regionPair: siteKey(comparison),
              strength: Math.abs(moved) / settings.tScoreAgainstBmdTenths,
              comparisons: [comparison],
              statement: `${sentence(describeChange(comparison))}; its T-score went from ${printTenths(before.tenths)} to ${printTenths(after.tenths)} against the same reference, so reference and demographics should be compared.`,
            },
          ];
        });
      }),
    );
  },
};

/**
 * "The T-score class changed as well, from -2.4 to -2.6.": for a case about changes, with the scores that it quotes; null
 * where it did not. The mean of both hips has no score of its own: the sides speak for it.
 */
export function classChangedAsWell(
  view: FollowUpView,
  changes: readonly IndexedComparison[],
): { readonly says: string; readonly quoted: readonly QuotedValue[] } | null {
  const isOfChange = ({ kind, roi, laterality }: IndexedComparison) =>
    changes.some(
      (change) =>
        change.kind === kind &&
        change.roi.region === roi.region &&
        (change.laterality === laterality || change.laterality === 'mean'),
    );
  const compared = [...view.previous, ...view.baseline].filter(isOfChange);
  const sites = classShifts(view, compared).filter(({ shift, movedWithBmd }) => shift !== 0 && movedWithBmd);
  if (sites.length === 0) return null;
  const named = sites.map(
    ({ comparison, before, after }) =>
      `at the ${siteName(comparison)} from ${printTenths(before.tenths)} to ${printTenths(after.tenths)}`,
  );
  return {
    says: `The T-score class changed as well, ${named.join(' and ')}.`,
    quoted: sites.flatMap(({ comparison, before, after }) => [
      quotedScore(comparison, comparison.reference.scannedOn, before),
      quotedScore(comparison, comparison.followUp.scannedOn, after),
    ]),
  };
}

const quotedScore = (
  { roi, laterality }: IndexedComparison,
  scannedOn: IsoDate,
  { referencePopulation, value, valueId }: RegionTScore,
): QuotedValue => ({ scannedOn, roi, laterality, quantity: 't_score', referencePopulation, value, valueId });

/** A reader must not take the line for the whole visit: the sites that did change are named beside it. */
function exceptWhere({ previous, baseline }: FollowUpView): string {
  const changed = (comparisons: readonly IndexedComparison[]) =>
    comparisons.filter(({ roi, verdict }) => PRIMARY.includes(roi.region) && (verdict === 'up' || verdict === 'down'));
  const sincePrevious = changed(previous);
  const said = new Set(sincePrevious.map(siteKey));
  const all = [...sincePrevious, ...changed(baseline).filter((one) => !said.has(siteKey(one)))];
  return all.length === 0 ? '' : ` there; ${all.map(describeChange).join(', ')}, significantly`;
}

const PRIMARY: readonly Region[] = ['spine', 'total_hip', 'radius_33'];

function spineAndHip({ study, settings }: FollowUpView) {
  if (!hasTScoreAge(study, settings)) return null;
  const vertebrae = largestSet(study, settings.monitoredVertebrae);
  if (vertebrae === null) return null;
  const pair = sameReference(tScoresOf(study, 'spine', vertebrae), tScoresOf(study, 'total_hip', []));
  return pair === null ? null : { vertebrae, spine: pair[0], hip: pair[1] };
}

function crossSectional(view: FollowUpView, grade: 'major' | 'minor'): readonly RuleHit[] {
  const scores = spineAndHip(view);
  if (scores === null) return [];
  const { vertebrae, spine, hip } = scores;
  if (diagnosticDiscordance(spine.tScoreClass, hip.tScoreClass) !== grade) return [];
  return [
    {
      regionPair: `spine:${vertebrae.join(',')}:none|total_hip::${hip.laterality}`,
      // No change is judged here: the gap in T-scores ranks these cases among themselves.
      strength: Math.abs(spine.tenths - hip.tenths) / 10,
      comparisons: [],
      statement: `The T-score is ${printTenths(spine.tenths)} at the spine and ${printTenths(hip.tenths)} at the ${hip.laterality} total hip, ${grade === 'major' ? 'two classes' : 'one class'} apart.`,
    },
  ];
}

type Shift = {
  readonly comparison: IndexedComparison;
  readonly before: RegionTScore;
  readonly after: RegionTScore;
  /** Classes gained (positive) or lost. */
  readonly shift: number;
  /** True when BMD did not move against the class. */
  readonly movedWithBmd: boolean;
};

/** The class of every judged site at both visits of a comparison. */
function classShifts(
  { study, studies, settings }: FollowUpView,
  comparisons: readonly IndexedComparison[],
): readonly Shift[] {
  return comparisons.flatMap((comparison): readonly Shift[] => {
    const { roi, delta } = comparison;
    const earlier = studies.get(comparison.reference.studyId);
    if (!CLASS_REGIONS.includes(roi.region) || delta === null || comparison.verdict === 'provisional') return [];
    if (earlier === undefined || !hasTScoreAge(earlier, settings)) return [];
    const [pair] = scorePairs(earlier, study, comparison);
    if (pair === undefined) return [];
    const [before, after] = pair;
    const shift = CLASS_ORDER.indexOf(after.tScoreClass) - CLASS_ORDER.indexOf(before.tScoreClass);
    return [{ comparison, before, after, shift, movedWithBmd: shift * delta >= 0 }];
  });
}

/** The scores of a compared site at both visits, each against the same reference; none of a mean, which has no score. */
function scorePairs(
  earlier: StudyOfPatient,
  study: StudyOfPatient,
  { roi, laterality }: IndexedComparison,
): readonly (readonly [RegionTScore, RegionTScore])[] {
  if (laterality === 'mean') return [];
  const onSide = (of: StudyOfPatient) =>
    tScoresOf(of, roi.region, roi.vertebrae).filter((score) => score.laterality === laterality);
  const pair = sameReference(onSide(earlier), onSide(study));
  return pair === null ? [] : [pair];
}

function shiftHit({ comparison, before, after }: Shift, why: string): RuleHit {
  return {
    regionPair: siteKey(comparison),
    strength: comparison.strength ?? 0,
    comparisons: [comparison],
    statement: `${sentence(describeChange(comparison))}; its T-score went from ${printTenths(before.tenths)} to ${printTenths(after.tenths)} into another class, ${why}.`,
  };
}

/** Class shifts come in a third of all pairs (Berry 2018): one hit a visit names them all, under the strongest. */
function oneOfVisit(hits: readonly RuleHit[]): readonly RuleHit[] {
  const [first, ...others] = hits.toSorted(
    (a, b) => b.strength - a.strength || compareText(a.regionPair, b.regionPair),
  );
  if (first === undefined) return [];
  return [
    {
      ...first,
      comparisons: [first, ...others].flatMap(({ comparisons }) => comparisons),
      statement: [first, ...others].map(({ statement }) => statement).join(' '),
    },
  ];
}

function hasTScoreAge({ birthDate, scannedAt }: StudyOfPatient, { tScoreAge }: AssessmentSettings): boolean {
  return birthDate === null || ageOn(birthDate, scannedAt) >= tScoreAge;
}

function largestSet({ measurements }: StudyOfPatient, monitored: readonly Vertebra[]): readonly Vertebra[] | null {
  const sets = measurements
    .filter(({ roi, tScores }) => roi.region === 'spine' && roi.vertebrae.length > 1 && tScores.length > 0)
    .map(({ roi }) => roi.vertebrae)
    .filter((vertebrae) => vertebrae.every((vertebra) => monitored.includes(vertebra)))
    .sort((a, b) => b.length - a.length || compareText(a.join(), b.join()));
  return sets[0] ?? null;
}
