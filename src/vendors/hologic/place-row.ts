import {
  type Laterality,
  type Region,
  type RegionOfInterest,
  VERTEBRAE,
  type Vertebra,
} from '../../dxa/values/region.ts';
import { labelled, type MappingUse, mappedRegion, mappedSide } from '../report/site-mapping.ts';
import { normaliseLabel } from '../text/label.ts';
import { type NamedSide, splitSide } from '../text/side.ts';
import { readSpineLabel } from '../text/spine-label.ts';
import type { HologicQuirk } from './quirks.ts';
import { HIP_ROWS, type HologicScan, readForearmRow, readWholeBodyRow, splitBone } from './vocabulary.ts';

/** A row of a table: its label, and that of the row without numbers above it. */
export type Row = { readonly label: string; readonly section: string };

export type RowRules = {
  readonly rows: readonly (readonly string[])[];
  readonly scan: HologicScan;
  /** Cells that were not understood: any label may be missing, so nothing is taken from the rows around. */
  readonly unreadCells: number;
  readonly quirks: ReadonlySet<HologicQuirk>;
  readonly mapping: MappingUse;
};

export type Place = { readonly roi: RegionOfInterest; readonly laterality: Laterality };
export type Problem = 'UNKNOWN_REGION' | 'LATERALITY_UNKNOWN' | 'LATERALITY_CONFLICT';

/** Whether a row holds results; one with a label alone is the heading of those below. */
export function hasNumbers(cells: readonly string[]): boolean {
  return cells.slice(1).some((cell) => cell !== '');
}

/** What names the region of a row, as a site would map it, and the side beside it. */
export type RowName = {
  readonly word: string;
  readonly side: NamedSide | null;
  /** Its label alone does not say what it is. */
  readonly leans: boolean;
};

/**
 * Takes a row apart. A dual hip lists the sides below a region, or the regions below a side; both can also stand in one
 * label. The bone of a forearm stands in the row or above it. Null where a row leans on one above it that may be missing.
 */
export function nameRow({ label, section }: Row, { scan, unreadCells, quirks }: RowRules): RowName | null {
  switch (scan.scanType) {
    case 'hip': {
      const own = splitSide(label, 'abbreviated');
      const above = splitSide(section, 'abbreviated');
      const leans = own.rest === '' || (own.side === null && above.side !== null);
      if (leans && (unreadCells > 0 || !quirks.has('section-rows'))) return null;
      return { word: own.rest === '' ? above.rest : own.rest, side: own.side ?? above.side, leans: own.rest === '' };
    }
    case 'forearm': {
      // "R 1/3" may be the radius: a row names its side in whole words only, and so does the heading above it.
      const own = splitSide(label, 'whole');
      const above = splitSide(section, 'whole');
      const leans = splitBone(own.rest).bone === null && !['', 'region'].includes(above.rest);
      if (leans && unreadCells > 0) return null;
      return {
        word: leans ? `${above.rest} ${own.rest}` : own.rest,
        side: own.side ?? (leans ? above.side : null),
        leans,
      };
    }
    case 'spine':
    case 'whole_body':
      return { word: label, side: null, leans: false };
    default:
      return scan.scanType satisfies never;
  }
}

/** Says which region and side a row is about, by the tables or by the site; the difference of two sides is no region. */
export function placeRow(row: Row, rules: RowRules): Place | Problem | 'difference' {
  const name = nameRow(row, rules);
  if (name === null) return 'UNKNOWN_REGION';
  if (name.side === 'difference') return 'difference';
  const { scan } = rules;
  const roi = roiOf(name.word, rules);
  if (roi !== null) return sided(name.side, roi, scan);
  const mapped = mapRow(row, name, rules);
  if (mapped === null) return 'UNKNOWN_REGION';
  const known = sided(name.side, mapped.roi, scan);
  if (typeof known === 'string' && (known !== 'LATERALITY_UNKNOWN' || name.side === 'both')) return known;
  const laterality = mappedSide(mapped, typeof known === 'string' ? null : known.laterality);
  const isPlace = laterality !== 'LATERALITY_UNKNOWN' && laterality !== 'LATERALITY_CONFLICT';
  return isPlace ? { roi: mapped.roi, laterality } : laterality;
}

function mapRow({ label }: Row, { word, leans }: RowName, { mapping, scan }: RowRules) {
  const byLabel = leans ? null : mappedRegion(mapping, labelled(label), scan.scanType);
  return byLabel ?? mappedRegion(mapping, labelled(word), scan.scanType);
}

const whole = (region: Region | undefined | null): RegionOfInterest | null =>
  region === undefined || region === null ? null : { region, vertebrae: [] };

function roiOf(word: string, rules: RowRules): RegionOfInterest | null {
  switch (rules.scan.scanType) {
    case 'spine': {
      const isTotal = normaliseLabel(word) === 'total';
      const vertebrae = isTotal ? includedVertebrae(rules) : readVertebrae(word, rules.quirks);
      return vertebrae === null ? null : { region: 'spine', vertebrae };
    }
    case 'hip':
      return whole(HIP_ROWS[word]);
    case 'forearm':
      return whole(readForearmRow(word));
    case 'whole_body':
      return whole(readWholeBodyRow(word));
    default:
      return rules.scan.scanType satisfies never;
  }
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
function includedVertebrae({ rows, unreadCells, quirks, mapping }: RowRules): readonly Vertebra[] | null {
  if (!quirks.has('total-of-included')) return VERTEBRAE.filter((vertebra) => vertebra !== 'T12');
  const labels = rows.slice(1).flatMap((cells) => (hasNumbers(cells) ? [cells[0] ?? ''] : []));
  const sets = labels
    .filter((label) => normaliseLabel(label) !== 'total')
    .map(
      (label) => readVertebrae(label, quirks) ?? mappedRegion(mapping, labelled(label), 'spine')?.roi.vertebrae ?? null,
    );
  if (unreadCells > 0 || sets.includes(null)) return null;
  const listed = sets.flatMap((vertebrae) => (vertebrae?.length === 1 ? vertebrae : []));
  return listed.length === 0 ? null : VERTEBRAE.filter((vertebra) => listed.includes(vertebra));
}
