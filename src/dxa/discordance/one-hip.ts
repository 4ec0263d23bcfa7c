import { describeChange, sentence, siteKey } from '../values/wording.ts';
import {
  type DiscordanceRule,
  type IndexedComparison,
  inDirection,
  judged,
  judgedHips,
  moved,
  type RuleHit,
  weakestStrength,
} from './rule.ts';

const AGAINST = [
  ['up', 'down'],
  ['down', 'up'],
] as const;

/** Hips of one side, where the mean of both is judged. */
function singleHips(comparisons: readonly IndexedComparison[]): readonly IndexedComparison[] {
  const hips = judgedHips(comparisons);
  return hips.some(({ laterality }) => laterality === 'mean')
    ? judged(comparisons, 'total_hip').filter(({ laterality }) => laterality !== 'mean')
    : [];
}

/**
 * Where the mean of both hips is judged, one hip alone against the spine is no D1: two chances raise the chance rate above
 * that of R1.11 (surveillance 2).
 */
export const oneHipDiffers: DiscordanceRule = {
  code: 'ONE_HIP_DIFFERS',
  tier: 'check',
  topic: 'discordance',
  needs: 'judged changes of the lumbar spine, of both hips and of their mean at one visit',
  says: 'One hip changed against the spine, both by at least the least significant change; the mean of both hips did not.',
  source: 'surveillance 2; ISCD 2023, Reporting of Bilateral Hip Exams',
  reads: [],
  evaluate: ({ previous }) =>
    AGAINST.flatMap(([spineWent, hipWent]): readonly RuleHit[] => {
      const [spine] = moved(previous, 'spine', spineWent);
      const [hip] = inDirection(singleHips(previous), hipWent);
      const [mean] = judgedHips(previous);
      if (spine === undefined || hip === undefined || mean === undefined || mean.verdict === hipWent) return [];
      return [
        {
          regionPair: `${siteKey(spine)}|${siteKey(hip)}`,
          strength: weakestStrength([spine, hip]),
          comparisons: [spine, hip, mean],
          statement: `${sentence(describeChange(spine))}, while ${describeChange(hip)}; ${describeChange(mean)}, less than its least significant change or the other way, so both hips should be compared.`,
        },
      ];
    }),
};

/** A line beside the mean: one hip fell and the mean of both did not (surveillance 2, row 7). */
export const oneHipFell: DiscordanceRule = {
  code: 'ONE_HIP_FELL',
  tier: 'information',
  topic: 'discordance',
  needs: 'judged changes of both hips and of their mean at one visit',
  says: 'One hip alone fell by at least the least significant change; the mean of both hips did not.',
  source: 'surveillance 2',
  reads: [],
  evaluate: (view) => {
    const [mean] = judgedHips(view.previous);
    const [hip] = inDirection(singleHips(view.previous), 'down');
    if (mean === undefined || hip === undefined || mean.verdict === 'down') return [];
    if (oneHipDiffers.evaluate(view).length > 0) return [];
    return [
      {
        regionPair: siteKey(hip),
        strength: hip.strength ?? 0,
        comparisons: [hip, mean],
        statement: `The ${hip.laterality} hip alone fell: ${describeChange(hip)}, while ${describeChange(mean)}.`,
      },
    ];
  },
};
