import type { Code } from './sr-elements.ts';

const ge = (value: string, meaning: string): Code => [value, 'GELUNAR', meaning];

// Code values of results were seen or inferred from the XML; of the scans only 19 = DualFemur is known, of the regions
// none but 0 = Neck Left. The others are made up in the same pattern and nothing reads them.
export const GE_ROOT: Code = ge('1', 'DXA Report');

export const GE_HISTORY: Code = ge('9', 'History');

export const GE_MEASURES = {
  bmd: ge('3', 'BMD'),
  tScore: ge('6', 'BMD_TSCORE'),
  zScore: ge('8', 'BMD_ZSCORE'),
  youngAdult: ge('7', 'BMD_PYA'),
  ageMatched: ge('9', 'BMD_PAM'),
  bmc: ge('5', 'BMC'),
  area: ge('2', 'AREA'),
} as const;

export const GE_SCANS = {
  spine: ge('2000-1', 'AP Spine'),
  dualFemur: ge('2000-19', 'DualFemur'),
  leftFemur: ge('2000-2', 'Left Femur'),
  rightFemur: ge('2000-3', 'Right Femur'),
} as const;

/** Region codes count from 0 inside each scan. */
export function geRegion(index: number, label: string): Code {
  return ge(`1000-${index}`, label);
}

export const UCUM = {
  bmd: ['g/cm2', 'UCUM', 'g/cm2'],
  bmc: ['g', 'UCUM', 'g'],
  area: ['cm2', 'UCUM', 'cm2'],
} as const satisfies Record<string, Code>;

/** Before 11.1 the units are not UCUM (GE Direction 40472); how they were coded is not known. */
export const OLD_UNITS = {
  bmd: ['g/cm²', 'GELUNAR', 'g/cm²'],
  bmc: ['gm', 'GELUNAR', 'grams'],
  area: ['cm²', 'GELUNAR', 'cm²'],
} as const satisfies Record<string, Code>;

export const NO_UNITS: Code = ['1', 'UCUM', 'no units'];
