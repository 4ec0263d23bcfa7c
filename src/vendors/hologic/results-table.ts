import type { Finding } from '../../dxa/finding.ts';
import type { Quantity } from '../../dxa/quantity.ts';
import { type Laterality, type Region, type RegionOfInterest, VERTEBRAE, type Vertebra } from '../../dxa/region.ts';
import { finding } from '../finding.ts';
import { lookup, normaliseLabel } from '../label.ts';
import type { RawMeasure, RegionReading } from '../region-reading.ts';
import { isMappedUnit, labelled, type MappingUse, mappedMeasure, mappedRegion } from '../site-mapping.ts';
import { readSpineLabel } from '../spine-label.ts';
import { judgeUnitText } from '../unit.ts';
import type { HologicQuirk } from './quirks.ts';
import { COLUMNS, HIP_ROWS, type HologicScan, readBone, readForearmRow, WHOLE_BODY_ROWS } from './vocabulary.ts';

type Column = { readonly index: number; readonly quantity: Quantity; readonly unit: string | null };
type Table = readonly (readonly string[])[];
type Place = { readonly roi: RegionOfInterest; readonly laterality: Laterality };

export type TableInput = {
  readonly rows: Table;
  /** Lines for cells that were not understood: any label may be missing. */
  readonly unreadCells: number;
  readonly scan: HologicScan;
  readonly scanLabel: string;
  readonly referencePopulation: string;
  /** Of the table, "(0019,1000)/ResultsTable1". */
  readonly path: string;
  readonly quirks: ReadonlySet<HologicQuirk>;
  readonly mapping: MappingUse;
};

export type TableRead = { readonly regions: readonly RegionReading[]; readonly findings: readonly Finding[] };

const SIDES: Readonly<Record<string, Laterality>> = { left: 'left', right: 'right', mean: 'mean' };

/** Reads a table of results by its header row; columns are never taken by position. */
export function readResultsTable(input: TableInput): TableRead {
  const { rows, path, quirks } = input;
  const header = rows[0] ?? [];
  const findings: Finding[] = [];
  if (quirks.has('fat-scores') && header.some((cell) => /\bfat\b/i.test(cell))) {
    return { regions: [], findings: [finding('MEASURE_NOT_STORED', path, { rows: rows.length - 1 })] };
  }
  const columns = readHeader(header, input, findings);
  const regions: RegionReading[] = [];
  let section = header[0] ?? '';
  for (const [index, cells] of rows.entries()) {
    const label = cells[0] ?? '';
    if (index === 0) continue;
    if (!hasNumbers(cells)) {
      if (label === '') continue;
      section = label;
      continue;
    }
    const where = `${path}[${index}]`;
    const known = placeRow(label, section, input);
    const place = known === 'UNKNOWN_REGION' ? mappedPlace(label, input) : known;
    if (place === 'difference') continue;
    if (typeof place === 'string') findings.push(finding(place, where, { label: label.slice(0, 64) }));
    else {
      const measures = columns.map((column) => readCell(column, cells[column.index] ?? '', where, input));
      const { scanType } = input.scan;
      const rawLabel = SIDES[normaliseLabel(label)] === undefined ? label : `${section} ${label}`;
      regions.push({ scanType, scanLabel: input.scanLabel, ...place, rawLabel, measures });
    }
  }
  return { regions, findings };
}

/** "BMD (g/cm2)" is the BMD column in g/cm2. */
function readHeader(header: readonly string[], { path, mapping }: TableInput, findings: Finding[]): readonly Column[] {
  return header.flatMap((cell, index): readonly Column[] => {
    if (index === 0 || cell === '') return [];
    const match = /^([^()]*?)\s*(?:\(([^()]*)\))?$/.exec(cell);
    const name = match?.[1] ?? '';
    const quantity =
      lookup(COLUMNS, normaliseLabel(name)) ??
      mappedMeasure(mapping, labelled(cell)) ??
      mappedMeasure(mapping, labelled(name));
    if (quantity !== null) return [{ index, quantity, unit: match?.[2] ?? null }];
    findings.push(finding('UNKNOWN_MEASURE', `${path}[0][${index}]`, { label: cell.slice(0, 64) }));
    return [];
  });
}

function readCell(column: Column, text: string, where: string, input: TableInput): RawMeasure {
  const isTScore = column.quantity === 't_score';
  const written = judgeUnitText(column.quantity, column.unit);
  const unit = column.unit === null ? null : labelled(column.unit);
  return {
    quantity: column.quantity,
    referencePopulation: isTScore ? input.referencePopulation : '',
    text,
    rawText: text,
    unit: column.unit,
    unitVerdict: written !== 'ok' && isMappedUnit(input.mapping, unit, column.quantity) ? 'ok' : written,
    code: null,
    path: `${where}[${column.index}]`,
  };
}

function mappedPlace(label: string, { scan, mapping }: TableInput): Place | Problem {
  const region = mappedRegion(mapping, labelled(label), scan.scanType);
  if (region === null) return 'UNKNOWN_REGION';
  const laterality = region.laterality ?? scan.laterality;
  return laterality === null ? 'LATERALITY_UNKNOWN' : { roi: region.roi, laterality };
}

type Problem = 'UNKNOWN_REGION' | 'LATERALITY_UNKNOWN' | 'LATERALITY_CONFLICT' | 'difference';

function placeRow(label: string, section: string, input: TableInput): Place | Problem {
  const { scan, quirks } = input;
  const name = normaliseLabel(label);
  const plain = (region: Region): RegionOfInterest => ({ region, vertebrae: [] });
  switch (scan.scanType) {
    case 'spine': {
      const vertebrae = name === 'total' ? includedVertebrae(input) : readVertebrae(label, quirks);
      return vertebrae === null ? 'UNKNOWN_REGION' : { roi: { region: 'spine', vertebrae }, laterality: 'none' };
    }
    case 'hip': {
      const sideRow = /^\|?diff/.test(name) ? 'difference' : lookup(SIDES, name);
      if (sideRow !== undefined && !quirks.has('section-rows')) return 'UNKNOWN_REGION';
      if (sideRow === 'difference') return 'difference';
      if (sideRow !== undefined && input.unreadCells > 0) return 'UNKNOWN_REGION';
      const region = lookup(HIP_ROWS, sideRow === undefined ? name : normaliseLabel(section));
      if (region === undefined) return 'UNKNOWN_REGION';
      if (sideRow !== undefined && scan.laterality !== null && sideRow !== scan.laterality)
        return 'LATERALITY_CONFLICT';
      const laterality = sideRow ?? scan.laterality;
      return laterality === null ? 'LATERALITY_UNKNOWN' : { roi: plain(region), laterality };
    }
    case 'forearm': {
      const region = readForearmRow(label, input.unreadCells > 0 ? null : readBone(section));
      if (region === null) return 'UNKNOWN_REGION';
      return scan.laterality === null ? 'LATERALITY_UNKNOWN' : { roi: plain(region), laterality: scan.laterality };
    }
    case 'whole_body': {
      const region = lookup(WHOLE_BODY_ROWS, name);
      return region === undefined ? 'UNKNOWN_REGION' : { roi: plain(region), laterality: 'none' };
    }
    default:
      return scan.scanType satisfies never;
  }
}

function readVertebrae(label: string, quirks: ReadonlySet<HologicQuirk>): readonly Vertebra[] | null {
  if (!quirks.has('exclusion-by-comma') && label.includes(',')) return null;
  return readSpineLabel(label);
}

function hasNumbers(cells: readonly string[]): boolean {
  return cells.slice(1).some((cell) => cell !== '');
}

/**
 * The single vertebrae that the table lists with numbers; null when a row or a label was not understood, as the total
 * may include that vertebra.
 */
function includedVertebrae({ rows, unreadCells, quirks }: TableInput): readonly Vertebra[] | null {
  if (!quirks.has('total-of-included')) return VERTEBRAE.filter((vertebra) => vertebra !== 'T12');
  const labels = rows.slice(1).flatMap((cells) => (hasNumbers(cells) ? [cells[0] ?? ''] : []));
  const sets = labels.filter((label) => normaliseLabel(label) !== 'total').map((label) => readVertebrae(label, quirks));
  if (unreadCells > 0 || sets.includes(null)) return null;
  const listed = sets.flatMap((vertebrae) => (vertebrae?.length === 1 ? vertebrae : []));
  return listed.length === 0 ? null : VERTEBRAE.filter((vertebra) => listed.includes(vertebra));
}
