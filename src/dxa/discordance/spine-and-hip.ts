import { describeChange, sentence, siteKey } from '../values/wording.ts';
import {
  type DiscordanceRule,
  type FollowUpView,
  type IndexedComparison,
  judged,
  moved,
  type RuleHit,
  strongestFirst,
  weakestStrength,
} from './rule.ts';

const SPINE_AND_HIP = 'judged changes of the lumbar spine and of a total hip in one follow-up study';

/** D1: the key pattern, lumbar spine up and total hip down, both beyond the LSC. */
export const spineUpHipDown: DiscordanceRule = {
  code: 'D1_SPINE_UP_HIP_DOWN',
  tier: 'review',
  needs: SPINE_AND_HIP,
  says: 'The spine rose and the hip fell, both by at least the least significant change.',
  source: 'clinical-rules 4.1 D1',
  reads: [],
  evaluate: ({ previous }) => opposite(moved(previous, 'spine', 'up'), moved(previous, 'total_hip', 'down')),
};

/** D1n: only the neck fell. It is noisier than the total hip, with an LSC ceiling of 6.9 % (R1.5). */
export const spineUpNeckDown: DiscordanceRule = {
  code: 'D1N_SPINE_UP_NECK_DOWN',
  tier: 'check',
  needs: 'judged changes of the lumbar spine and of a femoral neck in one follow-up study',
  says: 'The spine rose and the femoral neck fell, both by at least the least significant change; no total hip fell so.',
  source: 'clinical-rules 4.1 D1n',
  reads: [],
  evaluate: ({ previous }) =>
    moved(previous, 'total_hip', 'down').length > 0
      ? []
      : opposite(moved(previous, 'spine', 'up'), moved(previous, 'femoral_neck', 'down')),
};

/** D2: the mirror image; a technical cause is likely. */
export const spineDownHipUp: DiscordanceRule = {
  code: 'D2_SPINE_DOWN_HIP_UP',
  tier: 'review',
  needs: SPINE_AND_HIP,
  says: 'The spine fell and the hip rose, both by at least the least significant change.',
  source: 'clinical-rules 4.1 D2',
  reads: [],
  evaluate: ({ previous }) => opposite(moved(previous, 'spine', 'down'), moved(previous, 'total_hip', 'up')),
};

/** D3: expected under treatment, the spine responds two to three times as much (Wilson/Smith review, VERIFIED). */
export const oneSiteChanged: DiscordanceRule = {
  code: 'D3_ONE_SITE_CHANGED',
  tier: 'information',
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
  needs: 'judged changes of the lumbar spine and of the 33 % radius in one follow-up study',
  says: 'The spine rose and the forearm fell, both by at least the least significant change.',
  source: 'clinical-rules 4.1 D12',
  reads: [],
  evaluate: ({ previous }: FollowUpView) =>
    opposite(moved(previous, 'spine', 'up'), moved(previous, 'radius_33', 'down')),
};

/**
 * One hit a study: where several hips moved against the spine, the first makes the pair and the others are part of the
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
      statement: `${changes}; each change reaches the least significant change, so the measurement should be looked at before the change is believed.`,
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
