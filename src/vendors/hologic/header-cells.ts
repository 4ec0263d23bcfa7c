import type { Finding } from '../../dxa/values/finding.ts';
import type { Quantity } from '../../dxa/values/quantity.ts';
import { finding } from '../report/finding.ts';
import { isMappedUnit, labelled, type MappingUse, mappedMeasure } from '../report/site-mapping.ts';
import { normaliseLabel } from '../text/label.ts';
import { judgeUnitText, type UnitVerdict } from '../text/unit.ts';
import type { HologicQuirk } from './quirks.ts';
import { COLUMNS, COMPOSITION_COLUMNS } from './vocabulary.ts';

export type Column = {
  readonly index: number;
  readonly quantity: Quantity;
  readonly unit: string | null;
  readonly unitVerdict: UnitVerdict;
};

export type Columns = { readonly columns: readonly Column[]; readonly findings: readonly Finding[] };

type Rules = { readonly path: string; readonly quirks: ReadonlySet<HologicQuirk>; readonly mapping: MappingUse };

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

const NAMES_IN_FULL = /^bone (?:mineral (?:density|content)|area)$/i;

function unitOf(quantity: Quantity, inside: readonly string[], { quirks, mapping }: Rules) {
  const known = inside.find((text) => judgeUnitText(quantity, text) === 'ok');
  if (known !== undefined) return { unit: known, unitVerdict: 'ok' } as const;
  const [written] = inside.filter((text) => !NAMES_IN_FULL.test(text));
  if (written === undefined) return { unit: null, unitVerdict: 'absent' } as const;
  const explained = !isMeasured(quantity) && !/cm|mg|g\/|m\/s/i.test(written);
  if (explained && quirks.has('explained-percentages')) return { unit: null, unitVerdict: 'absent' } as const;
  const mapped = isMappedUnit(mapping, labelled(written), quantity);
  return { unit: written, unitVerdict: mapped ? 'ok' : 'other' } as const;
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

/** Reads the header row of a table: columns are found by name, whatever their order, never by position. */
export function readHeaderCells(header: readonly string[], rules: Rules): Columns {
  const { path, quirks, mapping } = rules;
  const findings: Finding[] = [];
  const isComposition = header.some((cell) => /\b(?:fat|lean)\b/i.test(cell));
  let left = 0;
  const columns = header.flatMap((cell, index): readonly Column[] => {
    if (index === 0 || cell === '') return [];
    const { name, inside } = splitCell(cell, quirks);
    const label = normaliseLabel(name);
    const loose = withoutBrackets(name);
    const known = COLUMNS[label] ?? loose?.quantity;
    const isLeft =
      known === undefined
        ? COMPOSITION_COLUMNS.has(label.replaceAll(' ', ''))
        : isComposition && quirks.has('fat-scores') && !isMeasured(known);
    const quantity = known ?? mapped(mapping, name, cell);
    if (isLeft) left += 1;
    else if (quantity === null)
      findings.push(finding('UNKNOWN_MEASURE', `${path}[0][${index}]`, { label: cell.slice(0, 64) }));
    else return [{ index, quantity, ...unitOf(quantity, loose === null ? inside : [loose.unit], rules) }];
    return [];
  });
  if (left > 0) findings.push(finding('MEASURE_NOT_STORED', path, { columns: left }));
  return { columns, findings };
}

function mapped(mapping: MappingUse, name: string, cell: string): Quantity | null {
  return mappedMeasure(mapping, labelled(cell)) ?? mappedMeasure(mapping, labelled(name));
}
