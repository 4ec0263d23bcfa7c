import type { SrItem } from '../../dicom/document/sr-document.ts';
import {
  type Laterality,
  type RegionOfInterest,
  type ScanType,
  VERTEBRAE,
  type Vertebra,
} from '../../dxa/values/region.ts';
import { type MappingUse, mappedRegion, mappedScan } from '../report/site-mapping.ts';
import { normaliseLabel } from '../text/label.ts';
import { readSpineLabel } from '../text/spine-label.ts';
import {
  FINDING_SITE,
  LATERALITY,
  LATERALITY_CODES,
  REFERENCE,
  REGION_LABELS,
  SITE_CODES,
  scanTypeOf,
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
};

/** DCM Measurement Group, Imaging Measurements and Imaging Measurement Report: they group and name no region. */
const NEUTRAL_CODES: ReadonlySet<string> = new Set(['DCM:125007', 'DCM:126010', 'DCM:126000']);
const NEUTRAL_NAME =
  /^(?:(?:derived )?(?:imaging )?measurements?(?: groups?)?|results?|values?|(?:t |z )?scores?|(?:dxa |dexa )?scans?|bone (?:mineral )?density|bmd|(?:dxa )?panels?)?$/;

/**
 * True for a container that names something nobody here understands: "L1-L4 excl. L2" below "AP Spine L1-L4" is not
 * L1-L4, so that nothing may be inherited from above.
 */
function isUnknownPlace(item: SrItem, name: string): boolean {
  if (item.valueType !== 'CONTAINER' || NEUTRAL_CODES.has(item.concept?.key ?? '')) return false;
  const rest = normaliseLabel(name)
    .split(' ')
    .filter((word) => word !== 'left' && word !== 'right');
  return !NEUTRAL_NAME.test(rest.join(' '));
}

/** What one text or code says by itself. */
type Statement = {
  readonly roi?: RegionOfInterest;
  readonly scanType?: ScanType;
  readonly laterality?: Laterality;
  /** The text that named the region. */
  readonly label?: string;
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
  if (vertebrae.length === 0 && statements.every(({ roi }) => roi === undefined)) {
    statements.push(...readMapping(item, parent, mapping));
  }
  const stated: readonly Statement[] =
    vertebrae.length === 0 ? statements : [...statements, { roi: { region: 'spine', vertebrae }, scanType: 'spine' }];
  const nearest = stated.findLast((statement) => statement.roi !== undefined);
  const roi = nearest?.roi;
  const sides = new Set(stated.flatMap(({ laterality }) => (laterality === undefined ? [] : [laterality])));
  const [side] = sides;
  return {
    scanType: stated.find(({ scanType }) => scanType !== undefined)?.scanType ?? parent.scanType,
    roi: roi ?? (isUnknownPlace(item, name) ? null : parent.roi),
    laterality: side ?? parent.laterality,
    sidesConflict: sides.size > 1 || (roi === undefined && conflicts(side, parent.laterality)),
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
  const words = normaliseLabel(label).split(' ');
  const side = words.includes('left') ? 'left' : words.includes('right') ? 'right' : null;
  const rest = words.filter((word) => word !== 'left' && word !== 'right').join(' ');
  const named = REGION_LABELS[rest];
  const laterality = side === null ? {} : { laterality: side as Laterality };
  if (named !== undefined) {
    return { roi: { region: named.region, vertebrae: [] }, scanType: named.scanType, ...laterality };
  }
  const vertebrae = readSpineLabel(label.replace(/^\s*(?:ap |pa )?(?:lumbar )?spine[\s:,-]*/i, ''));
  if (vertebrae !== null) return { roi: { region: 'spine', vertebrae }, scanType: 'spine' };
  return laterality;
}

/** What the site says about a scan or region that nothing else names. */
function readMapping(item: SrItem, parent: Context, mapping: MappingUse): readonly Statement[] {
  const scan = mappedScan(mapping, item.concept);
  const region = mappedRegion(mapping, item.concept, scan?.scanType ?? parent.scanType);
  const side = region?.laterality ?? scan?.laterality ?? null;
  return [
    {
      ...(scan === null ? {} : { scanType: scan.scanType }),
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
    return [{ ...readLabel(item.text), label: item.text }];
  }
  if (item.valueType !== 'CODE' || item.code === null) return [];
  if (LATERALITY.has(key)) return readLaterality(item.code.key);
  if (!FINDING_SITE.has(key)) return [];
  const nested = item.children.flatMap((child) =>
    child.valueType === 'CODE' && child.code !== null && LATERALITY.has(child.concept?.key ?? '')
      ? readLaterality(child.code.key)
      : [],
  );
  const label = item.code.meaning;
  return [...[readLabel(label), ...readCode(item.code.key)].map((stated) => ({ ...stated, label })), ...nested];
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
