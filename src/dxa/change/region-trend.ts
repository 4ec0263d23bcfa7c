import { lscAt95, lscOfDay } from '../precision/lsc.ts';
import { type RegionScan, regionScans } from '../scan/region-scan.ts';
import { inScanOrder } from '../study/chronology.ts';
import type { PatientHistory } from '../study/history.ts';
import type { ComparedScan, Comparison, RegionTrend } from '../values/assessment.ts';
import type { Bmd } from '../values/quantity.ts';
import { type Laterality, type Region, vertebraeKey } from '../values/region.ts';
import { type ComparisonContext, compareScans } from './compare-scans.ts';
import { meansOfHips } from './mean-of-hips.ts';
import { lscOfLine, trendOf } from './trend.ts';

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
  const points = [...same.map(({ reference }) => reference), last.followUp];
  const leastSignificantChange = lscOfPoints(points, last, context);
  if (leastSignificantChange === null) return null;
  const trend = trendOf(points, leastSignificantChange, context.settings.significanceOperator);
  if (trend === null) return null;
  const { years, annualRate, annualPercent, strength, verdict } = trend;
  return {
    roi: last.roi,
    laterality: latest.laterality,
    studyIds: points.map(({ studyId }) => studyId),
    firstOn: (same[0] ?? last).reference.scannedOn,
    lastOn: last.followUp.scannedOn,
    lscId: last.lsc.lscId,
    leastSignificantChange,
    years,
    annualRate,
    annualPercent,
    strength,
    verdict,
  };
}

function isOnLine({ verdict, referenceConverted, rebuilt }: Comparison): boolean {
  const judged = verdict === 'up' || verdict === 'down' || verdict === 'not_significant';
  return judged && referenceConverted === null && !rebuilt;
}

const hasSameVertebrae = (one: Comparison, other: Comparison) =>
  vertebraeKey(one.roi.vertebrae) === vertebraeKey(other.roi.vertebrae);

/** Each scan has the LSC of its day, as when it was judged against the latest. */
function lscOfPoints(
  points: readonly ComparedScan[],
  { roi, laterality }: Comparison,
  { onFile, settings }: ComparisonContext,
): Bmd | null {
  const ofDays = points.flatMap(({ scannerId, scannedOn }) => {
    const place = { scannerId, roi, laterality };
    const found = lscOfDay(place, scannedOn, onFile.lscEntries, onFile.scannerEpochs, settings);
    return found === null ? [] : [{ scannedOn, leastSignificantChange: lscAt95(found.entry, settings) }];
  });
  return ofDays.length < points.length ? null : lscOfLine(ofDays);
}
