import { areaDriven } from './area-driven.ts';
import { confirmedLoss, lossAtBothSites, otherLoss, robustLoss } from './loss.ts';
import { oneHipDiffers, oneHipFell } from './one-hip.ts';
import { oppositeSincePreviousAndBaseline } from './over-time.ts';
import type { DiscordanceRule } from './rule.ts';
import {
  classAgainstBmd,
  classShiftNotSignificant,
  majorDiscordance,
  minorDiscordance,
  tScoreAgainstBmd,
} from './scores.ts';
import {
  oneSiteChanged,
  spineDownHipUp,
  spineDownHipUpSinceBaseline,
  spineUpForearmDown,
  spineUpHipDown,
  spineUpHipDownSinceBaseline,
  spineUpNeckDown,
} from './spine-and-hip.ts';
import { vertebralOutlier, vertebralScoreGap } from './vertebrae.ts';
import { maybeAnotherPerson } from './whose-scan.ts';
import { leftAgainstRight, totalAgainstNeck } from './within-hips.ts';

/** Every rule; of those that share a case the first that sees something names it. */
export const DISCORDANCE_RULES: readonly DiscordanceRule[] = [
  maybeAnotherPerson,
  spineUpHipDown,
  spineDownHipUp,
  spineUpHipDownSinceBaseline,
  spineDownHipUpSinceBaseline,
  lossAtBothSites,
  confirmedLoss,
  robustLoss,
  otherLoss,
  spineUpNeckDown,
  oneHipDiffers,
  oneHipFell,
  oneSiteChanged,
  totalAgainstNeck,
  leftAgainstRight,
  vertebralOutlier,
  vertebralScoreGap,
  areaDriven,
  majorDiscordance,
  minorDiscordance,
  classShiftNotSignificant,
  classAgainstBmd,
  tScoreAgainstBmd,
  oppositeSincePreviousAndBaseline,
  spineUpForearmDown,
];
