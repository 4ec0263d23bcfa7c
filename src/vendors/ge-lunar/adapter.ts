import type { SrDocument } from '../../dicom/document/sr-document.ts';
import { isStructuredReport, sopClassName } from '../../dicom/encoding/sop-classes.ts';
import type { Finding } from '../../dxa/values/finding.ts';
import { regionKey } from '../../dxa/values/region.ts';
import type { IsoDate, MeasuredValue, NormalisedReport, VendorClaim } from '../../dxa/values/report.ts';
import { type AdapterRefusal, isDocument, isRefusal, NOT_ITS_CONTENT, type VendorAdapter } from '../report/adapter.ts';
import { believeSides } from '../report/believe-sides.ts';
import { finding } from '../report/finding.ts';
import { readHeader } from '../report/header.ts';
import { mergeValues, valueKey } from '../report/merge-values.ts';
import { judgeRegion, type RegionReading } from '../report/region-reading.ts';
import { everyItem } from '../text/item-text.ts';
import { normaliseLabel } from '../text/label.ts';
import { printsOfOneNumber } from '../text/number-text.ts';
import { headerSides } from '../text/side.ts';
import { IMAGE_COMMENTS, readImageComments } from './image-comments.ts';
import { ALL_GE_QUIRKS, type GeQuirk, type GeRules } from './quirks.ts';
import { findGeReport } from './read-image.ts';
import { readTree } from './scan.ts';
import { readTrends } from './trend.ts';
import { GE_SCHEME, lookupScan } from './vocabulary.ts';
import { findGeXml } from './xml-text.ts';

export const geLunarAdapter: VendorAdapter = buildGeLunarAdapter(ALL_GE_QUIRKS);

/** The adapter with a chosen set of quirks; tests take one out to show that its fixture needs it. */
export function buildGeLunarAdapter(quirks: ReadonlySet<GeQuirk>): VendorAdapter {
  const version = '5';
  return {
    vendor: 'ge-lunar',
    version,
    findInImage: findGeReport,
    recognise: (content) => (isDocument(content) ? recognise(content) : 0),
    adapt: (content, receivedOn, mapping) => {
      if (!isDocument(content)) return NOT_ITS_CONTENT;
      const adapted = adapt(content, receivedOn, version, { quirks, mapping });
      return isRefusal(adapted) ? adapted : believeSides(adapted, content.header);
    },
    hasCodes: true,
  };
}

/** Content decides: GE's private scheme, its XML, or its title over one of its scans. */
function recognise(document: SrDocument): number {
  const { root } = document;
  const titled = normaliseLabel(root.concept?.meaning ?? '') === 'dxa report';
  if (root.concept?.scheme === GE_SCHEME) return 1;
  const xml = findGeXml(document.header.imageComments);
  if (xml !== null) return titled ? 1 : xml.kind === 'xml' ? 0.9 : 0.55;
  for (const item of everyItem(root)) if (item.concept?.scheme === GE_SCHEME) return 0.95;
  const scans = root.children.filter(({ concept }) => lookupScan(concept?.meaning ?? '') !== undefined);
  if (titled) return scans.length > 0 ? 0.9 : 0.6;
  return 0;
}

function adapt(
  document: SrDocument,
  receivedOn: IsoDate,
  adapterVersion: string,
  given: Omit<GeRules, 'headerSide'>,
): NormalisedReport | AdapterRefusal {
  const header = readHeader(document.header, receivedOn);
  if (isRefusal(header)) return header;
  const headerSide = given.quirks.has('side-in-header') ? (headerSides(document.header)[0]?.side ?? null) : null;
  const rules: GeRules = { ...given, headerSide };
  const studyDate = header.study.scannedAt.slice(0, 10);
  const tree = readTree(document.root, rules);
  const trends = readTrends(tree.trends, studyDate);
  const day = header.study.scanDateDoubted === true ? null : studyDate;
  const exam = { studyDate, day, known: { birthDate: header.patient.birthDate, receivedOn } };
  const xml = readImageComments(document.header.imageComments, exam, rules);
  const fromTree = judge(tree.regions, rules.quirks);
  const fromXml = judge(xml.regions, rules.quirks);
  const combined = combine(fromTree.values, fromXml.values, document.header.sopClassUid, rules.quirks);
  const findings = [
    ...header.findings,
    ...tree.findings,
    ...fromTree.findings,
    ...trends.findings,
    ...xml.findings,
    ...fromXml.findings,
    ...combined.findings,
  ];
  if (combined.values.length === 0) findings.push(finding('NO_RESULTS', null));
  const claims = trends.claims.length > 0 ? trends.claims : xml.claims;
  return { vendor: 'ge-lunar', adapterVersion, ...header, values: combined.values, claims: unique(claims), findings };
}

type Read = { readonly values: readonly MeasuredValue[]; readonly findings: readonly Finding[] };

function judge(regions: readonly RegionReading[], quirks: ReadonlySet<GeQuirk>): Read {
  const judged = regions.map(judgeRegion);
  const merged = quirks.has('hips-repeated')
    ? mergeValues(judged.map(({ values }) => values))
    : { values: judged.flatMap(({ values }) => values), findings: [] };
  return { values: merged.values, findings: [...judged.flatMap(({ findings }) => findings), ...merged.findings] };
}

/** The tree wins over the XML; what only the XML has is added, with one finding to say so. */
function combine(
  tree: readonly MeasuredValue[],
  xml: readonly MeasuredValue[],
  sopClassUid: string,
  quirks: ReadonlySet<GeQuirk>,
): Read {
  if (xml.length === 0) return { values: tree, findings: [] };
  const inTree = new Map(tree.map((value) => [valueKey(value), value]));
  const severalScores = new Set(tree.filter((v) => v.referencePopulation !== '').map((v) => v.quantity));
  const agree = (one: MeasuredValue, other: MeasuredValue) =>
    one.value === other.value || (quirks.has('tree-more-precise') && printsOfOneNumber(one, other));
  const findings: Finding[] = [];
  const added: MeasuredValue[] = [];
  const inTreeAtAll = new Set(tree.map(regionKey));
  const agreeing = new Set<string>();
  const disagreeing = new Set<string>();
  for (const value of xml) {
    const same = inTree.get(valueKey(value));
    if (same !== undefined) (agree(same, value) ? agreeing : disagreeing).add(regionKey(value));
  }
  // Two scans may carry one name: what the XML says of a region completes the tree only where both mean the same scan.
  const completes = (value: MeasuredValue) =>
    !inTreeAtAll.has(regionKey(value)) || (agreeing.has(regionKey(value)) && !disagreeing.has(regionKey(value)));
  for (const value of xml) {
    const same = inTree.get(valueKey(value));
    if (same !== undefined && !agree(same, value)) {
      findings.push(finding('TREE_XML_DISAGREE', same.path, { quantity: value.quantity, other: value.path }));
    }
    // The XML does not say which of two references a score belongs to, so it cannot add one.
    if (same === undefined && !severalScores.has(value.quantity) && completes(value)) added.push(value);
  }
  const carrier = isStructuredReport(sopClassUid) ? {} : { carrier: sopClassName(sopClassUid) ?? 'image' };
  if (added.length > 0) findings.push(finding('XML_USED', IMAGE_COMMENTS, { count: added.length, ...carrier }));
  return { values: [...tree, ...added], findings };
}

function unique(claims: readonly VendorClaim[]): readonly VendorClaim[] {
  const seen = new Map(claims.map((claim) => [JSON.stringify({ ...claim, path: null }), claim]));
  return [...seen.values()];
}
