import type { CodedConcept } from '../../dicom/document/sr-document.ts';
import type { Quantity } from '../../dxa/values/quantity.ts';
import { type Laterality, type RegionOfInterest, type ScanType, scanTypeOf } from '../../dxa/values/region.ts';
import { normaliseLabel, shortLabel } from '../text/label.ts';
import { normaliseUnit } from '../text/unit.ts';

/** What an item must be for an entry to hold: every part that is given must be equal; labels in normalised form. */
export type MappingMatch = {
  readonly scheme?: string;
  readonly value?: string;
  readonly label?: string;
};

export type ConceptKind = 'scan' | 'region' | 'measure' | 'unit';

/**
 * What a site says about a code or label that no adapter knows; `id` is that of the row that says so. `laterality` null leaves the side to what stands around
 * the item. A region entry may be bound to a kind of scan, because regions are named alike in different scans.
 */
export type MappingEntry =
  | {
      readonly id: string;
      readonly kind: 'scan';
      readonly match: MappingMatch;
      readonly scanType: ScanType;
      readonly laterality: Laterality | null;
    }
  | {
      readonly id: string;
      readonly kind: 'region';
      readonly match: MappingMatch;
      readonly inScan: ScanType | null;
      readonly roi: RegionOfInterest;
      readonly laterality: Laterality | null;
    }
  | { readonly id: string; readonly kind: 'measure'; readonly match: MappingMatch; readonly quantity: Quantity }
  | { readonly id: string; readonly kind: 'unit'; readonly match: MappingMatch; readonly quantity: Quantity }
  | {
      readonly id: string;
      /** The site ignores it: it is no longer reported. */
      readonly kind: 'ignored';
      readonly of: ConceptKind;
      readonly match: MappingMatch;
      readonly inScan: ScanType | null;
    };

/**
 * The entries in force for one report: chosen by vendor, model and day of the scan before they come here. They are asked only where the adapter itself does not know an item, so that no entry can turn a known one around.
 */
export type SiteMapping = readonly MappingEntry[];

export const NO_MAPPING: SiteMapping = [];

/** A mapping while one report is read: the ids of the entries that named something in it are gathered here. */
export type MappingUse = { readonly entries: SiteMapping; readonly used: Set<string> };

export function useMapping(entries: SiteMapping): MappingUse {
  return { entries, used: new Set() };
}

/** What an entry may be about. */
export type Named = Pick<CodedConcept, 'scheme' | 'value' | 'meaning'>;

/** An item that has a label and no code. */
export const labelled = (label: string): Named => ({ scheme: '', value: '', meaning: label });

type Entry<K extends MappingEntry['kind']> = Extract<MappingEntry, { kind: K }>;

export function mappedScan(use: MappingUse, concept: Named | null): Entry<'scan'> | null {
  const entry = use.entries.find((one) => one.kind === 'scan' && matches(one.match, concept));
  return entry?.kind === 'scan' ? note(use, entry) : null;
}

export function mappedRegion(
  use: MappingUse,
  concept: Named | null,
  scanType: ScanType | null,
): Entry<'region'> | null {
  const entry = use.entries.find((one) => {
    if (one.kind !== 'region' || !matches(one.match, concept)) return false;
    if (one.inScan !== null && one.inScan !== scanType) return false;
    return scanType === null || scanTypeOf(one.roi.region) === scanType;
  });
  return entry?.kind === 'region' ? note(use, entry) : null;
}

/** The side of a region that the site named, beside the one that its scan or row names; a mean contradicts no side. */
export function mappedSide(
  { laterality }: Pick<Entry<'region'>, 'laterality'>,
  known: Laterality | null,
): Laterality | 'LATERALITY_UNKNOWN' | 'LATERALITY_CONFLICT' {
  if (laterality === null) return known ?? 'LATERALITY_UNKNOWN';
  const isSide = (side: Laterality | null) => side === 'left' || side === 'right';
  return isSide(laterality) && isSide(known) && laterality !== known ? 'LATERALITY_CONFLICT' : laterality;
}

export function mappedMeasure(use: MappingUse, concept: Named | null): Quantity | null {
  const entry = use.entries.find((one) => one.kind === 'measure' && matches(one.match, concept));
  return entry?.kind === 'measure' ? note(use, entry).quantity : null;
}

function note<T extends MappingEntry>(use: MappingUse, entry: T): T {
  use.used.add(entry.id);
  return entry;
}

/** Whether an entry is about this scan, region or result. */
export function isMapped(mapping: SiteMapping, concept: Named | null): boolean {
  return mapping.some(({ kind, match }) => kind !== 'unit' && kind !== 'ignored' && matches(match, concept));
}

/** Whether the site ignores a concept as a finding tells it. */
export function isIgnored(use: MappingUse, kind: ConceptKind, concept: Named, scanType: string): boolean {
  const entry = use.entries.find(({ match, ...one }) => {
    if (one.kind !== 'ignored' || one.of !== kind || (one.inScan !== null && one.inScan !== scanType)) return false;
    const { label } = match;
    return matches(label === undefined ? match : { ...match, label: shortLabel(label) }, concept);
  });
  if (entry !== undefined) note(use, entry);
  return entry !== undefined;
}

/** Milligrams, volumes and speeds: standardised BMD, QCT and ultrasound are other quantities. */
export const isUnitOfAnother = (text: string): boolean => /^mg|cm3|^m\/s/.test(normaliseUnit(text));

/** Whether a site says that this unit is the unit of the quantity; that of another quantity can never be. */
export function isMappedUnit(use: MappingUse, unit: Named | null, quantity: Quantity): boolean {
  if (unit === null || [unit.value, unit.meaning].some(isUnitOfAnother)) return false;
  const entry = use.entries.find((one) => one.kind === 'unit' && one.quantity === quantity && matches(one.match, unit));
  if (entry !== undefined) note(use, entry);
  return entry !== undefined;
}

function matches(match: MappingMatch, concept: Named | null): boolean {
  if (concept === null || (match.scheme ?? match.value ?? match.label) === undefined) return false;
  return (
    (match.scheme === undefined || match.scheme === concept.scheme) &&
    (match.value === undefined || match.value === concept.value) &&
    (match.label === undefined || normaliseLabel(match.label) === normaliseLabel(concept.meaning))
  );
}
