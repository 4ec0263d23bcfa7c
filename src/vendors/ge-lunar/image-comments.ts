import type { Finding } from '../../dxa/finding.ts';
import type { IsoDate, VendorClaim } from '../../dxa/report.ts';
import { finding } from '../finding.ts';
import { lookup, normaliseLabel } from '../label.ts';
import type { RawMeasure, RegionReading } from '../region-reading.ts';
import { labelled, mappedRegion, mappedScan } from '../site-mapping.ts';
import { judgeUnitText } from '../unit.ts';
import { attribute, childrenNamed, childText, readXml, type XmlElement } from '../xml-tree.ts';
import { splitUnit } from './measure.ts';
import type { GeRules } from './quirks.ts';
import { type ResolvedRegion, resolveRegion } from './region.ts';
import { CHANGE_KINDS, claimNumber } from './trend.ts';
import { readTrendDates } from './trend-date.ts';
import { type GeScan, MEASURES, SCANS } from './vocabulary.ts';

export const IMAGE_COMMENTS = '(0020,4000)';

export type GeComments = {
  readonly regions: readonly RegionReading[];
  readonly claims: readonly VendorClaim[];
  readonly findings: readonly Finding[];
};

const NOTHING: GeComments = { regions: [], claims: [], findings: [] };

/** Whether Image Comments hold enCORE's results in one of the two generations of its XML. */
export function looksLikeGeXml(comments: string | null): boolean {
  return /^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!DOCTYPE[^[>]*(?:\[[^\]]*\])?>\s*)?<(?:DXA|DENSITOMETRY)_RESULTS\b/.test(
    (comments ?? '').slice(0, 4096),
  );
}

/** Reads the XML that enCORE writes into Image Comments beside the tree. */
export function readImageComments(comments: string | null, studyDate: IsoDate, rules: GeRules): GeComments {
  if (comments === null || !rules.quirks.has('xml-in-image-comments') || !looksLikeGeXml(comments)) return NOTHING;
  const { root, state } = readXml(comments);
  if (state === 'refused') return { ...NOTHING, findings: [finding('XML_REFUSED', IMAGE_COMMENTS)] };
  const broken = state === 'broken' ? [finding('XML_NOT_READABLE', IMAGE_COMMENTS, { length: comments.length })] : [];
  if (root === null) return { ...NOTHING, findings: broken };
  const read = root.name === 'DXA_RESULTS' ? readNewer(root, studyDate, rules) : readOlder(root, studyDate, rules);
  return { ...read, findings: [...broken, ...read.findings] };
}

function resolveXmlRegion(label: string, scan: GeScan, { quirks, mapping }: GeRules): ResolvedRegion {
  const region = resolveRegion(label, scan, quirks);
  const mapped =
    region.kind === 'problem' && region.code === 'UNKNOWN_REGION'
      ? mappedRegion(mapping, labelled(label), scan.scanType)
      : null;
  const laterality = mapped?.laterality ?? scan.laterality;
  return mapped === null || laterality === null ? region : { kind: 'region', roi: mapped.roi, laterality };
}

type Sink = { readonly regions: RegionReading[]; readonly claims: VendorClaim[]; readonly findings: Finding[] };

function readNewer(root: XmlElement, studyDate: IsoDate, rules: GeRules): GeComments {
  const examDate = childText(root, 'EXAM_DATE');
  if (examDate !== null && isOtherDay(examDate, studyDate)) return otherExam();
  const sink: Sink = { regions: [], claims: [], findings: [] };
  for (const { element, scan } of scansOf(root, sink, rules)) {
    for (const roi of childrenNamed(element, 'ROI')) {
      const label = attribute(roi, 'region');
      addRegion(sink, element, scan, label, measuresOf(roi), rules);
    }
    for (const trend of childrenNamed(element, 'TREND')) {
      const exams = childrenNamed(trend, 'EXAM');
      const texts = exams.map((exam) => attribute(exam, 'date'));
      addClaims(sink, scan, attribute(trend, 'region'), exams, texts, studyDate, rules);
    }
  }
  return sink;
}

const OLDER_NAMES = { BMD: 'bmd', YAT: 't_score', AMZ: 'z_score' } as const;

/** Older generation: exams oldest first, the last one is the current exam if its date agrees with the study. */
function readOlder(root: XmlElement, studyDate: IsoDate, rules: GeRules): GeComments {
  const sink: Sink = { regions: [], claims: [], findings: [] };
  const current = rules.quirks.has('older-xml') ? childrenNamed(root, 'CURRENT_EXAM') : [];
  for (const { element, scan } of current.flatMap((exam) => scansOf(exam, sink, rules))) {
    for (const trend of childrenNamed(element, 'TREND')) {
      const label = childText(trend, 'TREND_ROI');
      const exams = childrenNamed(trend, 'EXAM');
      const last = exams.at(-1);
      if (label === null || last === undefined) continue;
      const texts = exams.map((exam) => childText(exam, 'EXAM_DATE') ?? '');
      if (isOtherDay(texts.at(-1) ?? '', studyDate)) {
        sink.findings.push(finding('XML_OTHER_EXAM', `${IMAGE_COMMENTS}/${last.path}`));
      } else if (last.complete) {
        const measures = last.children.flatMap((child) => {
          const quantity = lookup<RawMeasure['quantity']>(OLDER_NAMES, child.name);
          return quantity === undefined || !child.complete ? [] : [measureOf(child, quantity)];
        });
        addRegion(sink, element, scan, label, measures, rules);
      }
      addClaims(sink, scan, label, exams, texts, studyDate, rules);
    }
  }
  return sink;
}

function otherExam(): GeComments {
  return { ...NOTHING, findings: [finding('XML_OTHER_EXAM', IMAGE_COMMENTS)] };
}

/** True only if the text is certainly a date and no reading of it is the day of the study. */
function isOtherDay(text: string, studyDate: IsoDate): boolean {
  const [read] = readTrendDates([text], studyDate);
  return read !== undefined && read.date !== null && read.date !== studyDate;
}

function scansOf(parent: XmlElement, sink: Sink, rules: GeRules): readonly { element: XmlElement; scan: GeScan }[] {
  return childrenNamed(parent, 'SCAN').flatMap((element) => {
    const type = attribute(element, 'type');
    const scan = lookup(SCANS, normaliseLabel(type)) ?? mappedScan(rules.mapping, labelled(type)) ?? undefined;
    if (scan !== undefined) return [{ element, scan }];
    sink.findings.push(finding('UNKNOWN_SCAN', `${IMAGE_COMMENTS}/${element.path}`));
    return [];
  });
}

function measuresOf(roi: XmlElement): readonly RawMeasure[] {
  return roi.children.flatMap((child) => {
    const quantity = lookup(MEASURES, normaliseLabel(child.name));
    // id 31 is the BMC of body composition, as in the tree.
    const skip = quantity === undefined || quantity === 'ignored' || attribute(child, 'id') === '31' || !child.complete;
    return skip ? [] : [measureOf(child, quantity)];
  });
}

function measureOf(element: XmlElement, quantity: RawMeasure['quantity']): RawMeasure {
  const split = splitUnit(element.text);
  // The units attribute may begin with a blank; the older generation has none and prints g/cm2 only.
  const unit = attribute(element, 'units').trim() || split.unit;
  return {
    quantity,
    referencePopulation: '',
    text: split.text.trim(),
    rawText: element.text.trim(),
    unit,
    unitVerdict: judgeUnitText(quantity, unit),
    code: null,
    path: `${IMAGE_COMMENTS}/${element.path}`,
  };
}

function addRegion(
  sink: Sink,
  scanElement: XmlElement,
  scan: GeScan,
  label: string,
  measures: readonly RawMeasure[],
  rules: GeRules,
): void {
  const region = resolveXmlRegion(label, scan, rules);
  if (region.kind === 'problem') sink.findings.push(finding(region.code, `${IMAGE_COMMENTS}/${scanElement.path}`));
  if (region.kind !== 'region') return;
  const scanLabel = attribute(scanElement, 'type');
  const { roi, laterality } = region;
  sink.regions.push({ scanType: scan.scanType, scanLabel, roi, laterality, rawLabel: label, measures });
}

function addClaims(
  sink: Sink,
  scan: GeScan,
  label: string,
  exams: readonly XmlElement[],
  texts: readonly string[],
  studyDate: IsoDate,
  rules: GeRules,
): void {
  const region = resolveXmlRegion(label, scan, rules);
  if (region.kind !== 'region') return;
  const dates = readTrendDates(texts, studyDate);
  for (const [index, exam] of exams.entries()) {
    const date = dates[index]?.date ?? null;
    const rawDate = texts[index] ?? '';
    const about = { scanType: scan.scanType, roi: region.roi, laterality: region.laterality, date, rawDate };
    for (const { kind, element } of claimsOf(exam)) {
      if (kind === 'prior_bmd' && date === studyDate) continue;
      const rawText = element.text.trim();
      const rawUnit = attribute(element, 'units').trim() || null;
      const path = `${IMAGE_COMMENTS}/${element.path}`;
      sink.claims.push({ kind, ...about, value: claimNumber(kind, rawText), rawText, rawUnit, path });
    }
  }
}

function* claimsOf(exam: XmlElement): Generator<{ kind: VendorClaim['kind']; element: XmlElement }> {
  for (const child of exam.children) {
    if (child.name === 'BMD' && child.complete) yield { kind: 'prior_bmd', element: child };
    // Older generation; "ROC" is the percent change of the whole interval in the one sample that was published.
    if (child.name === 'BMD_CHANGE' && childText(child, 'TYPE') === 'ROC_VS_PREVIOUS') {
      const value = child.children.find(({ name, complete }) => name === 'VALUE' && complete);
      if (value !== undefined) yield { kind: 'percent_change_vs_previous', element: value };
    }
    if (child.name !== 'CHANGE') continue;
    const kind = lookup(CHANGE_KINDS, normaliseLabel(attribute(child, 'type')));
    const bmd = child.children.find(({ name, complete }) => name === 'BMD' && complete);
    if (kind !== undefined && bmd !== undefined) yield { kind, element: bmd };
  }
}
