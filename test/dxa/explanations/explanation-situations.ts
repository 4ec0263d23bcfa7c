import { crossCalibration, hip, L1_L4, lsc, MH, micro, roiOf, SCANNER_B, spine, study } from '../build-history.ts';
import {
  HIP_AFTER,
  HIP_BEFORE,
  L2_L4,
  mirror,
  modes,
  type Situation,
  SLOW,
  spineOf,
  therapy,
} from './explain-situation.ts';

/** Each explanation with a situation in which it comes first, and one, like it, in which it must not appear. */
export const EXPLANATION_SITUATIONS: readonly (readonly [code: string, first: Situation, absent: Situation])[] = [
  [
    'LEVEL_SHIFT',
    {
      before: [...spineOf([0.8, 0.88, 0.96, 1.04], [], [11, 12, 13, 14]), HIP_BEFORE],
      after: [...spineOf([0.88, 0.96, 1.04, 1.06], [], [12, 13, 14, 15]), HIP_AFTER],
    },
    {
      before: [...spineOf([0.8, 0.88, 0.96, 1.04], [], [11, 12, 13, 14]), HIP_BEFORE],
      after: [...spineOf([0.86, 0.94, 1.02, 1.1], [], [11, 12, 13, 14]), HIP_AFTER],
    },
  ],
  [
    'AREA_DRIVEN',
    { after: [spine('0.910'), hip('left', '0.770', { bmc: '24', area: '31.17' })] },
    { after: [spine('0.910'), hip('left', '0.770', { bmc: '22.4', area: '29.09' })] },
  ],
  [
    'VERTEBRAE_CHANGED',
    {
      before: [spine('0.850'), spine('0.860', { vertebrae: L2_L4 }), HIP_BEFORE],
      after: [spine('0.920', { vertebrae: L2_L4 }), HIP_AFTER],
      onFile: { lscEntries: [...MH.lscEntries, lsc('spine', '0.035', { lscId: 'l2', roi: roiOf('spine', L2_L4) })] },
    },
    {},
  ],
  [
    'SCANNERS_CROSS_CALIBRATED',
    {
      after: [spine('0.910', { scanner: SCANNER_B }), hip('left', '0.770', { scanner: SCANNER_B })],
      onFile: {
        crossCalibrations: [
          crossCalibration({ slope: 1, intercept: 0, standardErrorOfEstimate: 0.01 }),
          crossCalibration({
            crossCalibrationId: 's',
            roi: roiOf('spine', L1_L4),
            laterality: 'none',
            slope: 1,
            intercept: 0,
          }),
        ],
        lscEntries: [
          ...MH.lscEntries,
          ...MH.lscEntries.map((one) => ({ ...one, lscId: `${one.lscId}-b`, scannerId: 'scanner-b' })),
        ],
      },
    },
    {},
  ],
  [
    'PHANTOM_OUT_OF_CONTROL',
    { onFile: { phantomStates: [{ scannerId: 'scanner-a', from: '2022-02-01', to: null, state: 'out_of_control' }] } },
    { onFile: { phantomStates: [{ scannerId: 'scanner-a', from: '2019-02-01', to: null, state: 'in_control' }] } },
  ],
  ['SCAN_MODE_CHANGED', modes('standard', 'thick'), modes('thick', 'thick')],
  [
    'SOFTWARE_CHANGED',
    { after: [spine('0.910', { softwareVersions: ['19'] }), HIP_AFTER] },
    { after: [spine('0.910', { softwareVersions: ['18'] }), HIP_AFTER] },
  ],
  [
    'AREA_DIFFERS',
    { after: [spine('0.910'), hip('left', '0.770', { bmc: '22.4', area: '29.09' })] },
    { after: [spine('0.910'), hip('left', '0.770', { bmc: '24', area: '31.17' })] },
  ],
  ['REGION_SCANNED_TWICE', { after: [spine('0.910'), HIP_AFTER, hip('left', '0.900', { scanLabel: 'rescan' })] }, {}],
  [
    'ONE_HIP_ONLY',
    {
      before: [spine('0.850'), HIP_BEFORE, hip('right', '0.800')],
      after: [spine('0.910'), HIP_AFTER, hip('right', '0.799')],
    },
    {
      before: [spine('0.850'), HIP_BEFORE, hip('right', '0.800')],
      after: [spine('0.910'), HIP_AFTER, hip('right', '0.770')],
    },
  ],
  [
    'DIFFERENT_EARLIER_SCANS',
    { more: [study('0', '2018-03-01', [HIP_BEFORE], { birthDate: '1965-01-01' })], before: [spine('0.850')] },
    // Of one day, in two studies.
    { more: [study('0', '2020-03-01', [HIP_BEFORE], { birthDate: '1965-01-01' })], before: [spine('0.850')] },
  ],
  ['NEAR_THE_LIMIT', { after: [spine('0.884'), HIP_AFTER] }, { after: [spine('0.893'), HIP_AFTER] }],
  [
    'T_SCORE_GAP',
    {
      before: [...spineOf([0.9, 0.9, 0.9, 0.9]), HIP_BEFORE],
      after: [...spineOf([0.96, 0.96, 0.96, 0.96], ['-1.5', '-1.4', '-0.3', '-0.2']), HIP_AFTER],
    },
    {
      before: [...spineOf([0.9, 0.9, 0.9, 0.9]), HIP_BEFORE],
      after: [...spineOf([0.96, 0.96, 0.96, 0.96], ['-1.5', '-1.4', '-0.4', '-0.2']), HIP_AFTER],
    },
  ],
  [
    'LOWER_VERTEBRAE_ROSE',
    {
      before: [...spineOf([0.9, 0.9, 0.9, 0.9]), HIP_BEFORE],
      after: [...spineOf([0.92, 0.92, 1, 1]), HIP_AFTER],
    },
    {
      before: [...spineOf([0.9, 0.9, 0.9, 0.9]), HIP_BEFORE],
      after: [...spineOf([0.95, 0.95, 0.97, 0.97]), HIP_AFTER],
    },
  ],
  [
    'DEGENERATION_BY_AGE',
    { ...SLOW, studyAfter: { birthDate: '1950-01-01' } },
    { ...SLOW, studyBefore: { sex: 'M' }, studyAfter: { birthDate: '1950-01-01', sex: 'M' } },
  ],
  [
    'WEIGHT_LOSS',
    { studyBefore: { weightKg: micro('70') }, studyAfter: { weightKg: micro('62') } },
    { studyBefore: { weightKg: micro('62') }, studyAfter: { weightKg: micro('70') } },
  ],
  [
    'WEIGHT_GAIN',
    { ...mirror, studyBefore: { weightKg: micro('62') }, studyAfter: { weightKg: micro('70') } },
    { ...mirror, studyBefore: { weightKg: micro('70') }, studyAfter: { weightKg: micro('62') } },
  ],
  [
    'SWITCH_TO_TERIPARATIDE',
    {
      context: {
        therapies: [therapy('alendronate', '2018-01-01', '2020-08-29'), therapy('teriparatide', '2020-08-30')],
      },
    },
    // 549 days before the scan.
    {
      context: {
        therapies: [therapy('alendronate', '2018-01-01', '2020-08-28'), therapy('teriparatide', '2020-08-29')],
      },
    },
  ],
  [
    'DENOSUMAB_TO_TERIPARATIDE',
    {
      context: { therapies: [therapy('denosumab', '2018-01-01', '2021-03-01'), therapy('teriparatide', '2021-08-01')] },
    },
    {
      context: {
        therapies: [therapy('alendronate', '2018-01-01', '2021-03-01'), therapy('teriparatide', '2021-08-01')],
      },
    },
  ],
  [
    'DENOSUMAB_STOPPED',
    { context: { therapies: [therapy('denosumab', '2021-07-29', '2021-07-29')] } },
    // 214 days before the scan.
    { context: { therapies: [therapy('denosumab', '2021-07-30', '2021-07-30')] } },
  ],
  [
    'EXPECTED_ON_ANABOLIC',
    { context: { therapies: [therapy('teriparatide', '2021-04-01')] } },
    { context: { therapies: [therapy('teriparatide', '2020-04-01')] } },
  ],
  [
    'NOT_EXPECTED_ON_ANTIRESORPTIVE',
    { context: { therapies: [therapy('alendronate', '2019-01-01')] } },
    { context: { therapies: [therapy('alendronate', '2021-06-01')] } },
  ],
  [
    'TREATMENT_STOPPED',
    { context: { therapies: [therapy('alendronate', '2015-01-01', '2021-01-01')] } },
    { context: { therapies: [therapy('alendronate', '2015-01-01', '2019-01-01')] } },
  ],
  [
    'SECONDARY_CAUSES_ON_FILE',
    { context: { secondaryCauses: ['low vitamin D'] } },
    { context: { secondaryCauses: [] } },
  ],
  ['DOSES_NOT_TAKEN', { context: { adherence: 'partly_taken' } }, { context: { adherence: 'taken' } }],
  [
    'HIP_LOSS_WITH_AGE',
    { ...SLOW, studyAfter: { birthDate: '1960-01-01' } },
    { studyAfter: { birthDate: '1960-01-01' } },
  ],
  [
    'FASTER_THAN_AGE',
    { studyAfter: { birthDate: '1960-01-01' } },
    { ...SLOW, studyAfter: { birthDate: '1960-01-01' } },
  ],
  [
    'SEVERAL_SITES_FELL',
    { rule: 'L1_LOSS_AT_BOTH_SITES', after: [spine('0.800'), HIP_AFTER] },
    { rule: 'L3_ROBUST_LOSS', after: [spine('0.850'), HIP_AFTER] },
  ],
  [
    'DEMOGRAPHICS_CHANGED',
    { studyBefore: { ethnicGroup: 'Asian' }, studyAfter: { ethnicGroup: 'Caucasian' } },
    { studyBefore: { ethnicGroup: 'Asian' } },
  ],
  [
    'OTHER_PATIENT_SELECTED',
    { rule: 'MAYBE_OTHER_PERSON', studyBefore: { sex: 'M' } },
    { studyBefore: { ethnicGroup: 'Asian' }, studyAfter: { ethnicGroup: 'Caucasian' } },
  ],
];
