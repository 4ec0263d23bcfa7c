import type { Micro } from './quantity.ts';

/** By T-score, in postmenopausal women and men from 50 on (R3.1). */
export type TScoreClass = 'normal' | 'low_bone_mass' | 'osteoporosis';

/** Diagnostic discordance of two sites: minor is one class apart, major two (R3.6; Woodson 2000, VERIFIED). */
export type DiagnosticDiscordance = 'concordant' | 'minor' | 'major';

const CLASSES: readonly TScoreClass[] = ['normal', 'low_bone_mass', 'osteoporosis'];

/** In tenths: the lowest normal T-score and the highest of osteoporosis. */
export const NORMAL_FROM_TENTHS = -10;
export const OSTEOPOROSIS_TO_TENTHS = -25;

/** Normal T >= -1.0; osteoporosis T <= -2.5 (R3.1, VERIFIED), on the T-score as printed to one decimal. */
export function classifyTScore(tScore: Micro): TScoreClass {
  const printed = tenths(tScore);
  if (printed >= NORMAL_FROM_TENTHS) return 'normal';
  return printed <= OSTEOPOROSIS_TO_TENTHS ? 'osteoporosis' : 'low_bone_mass';
}

export function diagnosticDiscordance(spine: TScoreClass, hip: TScoreClass): DiagnosticDiscordance {
  const apart = Math.abs(CLASSES.indexOf(spine) - CLASSES.indexOf(hip));
  if (apart === 0) return 'concordant';
  return apart === 1 ? 'minor' : 'major';
}

/** Tenths, rounded half away from zero as scanners print them. */
export function tenths(score: Micro): number {
  const magnitude = Math.floor((Math.abs(score) + 50_000) / 100_000);
  return score < 0 ? -magnitude : magnitude;
}
