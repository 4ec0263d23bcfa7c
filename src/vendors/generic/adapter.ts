import type { NumItem, SrDocument, SrItem, TextItem } from '../../dicom/document/sr-document.ts';
import type { Finding } from '../../dxa/values/finding.ts';
import type { Laterality } from '../../dxa/values/region.ts';
import type { IsoDate, NormalisedReport } from '../../dxa/values/report.ts';
import { type AdapterRefusal, isDocument, isRefusal, NOT_ITS_CONTENT, type VendorAdapter } from '../report/adapter.ts';
import { believeSides } from '../report/believe-sides.ts';
import { finding } from '../report/finding.ts';
import { readHeader } from '../report/header.ts';
import { mergeValues } from '../report/merge-values.ts';
import { judgeRegion, type RawMeasure, type RegionReading } from '../report/region-reading.ts';
import { isMappedUnit, type MappingUse, mappedMeasure } from '../report/site-mapping.ts';
import { codeTriple, conceptFacts, everyItem, itemText, itemUnit } from '../text/item-text.ts';
import { normaliseLabel, shortLabel } from '../text/label.ts';
import { headerSides } from '../text/side.ts';
import { judgeUnit } from '../text/unit.ts';
import { type Context, enter, NO_CONTEXT } from './context.ts';
import { CODED_MEASURES, type CodedMeasure, MEASURE_LABELS } from './vocabulary.ts';

const VERSION = '4';

/** Reads TID 1500 and plain trees in LOINC, SNOMED and UCUM, as third-party converters write them. */
export const genericAdapter: VendorAdapter = {
  vendor: 'generic',
  version: VERSION,
  recognise: (content) => (isDocument(content) ? recognise(content) : 0),
  adapt: (content, receivedOn, mapping) => {
    if (!isDocument(content)) return NOT_ITS_CONTENT;
    const adapted = adapt(content, receivedOn, mapping);
    return isRefusal(adapted) ? adapted : believeSides(adapted, content.header);
  },
  hasCodes: true,
  readsWhatIsMapped: true,
};
const IMAGING_MEASUREMENT_REPORT = 'DCM:126000';
export const DXA_PANEL: ReadonlySet<string> = new Set(['LN:83311-1', 'LN:38269-7', 'SCT:241686001']);

function recognise({ root }: SrDocument): number {
  let labelled = false;
  for (const item of everyItem(root)) {
    const key = item.concept?.key ?? '';
    if (CODED_MEASURES.has(key)) return root.concept?.key === IMAGING_MEASUREMENT_REPORT ? 0.85 : 0.8;
    if (DXA_PANEL.has(key)) return 0.7;
    if (item.valueType === 'NUM' && isBmdInItsUnit(item)) labelled = true;
  }
  return labelled ? 0.55 : 0;
}

function isBmdInItsUnit(item: NumItem): boolean {
  const quantity = MEASURE_LABELS[normaliseLabel(item.concept?.meaning ?? '')];
  return quantity === 'bmd' && judgeUnit('bmd', item.unit) === 'ok';
}

function adapt(document: SrDocument, receivedOn: IsoDate, mapping: MappingUse): NormalisedReport | AdapterRefusal {
  const header = readHeader(document.header, receivedOn);
  if (isRefusal(header)) return header;
  const { readings, findings } = readNumbers(document, mapping);
  const judged = readings.map(judgeRegion);
  const merged = mergeValues(judged.map(({ values }) => values));
  const all = [...header.findings, ...findings, ...judged.flatMap((one) => one.findings), ...merged.findings];
  if (merged.values.length === 0) all.push(finding('NO_RESULTS', null));
  return { vendor: 'generic', adapterVersion: VERSION, ...header, values: merged.values, claims: [], findings: all };
}

type Numbers = { readonly readings: readonly RegionReading[]; readonly findings: readonly Finding[] };
type OpenReading = RegionReading & { readonly measures: RawMeasure[] };
type Visit = { readonly item: SrItem; readonly context: Context };

/** Walks the tree with what each level says about region and side; a number is stored only if both are beyond doubt. */
function readNumbers({ header, root }: SrDocument, mapping: MappingUse): Numbers {
  const headerSide = headerSides(header)[0]?.side ?? null;
  const readings = new Map<string, OpenReading>();
  const findings: Finding[] = [];
  const unknown = new Map<string, { readonly item: SrItem; count: number }>();
  let historic = 0;
  const stack: Visit[] = [
    { item: root, context: { ...enter(NO_CONTEXT, root, mapping), scanLabel: '', historic: false } },
  ];
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    const { item, context } = visit;
    if (item.valueType === 'CONTAINER') {
      for (const child of item.children.toReversed())
        stack.push({ item: child, context: enter(context, child, mapping) });
      continue;
    }
    if (item.valueType !== 'NUM' && item.valueType !== 'TEXT') continue;
    const measure = resolveMeasure(item, mapping);
    if (measure !== null && context.historic) {
      historic += 1;
      continue;
    }
    if (measure === null) {
      if (item.valueType === 'TEXT') continue;
      const key = `${item.concept?.key} ${item.concept?.meaning}`;
      const seen = unknown.get(key);
      if (seen === undefined) unknown.set(key, { item, count: 1 });
      else seen.count += 1;
    } else place({ item, measure, context, mapping, headerSide }, readings, findings);
  }
  for (const { item, count } of unknown.values()) {
    findings.push(finding('UNKNOWN_MEASURE', item.path, { ...conceptFacts(item), count }));
  }
  if (historic > 0) findings.push(finding('MEASURE_NOT_STORED', null, { historic }));
  return { readings: [...readings.values()], findings };
}

type Placed = {
  readonly item: NumItem | TextItem;
  readonly measure: Measure;
  readonly context: Context;
  readonly mapping: MappingUse;
  /** Where the tree names no side, the header may. */
  readonly headerSide: Laterality | null;
};
type Measure = Pick<CodedMeasure, 'quantity'> & Partial<CodedMeasure>;

function resolveMeasure(item: SrItem, mapping: MappingUse): Measure | null {
  const coded = CODED_MEASURES.get(item.concept?.key ?? '');
  if (coded !== undefined) return coded;
  const quantity = MEASURE_LABELS[normaliseLabel(item.concept?.meaning ?? '')];
  const named = quantity ?? mappedMeasure(mapping, item.concept);
  return named === null ? null : { quantity: named };
}

function place(placed: Placed, readings: Map<string, OpenReading>, findings: Finding[]): void {
  const { item, measure, context } = placed;
  const scanType = context.roi === null ? null : (context.scanType ?? measure.scanType ?? null);
  const facts = conceptFacts(item);
  if (context.roi === null || scanType === null || (measure.scanType ?? scanType) !== scanType) {
    const unknown = context.roi === null && context.unknownPlace !== null ? placeFacts(context) : facts;
    findings.push(finding('UNKNOWN_REGION', item.path, unknown));
    return;
  }
  const side = measure.laterality ?? null;
  const paired = scanType === 'hip' || scanType === 'forearm';
  if (paired && (context.sidesConflict || (side !== null && (context.laterality ?? side) !== side))) {
    findings.push(finding('LATERALITY_CONFLICT', item.path, facts));
    return;
  }
  const laterality = paired ? (context.laterality ?? side ?? placed.headerSide) : 'none';
  if (laterality === null) {
    findings.push(finding('LATERALITY_UNKNOWN', item.path, facts));
    return;
  }
  const key = JSON.stringify([scanType, context.scanLabel, context.label, context.roi, laterality]);
  const { roi, scanLabel, label: rawLabel } = context;
  const reading = readings.get(key) ?? { scanType, scanLabel, roi, laterality, rawLabel, measures: [] };
  readings.set(key, reading);
  reading.measures.push(rawMeasure(placed));
}

/** What names the place of a number, and the kind of scan it stands in where that is known. */
function placeFacts({ unknownPlace, scanType }: Context): Record<string, string> {
  const { value = '', scheme = '', meaning = '' } = unknownPlace ?? {};
  return { value, scheme, label: shortLabel(meaning), ...(scanType === null ? {} : { scanType }) };
}

/** Without a unit a number is not known to be g/cm2, so it is not used; scores need none. */
function rawMeasure({ item, measure: { quantity }, context, mapping }: Placed): RawMeasure {
  const text = itemText(item);
  const unit = itemUnit(item);
  const written = judgeUnit(quantity, unit);
  const verdict = written !== 'ok' && isMappedUnit(mapping, unit, quantity) ? 'ok' : written;
  const needsUnit = quantity === 'bmd' || quantity === 'bmc' || quantity === 'area';
  const isScore = quantity === 't_score' || quantity === 'z_score';
  return {
    quantity,
    referencePopulation: isScore ? context.referencePopulation : '',
    text,
    rawText: text ?? '',
    unit: unit?.value ?? null,
    writtenUnit: unit,
    unitVerdict: verdict === 'absent' && needsUnit ? 'other' : verdict,
    code: codeTriple(item.concept),
    path: item.path,
  };
}
