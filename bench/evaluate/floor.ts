import { assessPatient } from '../../src/dxa/assess-patient.ts';
import type { LscEntry, Measurement, OnFile, Scanner, StudyOfPatient } from '../../src/dxa/study/history.ts';
import type { Bmd } from '../../src/dxa/values/quantity.ts';
import type { Laterality, Region, RegionOfInterest } from '../../src/dxa/values/region.ts';
import { ASSESSMENT_SETTINGS } from '../../src/dxa/values/settings.ts';
import { openRandom, type Random } from '../../src/simulate/scanner/random.ts';
import { isNoise, isWork } from './assessed.ts';

/** Which sites a follow-up has beside the lumbar spine. */
export type FloorSites = 'one_hip' | 'mean_of_hips' | 'both_hips' | 'one_hip_and_radius';

/** One cohort of surveillance section 2: spine .950, total hip .800, LSC .033 and .021, independent errors, yearly. */
export type FloorCohort = {
  readonly visits: number;
  /** True change of the total hip a year, as a share. */
  readonly hipRate: number;
  readonly sites: FloorSites;
  /** To 1 mg/cm², as scanners print. */
  readonly rounded: boolean;
};

export type FloorTask = FloorCohort & { readonly seed: number; readonly from: number; readonly to: number };

export type FloorCount = {
  readonly patients: number;
  readonly followUps: number;
  readonly review: number;
  readonly noise: number;
  /** Patients with a loss that names a case or is evidence in one. */
  readonly named: number;
  readonly rules: Readonly<Record<string, number>>;
};

type Site = {
  readonly region: Region;
  readonly laterality: Laterality;
  /** Millionths of g/cm². */
  readonly bmd: number;
  readonly lsc: number;
  readonly yearly: number;
};

const SPINE: RegionOfInterest = { region: 'spine', vertebrae: ['L1', 'L2', 'L3', 'L4'] };
const roiOf = (region: Region): RegionOfInterest => (region === 'spine' ? SPINE : { region, vertebrae: [] });
const SCANNER: Scanner = {
  ...{ scannerId: 'floor', manufacturer: 'GE Healthcare', modelName: 'Lunar iDXA' },
  ...{ deviceSerialNumber: 'floor', stationName: null, identified: true },
};
const HIP_LSC = 21_000;

function sitesOf({ sites, hipRate }: FloorCohort): readonly Site[] {
  const hip = (laterality: Laterality): Site => ({
    region: 'total_hip',
    laterality,
    bmd: 800_000,
    lsc: HIP_LSC,
    yearly: hipRate,
  });
  return [
    { region: 'spine', laterality: 'none', bmd: 950_000, lsc: 33_000, yearly: 0 },
    hip('left'),
    ...(sites === 'mean_of_hips' || sites === 'both_hips' ? [hip('right')] : []),
    ...(sites === 'one_hip_and_radius'
      ? [{ region: 'radius_33', laterality: 'left', bmd: 700_000, lsc: 30_000, yearly: 0 } as const]
      : []),
  ];
}

function onFileOf(cohort: FloorCohort): OnFile {
  const entry = ({ region, lsc }: Site, laterality: LscEntry['laterality']): LscEntry => ({
    ...{ lscId: `${region} ${laterality}`, scannerId: SCANNER.scannerId, roi: roiOf(region), laterality },
    ...{ leastSignificantChange: lsc as Bmd, confidenceLevel: 0.95, precisionErrorUpper: null, degreesOfFreedom: null },
    ...{ validFrom: '2000-01-01', validTo: null, source: 'floor' },
  });
  const sites = sitesOf(cohort).filter(({ laterality }) => laterality !== 'right');
  return {
    lscEntries: [
      ...sites.map((site) => entry(site, site.laterality === 'none' ? 'none' : 'any')),
      ...(cohort.sites === 'mean_of_hips'
        ? sites
            .filter(({ region }) => region === 'total_hip')
            .map((site) => entry({ ...site, lsc: Math.round(HIP_LSC / Math.SQRT2) }, 'mean'))
        : []),
    ],
    crossCalibrations: [],
    scannerEpochs: [],
  };
}

function measured(site: Site, year: number, random: Random, rounded: boolean): Measurement {
  const { region, laterality, bmd, lsc, yearly } = site;
  const exact = bmd * (1 + yearly * year) + random.normal(0, lsc / ASSESSMENT_SETTINGS.lscFactor.value);
  const value = rounded ? 1000 * Math.round(exact / 1000) : Math.round(exact);
  return {
    scanType: region === 'spine' ? 'spine' : region === 'radius_33' ? 'forearm' : 'hip',
    scanLabel: region,
    roi: roiOf(region),
    laterality,
    scanner: SCANNER,
    softwareVersions: [],
    scanMode: null,
    bmd: { valueId: `${year}/${region}/${laterality}`, value: value as Bmd },
    ...{ bmc: null, area: null, tScores: [], zScores: [] },
  };
}

/** Assesses a part of a cohort and counts its cases. A patient's numbers depend on the seed and its own number alone. */
export function countFloor(task: FloorTask): FloorCount {
  const sites = sitesOf(task);
  const onFile = onFileOf(task);
  const rules: Record<string, number> = {};
  let [review, noise, named] = [0, 0, 0];
  for (let patient = task.from; patient < task.to; patient += 1) {
    const random = openRandom(task.seed, `floor ${JSON.stringify([task.visits, task.hipRate, task.sites])} ${patient}`);
    const studies = Array.from(
      { length: task.visits },
      (_, year): StudyOfPatient => ({
        studyId: String(year),
        studyInstanceUid: String(year),
        scannedAt: `${2015 + year}-03-05`,
        ...{ sex: 'F', birthDate: '1950-06-15', ethnicGroup: null, weightKg: null, heightM: null },
        measurements: sites.map((site) => measured(site, year, random, task.rounded)),
      }),
    );
    const cases = assessPatient({ patientId: 'floor', studies }, onFile, ASSESSMENT_SETTINGS).cases.filter(isWork);
    for (const one of cases) {
      rules[one.rule] = (rules[one.rule] ?? 0) + 1;
      if (one.tier === 'review') review += 1;
      if (isNoise(one)) noise += 1;
    }
    const isLoss = (rule: string) => /^L\d_/.test(rule);
    if (cases.some(({ rule, supporting }) => isLoss(rule) || supporting.some((one) => isLoss(one.rule)))) named += 1;
  }
  const patients = task.to - task.from;
  return { patients, followUps: patients * (task.visits - 1), review, noise, named, rules };
}
