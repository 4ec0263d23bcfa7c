import { assessPatient } from '../../../src/dxa/assess-patient.ts';
import { reportVisits } from '../../../src/dxa/report/follow-up-text.ts';
import type { OnFile, PatientHistory, StudyOfPatient } from '../../../src/dxa/study/history.ts';
import type { Micro } from '../../../src/dxa/values/quantity.ts';
import { ASSESSMENT_SETTINGS, type AssessmentSettings } from '../../../src/dxa/values/settings.ts';
import {
  crossCalibration,
  hip,
  history,
  lsc,
  MH,
  micro,
  onFile,
  SCANNER_A,
  SCANNER_B,
  spine,
  study,
} from '../build-history.ts';
import { FILE_WITH_MEAN, patientOf } from '../surveillance/series.ts';

export type ReportSituation = {
  readonly patient: PatientHistory;
  readonly file?: OnFile;
  readonly settings?: Partial<AssessmentSettings>;
};

/** The text of every visit of a patient, in order. */
export function reportsOf({ patient, file = MH, settings = {} }: ReportSituation): readonly string[] {
  const inForce = { ...ASSESSMENT_SETTINGS, ...settings };
  const assessment = assessPatient(patient, file, inForce);
  return reportVisits({ assessment, history: patient, onFile: file, settings: inForce }).map(({ report }) => report);
}

const [EARLIER, LATER] = ['2022-03-05', '2024-03-05'];
type Given = Parameters<typeof study>[2];

const pair = (before: Given, after: Given, more: Partial<StudyOfPatient> = {}, moreAfter = more) =>
  history(study('1', EARLIER, before, more), study('2', LATER, after, moreAfter));

const level = (vertebra: 'L1' | 'L2' | 'L3' | 'L4', bmc: string, area: string) =>
  ({ region: 'spine', vertebrae: [vertebra], bmc, area, bmd: (Number(bmc) / Number(area)).toFixed(3) }) as const;

const withScores = (text: string, tScore: string, zScore: string): Partial<StudyOfPatient>['measurements'] => {
  const [one] = study('1', EARLIER, [spine(text, { tScore })]).measurements;
  if (one === undefined) return [];
  return [{ ...one, zScores: [{ valueId: '1/z', value: micro(zScore), referencePopulation: 'USA' }] }];
};

/** A study of one scanned spine with a T- and a Z-score. */
const scoredStudy = (
  id: string,
  day: string,
  text: string,
  scores: [string, string],
  more: Partial<StudyOfPatient>,
) => ({
  ...study(id, day, [], more),
  measurements: (withScores(text, ...scores) ?? []).map((one) => ({
    ...one,
    bmd: one.bmd === null ? null : { ...one.bmd, valueId: `${id}/bmd` },
  })),
});

/** Everything that a follow-up text has to say right, each by a small history. */
export const REPORT_SITUATIONS: Readonly<Record<string, ReportSituation>> = {
  'a first visit, with T-scores': {
    patient: history(study('1', LATER, [spine('0.890', { tScore: '-2.4' }), hip('left', '0.780', { tScore: '-1.8' })])),
  },
  'a significant gain at the spine': {
    patient: pair(
      [spine('0.850', { tScore: '-2.7' }), hip('left', '0.780', { tScore: '-1.8' })],
      [spine('0.890', { tScore: '-2.4' }), hip('left', '0.785', { tScore: '-1.8' })],
    ),
  },
  'a significant loss at the hip': {
    patient: pair([spine('0.850'), hip('left', '0.780')], [spine('0.855'), hip('left', '0.740')]),
  },
  'a loss of exactly the LSC': { patient: pair([hip('left', '0.780')], [hip('left', '0.763')]) },
  'a loss at both sites': {
    patient: pair([spine('0.900'), hip('left', '0.800')], [spine('0.840'), hip('left', '0.750')]),
  },
  'no change': { patient: pair([spine('0.850'), hip('left', '0.780')], [spine('0.850'), hip('left', '0.779')]) },
  'a slow loss over five visits': {
    patient: patientOf({ spine: [850, 850, 850, 850, 850], left: [780, 764, 748, 732, 716] }),
  },
  'the key pattern since the previous scan (D1)': {
    patient: pair(
      [spine('0.850'), hip('left', '0.780'), hip('left', '0.700', { region: 'femoral_neck' })],
      [spine('0.890'), hip('left', '0.755'), hip('left', '0.690', { region: 'femoral_neck' })],
    ),
  },
  'the key pattern since the baseline (D1B), going on': {
    patient: patientOf({ spine: [850, 870, 890, 891], left: [780, 770, 760, 759], years: 2 }),
  },
  'the mirror image (D2)': {
    patient: pair([spine('0.890'), hip('left', '0.750')], [spine('0.850'), hip('left', '0.780')]),
  },
  'no LSC on file': { patient: pair([spine('0.850')], [spine('0.890')]), file: onFile() },
  'another scanner': { patient: pair([hip('left', '0.780')], [hip('left', '0.740', { scanner: SCANNER_B })]) },
  'a scanner that cannot be identified': {
    patient: pair(
      [hip('left', '0.780', { scanner: { ...SCANNER_A, deviceSerialNumber: null, identified: false } })],
      [hip('left', '0.740', { scanner: { ...SCANNER_A, deviceSerialNumber: null, identified: false } })],
    ),
  },
  'another scanner in between': {
    patient: history(
      study('1', '2020-03-05', [hip('left', '0.780')]),
      study('2', EARLIER, [hip('left', '0.800', { scanner: SCANNER_B })]),
      study('3', LATER, [hip('left', '0.760')]),
    ),
  },
  'a scanner that was changed': {
    patient: pair([hip('left', '0.780')], [hip('left', '0.740')]),
    file: {
      ...MH,
      scannerEpochs: [{ epochId: '1', scannerId: 'scanner-a', startsOn: '2023-01-10', reason: 'hardware_change' }],
    },
  },
  'another scanner, cross-calibrated': {
    patient: pair([hip('left', '0.780')], [hip('left', '0.760', { scanner: SCANNER_B })]),
    file: {
      ...MH,
      lscEntries: [...MH.lscEntries, lsc('total_hip', '0.017', { lscId: 'b', scannerId: 'scanner-b' })],
      crossCalibrations: [crossCalibration()],
    },
  },
  'the other hip': { patient: pair([hip('left', '0.780')], [hip('right', '0.760')]) },
  'other vertebrae': {
    patient: pair([spine('0.850', { vertebrae: ['L1', 'L2'] })], [spine('0.890', { vertebrae: ['L3', 'L4'] })]),
  },
  'a set of vertebrae that both scans measured': {
    patient: pair(
      [spine('0.850'), spine('0.870', { vertebrae: ['L2', 'L3', 'L4'] })],
      [spine('0.910', { vertebrae: ['L2', 'L3', 'L4'] })],
    ),
    file: onFile(
      ...MH.lscEntries,
      lsc('spine', '0.035', { lscId: 'l2', roi: { region: 'spine', vertebrae: ['L2', 'L3', 'L4'] } }),
    ),
  },
  'vertebrae put together again': {
    patient: pair(
      [
        spine('1.000'),
        level('L1', '11.50', '12.10'),
        level('L2', '14.10', '13.20'),
        level('L3', '16.20', '14.60'),
        level('L4', '17.80', '16.00'),
      ],
      [
        spine('1.010', { vertebrae: ['L1', 'L3', 'L4'] }),
        level('L1', '11.60', '12.10'),
        level('L3', '16.30', '14.60'),
        level('L4', '17.90', '16.00'),
      ],
    ),
  },
  'a child': {
    patient: history(
      scoredStudy('1', EARLIER, '0.520', ['-1.5', '-0.4'], { birthDate: '2013-01-20' }),
      scoredStudy('2', LATER, '0.610', ['-1.2', '-0.3'], { birthDate: '2013-01-20' }),
    ),
  },
  'a woman of 32 with a T-score': {
    patient: history(scoredStudy('1', LATER, '0.900', ['-2.2', '-2.0'], { birthDate: '1992-01-20' })),
  },
  'a man of 45': {
    patient: history(scoredStudy('1', LATER, '0.900', ['-2.2', '-1.6'], { birthDate: '1979-01-20', sex: 'M' })),
  },
  'a man of 70 with T-scores against two references': {
    patient: history({
      ...study('1', LATER, [spine('0.900', { tScore: '-2.4' })], { sex: 'M' }),
      measurements: study('1', LATER, [spine('0.900', { tScore: '-2.4' })]).measurements.map((one) => ({
        ...one,
        tScores: [...one.tScores, { valueId: '1/t2', value: -2_600_000 as Micro, referencePopulation: 'USA, women' }],
      })),
    }),
  },
  'an age that is not known': {
    patient: history(study('1', LATER, [spine('0.900', { tScore: '-2.6' })], { birthDate: null })),
  },
  'the mean of both hips': {
    patient: pair(
      [spine('0.850'), hip('left', '0.780', { tScore: '-1.8' }), hip('right', '0.790', { tScore: '-1.7' })],
      [spine('0.855'), hip('left', '0.764', { tScore: '-2.0' }), hip('right', '0.776', { tScore: '-1.9' })],
    ),
    file: FILE_WITH_MEAN,
  },
  'one hip that fell alone': {
    patient: patientOf({ spine: [850, 850], left: [780, 760], right: [780, 790] }),
    file: FILE_WITH_MEAN,
  },
  'a repeat on the same day': {
    patient: {
      ...pair([hip('left', '0.780')], [hip('left', '0.776')]),
      studies: [
        study('1', EARLIER, [hip('left', '0.780')]),
        {
          ...study('2', LATER, [hip('left', '0.776')]),
          repeats: [
            {
              scanType: 'hip',
              roi: { region: 'total_hip', vertebrae: [] },
              laterality: 'left',
              scannerId: 'scanner-a',
              scannedAt: '2024-03-05T09:10:00',
              bmd: { valueId: 'first', value: micro('0.750') },
              standing: { valueId: 'last', value: micro('0.776') },
            },
          ],
        },
      ],
    },
  },
  'a visit of two studies on one day': {
    patient: history(
      study('1', EARLIER, [spine('0.850'), hip('left', '0.780')]),
      study('2', '2024-03-05T09:00:00', [spine('0.890')]),
      study('3', '2024-03-05T09:20:00', [hip('left', '0.755')]),
    ),
  },
  'a scan that may be of another person': {
    patient: pair([spine('0.850')], [spine('0.890')], { heightM: micro('1.70') }, { heightM: micro('1.58') }),
  },
  'a scan that a person found to be of another person': {
    patient: {
      ...pair([spine('0.850')], [spine('0.890')], { heightM: micro('1.70') }, { heightM: micro('1.58') }),
      identityAnswers: [{ studyId: '2', answer: 'other_person' }],
    },
  },
  'a scan that a person found to be of the same person': {
    patient: {
      ...pair([spine('0.850')], [spine('0.890')], { heightM: micro('1.70') }, { heightM: micro('1.58') }),
      identityAnswers: [{ studyId: '2', answer: 'same_person' }],
    },
  },
  'less weight, other software and another bone area': {
    patient: pair(
      [spine('0.850', { area: '50.00', bmc: '42.50' }), hip('left', '0.780')],
      [
        spine('0.860', { area: '52.00', bmc: '44.72', softwareVersions: ['19'] }),
        hip('left', '0.781', { softwareVersions: ['19'] }),
      ],
      { weightKg: micro('70') },
      { weightKg: micro('61') },
    ),
  },
  'T-scores two classes apart': {
    patient: history(study('1', LATER, [spine('0.700', { tScore: '-2.6' }), hip('left', '0.900', { tScore: '-0.4' })])),
  },
  'a class that changed and a BMD that did not': {
    patient: pair(
      [spine('0.850'), hip('left', '0.705', { tScore: '-2.4' })],
      [spine('0.850'), hip('left', '0.695', { tScore: '-2.5' })],
    ),
  },
  'a scan sooner than a year, with an expected rate': {
    patient: history(study('1', '2023-09-05', [spine('0.850')]), study('2', LATER, [spine('0.852')])),
    settings: { expectedAnnualChange: { spine: micro('0.012') } },
  },
  'an interval that would end within a year, from a 29 February': {
    patient: history(study('1', '2024-02-29', [hip('left', '0.780')])),
    settings: { expectedAnnualChange: { total_hip: micro('0.020') } },
  },
  'the 33 % radius': {
    patient: pair([hip('left', '0.700', { region: 'radius_33' })], [hip('left', '0.690', { region: 'radius_33' })]),
    file: onFile(lsc('radius_33', '0.030')),
  },
  'no bone density that a report names': {
    patient: history(study('1', LATER, [{ region: 'trochanter', laterality: 'left', bmd: '0.600' }])),
  },
};
