import type { Region } from '../../dxa/values/region.ts';

/** A simulated densitometer. Serial numbers have the form that GE Lunar prints; the devices do not exist. */
export type SimulatedScanner = {
  readonly id: 'prodigy' | 'idxa' | 'idxa-east' | 'horizon';
  readonly manufacturer: string;
  readonly modelName: string;
  readonly deviceSerialNumber: string;
  readonly stationName: string;
  readonly institutionName: string;
  readonly softwareVersion: string;
  /** Precision errors in g/cm2; the noise of the simulated scans. */
  readonly precision: { readonly spine: number; readonly hip: number };
  readonly hasLsc: boolean;
};

// Precision errors lie inside what clinics publish: spine 0.008-0.012, total hip 0.006-0.009 g/cm2 (Nelson 2010, doi
// 10.1016/j.jocd.2009.10.001); enCORE prints +-0.010 for the spine and an LSC of 0.028.
export const SCANNERS = {
  prodigy: {
    id: 'prodigy',
    manufacturer: 'GE Healthcare',
    modelName: 'Lunar Prodigy Advance',
    deviceSerialNumber: 'PA+130245',
    stationName: 'DXA1',
    institutionName: 'Example Hospital North',
    softwareVersion: '13.60.033',
    precision: { spine: 0.01, hip: 0.008 },
    hasLsc: true,
  },
  idxa: {
    id: 'idxa',
    manufacturer: 'GE Healthcare',
    modelName: 'Lunar iDXA',
    deviceSerialNumber: 'ME+210456',
    stationName: 'DXA2',
    institutionName: 'Example Hospital South',
    softwareVersion: '16.10.151',
    precision: { spine: 0.009, hip: 0.0065 },
    hasLsc: true,
  },
  'idxa-east': {
    id: 'idxa-east',
    manufacturer: 'GE Healthcare',
    modelName: 'Lunar iDXA',
    deviceSerialNumber: 'ME+210777',
    stationName: 'DXA3',
    institutionName: 'Example Clinic East',
    softwareVersion: '18.10.022',
    precision: { spine: 0.009, hip: 0.0065 },
    hasLsc: false,
  },
  horizon: {
    id: 'horizon',
    manufacturer: 'HOLOGIC, Inc.',
    modelName: 'Horizon A',
    deviceSerialNumber: '200123M',
    stationName: 'DXA4',
    institutionName: 'Example Hospital West',
    softwareVersion: '5.6.0.4',
    precision: { spine: 0.01, hip: 0.007 },
    hasLsc: true,
  },
} as const satisfies Record<string, SimulatedScanner>;

export type ScannerId = keyof typeof SCANNERS;

/** One row of lsc.csv. BMD in thousandths of g/cm2, as printed. */
export type SimulatedLsc = {
  readonly scannerId: ScannerId;
  readonly region: Region;
  /** Canonical set, "L1,L2,L3,L4"; empty for a hip. */
  readonly vertebrae: string;
  readonly laterality: 'none' | 'any' | 'mean';
  readonly lsc: number;
  readonly precisionError: string;
};

// LSC = 2.7718 x precision error, to three decimals (ISCD precision calculator glossary).
export const LSC_ROWS: readonly SimulatedLsc[] = [
  {
    scannerId: 'prodigy',
    region: 'spine',
    vertebrae: 'L1,L2,L3,L4',
    laterality: 'none',
    lsc: 28,
    precisionError: '0.0100',
  },
  {
    scannerId: 'prodigy',
    region: 'spine',
    vertebrae: 'L2,L3,L4',
    laterality: 'none',
    lsc: 30,
    precisionError: '0.0110',
  },
  { scannerId: 'prodigy', region: 'total_hip', vertebrae: '', laterality: 'any', lsc: 22, precisionError: '0.0080' },
  { scannerId: 'prodigy', region: 'total_hip', vertebrae: '', laterality: 'mean', lsc: 18, precisionError: '0.0065' },
  { scannerId: 'prodigy', region: 'femoral_neck', vertebrae: '', laterality: 'any', lsc: 33, precisionError: '0.0120' },
  {
    scannerId: 'idxa',
    region: 'spine',
    vertebrae: 'L1,L2,L3,L4',
    laterality: 'none',
    lsc: 25,
    precisionError: '0.0090',
  },
  { scannerId: 'idxa', region: 'spine', vertebrae: 'L2,L3,L4', laterality: 'none', lsc: 28, precisionError: '0.0100' },
  { scannerId: 'idxa', region: 'total_hip', vertebrae: '', laterality: 'any', lsc: 18, precisionError: '0.0065' },
  { scannerId: 'idxa', region: 'total_hip', vertebrae: '', laterality: 'mean', lsc: 15, precisionError: '0.0054' },
  { scannerId: 'idxa', region: 'femoral_neck', vertebrae: '', laterality: 'any', lsc: 30, precisionError: '0.0110' },
  {
    scannerId: 'horizon',
    region: 'spine',
    vertebrae: 'L1,L2,L3,L4',
    laterality: 'none',
    lsc: 28,
    precisionError: '0.0100',
  },
  {
    scannerId: 'horizon',
    region: 'total_hip',
    vertebrae: '',
    laterality: 'any',
    lsc: 19,
    precisionError: '0.0070',
  },
  {
    scannerId: 'horizon',
    region: 'total_hip',
    vertebrae: '',
    laterality: 'mean',
    lsc: 16,
    precisionError: '0.0057',
  },
  {
    scannerId: 'horizon',
    region: 'femoral_neck',
    vertebrae: '',
    laterality: 'any',
    lsc: 36,
    precisionError: '0.0130',
  },
];

/** The LSC of a region on a scanner in thousandths of g/cm2; null when none is on file. */
export function lscOf(scannerId: ScannerId, region: Region, vertebrae: string, laterality: string): number | null {
  const row = LSC_ROWS.find(
    (candidate) =>
      candidate.scannerId === scannerId &&
      candidate.region === region &&
      candidate.vertebrae === vertebrae &&
      (candidate.laterality === laterality ||
        (candidate.laterality === 'any' && (laterality === 'left' || laterality === 'right'))),
  );
  return row?.lsc ?? null;
}
