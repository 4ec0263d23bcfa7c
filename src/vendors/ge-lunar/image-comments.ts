import type { Finding } from '../../dxa/values/finding.ts';
import { lookup } from '../../dxa/values/lookup.ts';
import type { IsoDate, VendorClaim } from '../../dxa/values/report.ts';
import { finding } from '../report/finding.ts';
import type { RawMeasure, RegionReading } from '../report/region-reading.ts';
import { labelled, mappedMeasure, mappedScan } from '../report/site-mapping.ts';
import { normaliseLabel, shortLabel } from '../text/label.ts';
import { readNumberText, splitUnit } from '../text/number-text.ts';
import { attribute, childrenNamed, childText, isNamed, localName, readXml, type XmlElement } from '../text/xml-tree.ts';

import { type ExamDay, impossibleExamDay, judgeExamDay } from './exam-day.ts';
import { judgeWrittenUnit } from './measure.ts';
import type { GeRules } from './quirks.ts';
import { resolveOrMap } from './region.ts';
import { CHANGE_KINDS, claimNumber } from './trend.ts';
import { readTrendDates } from './trend-date.ts';
import { type GeScan, lookupScan, MEASURES } from './vocabulary.ts';
import { findGeXml } from './xml-text.ts';

export const IMAGE_COMMENTS = '(0020,4000)';

export type GeComments = {
  readonly regions: readonly RegionReading[];
  readonly claims: readonly VendorClaim[];
  readonly findings: readonly Finding[];
};

const NOTHING: GeComments = { regions: [], claims: [], findings: [] };

/** Reads the XML that enCORE writes into Image Comments beside the tree. */
export function readImageComments(comments: string | null, exam: Exam, rules: GeRules): GeComments {
  if (comments === null || !rules.quirks.has('xml-in-image-comments')) return NOTHING;
  const isPlain = /^\s*<[?!\w]/.test(comments);
  const found = rules.quirks.has('xml-anywhere') || isPlain ? findGeXml(comments) : null;
  if (found === null) return NOTHING;
  const notReadable = finding('XML_NOT_READABLE', IMAGE_COMMENTS, { length: comments.length });
  if (found.kind === 'hint') return { ...NOTHING, findings: [notReadable] };
  const { root, state } = readXml(found.xml);
  if (state === 'refused') return { ...NOTHING, findings: [finding('XML_REFUSED', IMAGE_COMMENTS)] };
  const broken = state === 'broken' ? [notReadable] : [];
  if (root === null) return { ...NOTHING, findings: broken };
  const read = isNamed(root, 'DXA_RESULTS') ? readNewer(root, exam, rules) : readOlder(root, exam, rules);
  return { ...read, findings: [...broken, ...read.findings] };
}

/** The exam that the report is of. `studyDate` is its day as it stands, also where it cannot be believed. */
export type Exam = ExamDay & { readonly studyDate: IsoDate };

type Sink = { readonly regions: RegionReading[]; readonly claims: VendorClaim[]; readonly findings: Finding[] };

function readNewer(root: XmlElement, exam: Exam, rules: GeRules): GeComments {
  const sink: Sink = { regions: [], claims: [], findings: [] };
  const examDate = childText(root, 'EXAM_DATE') ?? '';
  const verdict = judgeExamDay(examDate, exam);
  if (verdict === 'another exam') return { ...NOTHING, findings: [finding('XML_OTHER_EXAM', IMAGE_COMMENTS)] };
  if (verdict === 'impossible') sink.findings.push(impossibleExamDay(examDate, `${IMAGE_COMMENTS}/EXAM_DATE`, exam));
  for (const { element, scan } of scansOf(root, sink, rules)) {
    for (const roi of childrenNamed(element, 'ROI')) {
      const label = attribute(roi, 'region');
      addRegion(sink, element, scan, label, measuresOf(roi, sink, rules), rules);
    }
    for (const trend of childrenNamed(element, 'TREND')) {
      const exams = childrenNamed(trend, 'EXAM');
      const texts = exams.map((one) => attribute(one, 'date'));
      addClaims(sink, scan, attribute(trend, 'region'), exams, texts, exam.studyDate, rules);
    }
  }
  return sink;
}

const OLDER_NAMES = lookup<RawMeasure['quantity']>({ BMD: 'bmd', YAT: 't_score', AMZ: 'z_score' });

/** Numbers of an exam that are no results of it. */
const OLDER_OTHERS: ReadonlySet<string> = new Set(['AGE', 'EXAM_DATE']);

/** Older generation: exams oldest first, the last one is the current exam if its date agrees with the study. */
function readOlder(root: XmlElement, exam: Exam, rules: GeRules): GeComments {
  const sink: Sink = { regions: [], claims: [], findings: [] };
  const current = rules.quirks.has('older-xml') ? childrenNamed(root, 'CURRENT_EXAM') : [];
  for (const { element, scan } of current.flatMap((one) => scansOf(one, sink, rules))) {
    for (const trend of childrenNamed(element, 'TREND')) {
      const label = childText(trend, 'TREND_ROI');
      const exams = childrenNamed(trend, 'EXAM');
      const last = exams.at(-1);
      if (label === null || last === undefined) continue;
      const texts = exams.map((one) => childText(one, 'EXAM_DATE') ?? '');
      const lastDay = texts.at(-1) ?? '';
      const verdict = judgeExamDay(lastDay, exam);
      const place = `${IMAGE_COMMENTS}/${last.path}`;
      if (verdict === 'impossible') sink.findings.push(impossibleExamDay(lastDay, place, exam));
      if (verdict === 'another exam') {
        sink.findings.push(finding('XML_OTHER_EXAM', place));
      } else if (last.complete) {
        const measures = last.children.flatMap((child) => {
          const name = localName(child.name).toUpperCase();
          if (!child.complete || OLDER_OTHERS.has(name)) return [];
          const quantity = OLDER_NAMES[name] ?? mappedResult(child, sink, rules);
          return quantity === null ? [] : [measureOf(child, quantity, rules)];
        });
        addRegion(sink, element, scan, label, measures, rules);
      }
      addClaims(sink, scan, label, exams, texts, exam.studyDate, rules);
    }
  }
  return sink;
}

function scansOf(parent: XmlElement, sink: Sink, rules: GeRules): readonly { element: XmlElement; scan: GeScan }[] {
  return childrenNamed(parent, 'SCAN').flatMap((element) => {
    const type = attribute(element, 'type');
    const scan = lookupScan(type) ?? mappedScan(rules.mapping, labelled(type)) ?? undefined;
    if (scan !== undefined) return [{ element, scan }];
    sink.findings.push(finding('UNKNOWN_SCAN', `${IMAGE_COMMENTS}/${element.path}`, { label: shortLabel(type) }));
    return [];
  });
}

function measuresOf(roi: XmlElement, sink: Sink, rules: GeRules): readonly RawMeasure[] {
  return roi.children.flatMap((child) => {
    // id 31 is the BMC of body composition, as in the tree.
    if (!child.complete || attribute(child, 'id') === '31') return [];
    const quantity = MEASURES[normaliseLabel(localName(child.name))] ?? mappedResult(child, sink, rules);
    return quantity === null || quantity === 'ignored' ? [] : [measureOf(child, quantity, rules)];
  });
}

/** What the site says of a result that no table knows; other elements than numbers are none. */
function mappedResult(element: XmlElement, sink: Sink, rules: GeRules): RawMeasure['quantity'] | null {
  const number = readNumberText(splitUnit(element.text).text);
  if (element.children.length > 0 || number.kind === 'absent' || number.kind === 'unreadable') return null;
  const name = localName(element.name);
  const quantity = mappedMeasure(rules.mapping, labelled(name));
  if (quantity === null) {
    const facts = { label: shortLabel(name) };
    sink.findings.push(finding('UNKNOWN_MEASURE', `${IMAGE_COMMENTS}/${element.path}`, facts));
  }
  return quantity;
}

function measureOf(element: XmlElement, quantity: RawMeasure['quantity'], { mapping }: GeRules): RawMeasure {
  const split = splitUnit(element.text);
  // The units attribute may begin with a blank; the older generation has none and prints g/cm2 only.
  const unit = attribute(element, 'units').trim() || split.unit;
  return {
    quantity,
    referencePopulation: '',
    text: split.text.trim(),
    rawText: element.text.trim(),
    unit,
    ...judgeWrittenUnit(mapping, quantity, unit),
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
  const region = resolveOrMap(label, scan, rules);
  if (region.kind === 'problem') {
    const facts = { label: shortLabel(label), scanType: scan.scanType };
    sink.findings.push(finding(region.code, `${IMAGE_COMMENTS}/${scanElement.path}`, facts));
  }
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
  const region = resolveOrMap(label, scan, rules);
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
    if (isNamed(child, 'BMD') && child.complete) yield { kind: 'prior_bmd', element: child };
    // Older generation; "ROC" is the percent change of the whole interval in the one sample that was published.
    if (isNamed(child, 'BMD_CHANGE') && childText(child, 'TYPE')?.toUpperCase() === 'ROC_VS_PREVIOUS') {
      const value = child.children.find((one) => isNamed(one, 'VALUE') && one.complete);
      if (value !== undefined) yield { kind: 'percent_change_vs_previous', element: value };
    }
    if (!isNamed(child, 'CHANGE')) continue;
    const kind = CHANGE_KINDS[normaliseLabel(attribute(child, 'type'))];
    const bmd = child.children.find((one) => isNamed(one, 'BMD') && one.complete);
    if (kind !== undefined && bmd !== undefined) yield { kind, element: bmd };
  }
}
