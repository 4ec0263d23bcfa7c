import { findLsc } from '../precision/lsc.ts';
import { type RegionScan, regionScans } from '../scan/region-scan.ts';
import { inScanOrder } from '../study/chronology.ts';
import type { PatientHistory } from '../study/history.ts';
import type { Comparison, RegionTrend } from '../values/assessment.ts';
import type { Bmd } from '../values/quantity.ts';
import { type Laterality, type Region, vertebraeKey } from '../values/region.ts';
import { type ComparisonContext, compareScans } from './compare-scans.ts';
import { meansOfHips } from './mean-of-hips.ts';
import { type TrendPoint, trendOf } from './trend.ts';

/** The scans of each region and side of a patient, in order; the mean of both hips where an LSC for it is on file. */
export type ScansBySite = ReadonlyMap<string, readonly RegionScan[]>;

type Site = { readonly region: Region; readonly laterality: Laterality };
const siteOf = ({ region, laterality }: Site) => `${region} ${laterality}`;

export function scansBySite(history: PatientHistory, { onFile, settings }: ComparisonContext): ScansBySite {
  const bySite = new Map<string, RegionScan[]>();
  for (const study of inScanOrder(history.studies)) {
    const scans = regionScans(study).filter(({ region }) => !settings.uncomparedRegions.includes(region));
    const sides = scans.filter(({ laterality }) => laterality !== 'mean');
    for (const scan of [...sides, ...meansOfHips(scans, onFile.lscEntries)]) {
      const site = siteOf(scan);
      const list = bySite.get(site);
      if (list === undefined) bySite.set(site, [scan]);
      else list.push(scan);
    }
  }
  return bySite;
}

/** The trend of every region and side up to its latest scan. */
export function trendsOf(scans: ScansBySite, context: ComparisonContext): readonly RegionTrend[] {
  return [...scans.values()].flatMap((ofSite) => trendOfRegion(ofSite, context) ?? []);
}

/** The line through the scans of the region and side of a comparison, up to its follow-up. */
export function trendUpTo(
  scans: ScansBySite,
  { roi, laterality, followUp }: Comparison,
  context: ComparisonContext,
): RegionTrend | null {
  const ofSite = scans.get(siteOf({ region: roi.region, laterality })) ?? [];
  const last = ofSite.findIndex(({ studyId }) => studyId === followUp.studyId);
  return trendOfRegion(ofSite.slice(0, last + 1), context);
}

/**
 * Only scans that were judged against the latest one with the same vertebrae are on the line: neither another scanner's
 * nor a rebuilt set's. Each counts with the LSC of its own day, so that a renewed LSC does not begin the line anew.
 */
function trendOfRegion(scans: readonly RegionScan[], context: ComparisonContext): RegionTrend | null {
  const latest = scans.at(-1);
  if (latest === undefined || scans.length < context.settings.minimumTrendScans) return null;
  const judged = scans.slice(0, -1).map((scan) => compareScans('previous', scan, latest, context));
  const line = judged.filter((comparison) => isOnLine(comparison));
  // Scans before a change of vertebrae are on another line than the last one.
  const last = line.at(-1);
  const same = line.filter((comparison) => last !== undefined && hasSameVertebrae(comparison, last));
  if (last === undefined || last.lsc === null || same.length + 1 < context.settings.minimumTrendScans) return null;
  const { lscId, leastSignificantChange } = lscOf(last.followUp.scannedOn, last, context) ?? last.lsc;
  const points: readonly (TrendPoint & { readonly studyId: string })[] = [
    ...same.map((comparison) => pointOf(comparison, context)),
    { ...last.followUp, leastSignificantChange },
  ];
  const trend = trendOf(points, leastSignificantChange, context.settings.significanceOperator);
  if (trend === null) return null;
  const { years, annualRate, annualPercent, strength, verdict } = trend;
  return {
    roi: last.roi,
    laterality: latest.laterality,
    studyIds: points.map(({ studyId }) => studyId),
    firstOn: (same[0] ?? last).reference.scannedOn,
    lastOn: last.followUp.scannedOn,
    lscId,
    leastSignificantChange,
    years,
    annualRate,
    annualPercent,
    strength,
    verdict,
  };
}

function pointOf(comparison: Comparison, context: ComparisonContext) {
  const { reference, lsc } = comparison;
  const onDay = lscOf(reference.scannedOn, comparison, context)?.leastSignificantChange ?? lsc?.leastSignificantChange;
  return { ...reference, ...(onDay === undefined ? {} : { leastSignificantChange: onDay }) };
}

/** The LSC in force on one day; null where none is, as before the first precision study of a scanner. */
function lscOf(
  day: string,
  { roi, laterality, followUp }: Comparison,
  { onFile, settings }: ComparisonContext,
): { readonly lscId: string | null; readonly leastSignificantChange: Bmd } | null {
  const question = { scannerId: followUp.scannerId, roi, laterality, referenceOn: day, followUpOn: day };
  const found = findLsc(question, onFile.lscEntries, onFile.scannerEpochs, settings);
  return found === null
    ? null
    : { lscId: found.lscIds.at(-1) ?? null, leastSignificantChange: found.leastSignificantChange };
}

function isOnLine({ verdict, referenceConverted, rebuilt }: Comparison): boolean {
  const judged = verdict === 'up' || verdict === 'down' || verdict === 'not_significant';
  return judged && referenceConverted === null && !rebuilt;
}

const hasSameVertebrae = (one: Comparison, other: Comparison) =>
  vertebraeKey(one.roi.vertebrae) === vertebraeKey(other.roi.vertebrae);
