import { areaDriven } from './area-driven.ts';
import { oppositeSincePreviousAndBaseline } from './over-time.ts';
import type { DiscordanceRule } from './rule.ts';
import { classAgainstBmd, classShiftNotSignificant, majorDiscordance, minorDiscordance } from './scores.ts';
import {
  oneSiteChanged,
  spineDownHipUp,
  spineUpForearmDown,
  spineUpHipDown,
  spineUpNeckDown,
} from './spine-and-hip.ts';
import { vertebralOutlier, vertebralScoreGap } from './vertebrae.ts';
import { leftAgainstRight, totalAgainstNeck } from './within-hips.ts';

/** The rules of clinical-rules 4.1, in their order. */
export const DISCORDANCE_RULES: readonly DiscordanceRule[] = [
  spineUpHipDown,
  spineUpNeckDown,
  spineDownHipUp,
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
  oppositeSincePreviousAndBaseline,
  spineUpForearmDown,
];
