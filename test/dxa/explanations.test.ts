import { describe, expect, it } from 'vitest';
import { assessPatient } from '../../src/dxa/assess-patient.ts';
import { NOTHING_KNOWN, type PatientContext } from '../../src/dxa/context.ts';
import { EXPLANATION_RULES, explainCase } from '../../src/dxa/explanations/explain-case.ts';
import type { OnFile, StudyOfPatient } from '../../src/dxa/history.ts';
import type { Bmd } from '../../src/dxa/quantity.ts';
import type { Vertebra } from '../../src/dxa/region.ts';
import { ASSESSMENT_SETTINGS } from '../../src/dxa/settings.ts';
import {
  crossCalibration,
  hip,
  history,
  L1_L4,
  lsc,
  MH,
  micro,
  roiOf,
  SCANNER_B,
  spine,
  study,
} from './build-history.ts';

type Given = Parameters<typeof study>[2];

type Situation = {
  readonly before?: Given;
  readonly after?: Given;
  readonly studyBefore?: Partial<StudyOfPatient>;
  readonly studyAfter?: Partial<StudyOfPatient>;
  readonly onFile?: Partial<OnFile>;
  readonly context?: Partial<PatientContext>;
  readonly more?: readonly StudyOfPatient[];
};

const HIP_BEFORE = hip('left', '0.800', { bmc: '24', area: '30' });
const HIP_AFTER = hip('left', '0.770', { bmc: '23.1', area: '30' });

/** A woman of 57, both changes far beyond the LSC, nothing else known: nothing to explain it by. */
function explain(situation: Situation) {
  const visit = { birthDate: '1965-01-01' };
  const patient = history(
    ...(situation.more ?? []),
    study('1', '2020-03-01', situation.before ?? [spine('0.850'), HIP_BEFORE], { ...visit, ...situation.studyBefore }),
    study('2', '2022-03-01', situation.after ?? [spine('0.910'), HIP_AFTER], { ...visit, ...situation.studyAfter }),
  );
  const assessment = assessPatient(patient, { ...MH, ...situation.onFile }, ASSESSMENT_SETTINGS);
  const found = assessment.cases.find(({ rule, followUpStudyId }) => /^D[12]_/.test(rule) && followUpStudyId === '2');
  if (found === undefined) throw new Error('no case');
  return explainCase(found, assessment, patient, { ...NOTHING_KNOWN, ...situation.context }, ASSESSMENT_SETTINGS);
}

/** Four vertebrae of the same area each, unless areas are given, and their set. */
function spineOf(
  bmds: readonly [number, number, number, number],
  tScores: readonly string[] = [],
  areas: readonly number[] = [14, 14, 14, 14],
): Given {
  const parts = bmds.map((value, index) => ({ value, area: areas[index] ?? 14, tScore: tScores[index] }));
  const singles = parts.map(({ value, area, tScore }, index) =>
    spine(value.toFixed(3), {
      vertebrae: [L1_L4[index] as Vertebra],
      bmc: (area * value).toFixed(4),
      area: area.toFixed(2),
      ...(tScore === undefined ? {} : { tScore }),
    }),
  );
  const bmc = parts.reduce((total, { value, area }) => total + value * area, 0);
  const area = parts.reduce((total, part) => total + part.area, 0);
  return [...singles, spine((bmc / area).toFixed(6))];
}

const therapy = (agent: 'alendronate' | 'teriparatide', startedOn: string, endedOn: string | null = null) => ({
  agent,
  startedOn,
  endedOn,
});

const modes = (before: string, after: string): Situation => ({
  before: [spine('0.850', { scanMode: before }), HIP_BEFORE],
  after: [spine('0.910', { scanMode: after }), HIP_AFTER],
});

const mirror = { before: [spine('0.910'), HIP_AFTER], after: [spine('0.850'), HIP_BEFORE] };

const L2_L4: readonly Vertebra[] = ['L2', 'L3', 'L4'];

/** Each explanation with a situation in which it comes first, and one, like it, in which it must not appear. */
const TABLE: readonly (readonly [code: string, first: Situation, absent: Situation])[] = [
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
    { more: [study('0', '2018-03-01', [HIP_BEFORE])], before: [spine('0.850')] },
    { more: [study('0', '2018-03-01', [HIP_BEFORE])] },
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
  ['DEGENERATION_BY_AGE', { studyAfter: { birthDate: '1950-01-01' } }, { studyAfter: { birthDate: '1953-01-01' } }],
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
        therapies: [therapy('alendronate', '2018-01-01', '2021-03-01'), therapy('teriparatide', '2021-04-01')],
      },
    },
    { context: { therapies: [therapy('teriparatide', '2021-04-01')] } },
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
    { studyAfter: { birthDate: '1960-01-01' } },
    { studyAfter: { birthDate: '1960-01-01' }, context: { therapies: [therapy('alendronate', '2021-06-01')] } },
  ],
];

describe('the explanations of a case', () => {
  it.each(TABLE)('%s comes first where it is planted and stays away where it is not', (code, first, absent) => {
    expect(explain(first)[0]?.code).toBe(code);
    expect(explain(absent).map((explanation) => explanation.code)).not.toContain(code);
  });

  it('take weight for an explanation only in the direction in which it moves spine and hip', () => {
    const [lighter, heavier] = [{ weightKg: micro('60') }, { weightKg: micro('70') }];
    const codes = (situation: Situation) => explain(situation).map(({ code }) => code);
    expect(codes({ ...mirror, studyBefore: heavier, studyAfter: lighter })).toEqual([]);
    expect(codes({ studyBefore: lighter, studyAfter: heavier })).toEqual([]);
  });

  it('call it no switch where the other agent came later', () => {
    const therapies = [therapy('teriparatide', '2021-04-01'), therapy('alendronate', '2021-10-01')];
    expect(explain({ context: { therapies } }).map(({ code }) => code)).toEqual(['EXPECTED_ON_ANABOLIC']);
  });

  it('have each of them a row in this table', () => {
    expect(TABLE.map(([code]) => code).sort()).toEqual(EXPLANATION_RULES.map(({ code }) => code).sort());
  });

  it('are none where nothing speaks for any', () => {
    expect(explain({})).toEqual([]);
  });

  it('say what was measured with its numbers', () => {
    const [loss] = explain({ studyBefore: { weightKg: micro('70') }, studyAfter: { weightKg: micro('62.5') } });
    expect(loss?.says).toBe(
      'Weight fell by 7.5 kg between the scans; less fat over the bone raises the measured spine and lowers the measured hip, and real loss at the hip adds to it.',
    );
    expect(loss?.evidence).toEqual({ weightChangeMicroKg: -7_500_000 });
  });

  it('rank measured evidence before what is only generally likely', () => {
    const codes = explain({
      studyBefore: { weightKg: micro('70') },
      studyAfter: { weightKg: micro('62'), birthDate: '1948-01-01' },
      after: [spine('0.910', { softwareVersions: ['19'] }), HIP_AFTER],
    }).map(({ code }) => code);
    expect(codes).toEqual(['WEIGHT_LOSS', 'DEGENERATION_BY_AGE', 'SOFTWARE_CHANGED', 'HIP_LOSS_WITH_AGE']);
  });

  it('doubt a change that is not robust, however strong', () => {
    const lscEntries = [lsc('spine', '0.033', { precisionErrorUpper: 30_000 as Bmd }), lsc('total_hip', '0.017')];
    expect(explain({ onFile: { lscEntries } }).map(({ code }) => code)).toEqual(['NEAR_THE_LIMIT']);
  });

  it('refuse a case of another history', () => {
    const patient = history(study('1', '2020-03-01', []));
    const found = {
      rule: 'D1',
      tier: 'review',
      followUpStudyId: '9',
      regionPair: '',
      strength: 1,
      comparisons: [],
      statement: '',
    } as const;
    expect(() => explainCase(found, { comparisons: [] }, patient, NOTHING_KNOWN, ASSESSMENT_SETTINGS)).toThrow(
      RangeError,
    );
  });
});
