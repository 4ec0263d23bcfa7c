import type { CodedConcept, SrItem } from '../../dicom/document/sr-document.ts';
import {
  type Laterality,
  type RegionOfInterest,
  type ScanType,
  scanTypeOf,
  VERTEBRAE,
  type Vertebra,
} from '../../dxa/values/region.ts';
import { labelled, type MappingUse, mappedRegion, mappedScan, type Named } from '../report/site-mapping.ts';
import { normaliseLabel } from '../text/label.ts';
import { readSpineLabel } from '../text/spine-label.ts';
import {
  FINDING_SITE,
  LATERALITY,
  LATERALITY_CODES,
  REFERENCE,
  REGION_LABELS,
  SITE_CODES,
  TRACKING_IDENTIFIER,
  VERTEBRA_CODES,
} from './vocabulary.ts';

/** What the items above a number say about it. */
export type Context = {
  readonly scanType: ScanType | null;
  readonly roi: RegionOfInterest | null;
  readonly laterality: Laterality | null;
  /** Two places name different sides. */
  readonly sidesConflict: boolean;
  readonly referencePopulation: string;
  readonly label: string;
  readonly scanLabel: string;
  /** Below a trend, an earlier exam or a change: not a result of today. */
  readonly historic: boolean;
  /** What names the place here and is not understood, for the site to map it. */
  readonly unknownPlace: Named | null;
};

const HISTORIC = /\b(?:trends?|priors?|previous|baseline|changes?|diff|differences?|history|comparison)\b|\d{4}/;

export const NO_CONTEXT: Context = {
  scanType: null,
  roi: null,
  laterality: null,
  sidesConflict: false,
  referencePopulation: '',
  label: '',
  scanLabel: '',
  historic: false,
  unknownPlace: null,
};

/** DCM Measurement Group, Imaging Measurements and Imaging Measurement Report: they group and name no region. */
const NEUTRAL_CODES: ReadonlySet<string> = new Set(['DCM:125007', 'DCM:126010', 'DCM:126000']);
const NEUTRAL_NAME =
  /^(?:(?:derived )?(?:imaging )?measurements?(?: groups?)?|results?|values?|(?:t |z )?scores?|(?:dxa |dexa )?scans?|bone (?:mineral )?density|bmd|(?:dxa )?panels?)?$/;

/** Parts of the body that hold several regions: they contradict none of these and name none. */
const BROAD_PLACE =
  /^(?:(?:dxa )?(?:(?:ap |pa )?(?:lumbar )?spine|hips?|(?:proximal )?femur|forearm|radius|wrist)(?: region| scan)?)$/;

const BROAD_SITES: ReadonlySet<string> = new Set([
  'SCT:122496007', // lumbar spine
  'SCT:71341001', // femur
  'SCT:310651003', // proximal femur
  'SCT:29836001', // hip region
  'SCT:62413002', // radius
  'SCT:110535000', // radius and ulna
  'SCT:14975008', // forearm
]);

/** Whether a text without its side names no region that could be another than the one above it. */
const namesNoRegion = (rest: string): boolean =>
  NEUTRAL_NAME.test(rest) || BROAD_PLACE.test(rest) || /^[\d ]{1,4}$/.test(rest);

/**
 * True for a container that names something not recognised here: "L1-L4 excl. L2" below "AP Spine L1-L4" is not
 * L1-L4, so that nothing may be inherited from above.
 */
function isUnknownPlace(item: SrItem, name: string): boolean {
  if (item.valueType !== 'CONTAINER' || NEUTRAL_CODES.has(item.concept?.key ?? '')) return false;
  return !NEUTRAL_NAME.test(splitLabel(name).rest);
}

/** The sides that a text names and its other words, in normalised form. */
function splitLabel(label: string): { readonly sides: ReadonlySet<string>; readonly rest: string } {
  const isSide = (word: string) => word === 'left' || word === 'right';
  const words = normaliseLabel(label).split(' ');
  return { sides: new Set(words.filter(isSide)), rest: words.filter((word) => !isSide(word)).join(' ') };
}

/** What one text or code says by itself. */
type Statement = {
  readonly roi?: RegionOfInterest;
  readonly scanType?: ScanType;
  readonly laterality?: Laterality;
  /** The text that named the region. */
  readonly label?: string;
  /** It names a place that is not understood. */
  readonly unknownPlace?: Named;
};

/** Adds to the context of a parent what an item and its modifiers say; the nearest statement about a region counts. */
export function enter(parent: Context, item: SrItem, mapping: MappingUse): Context {
  const name = item.concept?.meaning ?? '';
  const statements: Statement[] = [
    readLabel(name),
    ...readCode(item.concept?.key ?? ''),
    ...item.children.flatMap(readModifier),
  ];
  const vertebrae = siteVertebrae(item);
  const places = [
    ...statements.flatMap(({ unknownPlace }) => unknownPlace ?? []),
    ...(item.concept !== null && isUnknownPlace(item, name) ? [item.concept] : []),
  ];
  // A number whose region is known above it is not turned round by what is said of its code.
  const mapped: Statement[] = [];
  const isOpen = places.length > 0 || parent.roi === null;
  if (isOpen && vertebrae.length === 0 && statements.every(({ roi }) => roi === undefined)) {
    mapped.push(...[...places, item.concept].flatMap((named) => readMapping(named, parent, mapping)));
    statements.push(...mapped);
  }
  const stated: readonly Statement[] =
    vertebrae.length === 0 ? statements : [...statements, { roi: { region: 'spine', vertebrae }, scanType: 'spine' }];
  const nearest = stated.findLast((statement) => statement.roi !== undefined);
  const roi = nearest?.roi;
  const scanType = stated.find((statement) => statement.scanType !== undefined)?.scanType;
  const sides = new Set(stated.flatMap(({ laterality }) => (laterality === undefined ? [] : [laterality])));
  const [side] = sides;
  return {
    scanType: scanType ?? parent.scanType,
    roi: roi ?? (places.length === 0 ? parent.roi : null),
    unknownPlace: roi === undefined && scanType === undefined ? (places[0] ?? parent.unknownPlace) : null,
    laterality: side ?? parent.laterality,
    sidesConflict:
      sides.size > 1 ||
      (roi === undefined && conflicts(side, parent.laterality)) ||
      mapped.some(({ laterality }) => conflicts(laterality, parent.laterality)),
    referencePopulation: readReference(item) ?? parent.referencePopulation,
    label: nearest === undefined && parent.roi !== null ? parent.label : (nearest?.label ?? name),
    scanLabel: parent.scanLabel === '' ? name : parent.scanLabel,
    historic: parent.historic || HISTORIC.test(normaliseLabel(name)),
  };
}

function conflicts(side: Laterality | undefined, outer: Laterality | null): boolean {
  return side !== undefined && outer !== null && side !== outer;
}

/** Reads "Left femoral neck", "AP Spine L1-L4", "Total hip right"; what is not understood whole says nothing. */
function readLabel(label: string): Statement {
  const { sides, rest } = splitLabel(label);
  const [side] = sides;
  if (sides.size > 1) return {};
  const named = REGION_LABELS[rest];
  const laterality = side === undefined ? {} : { laterality: side as Laterality };
  if (named !== undefined) {
    return { roi: { region: named.region, vertebrae: [] }, scanType: named.scanType, ...laterality };
  }
  const vertebrae = readSpineLabel(label.replace(/^\s*(?:ap |pa )?(?:lumbar )?spine[\s:,-]*/i, ''));
  if (vertebrae !== null) return { roi: { region: 'spine', vertebrae }, scanType: 'spine' };
  return namesNoRegion(rest) ? laterality : {};
}

/** What the site says about a scan or region that nothing else names. */
function readMapping(named: Named | null, parent: Context, mapping: MappingUse): readonly Statement[] {
  const scan = mappedScan(mapping, named);
  const region = mappedRegion(mapping, named, scan?.scanType ?? parent.scanType);
  const side = region?.laterality ?? scan?.laterality ?? null;
  const scanType = scan?.scanType ?? (region === null ? null : scanTypeOf(region.roi.region));
  return [
    {
      ...(scanType === null ? {} : { scanType }),
      ...(region === null ? {} : { roi: region.roi }),
      ...(side === null ? {} : { laterality: side }),
    },
  ];
}

function readCode(key: string): readonly Statement[] {
  const region = SITE_CODES.get(key);
  if (region === undefined) return [];
  return [{ roi: { region, vertebrae: [] }, scanType: scanTypeOf(region) }];
}

function readModifier(item: SrItem): readonly Statement[] {
  const key = item.concept?.key ?? '';
  if (item.valueType === 'TEXT' && key === TRACKING_IDENTIFIER) {
    const stated = readLabel(item.text);
    const strange = stated.roi === undefined && !namesNoRegion(splitLabel(item.text).rest);
    return [{ ...stated, label: item.text, ...(strange ? { unknownPlace: labelled(item.text) } : {}) }];
  }
  if (item.valueType !== 'CODE' || item.code === null) return [];
  if (LATERALITY.has(key)) return readLaterality(item.code.key);
  return FINDING_SITE.has(key) ? readSite(item.code, item.children) : [];
}

function readSite(code: CodedConcept, modifiers: readonly SrItem[]): readonly Statement[] {
  const nested = modifiers.flatMap((child) =>
    child.valueType === 'CODE' && child.code !== null && LATERALITY.has(child.concept?.key ?? '')
      ? readLaterality(child.code.key)
      : [],
  );
  const label = code.meaning;
  const stated = [readLabel(label), ...readCode(code.key)];
  const known =
    stated.some(({ roi }) => roi !== undefined) ||
    BROAD_SITES.has(code.key) ||
    VERTEBRA_CODES.has(code.key) ||
    namesNoRegion(splitLabel(label).rest);
  return [...stated.map((one) => ({ ...one, label })), ...nested, ...(known ? [] : [{ unknownPlace: code }])];
}

/** Both sides together are neither a side nor a mean: they say nothing. */
function readLaterality(key: string): readonly Statement[] {
  const laterality = LATERALITY_CODES.get(key);
  return laterality === undefined ? [] : [{ laterality }];
}

/** Several vertebrae named as sites of one group are its set. */
function siteVertebrae(item: SrItem): readonly Vertebra[] {
  const named = item.children.flatMap((child) => {
    if (child.valueType !== 'CODE' || child.code === null || !FINDING_SITE.has(child.concept?.key ?? '')) return [];
    return VERTEBRA_CODES.get(child.code.key) ?? [];
  });
  const own = VERTEBRA_CODES.get(item.concept?.key ?? '');
  const all = own === undefined ? named : [...named, own];
  return VERTEBRAE.filter((vertebra) => all.includes(vertebra));
}

function readReference(item: SrItem): string | null {
  const found = item.children.find(({ concept }) => concept !== null && REFERENCE.has(concept.key));
  if (found?.valueType === 'TEXT') return found.text.trim();
  return found?.valueType === 'CODE' ? (found.code?.meaning ?? null) : null;
}
