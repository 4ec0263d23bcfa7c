import type {
  CrossCalibration,
  LscEntry,
  Measurement,
  OnFile,
  PatientHistory,
  Scanner,
  StudyOfPatient,
} from '../../src/dxa/study/history.ts';
import { type Bmd, type Micro, parseMicro } from '../../src/dxa/values/quantity.ts';
import type { Laterality, Region, RegionOfInterest, ScanType, Vertebra } from '../../src/dxa/values/region.ts';

/** "0.985" -> 985000; throws on anything that is not a decimal. */
export function micro<T extends Micro = Micro>(text: string): T {
  const value = parseMicro(text);
  if (value === null) throw new RangeError(`not a decimal: ${text}`);
  return value as T;
}

export const bmd = (text: string): Bmd => micro<Bmd>(text);

export const SCANNER_A: Scanner = {
  scannerId: 'scanner-a',
  manufacturer: 'GE Healthcare',
  modelName: 'Lunar iDXA',
  deviceSerialNumber: 'A1',
  stationName: null,
  identified: true,
};

export const SCANNER_B: Scanner = { ...SCANNER_A, scannerId: 'scanner-b', deviceSerialNumber: 'B1' };

export const L1_L4: readonly Vertebra[] = ['L1', 'L2', 'L3', 'L4'];

export function roiOf(region: Region, vertebrae: readonly Vertebra[] = []): RegionOfInterest {
  return { region, vertebrae };
}

type Given = {
  readonly region: Region;
  readonly laterality?: Laterality;
  readonly vertebrae?: readonly Vertebra[];
  readonly bmd?: string;
  readonly bmc?: string;
  readonly area?: string;
  readonly tScore?: string;
  readonly scanner?: Scanner;
  readonly scanLabel?: string;
  readonly scanMode?: string;
  readonly softwareVersions?: readonly string[];
};

function scanTypeOf(region: Region): ScanType {
  if (region === 'spine') return 'spine';
  if (region.startsWith('radius') || region.startsWith('ulna') || region.startsWith('forearm')) return 'forearm';
  return region.startsWith('whole_body') ? 'whole_body' : 'hip';
}

/** A measurement whose value ids name its study, region and side. */
function measurement(studyId: string, given: Given): Measurement {
  const laterality = given.laterality ?? 'none';
  const vertebrae = given.vertebrae ?? [];
  const id = `${studyId}/${given.region}${vertebrae.join('')}/${laterality}`;
  const sourced = <T extends Micro>(quantity: string, text: string | undefined) =>
    text === undefined ? null : { valueId: `${id}/${quantity}`, value: micro<T>(text) };
  const tScore = sourced('t', given.tScore);
  return {
    scanType: scanTypeOf(given.region),
    scanLabel: given.scanLabel ?? scanTypeOf(given.region),
    roi: roiOf(given.region, vertebrae),
    laterality,
    scanner: given.scanner ?? SCANNER_A,
    softwareVersions: given.softwareVersions ?? ['18'],
    scanMode: given.scanMode ?? null,
    bmd: sourced<Bmd>('bmd', given.bmd),
    bmc: sourced('bmc', given.bmc),
    area: sourced('area', given.area),
    tScores: tScore === null ? [] : [{ ...tScore, referencePopulation: 'USA' }],
    zScores: [],
  };
}

export const spine = (text: string, more: Partial<Given> = {}): Given => ({
  region: 'spine',
  vertebrae: L1_L4,
  bmd: text,
  ...more,
});

export const hip = (laterality: Laterality, text: string, more: Partial<Given> = {}): Given => ({
  region: 'total_hip',
  laterality,
  bmd: text,
  ...more,
});

export function study(
  studyId: string,
  scannedAt: string,
  given: readonly Given[],
  more: Partial<StudyOfPatient> = {},
): StudyOfPatient {
  return {
    studyId,
    studyInstanceUid: `2.25.${studyId}`,
    scannedAt,
    sex: 'F',
    birthDate: '1950-06-15',
    ethnicGroup: null,
    weightKg: null,
    heightM: null,
    measurements: given.map((one) => measurement(studyId, one)),
    ...more,
  };
}

export function history(...studies: readonly StudyOfPatient[]): PatientHistory {
  return { patientId: 'patient', studies };
}

export function lsc(region: Region, text: string, more: Partial<LscEntry> = {}): LscEntry {
  return {
    lscId: `lsc-${region}`,
    scannerId: 'scanner-a',
    roi: roiOf(region, region === 'spine' ? L1_L4 : []),
    laterality: region === 'spine' ? 'none' : 'any',
    leastSignificantChange: bmd(text),
    confidenceLevel: 0.95,
    precisionErrorUpper: null,
    degreesOfFreedom: null,
    validFrom: '2000-01-01',
    validTo: null,
    source: 'precision study',
    ...more,
  };
}

export function crossCalibration(more: Partial<CrossCalibration> = {}): CrossCalibration {
  return {
    crossCalibrationId: 'cross-1',
    fromScannerId: 'scanner-a',
    toScannerId: 'scanner-b',
    roi: roiOf('total_hip'),
    laterality: 'any',
    slope: 1.02,
    intercept: 0.01,
    standardErrorOfEstimate: 0.015,
    n: 30,
    meanFrom: 0.85,
    sumOfSquaresFrom: 0.5,
    minFrom: 0.5,
    maxFrom: 1.3,
    validFrom: '2021-01-01',
    validTo: null,
    ...more,
  };
}

export function onFile(...lscEntries: readonly LscEntry[]): OnFile {
  return { lscEntries, crossCalibrations: [], scannerEpochs: [] };
}

/** The LSCs of an Ontario hospital (clinical-rules 8.13, MH): spine 0.033, total hip 0.017. */
export const MH: OnFile = onFile(lsc('spine', '0.033'), lsc('total_hip', '0.017'), lsc('femoral_neck', '0.040'));
