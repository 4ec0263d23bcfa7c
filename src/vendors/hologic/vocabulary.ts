import type { Quantity } from '../../dxa/quantity.ts';
import type { Laterality, Region, ScanType } from '../../dxa/region.ts';
import { normaliseLabel } from '../label.ts';

export type HologicScan = { readonly scanType: ScanType; readonly laterality: Laterality | null };

/** Reads ScanMode ("a Left Hip", "a Lumbar Spine"); null for a scan that is not read. */
export function readScanMode(text: string): HologicScan | null {
  const words = normaliseLabel(text).split(' ');
  const side = words.includes('left') ? 'left' : words.includes('right') ? 'right' : null;
  if (words.includes('lateral')) return null;
  if (words.includes('spine')) return { scanType: 'spine', laterality: 'none' };
  if (words.includes('hip') || words.includes('hips')) return { scanType: 'hip', laterality: side };
  if (words.includes('forearm')) return { scanType: 'forearm', laterality: side };
  if (words.includes('body')) return { scanType: 'whole_body', laterality: 'none' };
  return null;
}

/** Column names in normalised form, without the unit in parentheses. */
export const COLUMNS: Readonly<Record<string, Quantity>> = {
  area: 'area',
  bmc: 'bmc',
  bmd: 'bmd',
  't score': 't_score',
  'z score': 'z_score',
  pr: 'percent_young_adult',
  am: 'percent_age_matched',
};

export const HIP_ROWS: Readonly<Record<string, Region>> = {
  neck: 'femoral_neck',
  'femoral neck': 'femoral_neck',
  troch: 'trochanter',
  trochanter: 'trochanter',
  inter: 'intertrochanter',
  total: 'total_hip',
  wards: 'wards',
};

type Bone = 'radius' | 'ulna' | 'forearm';
export const FOREARM_PARTS: Readonly<Record<string, '33' | 'mid' | 'ultradistal' | 'total'>> = {
  '1/3': '33',
  mid: 'mid',
  ud: 'ultradistal',
  total: 'total',
};

/** "Radius + Ulna" is the whole forearm. */
export function readBone(text: string): Bone | null {
  const label = normaliseLabel(text);
  const [radius, ulna] = [label.includes('radius'), label.includes('ulna')];
  if (radius && ulna) return 'forearm';
  return radius ? 'radius' : ulna ? 'ulna' : null;
}

/** "1/3" or "Radius MID": the bone may stand in the row or above it. */
export function readForearmRow(label: string, above: Bone | null): Region | null {
  const bone = readBone(label) ?? above;
  const rest = normaliseLabel(label)
    .replace(/\b(?:radius|ulna)\b|\+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const part = Object.hasOwn(FOREARM_PARTS, rest) ? FOREARM_PARTS[rest] : undefined;
  return bone === null || part === undefined ? null : `${bone}_${part}`;
}

export const WHOLE_BODY_ROWS: Readonly<Record<string, Region>> = {
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
};
