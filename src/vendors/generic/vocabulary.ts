import { lookup } from '../../dxa/values/lookup.ts';
import type { Quantity } from '../../dxa/values/quantity.ts';
import type { Laterality, Region, ScanType, Vertebra } from '../../dxa/values/region.ts';

/** What a concept says by itself: LOINC names no vertebra and does not tell femoral neck from total femur. */
export type CodedMeasure = {
  readonly quantity: Quantity;
  readonly scanType: ScanType;
  readonly laterality: Laterality | null;
};

function loinc(
  quantity: Quantity,
  scanType: ScanType,
  codes: readonly [either: string, left?: string, right?: string],
): readonly [string, CodedMeasure][] {
  const [either, left, right] = codes;
  const entry = (code: string | undefined, laterality: Laterality | null): readonly [string, CodedMeasure][] =>
    code === undefined ? [] : [[`LN:${code}`, { quantity, scanType, laterality }]];
  return [...entry(either, scanType === 'spine' ? 'none' : null), ...entry(left, 'left'), ...entry(right, 'right')];
}

/** LOINC terms of DXA results, by canonical key. */
export const CODED_MEASURES: ReadonlyMap<string, CodedMeasure> = new Map([
  ...loinc('bmd', 'spine', ['24966-4']),
  ...loinc('t_score', 'spine', ['38267-1']),
  ...loinc('z_score', 'spine', ['85394-5']),
  ...loinc('bmd', 'hip', ['38261-4', '46278-8', '46279-6']),
  ...loinc('t_score', 'hip', ['38264-8', '80946-7', '80945-9']),
  ...loinc('z_score', 'hip', ['80933-5', '80938-4', '80937-6']),
  ...loinc('bmd', 'hip', ['24701-5', '80954-1', '80953-3']),
  ...loinc('t_score', 'hip', ['38263-0', '80948-3', '80947-5']),
  ...loinc('z_score', 'hip', ['80934-3', '80940-0', '80939-2']),
  ...loinc('bmd', 'forearm', ['24890-6', '80952-5', '80951-7']),
  ...loinc('t_score', 'forearm', ['38265-5', '80944-2', '80943-4']),
  ...loinc('z_score', 'forearm', ['80932-7', '80936-8', '80935-0']),
]);

/** Names of results in normalised form, for trees without codes. */
export const MEASURE_LABELS = lookup<Quantity>({
  bmd: 'bmd',
  'bone mineral density': 'bmd',
  'areal bmd': 'bmd',
  bmc: 'bmc',
  'bone mineral content': 'bmc',
  area: 'area',
  'bone area': 'area',
  't score': 't_score',
  tscore: 't_score',
  'bmd t score': 't_score',
  'z score': 'z_score',
  zscore: 'z_score',
  'bmd z score': 'z_score',
});

/** SNOMED CT vertebrae; the lumbar spine as a whole (122496007) does not say which ones and is not here. */
export const VERTEBRA_CODES: ReadonlyMap<string, Vertebra> = new Map([
  ['SCT:66794005', 'L1'],
  ['SCT:14293000', 'L2'],
  ['SCT:36470004', 'L3'],
  ['SCT:11994002', 'L4'],
  ['SCT:23215003', 'T12'],
]);

/** SNOMED CT sites that are exactly one region; femur, hip and radius are several and need a label. */
export const SITE_CODES: ReadonlyMap<string, Region> = new Map([
  ['SCT:29627003', 'femoral_neck'],
  ['SCT:38266002', 'whole_body'],
]);

export const LATERALITY_CODES: ReadonlyMap<string, Laterality> = new Map([
  ['SCT:7771000', 'left'],
  ['SCT:24028007', 'right'],
]);

/** Concept names under which a tree states site, side and label of a group. */
export const FINDING_SITE: ReadonlySet<string> = new Set(['SCT:363698007', 'SRT:G-C0E3']);
export const LATERALITY: ReadonlySet<string> = new Set(['SCT:272741003', 'DCM:111027']);
export const TRACKING_IDENTIFIER = 'DCM:112039';
/** Population and authority of a reference (PS3.16 CID 42 context of normal ranges). */
export const REFERENCE: ReadonlySet<string> = new Set(['DCM:121405', 'DCM:121406']);

type Site = { readonly region: Region; readonly scanType: ScanType };

const site = (scanType: ScanType, region: Region): Site => ({ scanType, region });

/** Names of regions in normalised form, without the side. */
export const REGION_LABELS = lookup<Site>({
  'femoral neck': site('hip', 'femoral_neck'),
  'neck of femur': site('hip', 'femoral_neck'),
  'total hip': site('hip', 'total_hip'),
  'hip total': site('hip', 'total_hip'),
  'total femur': site('hip', 'total_hip'),
  'femur total': site('hip', 'total_hip'),
  'total proximal femur': site('hip', 'total_hip'),
  trochanter: site('hip', 'trochanter'),
  wards: site('hip', 'wards'),
  'wards triangle': site('hip', 'wards'),
  intertrochanteric: site('hip', 'intertrochanter'),
  'intertrochanteric region': site('hip', 'intertrochanter'),
  'radius 33%': site('forearm', 'radius_33'),
  '33% radius': site('forearm', 'radius_33'),
  '1/3 radius': site('forearm', 'radius_33'),
  'radius 1/3': site('forearm', 'radius_33'),
  'radius ud': site('forearm', 'radius_ultradistal'),
  'ultradistal radius': site('forearm', 'radius_ultradistal'),
  'radius total': site('forearm', 'radius_total'),
  'total radius': site('forearm', 'radius_total'),
  'whole body': site('whole_body', 'whole_body'),
  'total body': site('whole_body', 'whole_body'),
  'whole body less head': site('whole_body', 'whole_body_less_head'),
  'total body less head': site('whole_body', 'whole_body_less_head'),
});
