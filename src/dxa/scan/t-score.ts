import { compareText } from '../study/chronology.ts';
import type { StudyOfPatient } from '../study/history.ts';
import { classifyTScore, type TScoreClass, tenths } from '../values/classification.ts';
import type { Micro } from '../values/quantity.ts';
import { type Laterality, type Region, type Vertebra, vertebraeKey } from '../values/region.ts';

/** A T-score of one region against one reference population. */
export type RegionTScore = {
  readonly laterality: Laterality;
  readonly referencePopulation: string;
  readonly value: Micro;
  /** The row of the value. */
  readonly valueId: string;
  /** As printed: the T-score times ten. */
  readonly tenths: number;
  readonly tScoreClass: TScoreClass;
};

/** Every T-score of a region in a study, the lowest first; scores against different references stay apart. */
export function tScoresOf(
  study: StudyOfPatient,
  region: Region,
  vertebrae: readonly Vertebra[],
): readonly RegionTScore[] {
  return study.measurements
    .filter(({ roi }) => roi.region === region && vertebraeKey(roi.vertebrae) === vertebraeKey(vertebrae))
    .flatMap(({ laterality, tScores }) =>
      tScores.map(({ value, valueId, referencePopulation }) => ({
        laterality,
        referencePopulation,
        value,
        valueId,
        tenths: tenths(value),
        tScoreClass: classifyTScore(value),
      })),
    )
    .sort(
      (a, b) =>
        a.tenths - b.tenths ||
        compareText(a.referencePopulation, b.referencePopulation) ||
        compareText(a.laterality, b.laterality),
    );
}

/**
 * Two scores against the same reference, the lowest first. A man's study may carry one against men and one against women
 * (R3.4): comparing across them would show a difference of references and not of bone.
 */
export function sameReference(
  one: readonly RegionTScore[],
  other: readonly RegionTScore[],
): readonly [RegionTScore, RegionTScore] | null {
  for (const score of one) {
    const partner = other.find(({ referencePopulation }) => referencePopulation === score.referencePopulation);
    if (partner !== undefined) return [score, partner];
  }
  return null;
}

/** Writes tenths as printed: -24 -> "-2.4". */
export function printTenths(value: number): string {
  return (value / 10).toFixed(1);
}
