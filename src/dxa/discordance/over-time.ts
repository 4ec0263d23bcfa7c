import { describeChange, sentence, siteKey } from '../values/wording.ts';
import { type DiscordanceRule, weakestStrength } from './rule.ts';

/** D11: a site that moved one way since the previous scan and the other way since the baseline. */
export const oppositeSincePreviousAndBaseline: DiscordanceRule = {
  code: 'D11_PREVIOUS_AGAINST_BASELINE',
  tier: 'information',
  topic: 'discordance',
  casePerRegion: true,
  needs: 'judged changes of one site since the previous scan and since the baseline',
  says: 'A site changed in opposite directions since the previous scan and since the baseline, both significantly.',
  source: 'clinical-rules 4.1 D11',
  reads: [],
  evaluate: ({ previous, baseline }) =>
    previous.flatMap((recent) => {
      const whole = baseline.find((comparison) => siteKey(comparison) === siteKey(recent));
      if (whole === undefined) return [];
      const against =
        (recent.verdict === 'up' && whole.verdict === 'down') || (recent.verdict === 'down' && whole.verdict === 'up');
      if (!against) return [];
      return [
        {
          regionPair: siteKey(recent),
          strength: weakestStrength([recent, whole]),
          comparisons: [recent, whole],
          statement: `${sentence(describeChange(recent))}, while ${describeChange(whole)}; each change reaches the least significant change.`,
        },
      ];
    }),
};
