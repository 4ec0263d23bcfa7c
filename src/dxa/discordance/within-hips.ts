import type { Laterality } from '../values/region.ts';
import { describeChange, sentence, siteKey } from '../values/wording.ts';
import { type DiscordanceRule, type IndexedComparison, judged, type RuleHit, weakestStrength } from './rule.ts';

const SIDES = ['left', 'right'] as const satisfies readonly Laterality[];

/** D4: total hip and neck of one hip moved against each other; the placement of regions is the first thing to look at. */
export const totalAgainstNeck: DiscordanceRule = {
  code: 'D4_TOTAL_HIP_AGAINST_NECK',
  tier: 'review',
  topic: 'technical',
  casePerRegion: true,
  needs: 'judged changes of the total hip and the femoral neck of one side',
  says: 'Total hip and femoral neck of one hip changed in opposite directions, both by at least the least significant change.',
  source: 'clinical-rules 4.1 D4',
  reads: [],
  evaluate: ({ previous }) =>
    SIDES.flatMap((side) => {
      const on = (region: 'total_hip' | 'femoral_neck') =>
        judged(previous, region).find(({ laterality }) => laterality === side);
      return opposite(on('total_hip'), on('femoral_neck'), 'the regions of both scans should be compared');
    }),
};

/** D5: left and right total hip moved against each other. */
export const leftAgainstRight: DiscordanceRule = {
  code: 'D5_LEFT_HIP_AGAINST_RIGHT',
  tier: 'review',
  topic: 'discordance',
  needs: 'judged changes of both total hips in one follow-up study',
  says: 'Left and right total hip changed in opposite directions, both by at least the least significant change.',
  source: 'clinical-rules 4.1 D5',
  reads: [],
  evaluate: ({ previous }) => {
    const on = (side: Laterality) => judged(previous, 'total_hip').find(({ laterality }) => laterality === side);
    return opposite(on('left'), on('right'), 'sides, positioning and regions of both scans should be compared');
  },
};

function opposite(
  a: IndexedComparison | undefined,
  b: IndexedComparison | undefined,
  whatToCheck: string,
): readonly RuleHit[] {
  if (a === undefined || b === undefined) return [];
  const against = (a.verdict === 'up' && b.verdict === 'down') || (a.verdict === 'down' && b.verdict === 'up');
  if (!against) return [];
  return [
    {
      regionPair: `${siteKey(a)}|${siteKey(b)}`,
      strength: weakestStrength([a, b]),
      comparisons: [a, b],
      statement: `${sentence(describeChange(a))}, while ${describeChange(b)}; each change reaches the least significant change, so ${whatToCheck}.`,
    },
  ];
}
