import type { StudyOfPatient } from '../study/history.ts';
import { VERTEBRAE, type Vertebra } from '../values/region.ts';
import { sameReference, tScoresOf } from './t-score.ts';

/** R2.5: more than 1.0 between neighbours, strictly, on T-scores as printed (ISCD atlas, "Spine Discordance", VERIFIED). */
export const SCORE_GAP_TENTHS = 10;

export type ScoreGap = { readonly pair: string; readonly tenths: number };

/** Gaps between neighbouring T-scores as printed; vertebrae that are not next to each other are not compared (R2.5). */
export function scoreGaps(study: StudyOfPatient, vertebrae: readonly Vertebra[]): readonly ScoreGap[] {
  return VERTEBRAE.flatMap((upper, index) => {
    const lower = VERTEBRAE[index + 1];
    if (lower === undefined || !vertebrae.includes(upper) || !vertebrae.includes(lower)) return [];
    const pair = sameReference(tScoresOf(study, 'spine', [upper]), tScoresOf(study, 'spine', [lower]));
    return pair === null ? [] : [{ pair: `${upper} and ${lower}`, tenths: Math.abs(pair[0].tenths - pair[1].tenths) }];
  });
}

/** True for a gap that the atlas would look at; 1.0 itself is none. */
export function isWide({ tenths }: ScoreGap): boolean {
  return tenths > SCORE_GAP_TENTHS;
}
