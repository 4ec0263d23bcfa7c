import type { Finding } from '../../dxa/values/finding.ts';
import { finding } from '../report/finding.ts';
import type { RawMeasure, RegionReading } from '../report/region-reading.ts';
import { labelled } from '../report/site-mapping.ts';
import { normaliseLabel, shortLabel } from '../text/label.ts';
import { splitSide } from '../text/side.ts';
import { type Column, readHeaderCells } from './header-cells.ts';
import { hasNumbers, nameRow, placeRow, type Row, type RowRules } from './place-row.ts';

export type TableInput = RowRules & {
  readonly scanLabel: string;
  readonly referencePopulation: string;
  /** Of the table, "(0019,1000)/ResultsTable1". */
  readonly path: string;
};

export type TableRead = { readonly regions: readonly RegionReading[]; readonly findings: readonly Finding[] };

/** Reads a table of results by its header row; columns are never taken by position. */
export function readResultsTable(input: TableInput): TableRead {
  const { rows, path, scan } = input;
  const { columns, findings: headerFindings } = readHeaderCells(rows[0] ?? [], { ...input, scanType: scan.scanType });
  const findings: Finding[] = [...headerFindings];
  if (columns.length === 0) return { regions: [], findings };
  const regions: RegionReading[] = [];
  let section = rows[0]?.[0] ?? '';
  let contradicted = false;
  for (const [index, cells] of rows.entries()) {
    const label = cells[0] ?? '';
    if (index === 0) continue;
    if (!hasNumbers(cells)) {
      if (label !== '') section = label;
      continue;
    }
    const where = `${path}[${index}]`;
    const place = placeRow({ label, section }, input);
    if (place === 'difference') continue;
    if (typeof place === 'string') {
      findings.push(finding(place, where, { label: shownLabel({ label, section }, input), scanType: scan.scanType }));
      contradicted ||= place === 'LATERALITY_CONFLICT';
    } else {
      const measures = columns.map((column) => readCell(column, cells[column.index] ?? '', where, input));
      const leans = scan.scanType === 'hip' && splitSide(label, 'abbreviated').rest === '';
      const rawLabel = leans ? `${section} ${label}` : label;
      regions.push({ scanType: scan.scanType, scanLabel: input.scanLabel, ...place, rawLabel, measures });
    }
  }
  // Where the sides of a scan contradict each other, it is unknown which of its rows names the right one.
  if (scan.alone === false && findings.some(({ code }) => code === 'UNKNOWN_REGION')) return { regions: [], findings };
  const sideless = regions.filter(({ laterality }) => laterality === 'mean' || laterality === 'none');
  return { regions: contradicted ? sideless : regions, findings };
}

/** What a site would map: the row as it stands, or what names its region where that stands above or beside a side. */
function shownLabel(row: Row, input: TableInput): string {
  const name = nameRow(row, input);
  const isAsItStands = name === null || normaliseLabel(row.label) === name.word;
  return shortLabel(isAsItStands ? row.label : name.word);
}

function readCell(column: Column, text: string, where: string, input: TableInput): RawMeasure {
  const { quantity, unit, unitVerdict } = column;
  return {
    quantity,
    referencePopulation: quantity === 't_score' ? input.referencePopulation : '',
    text,
    rawText: text,
    unit,
    unitVerdict,
    writtenUnit: unit === null ? null : labelled(unit),
    code: null,
    path: `${where}[${column.index}]`,
  };
}
