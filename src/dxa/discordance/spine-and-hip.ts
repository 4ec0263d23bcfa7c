import {
  type DiscordanceRule,
  describeChange,
  type FollowUpView,
  judged,
  judgedHip,
  type RuleHit,
  sentence,
  siteKey,
  strongestFirst,
  weakestStrength,
} from './rule.ts';

/** D1: the key pattern, lumbar spine up and total hip down, both beyond the LSC. */
export const spineUpHipDown: DiscordanceRule = {
  code: 'D1_SPINE_UP_HIP_DOWN',
  tier: 'review',
  needs: 'judged changes of the lumbar spine and of a total hip in one follow-up study',
  says: 'The spine rose and the hip fell, both by at least the least significant change.',
  source: 'clinical-rules 4.1 D1',
  evaluate: (view) => opposite(view, 'up'),
};

/** D2: the mirror image; a technical cause is likely. */
export const spineDownHipUp: DiscordanceRule = {
  code: 'D2_SPINE_DOWN_HIP_UP',
  tier: 'review',
  needs: 'judged changes of the lumbar spine and of a total hip in one follow-up study',
  says: 'The spine fell and the hip rose, both by at least the least significant change.',
  source: 'clinical-rules 4.1 D2',
  evaluate: (view) => opposite(view, 'down'),
};

/**
 * One hit a study: where both total hips moved against the spine, the stronger one makes the pair and the other is part
 * of the evidence.
 */
function opposite({ previous }: FollowUpView, spineVerdict: 'up' | 'down'): readonly RuleHit[] {
  const hipVerdict = spineVerdict === 'up' ? 'down' : 'up';
  const spine = judged(previous, 'spine').find(({ verdict }) => verdict === spineVerdict);
  const hips = strongestFirst(judgedHip(previous, 'total_hip').filter(({ verdict }) => verdict === hipVerdict));
  const [hip] = hips;
  if (spine === undefined || hip === undefined) return [];
  const changes = `${sentence(describeChange(spine))}, while ${hips.map(describeChange).join(' and ')}`;
  return [
    {
      regionPair: `${siteKey(spine)}|${siteKey(hip)}`,
      strength: weakestStrength([spine, hip]),
      comparisons: [spine, ...hips],
      statement: `${changes}; each change reaches the least significant change, so the measurement should be looked at before the change is believed.`,
    },
  ];
}
