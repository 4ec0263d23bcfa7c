import { type RegionScan, regionScans } from '../scan/region-scan.ts';
import { inScanOrder } from '../study/chronology.ts';
import type { PatientHistory, PinnedBaseline } from '../study/history.ts';
import type { Comparison } from '../values/assessment.ts';
import { type ComparisonContext, compareScans } from './compare-scans.ts';
import { meansOfHips } from './mean-of-hips.ts';

/**
 * Compares every region of every follow-up with the previous comparable scan, and with the baseline where that is
 * another one. The first scan of a region gives nothing. In order of study, region, side; previous before baseline.
 */
export function compareHistory(history: PatientHistory, context: ComparisonContext): readonly Comparison[] {
  const comparisons: Comparison[] = [];
  const earlier = new Map<string, RegionScan[]>();
  const pinned = history.pinnedBaselines ?? [];
  for (const study of inScanOrder(history.studies)) {
    const scans = regionScans(study).filter(({ region }) => !context.settings.uncomparedRegions.includes(region));
    const sides = scans.filter(({ laterality }) => laterality !== 'mean');
    for (const followUp of sides) {
      comparisons.push(...compareSide(followUp, sides, earlier.get(siteOf(followUp)) ?? [], pinned, context));
    }
    const means = meansOfHips(scans, context.onFile.lscEntries);
    for (const followUp of means) {
      comparisons.push(...compareMean(followUp, earlier.get(siteOf(followUp)) ?? [], pinned, context));
    }
    for (const scan of [...sides, ...means]) {
      const site = siteOf(scan);
      const list = earlier.get(site);
      if (list === undefined) earlier.set(site, [scan]);
      else list.push(scan);
    }
  }
  return comparisons;
}

/** Both sides of a region share one list, so that a change of side can be told from a first scan. */
function siteOf({ scanType, region, laterality }: RegionScan): string {
  return `${scanType} ${region} ${laterality === 'mean' ? 'mean' : ''}`;
}

function compareSide(
  followUp: RegionScan,
  sidesOfStudy: readonly RegionScan[],
  earlier: readonly RegionScan[],
  pinned: readonly PinnedBaseline[],
  context: ComparisonContext,
): readonly Comparison[] {
  const sameSide = earlier.filter(({ laterality }) => laterality === followUp.laterality);
  const comparable = compareWithPreviousAndBaseline(followUp, sameSide, pinned, context);
  if (comparable.length > 0) return comparable;
  const latest = sameSide.at(-1) ?? (isOtherSideOnly(followUp, sidesOfStudy, earlier) ? earlier.at(-1) : undefined);
  return latest === undefined ? [] : [compareScans('previous', latest, followUp, context)];
}

/** True when none of the sides that were scanned now had been scanned before; else another side answers for it. */
function isOtherSideOnly(
  { scanType, region }: RegionScan,
  sidesOfStudy: readonly RegionScan[],
  earlier: readonly RegionScan[],
): boolean {
  return !sidesOfStudy.some(
    (scan) =>
      scan.scanType === scanType &&
      scan.region === region &&
      earlier.some(({ laterality }) => laterality === scan.laterality),
  );
}

/** The mean of both hips is compared only where it can be judged; otherwise each side speaks for itself (C10). */
function compareMean(
  followUp: RegionScan,
  earlier: readonly RegionScan[],
  pinned: readonly PinnedBaseline[],
  context: ComparisonContext,
): readonly Comparison[] {
  const [previous, ...baseline] = compareWithPreviousAndBaseline(followUp, earlier, pinned, context);
  // A provisional baseline stays beside a judged change, so that the previous scan is not taken for the baseline.
  return previous === undefined || previous.verdict === 'provisional' ? [] : [previous, ...baseline];
}

function compareWithPreviousAndBaseline(
  followUp: RegionScan,
  earlier: readonly RegionScan[],
  pinned: readonly PinnedBaseline[],
  context: ComparisonContext,
): readonly Comparison[] {
  const previous = firstComparable('previous', followUp, earlier.toReversed(), context);
  if (previous === null) return [];
  const pins = pinned.filter(
    ({ region, laterality }) => region === followUp.region && laterality === followUp.laterality,
  );
  const chosen = earlier.filter(({ study }) => pins.some(({ studyId }) => studyId === study.studyId));
  const baseline =
    firstComparable('baseline', followUp, chosen, context) ?? firstComparable('baseline', followUp, earlier, context);
  if (baseline === null || baseline.reference.studyId === previous.reference.studyId) return [previous];
  return [previous, baseline];
}

function firstComparable(
  kind: Comparison['kind'],
  followUp: RegionScan,
  candidates: readonly RegionScan[],
  context: ComparisonContext,
): Comparison | null {
  for (const reference of candidates) {
    const comparison = compareScans(kind, reference, followUp, context);
    if (comparison.verdict !== 'not_comparable') return comparison;
  }
  return null;
}
