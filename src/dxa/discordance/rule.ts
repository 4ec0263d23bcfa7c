import { compareText } from '../study/chronology.ts';
import type { StudyOfPatient } from '../study/history.ts';
import type { Comparison, RuleTier } from '../values/assessment.ts';
import type { Region } from '../values/region.ts';
import type { AssessmentSettings } from '../values/settings.ts';

/** A comparison with its place in the assessment, by which a case refers to it. */
export type IndexedComparison = Comparison & { readonly index: number };

/** What a rule may look at: one study and its comparisons; a first study has none. */
export type FollowUpView = {
  readonly study: StudyOfPatient;
  /** The patient's studies by id, for the earlier side of a comparison. */
  readonly studies: ReadonlyMap<string, StudyOfPatient>;
  /** Against the previous comparable scan, in the order of the assessment. */
  readonly previous: readonly IndexedComparison[];
  readonly baseline: readonly IndexedComparison[];
  readonly settings: AssessmentSettings;
};

/** What a rule saw: at most one for each region pair. */
export type RuleHit = {
  readonly regionPair: string;
  readonly strength: number;
  readonly comparisons: readonly IndexedComparison[];
  readonly statement: string;
};

/** What a rule may read beside changes: T-scores, or BMC and area of single vertebrae. A case shows both to its reader. */
export type ReadByRule = 't_scores' | 'single_vertebrae';

/** What a rule is, and how it looks at one follow-up study. */
export type DiscordanceRule = {
  readonly code: string;
  readonly tier: RuleTier;
  /** What must have been measured for the rule to say anything. */
  readonly needs: string;
  /** What a hit means, in one sentence. */
  readonly says: string;
  readonly source: string;
  /** Part of the evidence of its cases: what is not named here, the rule must not look at. */
  readonly reads: readonly ReadByRule[];
  readonly evaluate: (view: FollowUpView) => readonly RuleHit[];
};

/** Judged comparisons of a region; provisional and not comparable ones can open no case. */
export function judged(comparisons: readonly IndexedComparison[], region: Region): readonly IndexedComparison[] {
  return comparisons.filter(
    ({ roi, verdict }) =>
      roi.region === region && (verdict === 'up' || verdict === 'down' || verdict === 'not_significant'),
  );
}

/**
 * The mean of both hips first (C10; ISCD 2023), then the strongest side; a side that changed alone counts as well, for a
 * mean can hide it.
 */
export function strongestFirst(comparisons: readonly IndexedComparison[]): readonly IndexedComparison[] {
  return comparisons.toSorted(
    (a, b) =>
      Number(b.laterality === 'mean') - Number(a.laterality === 'mean') ||
      (b.strength ?? 0) - (a.strength ?? 0) ||
      compareText(a.laterality, b.laterality) ||
      a.index - b.index,
  );
}

/** Judged changes of a region in one direction, the one to name first. */
export function moved(
  comparisons: readonly IndexedComparison[],
  region: Region,
  direction: 'up' | 'down',
): readonly IndexedComparison[] {
  return strongestFirst(judged(comparisons, region).filter(({ verdict }) => verdict === direction));
}

/** |delta| / LSC of the weaker of several changes, by which cases are ranked (clinical-rules 4.1). */
export function weakestStrength(comparisons: readonly Comparison[]): number {
  return Math.min(...comparisons.map(({ strength }) => strength ?? 0));
}
