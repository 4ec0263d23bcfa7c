import { printTenths, type RegionTScore, sameReference, tScoresOf } from '../scan/t-score.ts';
import { ageOn, compareText } from '../study/chronology.ts';
import type { StudyOfPatient } from '../study/history.ts';
import { diagnosticDiscordance, type TScoreClass } from '../values/classification.ts';
import type { Region, Vertebra } from '../values/region.ts';
import { describeChange, sentence, siteKey } from '../values/wording.ts';
import type { DiscordanceRule, FollowUpView, IndexedComparison, RuleHit } from './rule.ts';

/** T-score classes are for postmenopausal women and men from 50 on (R3.1); no file tells the menopause. */
export const T_SCORE_AGE = 50;

const CLASS_REGIONS: readonly Region[] = ['spine', 'total_hip', 'femoral_neck'];
const CLASS_ORDER: readonly TScoreClass[] = ['osteoporosis', 'low_bone_mass', 'normal'];

/** D8: normal at one of spine and total hip, osteoporosis at the other (Woodson 2000: 5 %; VERIFIED). */
export const majorDiscordance: DiscordanceRule = {
  code: 'D8_MAJOR_T_SCORE_DISCORDANCE',
  tier: 'check',
  needs: 'T-scores of the lumbar spine and of a total hip against one reference, from the age of 50 on',
  says: 'The T-scores of spine and total hip are two classes apart.',
  source: 'clinical-rules 4.1 D8, R3.6',
  reads: ['t_scores'],
  evaluate: (view) => crossSectional(view, 'major'),
};

/** D9: one class apart, in 39-44 % of patients: information, never a case (clinical-rules 8.5, VERIFIED). */
export const minorDiscordance: DiscordanceRule = {
  code: 'D9_MINOR_T_SCORE_DISCORDANCE',
  tier: 'information',
  needs: 'T-scores of the lumbar spine and of a total hip against one reference, from the age of 50 on',
  says: 'The T-scores of spine and total hip are one class apart.',
  source: 'clinical-rules 4.1 D9, R3.6',
  reads: ['t_scores'],
  evaluate: (view) => crossSectional(view, 'minor'),
};

/** D10: the T-score class changed though BMD did not change significantly (R3.8; Berry 2018: 31 % of pairs). */
export const classShiftNotSignificant: DiscordanceRule = {
  code: 'D10_CLASS_SHIFT_NOT_SIGNIFICANT',
  tier: 'check',
  needs: 'a judged change and T-scores against one reference at both visits',
  says: 'The T-score class changed while BMD did not change by the least significant change.',
  source: 'clinical-rules 4.1 D10, R3.8',
  reads: ['t_scores'],
  evaluate: (view) =>
    classShifts(view, ({ comparison, shift, movedWithBmd }) =>
      comparison.verdict === 'not_significant' && shift !== 0 && movedWithBmd
        ? 'BMD did not change significantly'
        : null,
    ),
};

/** D10: the T-score class moved against BMD, so the reference or the demographics must have changed. */
export const classAgainstBmd: DiscordanceRule = {
  code: 'D10_CLASS_AGAINST_BMD',
  tier: 'check',
  needs: 'a judged change and T-scores against one reference at both visits',
  says: 'The T-score class moved one way and BMD the other; the reference or the demographics differ.',
  source: 'clinical-rules 4.1 D10',
  reads: ['t_scores'],
  evaluate: (view) =>
    classShifts(view, ({ shift, movedWithBmd }) =>
      shift !== 0 && !movedWithBmd ? 'BMD moved the other way, so reference and demographics should be compared' : null,
    ),
};

function crossSectional({ study, settings }: FollowUpView, grade: 'major' | 'minor'): readonly RuleHit[] {
  if (!hasTScoreAge(study)) return [];
  const vertebrae = largestSet(study, settings.monitoredVertebrae);
  if (vertebrae === null) return [];
  const pair = sameReference(tScoresOf(study, 'spine', vertebrae), tScoresOf(study, 'total_hip', []));
  if (pair === null) return [];
  const [spine, hip] = pair;
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
  /** Classes gained (positive) or lost. */
  readonly shift: number;
  /** True when BMD did not move against the class. */
  readonly movedWithBmd: boolean;
};

function classShifts(
  { study, studies, previous }: FollowUpView,
  reason: (shift: Shift) => string | null,
): readonly RuleHit[] {
  const hits = previous.flatMap((comparison): readonly RuleHit[] => {
    const { roi, delta } = comparison;
    const earlier = studies.get(comparison.reference.studyId);
    if (!CLASS_REGIONS.includes(roi.region) || delta === null || comparison.verdict === 'provisional') return [];
    if (earlier === undefined || !hasTScoreAge(earlier) || comparison.laterality === 'mean') return [];
    const onSide = (scores: readonly RegionTScore[]) =>
      scores.filter(({ laterality }) => laterality === comparison.laterality);
    const pair = sameReference(
      onSide(tScoresOf(earlier, roi.region, roi.vertebrae)),
      onSide(tScoresOf(study, roi.region, roi.vertebrae)),
    );
    if (pair === null) return [];
    const [before, after] = pair;
    const shift = CLASS_ORDER.indexOf(after.tScoreClass) - CLASS_ORDER.indexOf(before.tScoreClass);
    const why = reason({ comparison, shift, movedWithBmd: shift * delta >= 0 });
    if (why === null) return [];
    return [
      {
        regionPair: siteKey(comparison),
        strength: comparison.strength ?? 0,
        comparisons: [comparison],
        statement: `${sentence(describeChange(comparison))}; its T-score went from ${printTenths(before.tenths)} to ${printTenths(after.tenths)} into another class, while ${why}.`,
      },
    ];
  });
  return oneOfStudy(hits);
}

/** Class shifts come in a third of all pairs (Berry 2018): one case a study names them all, under the strongest. */
function oneOfStudy(hits: readonly RuleHit[]): readonly RuleHit[] {
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

function hasTScoreAge({ birthDate, scannedAt }: StudyOfPatient): boolean {
  return birthDate === null || ageOn(birthDate, scannedAt) >= T_SCORE_AGE;
}

function largestSet({ measurements }: StudyOfPatient, monitored: readonly Vertebra[]): readonly Vertebra[] | null {
  const sets = measurements
    .filter(({ roi, tScores }) => roi.region === 'spine' && roi.vertebrae.length > 1 && tScores.length > 0)
    .map(({ roi }) => roi.vertebrae)
    .filter((vertebrae) => vertebrae.every((vertebra) => monitored.includes(vertebra)))
    .sort((a, b) => b.length - a.length || compareText(a.join(), b.join()));
  return sets[0] ?? null;
}
