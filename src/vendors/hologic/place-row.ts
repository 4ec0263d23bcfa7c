import { type Laterality, type RegionOfInterest, VERTEBRAE, type Vertebra } from '../../dxa/values/region.ts';
import { normaliseLabel } from '../text/label.ts';
import { type NamedSide, splitSide } from '../text/side.ts';
import { readSpineLabel } from '../text/spine-label.ts';
import type { HologicQuirk } from './quirks.ts';
import { HIP_ROWS, type HologicScan, readBone, readForearmRow, readWholeBodyRow } from './vocabulary.ts';

/** A row of a table: its label, and that of the row without numbers above it. */
export type Row = { readonly label: string; readonly section: string };

export type RowRules = {
  readonly rows: readonly (readonly string[])[];
  readonly scan: HologicScan;
  /** Cells that were not understood: any label may be missing, so nothing is taken from the rows around. */
  readonly unreadCells: number;
  readonly quirks: ReadonlySet<HologicQuirk>;
};

export type Place = { readonly roi: RegionOfInterest; readonly laterality: Laterality };
export type Problem = 'UNKNOWN_REGION' | 'LATERALITY_UNKNOWN' | 'LATERALITY_CONFLICT';

/** Whether a row holds results; one with a label alone is the heading of those below. */
export function hasNumbers(cells: readonly string[]): boolean {
  return cells.slice(1).some((cell) => cell !== '');
}

/** Says which region and side a row is about; the difference of two sides is no region. */
export function placeRow(row: Row, rules: RowRules): Place | Problem | 'difference' {
  switch (rules.scan.scanType) {
    case 'spine': {
      const isTotal = normaliseLabel(row.label) === 'total';
      const vertebrae = isTotal ? includedVertebrae(rules) : readVertebrae(row.label, rules.quirks);
      return vertebrae === null ? 'UNKNOWN_REGION' : { roi: { region: 'spine', vertebrae }, laterality: 'none' };
    }
    case 'hip':
      return placeHipRow(row, rules);
    case 'forearm': {
      // "R 1/3" may be the radius: a row names its side in whole words only, and so does the heading above it.
      const { side, rest } = splitSide(row.label, 'whole');
      const above = splitSide(rules.unreadCells > 0 ? '' : row.section, 'whole');
      const region = readForearmRow(rest, readBone(above.rest));
      if (region === null) return 'UNKNOWN_REGION';
      return sided(side ?? above.side, { region, vertebrae: [] }, rules.scan);
    }
    case 'whole_body': {
      const region = readWholeBodyRow(row.label);
      return region === null ? 'UNKNOWN_REGION' : { roi: { region, vertebrae: [] }, laterality: 'none' };
    }
    default:
      return rules.scan.scanType satisfies never;
  }
}

/** A dual hip lists the sides below a region, or the regions below a side; both can also stand in one label. */
function placeHipRow({ label, section }: Row, { scan, unreadCells, quirks }: RowRules): Place | Problem | 'difference' {
  const own = splitSide(label, 'abbreviated');
  const above = splitSide(section, 'abbreviated');
  const leans = own.rest === '' || (own.side === null && above.side !== null);
  if (leans && (unreadCells > 0 || !quirks.has('section-rows'))) return 'UNKNOWN_REGION';
  const side = own.side ?? above.side;
  if (side === 'difference') return 'difference';
  const region = HIP_ROWS[own.rest === '' ? above.rest : own.rest];
  return region === undefined ? 'UNKNOWN_REGION' : sided(side, { region, vertebrae: [] }, scan);
}

/** A mean of both sides contradicts none. */
function sided(side: NamedSide | null, roi: RegionOfInterest, scan: HologicScan): Place | Problem | 'difference' {
  switch (side) {
    case 'difference':
      return 'difference';
    case 'both':
      return 'LATERALITY_UNKNOWN';
    case 'mean':
      return { roi, laterality: 'mean' };
    case 'left':
    case 'right':
      return scan.laterality !== null && scan.laterality !== side ? 'LATERALITY_CONFLICT' : { roi, laterality: side };
    case null:
      return scan.laterality === null ? 'LATERALITY_UNKNOWN' : { roi, laterality: scan.laterality };
    default:
      return side satisfies never;
  }
}

/** Whether rows with numbers name both sides, as those of a dual hip do, whatever the name of the scan. */
export function namesBothSides(rows: RowRules['rows']): boolean {
  const named = new Set(rows.slice(1).flatMap((cells) => splitSide(cells[0] ?? '', 'abbreviated').side ?? []));
  return named.has('left') && named.has('right');
}

function readVertebrae(label: string, quirks: ReadonlySet<HologicQuirk>): readonly Vertebra[] | null {
  if (!quirks.has('exclusion-by-comma') && label.includes(',')) return null;
  return readSpineLabel(label);
}

/**
 * The single vertebrae that the table lists with numbers; null when a row or a label was not understood, as the total
 * may include that vertebra.
 */
function includedVertebrae({ rows, unreadCells, quirks }: RowRules): readonly Vertebra[] | null {
  if (!quirks.has('total-of-included')) return VERTEBRAE.filter((vertebra) => vertebra !== 'T12');
  const labels = rows.slice(1).flatMap((cells) => (hasNumbers(cells) ? [cells[0] ?? ''] : []));
  const sets = labels.filter((label) => normaliseLabel(label) !== 'total').map((label) => readVertebrae(label, quirks));
  if (unreadCells > 0 || sets.includes(null)) return null;
  const listed = sets.flatMap((vertebrae) => (vertebrae?.length === 1 ? vertebrae : []));
  return listed.length === 0 ? null : VERTEBRAE.filter((vertebra) => listed.includes(vertebra));
}
