import type { Finding } from '../../dxa/values/finding.ts';
import { lookup } from '../../dxa/values/lookup.ts';
import type { Quantity } from '../../dxa/values/quantity.ts';
import type { ScanType } from '../../dxa/values/region.ts';
import { finding } from '../report/finding.ts';
import {
  isMappedUnit,
  labelled,
  type MappingUse,
  mappedMeasure,
  NO_MAPPING,
  useMapping,
} from '../report/site-mapping.ts';
import { normaliseLabel, shortLabel } from '../text/label.ts';
import { judgeUnitText, normaliseUnit, type UnitVerdict } from '../text/unit.ts';
import { ALL_HOLOGIC_QUIRKS, type HologicQuirk } from './quirks.ts';
import { COLUMNS, COMPOSITION_COLUMNS } from './vocabulary.ts';

export type Column = {
  readonly index: number;
  readonly quantity: Quantity;
  readonly unit: string | null;
  readonly unitVerdict: UnitVerdict;
};

export type Columns = { readonly columns: readonly Column[]; readonly findings: readonly Finding[] };

type Rules = {
  readonly path: string;
  readonly scanType: ScanType;
  readonly quirks: ReadonlySet<HologicQuirk>;
  readonly mapping: MappingUse;
};

const OPENING = /[([{<〈【〔]/;
const BRACKETS = /[()[\]{}<>〈〉【】〔〕]+/;

/** "BMD[g/cm2]", "BMC[(g)]", "PR (Peak Reference)": what stands before the first bracket, and what stands in brackets. */
function splitCell(
  cell: string,
  quirks: ReadonlySet<HologicQuirk>,
): { readonly name: string; readonly inside: readonly string[] } {
  const text = cell.normalize('NFKC');
  if (!quirks.has('any-brackets')) {
    const match = /^([^()]*?)\s*(?:\(([^()]*)\))?$/.exec(text);
    return { name: match?.[1] ?? '', inside: match?.[2] === undefined ? [] : [match[2]] };
  }
  const at = text.search(OPENING);
  if (at < 0) return { name: text, inside: [] };
  const inside = text
    .slice(at)
    .split(BRACKETS)
    .map((part) => part.trim());
  return { name: text.slice(0, at), inside: inside.filter((part) => part !== '') };
}

/** Percentages and scores are explained in brackets ("Age Matched"); BMD, BMC and area are only believed in their unit. */
const isMeasured = (quantity: Quantity) => quantity === 'bmd' || quantity === 'bmc' || quantity === 'area';

const NAMES_IN_FULL = lookup<Quantity>({
  'bone mineral density': 'bmd',
  'bone mineral content': 'bmc',
  'bone area': 'area',
});

/** What brackets say of a score or a percentage, in normalised form. */
const EXPLANATIONS: ReadonlySet<string> = new Set(['peak reference', 'age matched', 'nhanes', 'nhanes iii', 'sd']);

const UNIT_LIKE = /cm|mg|g\/|m\/s/i;

type Unit = Pick<Column, 'unit' | 'unitVerdict'>;

/**
 * The unit that a cell names in brackets; null when a part of it is neither that nor the name in full: "BMD[g/cm2] change"
 * is no BMD.
 */
function unitOf(quantity: Quantity, inside: readonly string[], { quirks, mapping }: Rules): Unit | null {
  const parts = inside.filter((text) => NAMES_IN_FULL[normaliseLabel(text)] !== quantity);
  const [written] = parts;
  if (written === undefined) return { unit: null, unitVerdict: 'absent' };
  if (parts.length > 1) return null;
  if (judgeUnitText(quantity, written) === 'ok') return { unit: written, unitVerdict: 'ok' };
  if (!isMeasured(quantity) && !UNIT_LIKE.test(written) && quirks.has('explained-percentages')) {
    return EXPLANATIONS.has(normaliseLabel(written)) ? { unit: null, unitVerdict: 'absent' } : null;
  }
  const mapped = isMappedUnit(mapping, labelled(written), quantity);
  return { unit: written, unitVerdict: mapped ? 'ok' : 'other' };
}

/** Of a cell that the site says the meaning of: its unit stands anywhere in brackets. */
function unitOfMapped(quantity: Quantity, inside: readonly string[], rules: Rules): Unit {
  const known = inside.find((text) => judgeUnitText(quantity, text) === 'ok');
  return (
    unitOf(quantity, known === undefined ? inside.slice(0, 1) : [known], rules) ?? { unit: null, unitVerdict: 'absent' }
  );
}

/** A name and its unit without a bracket between them: "BMD g/cm2", "% PR". */
function withoutBrackets(name: string): { readonly quantity: Quantity; readonly unit: string } | null {
  const words = normaliseLabel(name.replaceAll('%', ' % ')).split(' ');
  for (const [first, rest] of [
    [words[0] ?? '', words.slice(1).join(' ')],
    [words.at(-1) ?? '', words.slice(0, -1).join(' ')],
  ] as const) {
    const quantity = COLUMNS[first];
    if (quantity !== undefined && judgeUnitText(quantity, rest) === 'ok') return { quantity, unit: rest };
  }
  return null;
}

type Cell = Omit<Column, 'index'> | 'composition' | 'unknown';

function readCell(cell: string, rules: Rules): Cell {
  const { name, inside } = splitCell(cell, rules.quirks);
  const label = normaliseLabel(name);
  const loose = withoutBrackets(name);
  const quantity = COLUMNS[label] ?? loose?.quantity;
  if (quantity !== undefined) {
    const unit = unitOf(quantity, loose === null ? inside : [loose.unit, ...inside], rules);
    if (unit !== null) return { quantity, ...unit };
  } else if (COMPOSITION_COLUMNS.has(label.replaceAll(' ', ''))) return 'composition';
  const mapped =
    mappedMeasure(rules.mapping, labelled(cell)) ??
    (quantity === undefined ? mappedMeasure(rules.mapping, labelled(name)) : null);
  return mapped === null ? 'unknown' : { quantity: mapped, ...unitOfMapped(mapped, inside, rules) };
}

/** Reads the header row of a table: columns are found by name, whatever their order, never by position. */
export function readHeaderCells(header: readonly string[], rules: Rules): Columns {
  const { path, quirks, scanType } = rules;
  const cells = header.map((cell, index) => (index === 0 || cell === '' ? null : readCell(cell, rules)));
  // In a table of the whole body an unrecognised column may be fat in another language.
  const isComposition =
    quirks.has('fat-scores') &&
    (header.some(isCompositionColumn) || (scanType === 'whole_body' && cells.includes('unknown')));
  const findings: Finding[] = [];
  const columns: Column[] = [];
  let left = 0;
  for (const [index, cell] of cells.entries()) {
    if (cell === null) continue;
    if (cell === 'unknown') {
      findings.push(finding('UNKNOWN_MEASURE', `${path}[0][${index}]`, { label: shortLabel(header[index] ?? '') }));
    } else if (cell === 'composition' || (isComposition && !isMeasured(cell.quantity))) left += 1;
    else columns.push({ index, ...cell });
  }
  if (left > 0) findings.push(finding('MEASURE_NOT_STORED', path, { columns: left }));
  return { columns, findings };
}

const OF_COMPOSITION: ReadonlySet<string> = new Set(['g', 'kg', '%', 'percent', 'cm2', 'g/cm2']);

const PLAIN_RULES = {
  path: '',
  scanType: 'hip',
  quirks: ALL_HOLOGIC_QUIRKS,
  mapping: useMapping(NO_MAPPING),
} as const satisfies Rules;

/** Whether a header cell names BMD, BMC or area, or whatever is measured in the unit of BMD. */
export function isBoneColumn(cell: string): boolean {
  const read = readCell(cell, PLAIN_RULES);
  if (typeof read !== 'string' && isMeasured(read.quantity)) return true;
  return splitCell(cell, ALL_HOLOGIC_QUIRKS).inside.some((text) => judgeUnitText('bmd', text) === 'ok');
}

/** Whether a header cell names fat or lean mass. */
export const isCompositionColumn = (cell: string): boolean => /fat|lean/i.test(cell);

/** Whether every part of a header cell is understood, its brackets included: nothing else can stand in it. */
export function isKnownHeaderCell(cell: string): boolean {
  const read = readCell(cell, PLAIN_RULES);
  if (read === 'unknown') return false;
  if (read !== 'composition') return read.unitVerdict !== 'other';
  return splitCell(cell, ALL_HOLOGIC_QUIRKS).inside.every((text) => OF_COMPOSITION.has(normaliseUnit(text)));
}
