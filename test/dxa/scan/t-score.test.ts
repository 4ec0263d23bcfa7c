import { describe, expect, it } from 'vitest';
import { sameReference, tScoresOf } from '../../../src/dxa/scan/t-score.ts';
import type { StudyOfPatient } from '../../../src/dxa/study/history.ts';
import { hip, micro, study } from '../build-history.ts';

/** A man's study with two T-scores: against men the lower one, against women the higher one (R3.4). */
function withTwoReferences(side: 'left' | 'right', men: string, women: string): StudyOfPatient {
  const one = study('1', '2020-03-01', [hip(side, '0.8')], { sex: 'M' });
  const score = (referencePopulation: string, text: string) => ({
    valueId: text,
    value: micro(text),
    referencePopulation,
  });
  const tScores = [score('women', women), score('men', men)];
  return { ...one, measurements: one.measurements.map((measurement) => ({ ...measurement, tScores })) };
}

describe('the T-scores of a region', () => {
  it('are listed lowest first, as printed, with their class', () => {
    const scores = tScoresOf(withTwoReferences('left', '-2.54', '-1.96'), 'total_hip', []);
    expect(
      scores.map(({ tenths, tScoreClass, referencePopulation }) => `${tenths} ${tScoreClass} ${referencePopulation}`),
    ).toEqual(['-25 osteoporosis men', '-20 low_bone_mass women']);
  });

  it('are compared only within one reference population', () => {
    const before = tScoresOf(withTwoReferences('left', '-2.6', '-2.0'), 'total_hip', []);
    const after = tScoresOf(withTwoReferences('left', '-2.5', '-1.9'), 'total_hip', []);
    expect(sameReference(before, after)?.map(({ tenths }) => tenths)).toEqual([-26, -25]);
    const womenOnly = after.filter(({ referencePopulation }) => referencePopulation === 'women');
    expect(sameReference(before, womenOnly)?.map(({ tenths }) => tenths)).toEqual([-20, -19]);
    expect(sameReference(before, [])).toBeNull();
  });
});
