import { lookup } from '../../dxa/values/lookup.ts';
import type { Quantity } from '../../dxa/values/quantity.ts';
import type { Laterality, Region, ScanType } from '../../dxa/values/region.ts';
import { normaliseLabel } from '../text/label.ts';
import { type SideSpelling, splitSide } from '../text/side.ts';

/** `both`: the file holds both sides, and its rows name them. */
export type HologicScan = {
  readonly scanType: ScanType;
  readonly laterality: Laterality | null;
  readonly both?: boolean;
  /** The file names a second scan of another kind: its rows are believed only if all of them are of this kind. */
  readonly alone?: false;
};

/** Names of sites in normalised form, without the side; each is the whole of what a mode may say beside its side. */
const SITES = lookup<ScanType>({
  spine: 'spine',
  'lumbar spine': 'spine',
  'ap spine': 'spine',
  'ap lumbar spine': 'spine',
  hip: 'hip',
  hips: 'hip',
  forearm: 'forearm',
  'whole body': 'whole_body',
  'total body': 'whole_body',
});

/** How fast it was scanned, before the rest: array, fast array, express. No site is abbreviated so. */
const SPEED = /^[afex] /;

/**
 * Reads ScanMode ("a Left Hip", "a R.Forearm", "a Lumbar Spine"); null for a scan that is not read. A name is understood
 * whole or not at all: a hip structure analysis, a prosthetic hip or a thoracic spine has the words of another scan in it.
 */
export function readScanMode(text: string, sides: SideSpelling): HologicScan | null {
  const { side, rest } = splitSide(text, sides);
  const scanType = SITES[rest.replace(SPEED, '')];
  if (scanType === undefined || side === 'mean' || side === 'difference') return null;
  if (scanType === 'spine' || scanType === 'whole_body') {
    // "a Left Whole Body" is half a body.
    return side === null ? { scanType, laterality: 'none', both: false } : null;
  }
  return { scanType, laterality: side === 'both' ? null : side, both: side === 'both' };
}

/** Column names in normalised form, without the unit in brackets. */
export const COLUMNS = lookup<Quantity>({
  area: 'area',
  bmc: 'bmc',
  bmd: 'bmd',
  't score': 't_score',
  tscore: 't_score',
  'z score': 'z_score',
  zscore: 'z_score',
  pr: 'percent_young_adult',
  am: 'percent_age_matched',
});

/** Columns of body composition, in normalised form without spaces: this product stores none of them. */
export const COMPOSITION_COLUMNS: ReadonlySet<string> = new Set([
  'fat',
  'fatmass',
  '%fat',
  'fat%',
  'percentfat',
  'lean',
  'leanmass',
  'lean+bmc',
  'bmc+lean',
  'total',
  'totalmass',
  'mass',
  'yn',
]);

export const HIP_ROWS = lookup<Region>({
  neck: 'femoral_neck',
  'femoral neck': 'femoral_neck',
  troch: 'trochanter',
  trochanter: 'trochanter',
  inter: 'intertrochanter',
  total: 'total_hip',
  wards: 'wards',
});

type Bone = 'radius' | 'ulna' | 'forearm';
export const FOREARM_PARTS = lookup<'33' | 'mid' | 'ultradistal' | 'total'>({
  '1/3': '33',
  mid: 'mid',
  ud: 'ultradistal',
  total: 'total',
});

/** The bone that a text names, and its other words; "Radius + Ulna" is the whole forearm. */
export function splitBone(label: string): { readonly bone: Bone | null; readonly rest: string } {
  const words = normaliseLabel(label)
    .split(/[\s+&,]+/)
    .filter((word) => word !== '');
  const [radius, ulna] = [words.includes('radius'), words.includes('ulna')];
  const rest = words.filter((word) => word !== 'radius' && word !== 'ulna' && !(radius && ulna && word === 'and'));
  const bone = radius && ulna ? 'forearm' : radius ? 'radius' : ulna ? 'ulna' : null;
  return { bone, rest: rest.join(' ') };
}

/** "Radius MID", with the bone that stands in the row or above it. */
export function readForearmRow(label: string): Region | null {
  const { bone, rest } = splitBone(label);
  const part = FOREARM_PARTS[rest];
  return bone === null || part === undefined ? null : `${bone}_${part}`;
}

export const WHOLE_BODY_ROWS = lookup<Region>({
  'l arm': 'left_arm',
  'left arm': 'left_arm',
  'r arm': 'right_arm',
  'right arm': 'right_arm',
  'l ribs': 'left_ribs',
  'left ribs': 'left_ribs',
  'r ribs': 'right_ribs',
  'right ribs': 'right_ribs',
  't spine': 'thoracic_spine',
  'thoracic spine': 'thoracic_spine',
  'l spine': 'lumbar_spine',
  'lumbar spine': 'lumbar_spine',
  pelvis: 'pelvis',
  'l leg': 'left_leg',
  'left leg': 'left_leg',
  'r leg': 'right_leg',
  'right leg': 'right_leg',
  trunk: 'trunk',
  subtotal: 'whole_body_less_head',
  head: 'head',
  total: 'whole_body',
});

/** Parts whose side may be abbreviated in any way; "L Spine" is the lumbar spine. */
const PAIRED_ROWS = lookup<'arm' | 'ribs' | 'leg'>({
  arm: 'arm',
  arms: 'arm',
  rib: 'ribs',
  ribs: 'ribs',
  leg: 'leg',
  legs: 'leg',
});

export function readWholeBodyRow(label: string): Region | null {
  const region = WHOLE_BODY_ROWS[normaliseLabel(label)];
  if (region !== undefined) return region;
  const { side, rest } = splitSide(label, 'abbreviated');
  const part = PAIRED_ROWS[rest];
  return part !== undefined && (side === 'left' || side === 'right') ? `${side}_${part}` : null;
}
