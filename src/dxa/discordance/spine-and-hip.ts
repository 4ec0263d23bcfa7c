import { describeChange, sentence, siteKey } from '../values/wording.ts';
import {
  type DiscordanceRule,
  type FollowUpView,
  type IndexedComparison,
  inDirection,
  judged,
  judgedHips,
  moved,
  type RuleHit,
  SPINE_HIP_OR_LOSS,
  strongestFirst,
  weakestStrength,
} from './rule.ts';

const SPINE_AND_HIP = 'judged changes of the lumbar spine and of a total hip at one visit';
const SINCE_BASELINE = 'judged changes of the lumbar spine and of a total hip since the baseline';
const LOOK_AT_MEASUREMENT = 'so the measurement should be looked at before the change is believed';

/** D1: the key pattern, lumbar spine up and total hip down, both beyond the LSC. */
export const spineUpHipDown: DiscordanceRule = {
  code: 'D1_SPINE_UP_HIP_DOWN',
  tier: 'review',
  topic: 'discordance',
  sharesCase: SPINE_HIP_OR_LOSS,
  needs: SPINE_AND_HIP,
  says: 'The spine rose and the hip fell, both by at least the least significant change.',
  source: 'clinical-rules 4.1 D1; surveillance 2',
  reads: [],
  evaluate: ({ previous }) => spineAgainstHips(previous, 'up', 'down'),
};

/** D2: the mirror image; a technical cause is likely. */
export const spineDownHipUp: DiscordanceRule = {
  code: 'D2_SPINE_DOWN_HIP_UP',
  tier: 'review',
  topic: 'discordance',
  sharesCase: SPINE_HIP_OR_LOSS,
  needs: SPINE_AND_HIP,
  says: 'The spine fell and the hip rose, both by at least the least significant change.',
  source: 'clinical-rules 4.1 D2; surveillance 2',
  reads: [],
  evaluate: ({ previous }) => spineAgainstHips(previous, 'down', 'up'),
};

/** D1B: the key pattern since the baseline, where it is not there since the previous scan. */
export const spineUpHipDownSinceBaseline: DiscordanceRule = {
  code: 'D1B_SPINE_UP_HIP_DOWN_SINCE_BASELINE',
  tier: 'review',
  topic: 'discordance',
  sharesCase: SPINE_HIP_OR_LOSS,
  needs: SINCE_BASELINE,
  says: 'Since the baseline the spine rose and the hip fell, both by at least the least significant change.',
  source: 'surveillance 2',
  reads: [],
  evaluate: (view) => sinceBaseline(view, spineUpHipDown, 'up', 'down'),
};

/** D2B: its mirror image since the baseline. */
export const spineDownHipUpSinceBaseline: DiscordanceRule = {
  code: 'D2B_SPINE_DOWN_HIP_UP_SINCE_BASELINE',
  tier: 'review',
  topic: 'discordance',
  sharesCase: SPINE_HIP_OR_LOSS,
  needs: SINCE_BASELINE,
  says: 'Since the baseline the spine fell and the hip rose, both by at least the least significant change.',
  source: 'surveillance 2',
  reads: [],
  evaluate: (view) => sinceBaseline(view, spineDownHipUp, 'down', 'up'),
};

/** D1n: only the neck fell. It is noisier than the total hip, with an LSC ceiling of 6.9 % (R1.5). */
export const spineUpNeckDown: DiscordanceRule = {
  code: 'D1N_SPINE_UP_NECK_DOWN',
  tier: 'check',
  topic: 'discordance',
  needs: 'judged changes of the lumbar spine and of a femoral neck at one visit',
  says: 'The spine rose and the femoral neck fell, both by at least the least significant change; no total hip fell so.',
  source: 'clinical-rules 4.1 D1n',
  reads: [],
  evaluate: ({ previous }) =>
    moved(previous, 'total_hip', 'down').length > 0
      ? []
      : opposite(moved(previous, 'spine', 'up'), moved(previous, 'femoral_neck', 'down')),
};

/** D3: expected under treatment, the spine responds two to three times as much (Wilson/Smith review, VERIFIED). */
export const oneSiteChanged: DiscordanceRule = {
  code: 'D3_ONE_SITE_CHANGED',
  tier: 'information',
  topic: 'discordance',
  needs: SPINE_AND_HIP,
  says: 'One of spine and total hip rose by at least the least significant change, the other did not change so.',
  source: 'clinical-rules 4.1 D3',
  reads: [],
  evaluate: ({ previous }) => {
    const [spine] = judged(previous, 'spine');
    const hips = judged(previous, 'total_hip');
    const [hip] = strongestFirst(hips.filter(({ verdict }) => verdict === 'up'));
    const [unchanged] = strongestFirst(hips);
    if (spine === undefined || unchanged === undefined) return [];
    if (spine.verdict === 'up' && hips.every(({ verdict }) => verdict === 'not_significant')) {
      return [oneOf(spine, [spine, unchanged])];
    }
    return spine.verdict === 'not_significant' && hip !== undefined ? [oneOf(hip, [spine, hip])] : [];
  },
};

/** D12: cortical loss beside a trabecular gain; known on teriparatide (ACTIVE, VERIFIED for the 1/3 radius). */
export const spineUpForearmDown: DiscordanceRule = {
  code: 'D12_SPINE_UP_FOREARM_DOWN',
  tier: 'information',
  topic: 'discordance',
  needs: 'judged changes of the lumbar spine and of the 33 % radius at one visit',
  says: 'The spine rose and the forearm fell, both by at least the least significant change.',
  source: 'clinical-rules 4.1 D12',
  reads: [],
  evaluate: ({ previous }) => opposite(moved(previous, 'spine', 'up'), moved(previous, 'radius_33', 'down')),
};

type Direction = 'up' | 'down';

/** The hips that carry it are those of the rule; a side that moved as its mean did is part of the evidence. */
function spineAgainstHips(
  comparisons: readonly IndexedComparison[],
  spine: Direction,
  hip: Direction,
): readonly RuleHit[] {
  const hips = inDirection(judgedHips(comparisons), hip);
  return hips.length === 0 ? [] : opposite(moved(comparisons, 'spine', spine), moved(comparisons, 'total_hip', hip));
}

function sinceBaseline(view: FollowUpView, sincePrevious: DiscordanceRule, spine: Direction, hip: Direction) {
  if (sincePrevious.evaluate(view).length > 0) return [];
  return spineAgainstHips(view.sinceBaseline, spine, hip).map((hit) => ({
    ...hit,
    carriedBy: [
      ...inDirection(judged(view.sinceBaseline, 'spine'), spine),
      ...inDirection(judgedHips(view.sinceBaseline), hip),
    ],
  }));
}

/**
 * One hit a visit: where several hips moved against the spine, the first makes the pair and the others are part of the
 * evidence.
 */
function opposite(spines: readonly IndexedComparison[], others: readonly IndexedComparison[]): readonly RuleHit[] {
  const [spine] = spines;
  const [other] = others;
  if (spine === undefined || other === undefined) return [];
  const changes = `${sentence(describeChange(spine))}, while ${others.map(describeChange).join(' and ')}`;
  return [
    {
      regionPair: `${siteKey(spine)}|${siteKey(other)}`,
      strength: weakestStrength([spine, other]),
      comparisons: [spine, ...others],
      statement: `${changes}; each change reaches the least significant change, ${LOOK_AT_MEASUREMENT}.`,
    },
  ];
}

function oneOf(changed: IndexedComparison, both: readonly [IndexedComparison, IndexedComparison]): RuleHit {
  return {
    regionPair: both.map(siteKey).join('|'),
    strength: changed.strength ?? 0,
    comparisons: both,
    statement: `${sentence(both.map(describeChange).join('; '))}; only one of the two changes reaches the least significant change.`,
  };
}
