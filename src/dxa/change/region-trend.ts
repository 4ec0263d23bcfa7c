import { type RegionScan, regionScans } from '../scan/region-scan.ts';
import { inScanOrder } from '../study/chronology.ts';
import type { PatientHistory } from '../study/history.ts';
import type { Comparison, RegionTrend } from '../values/assessment.ts';
import { type ComparisonContext, compareScans } from './compare-scans.ts';
import { trendOf } from './trend.ts';

/** With two scans the trend is the LSC test itself, so a line is drawn from three on (clinical-rules 4.6). */
export const MINIMUM_TREND_SCANS = 3;

/**
 * The trend of every region and side up to its latest scan. Only scans that were judged against the latest one by one
 * LSC and with the same vertebrae are on the line: neither another scanner's nor a rebuilt set's.
 */
export function trendsOf(history: PatientHistory, context: ComparisonContext): readonly RegionTrend[] {
  const bySite = new Map<string, RegionScan[]>();
  for (const study of inScanOrder(history.studies)) {
    for (const scan of regionScans(study)) {
      if (scan.laterality === 'mean' || context.settings.unmonitoredRegions.includes(scan.region)) continue;
      const site = `${scan.scanType} ${scan.region} ${scan.laterality}`;
      const scans = bySite.get(site);
      if (scans === undefined) bySite.set(site, [scan]);
      else scans.push(scan);
    }
  }
  return [...bySite.values()].flatMap((scans) => trendOfRegion(scans, context) ?? []);
}

function trendOfRegion(scans: readonly RegionScan[], context: ComparisonContext): RegionTrend | null {
  const latest = scans.at(-1);
  if (latest === undefined || scans.length < MINIMUM_TREND_SCANS) return null;
  const judged = scans.slice(0, -1).map((scan) => compareScans('previous', scan, latest, context));
  const line = judged.filter((comparison) => isOnLine(comparison));
  // Scans before a change of vertebrae or of LSC are on another line than the last one.
  const last = line.at(-1);
  const same = line.filter((comparison) => last !== undefined && isSameLine(comparison, last));
  if (last === undefined || last.lsc === null || same.length + 1 < MINIMUM_TREND_SCANS) return null;
  const points = [...same.map(({ reference }) => reference), last.followUp];
  const trend = trendOf(points, last.lsc.leastSignificantChange, context.settings.significanceOperator);
  if (trend === null) return null;
  const { years, annualRate, annualPercent, strength, verdict } = trend;
  return {
    roi: last.roi,
    laterality: latest.laterality,
    studyIds: points.map(({ studyId }) => studyId),
    firstOn: (same[0] ?? last).reference.scannedOn,
    lastOn: last.followUp.scannedOn,
    lscId: last.lsc.lscId,
    leastSignificantChange: last.lsc.leastSignificantChange,
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

function isSameLine(one: Comparison, other: Comparison): boolean {
  // An LSC is for one set of vertebrae, so that the same LSC means the same set.
  return one.lsc?.lscId === other.lsc?.lscId && one.lsc?.leastSignificantChange === other.lsc?.leastSignificantChange;
}
