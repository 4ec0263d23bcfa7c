import type { SrItem } from '../../dicom/document/sr-document.ts';
import type { Finding } from '../../dxa/values/finding.ts';
import { finding } from '../report/finding.ts';
import type { RawMeasure } from '../report/region-reading.ts';
import { isMappedUnit, labelled, type MappingUse, mappedMeasure, type Named } from '../report/site-mapping.ts';
import { codeTriple, conceptFacts, itemText, itemUnit } from '../text/item-text.ts';
import { normaliseLabel } from '../text/label.ts';
import { splitUnit } from '../text/number-text.ts';
import { judgeUnit, judgeUnitText, looksLikeUnit, type UnitVerdict } from '../text/unit.ts';
import type { GeQuirk, GeRules } from './quirks.ts';
import { GE_SCHEME, INFERRED_CODES, MEASURE_CODES, MEASURES } from './vocabulary.ts';

/** What stands in a region container: results to judge, and how many belong to other kinds of analysis. */
export type RegionContent = { readonly measures: readonly RawMeasure[]; readonly ignored: number };

/** Reads the children of a region container. Code first, then label; "BMD" matches exactly, never as part of a name. */
export function readMeasures(region: SrItem, { quirks, mapping }: GeRules, findings: Finding[]): RegionContent {
  const measures: RawMeasure[] = [];
  let ignored = 0;
  for (const item of region.children) {
    const meaning = resolveMeasure(item, quirks) ?? mappedMeasure(mapping, item.concept);
    const holdsValue = item.valueType === 'NUM' || item.valueType === 'TEXT';
    if (meaning === 'ignored') ignored += 1;
    else if (meaning === 'conflict') findings.push(finding('CODE_LABEL_CONFLICT', item.path, conceptFacts(item)));
    else if (meaning === null || !holdsValue) {
      findings.push(finding('UNKNOWN_MEASURE', item.path, { ...conceptFacts(item), valueType: item.valueType }));
    } else if (item.valueType === 'NUM' || meaning === 'bmd' || quirks.has('score-as-text')) {
      measures.push(readMeasure(item, meaning, mapping));
    } else {
      findings.push(finding('UNKNOWN_MEASURE', item.path, { ...conceptFacts(item), valueType: item.valueType }));
    }
  }
  return { measures: quirks.has('second-t-score') ? nameReferences(measures, findings) : measures, ignored };
}

type Meaning = RawMeasure['quantity'] | 'ignored' | 'conflict' | null;

function resolveMeasure(item: SrItem, quirks: ReadonlySet<GeQuirk>): Meaning {
  const { concept } = item;
  if (concept === null) return null;
  const byLabel = MEASURES[normaliseLabel(concept.meaning)];
  const byCode = concept.scheme === GE_SCHEME ? MEASURE_CODES[concept.value] : undefined;
  if (byCode === undefined || byLabel === undefined || byCode === byLabel) return byCode ?? byLabel ?? null;
  if (concept.value === '31' && byLabel === 'bmc') return quirks.has('body-composition-bmc') ? 'ignored' : 'bmc';
  return INFERRED_CODES.has(concept.value) ? byLabel : 'conflict';
}

function readMeasure(item: SrItem, quantity: RawMeasure['quantity'], mapping: MappingUse): RawMeasure {
  const text = itemText(item);
  const code = codeTriple(item.concept);
  const base = { quantity, referencePopulation: '', rawText: text ?? '', code, path: item.path };
  if (item.valueType === 'NUM') {
    const unit = itemUnit(item);
    const verdict = judgeUnit(quantity, unit);
    const unitVerdict = verdict !== 'ok' && isMappedUnit(mapping, unit, quantity) ? 'ok' : verdict;
    return { ...base, text, unit: unit === null ? null : unit.value, unitVerdict, writtenUnit: unit };
  }
  const split = splitUnit(text ?? '');
  const { unitVerdict, writtenUnit } = judgeWrittenUnit(mapping, quantity, split.unit);
  return { ...base, ...split, unitVerdict, writtenUnit: looksLikeUnit(split.unit ?? '') ? writtenUnit : null };
}

/** Of a unit that stands as text, behind a number or in an attribute of XML. */
export function judgeWrittenUnit(
  mapping: MappingUse,
  quantity: RawMeasure['quantity'],
  unit: string | null,
): { readonly unitVerdict: UnitVerdict; readonly writtenUnit: Named | null } {
  const verdict = judgeUnitText(quantity, unit);
  const writtenUnit = unit === null || verdict === 'absent' ? null : labelled(unit);
  return {
    unitVerdict: verdict === 'other' && isMappedUnit(mapping, writtenUnit, quantity) ? 'ok' : verdict,
    writtenUnit,
  };
}

/** Two different T-scores of one region have two unnamed references: kept apart by their order. */
function nameReferences(measures: readonly RawMeasure[], findings: Finding[]): readonly RawMeasure[] {
  const scores = measures.filter(({ quantity, text }) => quantity === 't_score' && text !== null);
  const second = scores[1];
  if (second === undefined || new Set(scores.map(({ text }) => text?.trim())).size === 1) return measures;
  findings.push(finding('REFERENCE_POPULATION_UNNAMED', second.path, { scores: scores.length }));
  const order = new Map(scores.map((score, index) => [score, index + 1]));
  return measures.map((measure) => {
    const place = order.get(measure);
    return place === undefined ? measure : { ...measure, referencePopulation: `unnamed reference ${place}` };
  });
}
