import type { SrItem } from '../../dicom/document/sr-document.ts';
import type { Finding } from '../../dxa/values/finding.ts';
import { finding } from '../report/finding.ts';
import type { RegionReading } from '../report/region-reading.ts';
import { mappedScan } from '../report/site-mapping.ts';
import { conceptFacts } from '../text/item-text.ts';
import { readMeasures } from './measure.ts';
import type { GeRules } from './quirks.ts';
import { type ResolvedRegion, resolveOrMap, resolveRegion } from './region.ts';
import { GE_SCHEME, type GeScan, lookupScan, REGION_CODES, SCAN_CODES } from './vocabulary.ts';

/** What the name of a container of earlier scans begins with. */
export const TREND = /^trend\b\s*/i;

/** A "Trend ..." container with the region it is about. */
export type TrendItem = { readonly scan: GeScan; readonly region: ResolvedRegion; readonly item: SrItem };

export type GeTree = {
  readonly regions: readonly RegionReading[];
  readonly trends: readonly TrendItem[];
  readonly findings: readonly Finding[];
};

/**
 * Walks root > scan > region > result, by path and no deeper: a search for "BMD" anywhere would return past values and
 * percentages of change as today's.
 */
export function readTree(root: SrItem, rules: GeRules): GeTree {
  const regions: RegionReading[] = [];
  const trends: TrendItem[] = [];
  const findings: Finding[] = [];
  let ignored = 0;
  for (const item of root.children) {
    if (item.valueType !== 'CONTAINER') continue;
    const scan = resolveScan(item) ?? mappedScan(rules.mapping, item.concept);
    if (scan !== null) {
      for (const child of item.children) ignored += readChild(child, item, scan, rules, { regions, trends, findings });
    } else if (looksLikeScan(item)) findings.push(finding('UNKNOWN_SCAN', item.path, conceptFacts(item)));
  }
  if (ignored > 0) findings.push(finding('MEASURE_NOT_STORED', null, { count: ignored }));
  return { regions, trends, findings };
}

type Sink = { readonly regions: RegionReading[]; readonly trends: TrendItem[]; readonly findings: Finding[] };

function readChild(item: SrItem, scanItem: SrItem, scan: GeScan, rules: GeRules, sink: Sink): number {
  if (item.valueType !== 'CONTAINER') return 0;
  const label = item.concept?.meaning ?? '';
  if (rules.quirks.has('trend-is-history') && TREND.test(label)) {
    sink.trends.push({ scan, region: resolveOrMap(label.replace(TREND, ''), scan, rules), item });
    return 0;
  }
  const region = resolveByLabelOrCode(item, scanItem, scan, rules);
  if (region.kind === 'difference') return 0;
  if (region.kind === 'problem') {
    sink.findings.push(finding(region.code, item.path, { ...conceptFacts(item), scanType: scan.scanType }));
    return 0;
  }
  const content = readMeasures(item, rules, sink.findings);
  sink.regions.push({
    scanType: scan.scanType,
    scanLabel: scanItem.concept?.meaning ?? '',
    roi: region.roi,
    laterality: region.laterality,
    rawLabel: label,
    measures: content.measures,
  });
  return content.ignored;
}

function resolveScan(item: SrItem): GeScan | null {
  const byLabel = lookupScan(item.concept?.meaning ?? '');
  const byCode = item.concept?.scheme === GE_SCHEME ? SCAN_CODES[item.concept.value] : undefined;
  return byLabel ?? byCode ?? null;
}

/** Scan containers have codes that begin with 2000; without codes, a container of containers that hold numbers. */
function looksLikeScan(item: SrItem): boolean {
  if (item.concept?.scheme === GE_SCHEME && item.concept.value.startsWith('2000')) return true;
  return item.children.some(({ children }) => children.some(({ valueType }) => valueType === 'NUM'));
}

/** The label decides where it is known: that region codes follow the ids of the XML is only inferred. */
function resolveByLabelOrCode(item: SrItem, scanItem: SrItem, scan: GeScan, rules: GeRules): ResolvedRegion {
  const byLabel = resolveRegion(item.concept?.meaning ?? '', scan, rules);
  if (byLabel.kind !== 'problem' || byLabel.code !== 'UNKNOWN_REGION') return byLabel;
  const name = REGION_CODES[scanItem.concept?.value ?? '']?.[item.concept?.value ?? ''];
  const isGe = item.concept?.scheme === GE_SCHEME && scanItem.concept?.scheme === GE_SCHEME;
  if (name !== undefined && isGe) return resolveRegion(name, scan, rules);
  return resolveOrMap(item.concept?.meaning ?? '', scan, rules, item.concept);
}
