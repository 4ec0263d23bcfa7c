import type { Comparison, RuleTier } from '../assessment.ts';
import { compareText } from '../chronology.ts';
import type { StudyOfPatient } from '../history.ts';
import { formatMicro } from '../quantity.ts';
import { describeVertebrae, type Region, vertebraeKey } from '../region.ts';
import type { AssessmentSettings } from '../settings.ts';

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

/** What a rule is, and how it looks at one follow-up study. */
export type DiscordanceRule = {
  readonly code: string;
  readonly tier: RuleTier;
  /** What must have been measured for the rule to say anything. */
  readonly needs: string;
  /** What a hit means, in one sentence. */
  readonly says: string;
  readonly source: string;
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

/** |delta| / LSC of the weaker of several changes, by which cases are ranked (section 4.1). */
export function weakestStrength(comparisons: readonly Comparison[]): number {
  return Math.min(...comparisons.map(({ strength }) => strength ?? 0));
}

/** Names a site in the identity of a case: "spine:L1,L2,L3,L4:none", "total_hip::left". */
export function siteKey({ roi, laterality }: Comparison): string {
  return `${roi.region}:${vertebraeKey(roi.vertebrae)}:${laterality}`;
}

/** Names a site for a reader: "spine L1-L4", "left total hip", "total hip (mean of both)". */
export function siteName({ roi, laterality }: Comparison): string {
  const region = roi.region.replaceAll('_', ' ');
  if (roi.vertebrae.length > 0) return `${region} ${describeVertebrae(roi.vertebrae)}`;
  switch (laterality) {
    case 'none':
      return region;
    case 'mean':
      return `${region} (mean of both)`;
    case 'left':
    case 'right':
      return `${laterality} ${region}`;
    default:
      return laterality satisfies never;
  }
}

/** "spine L1-L4 rose by 0.040 g/cm² (4.7 %) since 2021-03-01": what was measured, and nothing else. */
export function describeChange(comparison: Comparison): string {
  const delta = comparison.delta ?? 0;
  const moved = delta === 0 ? 'did not change' : `${delta > 0 ? 'rose' : 'fell'} by ${size(delta, comparison)}`;
  return `${siteName(comparison)} ${moved} since ${comparison.reference.scannedOn}`;
}

function size(delta: number, { percent }: Comparison): string {
  return `${formatMicro(Math.abs(delta), 3)} g/cm² (${formatMicro(Math.abs(percent ?? 0), 1)} %)`;
}

/** First letter as a capital, for the start of a sentence. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
