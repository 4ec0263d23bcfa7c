import { lookup } from '../../dxa/values/lookup.ts';
import type { Quantity } from '../../dxa/values/quantity.ts';
import type { Laterality, Region, ScanType } from '../../dxa/values/region.ts';
import { normaliseLabel } from '../text/label.ts';
import { splitSide } from '../text/side.ts';

/** GE's private coding scheme. */
export const GE_SCHEME = 'GELUNAR';

/** A scan of a report; `laterality` is null when the regions inside name the side, `both` when they must (DualFemur). */
export type GeScan = { readonly scanType: ScanType; readonly laterality: Laterality | null; readonly both?: true };

/**
 * Scan names of enCORE in normalised form (GE Direction 40472; the public parsers ibh-daai/bone-mineral-density and
 * FacuFarias/dicom-receiver). A lateral spine is another projection with other BMDs and is not here on purpose.
 */
export const SCANS = lookup<GeScan>({
  'ap spine': { scanType: 'spine', laterality: 'none' },
  dualfemur: { scanType: 'hip', laterality: null, both: true },
  'dual femur': { scanType: 'hip', laterality: null, both: true },
  femur: { scanType: 'hip', laterality: null },
  'left femur': { scanType: 'hip', laterality: 'left' },
  'right femur': { scanType: 'hip', laterality: 'right' },
  forearm: { scanType: 'forearm', laterality: null },
  'left forearm': { scanType: 'forearm', laterality: 'left' },
  'right forearm': { scanType: 'forearm', laterality: 'right' },
  'total body': { scanType: 'whole_body', laterality: 'none' },
  'whole body': { scanType: 'whole_body', laterality: 'none' },
});

/** The scan of a name, also where its side is abbreviated: "L. Femur". */
export function lookupScan(name: string): GeScan | undefined {
  const known = SCANS[normaliseLabel(name)];
  const { side, rest } = splitSide(name, 'abbreviated');
  return known ?? (side === 'left' || side === 'right' ? SCANS[`${side} ${rest}`] : undefined);
}

/**
 * Scans known by code alone, for exports with localised labels. Only 19 = DualFemur is known, from the id in the XML of
 * Image Comments; that the SR code is "2000-19" is an inference, so a known label comes first.
 */
export const SCAN_CODES = lookup<GeScan>({
  '2000-19': { scanType: 'hip', laterality: null, both: true },
});

/** Region codes are reused across scans, so they are listed inside their scan's code. Inferred from the XML as above. */
export const REGION_CODES = lookup<Readonly<Record<string, string>>>({
  '2000-19': lookup({ '1000-0': 'Neck Left' }),
});

export const HIP_REGIONS = lookup<Region>({
  total: 'total_hip',
  neck: 'femoral_neck',
  'upper neck': 'upper_femoral_neck',
  'lower neck': 'lower_femoral_neck',
  wards: 'wards',
  troch: 'trochanter',
  trochanter: 'trochanter',
  shaft: 'femoral_shaft',
});

export const FOREARM_REGIONS = lookup<Region>({
  'radius 33%': 'radius_33',
  'radius 1/3': 'radius_33',
  'radius mid': 'radius_mid',
  'radius ud': 'radius_ultradistal',
  'radius total': 'radius_total',
  'ulna 33%': 'ulna_33',
  'ulna 1/3': 'ulna_33',
  'ulna mid': 'ulna_mid',
  'ulna ud': 'ulna_ultradistal',
  'ulna total': 'ulna_total',
  'both 33%': 'forearm_33',
  'both 1/3': 'forearm_33',
  'both mid': 'forearm_mid',
  'both ud': 'forearm_ultradistal',
  'both total': 'forearm_total',
});

export const WHOLE_BODY_REGIONS = lookup<Region>({
  total: 'whole_body',
  'total body': 'whole_body',
  'total body less head': 'whole_body_less_head',
  tblh: 'whole_body_less_head',
  head: 'head',
  arms: 'arms',
  'left arm': 'left_arm',
  'arm left': 'left_arm',
  'arms left': 'left_arm',
  'right arm': 'right_arm',
  'arm right': 'right_arm',
  'arms right': 'right_arm',
  legs: 'legs',
  'left leg': 'left_leg',
  'leg left': 'left_leg',
  'legs left': 'left_leg',
  'right leg': 'right_leg',
  'leg right': 'right_leg',
  'legs right': 'right_leg',
  trunk: 'trunk',
  ribs: 'ribs',
  'left ribs': 'left_ribs',
  'ribs left': 'left_ribs',
  'right ribs': 'right_ribs',
  'ribs right': 'right_ribs',
  pelvis: 'pelvis',
  spine: 'whole_body_spine',
  'thoracic spine': 'thoracic_spine',
  'lumbar spine': 'lumbar_spine',
  android: 'android',
  gynoid: 'gynoid',
});

/** A result that the report holds and this product does not store. */
type Ignored = 'ignored';

export const MEASURES = lookup<Quantity | Ignored>({
  bmd: 'bmd',
  bmc: 'bmc',
  area: 'area',
  'bmd tscore': 't_score',
  'bmd zscore': 'z_score',
  'bmd pya': 'percent_young_adult',
  'bmd pam': 'percent_age_matched',
  'fat mass': 'ignored',
  'lean mass': 'ignored',
  'vat volume': 'ignored',
  'vat mass': 'ignored',
  'android pfat': 'ignored',
  'gynoid pfat': 'ignored',
  'ag ratio': 'ignored',
});

/** Codes that are inferred from the ids in the XML of Image Comments: where a known label says otherwise, it is right. */
export const INFERRED_CODES: ReadonlySet<string> = new Set(['2', '5', '7', '9']);

/** GELUNAR codes of results. */
export const MEASURE_CODES = lookup<Quantity | Ignored>({
  '2': 'area',
  '3': 'bmd',
  '5': 'bmc',
  '6': 't_score',
  '7': 'percent_young_adult',
  '8': 'z_score',
  '9': 'percent_age_matched',
  '26': 'ignored',
  '27': 'ignored',
  '31': 'ignored',
  '33': 'ignored',
  '34': 'ignored',
  '49': 'ignored',
  '50': 'ignored',
  '51': 'ignored',
});
