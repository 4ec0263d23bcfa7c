import { compareText } from '../study/chronology.ts';
import type { Visit } from '../study/visits.ts';
import type { Comparison, QuotedValue, RegionTrend, RuleTier, RuleTopic, VisitRemark } from '../values/assessment.ts';
import type { Region } from '../values/region.ts';
import type { AssessmentSettings } from '../values/settings.ts';

/** A comparison with its place in the assessment, by which a case refers to it. */
export type IndexedComparison = Comparison & { readonly index: number };

/** What a rule may look at: one visit and its comparisons; a first visit has none. */
export type FollowUpView = {
  readonly study: Visit;
  /** The patient's visits by the id of each of their studies, for the earlier side of a comparison. */
  readonly studies: ReadonlyMap<string, Visit>;
  /** The visits before it, without those that a person found to be another's; the latest last. */
  readonly earlier: readonly Visit[];
  /** Against the previous comparable scan, in the order of the assessment. */
  readonly previous: readonly IndexedComparison[];
  /** Against the baseline, where that is another scan than the previous one. */
  readonly baseline: readonly IndexedComparison[];
  /** Against the baseline, whether or not that is the previous scan as well. */
  readonly sinceBaseline: readonly IndexedComparison[];
  /** The line through the scans of a compared site up to this visit; null with fewer than three on it. */
  readonly trendOf: (comparison: Comparison) => RegionTrend | null;
  readonly settings: AssessmentSettings;
};

/** What a rule saw. */
export type RuleHit = {
  readonly regionPair: string;
  readonly strength: number;
  readonly comparisons: readonly IndexedComparison[];
  readonly statement: string;
  /**
   * Set where the hit leans on the baseline: the sites that carry it. It is said again only when one of them has moved on
   * by a further LSC since it was last said.
   */
  readonly carriedBy?: readonly IndexedComparison[];
  readonly trends?: readonly RegionTrend[];
  /** What the rule looked at beside changes of BMD; part of the evidence. */
  readonly facts?: VisitRemark['facts'];
  readonly quoted?: readonly QuotedValue[];
};

/** What a rule may read beside changes: T-scores, or BMC and area of single vertebrae. A case shows both to its reader. */
export type ReadByRule = 't_scores' | 'single_vertebrae';

/** What a rule is, and how it looks at one visit. */
export type DiscordanceRule = {
  readonly code: string;
  readonly tier: RuleTier;
  readonly topic: RuleTopic;
  /**
   * Rules that share a name here share one case a visit: the first of them in the list of rules names it, the others
   * support it.
   */
  readonly sharesCase?: string;
  /** True where each pair of regions is a case of its own; otherwise the rule has one case a visit. */
  readonly casePerRegion?: boolean;
  /** Said at the first visit that shows it, and again only when a visit in between that could show it did not. */
  readonly saidOnce?: (view: FollowUpView) => boolean;
  /** While it is open whose scan it is, no other case of the visit is. */
  readonly standsBeforeAll?: boolean;
  /** What must have been measured for the rule to say anything. */
  readonly needs: string;
  /** What a hit means, in one sentence. */
  readonly says: string;
  readonly source: string;
  /** Part of the evidence of its cases: what is not named here, the rule must not look at. */
  readonly reads: readonly ReadByRule[];
  readonly evaluate: (view: FollowUpView) => readonly RuleHit[];
};

/** The case that D1, D2, D1B, D2B and the loss rules share: one of them names it, the others are evidence in it. */
export const SPINE_HIP_OR_LOSS = 'spine_hip_or_loss';

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

/**
 * Judged changes of the total hip that a rule about one hip looks at: of the mean of both where that is judged, else of
 * each side (ISCD 2023, bilateral exams): two chances would double the rate of false alarms (R1.11).
 */
export function judgedHips(comparisons: readonly IndexedComparison[]): readonly IndexedComparison[] {
  const hips = judged(comparisons, 'total_hip');
  const means = hips.filter(({ laterality }) => laterality === 'mean');
  return means.length > 0 ? means : strongestFirst(hips);
}

/** Those of the comparisons that went in one direction by the LSC or more. */
export function inDirection(
  comparisons: readonly IndexedComparison[],
  direction: 'up' | 'down',
): readonly IndexedComparison[] {
  return comparisons.filter(({ verdict }) => verdict === direction);
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
