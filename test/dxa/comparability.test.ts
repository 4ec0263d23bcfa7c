import { describe, expect, it } from 'vitest';
import { assessPatient } from '../../src/dxa/assess-patient.ts';
import type { Comparison } from '../../src/dxa/assessment.ts';
import { COMPARABILITY_CODES } from '../../src/dxa/codes.ts';
import type { OnFile, StudyOfPatient } from '../../src/dxa/history.ts';
import { coversSide } from '../../src/dxa/lsc.ts';
import { ASSESSMENT_SETTINGS, type AssessmentSettings } from '../../src/dxa/settings.ts';
import { crossCalibration, hip, history, lsc, MH, micro, SCANNER_A, SCANNER_B, spine, study } from './build-history.ts';

type Given = Parameters<typeof study>[2][number];

type Case = {
  readonly before?: Given;
  readonly after?: Given;
  readonly beforeOn?: string;
  readonly studyBefore?: Partial<StudyOfPatient>;
  readonly studyAfter?: Partial<StudyOfPatient>;
  readonly onFile?: Partial<OnFile>;
  readonly settings?: Partial<AssessmentSettings>;
};

function compare(given: Case): Comparison {
  const { before = hip('left', '0.800'), after = hip('left', '0.780'), beforeOn = '2020-03-01' } = given;
  const patient = history(
    study('1', beforeOn, [before], given.studyBefore),
    study('2', '2022-03-01', [after], given.studyAfter),
  );
  const { comparisons } = assessPatient(
    patient,
    { ...MH, ...given.onFile },
    { ...ASSESSMENT_SETTINGS, ...given.settings },
  );
  const [comparison] = comparisons;
  if (comparison === undefined || comparisons.length > 1) throw new Error(`${comparisons.length} comparisons`);
  return comparison;
}

const forearm = (region: 'radius_33' | 'radius_total') => hip('left', '0.7', { region });
const withArea = (bmd: string, bmc: string, area: string) => hip('left', bmd, { bmc, area });
const spineWithArea = (bmc: string, area: string) => spine('1.000', { bmc, area });
const scanner = (more: Partial<typeof SCANNER_A>) => ({ scanner: { ...SCANNER_A, ...more } });
const phantom = (state: 'in_control' | 'out_of_control' | 'unresolved_shift', to: string | null = null) => ({
  onFile: { phantomStates: [{ scannerId: 'scanner-a', from: '2019-01-01', to, state }] },
});

const TABLE: readonly (readonly [rule: string, outcome: string, code: string, given: Case])[] = [
  ['C1', 'ok', 'LATER_DAY', {}],
  ['C1', 'block', 'NOT_LATER', { beforeOn: '2022-03-01' }],
  ['C2', 'ok', 'SAME_SCANNER', {}],
  ['C2', 'block', 'SCANNER_DIFFERS', { after: hip('left', '0.780', { scanner: SCANNER_B }) }],
  ['C2', 'block', 'SCANNER_NOT_IDENTIFIED', { after: hip('left', '0.780', scanner({ identified: false })) }],
  [
    'C2',
    'block',
    'SCANNER_EPOCH_DIFFERS',
    {
      onFile: {
        scannerEpochs: [{ epochId: '1', scannerId: 'scanner-a', startsOn: '2022-03-01', reason: 'relocation' }],
      },
    },
  ],
  [
    'C2',
    'ok',
    'SAME_SCANNER',
    {
      onFile: {
        scannerEpochs: [{ epochId: '1', scannerId: 'scanner-a', startsOn: '2020-03-01', reason: 'relocation' }],
      },
    },
  ],
  [
    'C2',
    'warn',
    'CROSS_CALIBRATED',
    { after: hip('left', '0.780', { scanner: SCANNER_B }), onFile: { crossCalibrations: [crossCalibration()] } },
  ],
  [
    'C2',
    'block',
    'CROSS_CALIBRATION_RANGE',
    {
      after: hip('left', '0.780', { scanner: SCANNER_B }),
      onFile: { crossCalibrations: [crossCalibration({ minFrom: 0.801 })] },
    },
  ],
  ['C2', 'block', 'SCANNER_NOT_IDENTIFIED', { before: hip('left', '0.800', scanner({ identified: false })) }],
  ['C3', 'ok', 'SAME_MODEL', {}],
  [
    'C3',
    'block',
    'MODEL_DIFFERS',
    { after: hip('left', '0.780', { scanner: { ...SCANNER_B, modelName: 'Prodigy' } }) },
  ],
  ['C3', 'warn', 'MODEL_DIFFERS', { after: hip('left', '0.780', scanner({ modelName: 'iDXA' })) }],
  ['C4', 'ok', 'SAME_MANUFACTURER', {}],
  [
    'C4',
    'block',
    'MANUFACTURER_DIFFERS',
    { after: hip('left', '0.780', { scanner: { ...SCANNER_B, manufacturer: 'Hologic' } }) },
  ],
  [
    'C4',
    'warn',
    'MANUFACTURER_DIFFERS',
    { after: hip('left', '0.780', scanner({ manufacturer: 'GE MEDICAL SYSTEMS' })) },
  ],
  ['C5', 'ok', 'SAME_SOFTWARE', {}],
  ['C5', 'ok', 'SOFTWARE_NOT_STATED', { after: hip('left', '0.780', { softwareVersions: [] }) }],
  [
    'C5',
    'warn',
    'SOFTWARE_DIFFERS',
    {
      before: hip('left', '0.800', { softwareVersions: ['enCORE 13.40'] }),
      after: hip('left', '0.780', { softwareVersions: ['enCORE 13.60'] }),
    },
  ],
  ['C5', 'warn', 'SOFTWARE_MAJOR_CHANGE', { after: hip('left', '0.780', { softwareVersions: ['19'] }) }],
  [
    'C5',
    'block',
    'SOFTWARE_MAJOR_CHANGE',
    { after: hip('left', '0.780', { softwareVersions: ['19'] }), settings: { softwareChange: 'block_major' } },
  ],
  ['C6', 'ok', 'SCAN_MODE_NOT_STATED', { after: hip('left', '0.780', { scanMode: 'thick' }) }],
  [
    'C6',
    'ok',
    'SAME_SCAN_MODE',
    { before: hip('left', '0.800', { scanMode: 'thick' }), after: hip('left', '0.780', { scanMode: 'thick' }) },
  ],
  [
    'C6',
    'warn',
    'SCAN_MODE_DIFFERS',
    { before: hip('left', '0.800', { scanMode: 'thick' }), after: hip('left', '0.780', { scanMode: 'standard' }) },
  ],
  ['C7', 'ok', 'NO_VERTEBRAE', {}],
  ['C7', 'ok', 'SAME_VERTEBRAE', { before: spine('0.9'), after: spine('0.9') }],
  ['C7', 'block', 'VERTEBRAE_DIFFER', { before: spine('0.9'), after: spine('0.9', { vertebrae: ['L2', 'L3'] }) }],
  ['C8', 'ok', 'ENOUGH_VERTEBRAE', { before: spine('0.9'), after: spine('0.9') }],
  ['C8', 'block', 'TOO_FEW_VERTEBRAE', { before: spine('0.9'), after: spine('0.9', { vertebrae: ['L2'] }) }],
  ['C9', 'ok', 'SAME_SIDE', {}],
  ['C9', 'ok', 'NO_SIDE', { before: spine('0.9'), after: spine('0.9') }],
  ['C9', 'block', 'SIDE_DIFFERS', { after: hip('right', '0.780') }],
  ['C9', 'block', 'SIDE_NOT_STATED', { before: hip('none', '0.800'), after: hip('none', '0.780') }],
  ['C9', 'block', 'SIDE_NOT_STATED', { after: hip('none', '0.780') }],
  [
    'C9',
    'warn',
    'SIDE_NOT_STATED',
    { before: hip('none', '0.7', { region: 'radius_33' }), after: hip('none', '0.7', { region: 'radius_33' }) },
  ],
  ['C10', 'ok', 'SINGLE_SIDE', {}],
  ['C11', 'ok', 'PRIMARY_REGION', {}],
  [
    'C11',
    'warn',
    'SECONDARY_REGION',
    { before: hip('left', '0.8', { region: 'femoral_neck' }), after: hip('left', '0.8', { region: 'femoral_neck' }) },
  ],
  ['C12', 'ok', 'NOT_FOREARM', {}],
  ['C12', 'ok', 'FOREARM_33_RADIUS', { before: forearm('radius_33'), after: forearm('radius_33') }],
  ['C12', 'warn', 'FOREARM_INFORMATIVE', { before: forearm('radius_total'), after: forearm('radius_total') }],
  ['C13', 'ok', 'AREA_NOT_STATED', {}],
  ['C13', 'ok', 'AREA_SIMILAR', { before: withArea('0.8', '24', '30'), after: withArea('0.8', '24.4', '30.5') }],
  ['C13', 'warn', 'AREA_DIFFERS', { before: withArea('0.8', '24', '30'), after: withArea('0.784', '24', '30.61') }],
  ['C13', 'ok', 'AREA_SIMILAR', { before: spineWithArea('60.00', '60'), after: spineWithArea('61.00', '61') }],
  ['C13', 'warn', 'AREA_DIFFERS', { before: spineWithArea('60.00', '60'), after: spineWithArea('61.10', '61.1') }],
  ['C13', 'ok', 'AREA_SIMILAR', { before: withArea('0.8', '24', '30'), after: withArea('0.8', '24.46', '30.57') }],
  ['C13', 'warn', 'AREA_DIFFERS', { before: withArea('0.8', '24', '30'), after: withArea('0.777', '23.76', '30.57') }],
  ['C14', 'ok', 'WEIGHT_NOT_STATED', { studyAfter: { weightKg: micro('60') } }],
  ['C14', 'ok', 'WEIGHT_SIMILAR', { studyBefore: { weightKg: micro('65') }, studyAfter: { weightKg: micro('60') } }],
  [
    'C14',
    'warn',
    'WEIGHT_DIFFERS',
    { studyBefore: { weightKg: micro('65.1') }, studyAfter: { weightKg: micro('60') } },
  ],
  ['C15', 'ok', 'INTERVAL_LONG_ENOUGH', { beforeOn: '2021-03-01' }],
  ['C15', 'warn', 'INTERVAL_SHORT', { beforeOn: '2021-03-02' }],
  ['C15', 'warn', 'INTERVAL_BELOW_MTI', { settings: { expectedAnnualChange: { total_hip: micro('0.008') } } }],
  ['C15', 'ok', 'INTERVAL_LONG_ENOUGH', { settings: { expectedAnnualChange: { total_hip: micro('-0.009') } } }],
  ['C16', 'ok', 'LSC_ON_FILE', {}],
  ['C16', 'warn', 'NO_LSC', { onFile: { lscEntries: [] } }],
  ['C17', 'ok', 'SAME_DEMOGRAPHICS', { studyAfter: { sex: null } }],
  ['C17', 'warn', 'DEMOGRAPHICS_DIFFER', { studyAfter: { sex: 'M' } }],
  ['C18', 'ok', 'PHANTOM_NOT_KNOWN', {}],
  ['C18', 'ok', 'PHANTOM_IN_CONTROL', phantom('in_control')],
  ['C18', 'ok', 'PHANTOM_NOT_KNOWN', phantom('in_control', '2021-01-01')],
  ['C18', 'warn', 'PHANTOM_OUT_OF_CONTROL', phantom('out_of_control', '2021-01-01')],
  ['C18', 'block', 'PHANTOM_SHIFT', phantom('unresolved_shift', '2021-01-01')],
];

describe('the comparability of two scans', () => {
  it.each(TABLE)('%s is %s with %s', (rule, outcome, code, given) => {
    const comparison = compare(given);
    expect(comparison.checks.map((check) => check.rule)).toEqual(
      Array.from({ length: 18 }, (_, index) => `C${index + 1}`),
    );
    expect(comparison.checks.find((check) => check.rule === rule)).toMatchObject({ outcome, code });
    const blocked = comparison.checks.some((check) => check.outcome === 'block');
    expect(comparison.verdict === 'not_comparable').toBe(blocked);
    expect(comparison.delta === null).toBe(blocked);
  });

  it('notes that a study measured the region twice, in one scan or in two', () => {
    for (const scanLabel of ['hip', 'rescan']) {
      const patient = history(
        study('1', '2020-03-01', [hip('left', '0.800')]),
        study('2', '2022-03-01', [hip('left', '0.780'), hip('left', '0.781', { scanLabel })]),
      );
      const [comparison, ...others] = assessPatient(patient, MH, ASSESSMENT_SETTINGS).comparisons;
      expect(others).toEqual([]);
      expect(comparison?.checks[0]).toMatchObject({
        code: 'REGION_SCANNED_TWICE',
        outcome: 'warn',
        facts: { referenceScans: 1, followUpScans: 2 },
      });
    }
  });

  it('has a text and a remedy for every code, without a placeholder for a value', () => {
    for (const [code, { text, remedy }] of Object.entries(COMPARABILITY_CODES)) {
      expect(`${code} ${text} ${remedy}`).toMatch(/^[A-Z0-9_]+ [A-Z][^{}$]*\. [A-Z][^{}$]*\.$/u);
    }
  });

  it('judges across scanners by the prediction interval of the cross-calibration and from the converted reference', () => {
    const given = (after: string) =>
      compare({
        after: hip('left', after, { scanner: SCANNER_B }),
        onFile: { crossCalibrations: [crossCalibration()], lscEntries: [] },
      });
    // 1.02 * 0.800 + 0.010 = 0.826; 1.96 * 0.015 * sqrt(1 + 1/30 + 0.05²/0.5) = 0.029958
    expect(given('0.856')).toMatchObject({
      verdict: 'up',
      referenceConverted: 826_000,
      delta: 30_000,
      lsc: { lscId: null, crossCalibrationId: 'cross-1', leastSignificantChange: 29_958 },
    });
    expect(given('0.855')).toMatchObject({ verdict: 'not_significant', delta: 29_000 });
  });

  it('is provisional where the cross-calibration lacks what its interval is computed from', () => {
    const comparison = compare({
      after: hip('left', '0.900', { scanner: SCANNER_B }),
      onFile: { crossCalibrations: [crossCalibration({ meanFrom: null })] },
    });
    expect(comparison).toMatchObject({ verdict: 'provisional', delta: 74_000, lsc: null, strength: null });
  });

  it('prefers the side’s own LSC to one for any side, and of several the latest', () => {
    const chosen = (...given: readonly (readonly [string, Parameters<typeof lsc>[2]])[]) =>
      compare({ onFile: { lscEntries: given.map(([lscId, more]) => lsc('total_hip', '0.017', { lscId, ...more })) } })
        .lsc?.lscId;
    expect(chosen(['any', { validFrom: '2019-01-01' }], ['left', { laterality: 'left' }])).toBe('left');
    expect(chosen(['old', { validFrom: '2018-01-01' }], ['new', { validFrom: '2019-01-01' }])).toBe('new');
    expect(chosen(['b', {}], ['a', {}])).toBe('a');
  });

  it('takes an LSC for any side as one for left and right, not for the mean of both', () => {
    const sides = (['left', 'right', 'mean', 'none'] as const).filter((side) => coversSide('any', side));
    expect(sides).toEqual(['left', 'right']);
  });

  it('lets a cross-calibration bridge one change of the same scanner, measured after it, and no more', () => {
    const verdict = (validFrom: string, ...days: readonly string[]) =>
      compare({
        onFile: {
          scannerEpochs: days.map((startsOn) => ({
            epochId: startsOn,
            scannerId: 'scanner-a',
            startsOn,
            reason: 'other',
          })),
          crossCalibrations: [crossCalibration({ toScannerId: 'scanner-a', validFrom, slope: 1, intercept: 0 })],
        },
      }).verdict;
    expect(verdict('2021-02-01', '2021-01-01')).toBe('not_significant');
    expect(verdict('2020-12-01', '2021-01-01')).toBe('not_comparable');
    expect(verdict('2021-02-01', '2020-06-01', '2021-01-01')).toBe('not_comparable');
  });

  it('does not use a cross-calibration before it was made, after it ended, or across a later change of a scanner', () => {
    const verdict = (more: Parameters<typeof crossCalibration>[0], onFile: Partial<OnFile> = {}) =>
      compare({
        after: hip('left', '0.900', { scanner: SCANNER_B }),
        onFile: { crossCalibrations: [crossCalibration(more)], ...onFile },
      }).verdict;
    expect(verdict({})).toBe('up');
    expect(verdict({ validFrom: '2022-03-02' })).toBe('not_comparable');
    expect(verdict({ validTo: '2022-02-28' })).toBe('not_comparable');
    const epoch = { epochId: '1', scannerId: 'scanner-b', startsOn: '2021-06-01', reason: 'relocation' } as const;
    expect(verdict({}, { scannerEpochs: [epoch] })).toBe('not_comparable');
    expect(verdict({}, { scannerEpochs: [{ ...epoch, scannerId: 'scanner-a', startsOn: '2020-06-01' }] })).toBe(
      'not_comparable',
    );
  });

  it('counts an LSC or a cross-calibration that cannot be true as none', () => {
    const verdict = (more: Parameters<typeof lsc>[2], text = '0.017') =>
      compare({ onFile: { lscEntries: [lsc('total_hip', text, more)] } }).verdict;
    expect([verdict({}, '0'), verdict({ confidenceLevel: 0 }), verdict({ confidenceLevel: 95 })]).toEqual([
      'provisional',
      'provisional',
      'provisional',
    ]);
    const across = (more: Parameters<typeof crossCalibration>[0]) =>
      compare({
        after: hip('left', '0.900', { scanner: SCANNER_B }),
        onFile: { crossCalibrations: [crossCalibration(more)] },
      }).verdict;
    expect([across({ standardErrorOfEstimate: 0 }), across({ n: 2 }), across({ sumOfSquaresFrom: 0 })]).toEqual([
      'provisional',
      'provisional',
      'provisional',
    ]);
    expect(across({ slope: 0, intercept: 0 })).toBe('not_comparable');
  });

  it('ends an LSC with the scanner’s epoch', () => {
    const scannerEpochs = [
      { epochId: '1', scannerId: 'scanner-a', startsOn: '2019-01-01', reason: 'hardware_change' },
    ] as const;
    expect(compare({ onFile: { scannerEpochs } }).verdict).toBe('provisional');
    const lscEntries = [lsc('total_hip', '0.017', { validFrom: '2019-01-01' })];
    expect(compare({ onFile: { scannerEpochs, lscEntries } }).verdict).toBe('down');
  });

  it('combines two LSCs that each cover one date only where the setting allows it', () => {
    const lscEntries = [
      lsc('total_hip', '0.018', { lscId: 'old', validTo: '2020-12-31' }),
      lsc('total_hip', '0.026', { lscId: 'new', validFrom: '2021-01-01' }),
    ];
    expect(compare({ onFile: { lscEntries } }).verdict).toBe('provisional');
    const onlyOld = {
      onFile: { lscEntries: lscEntries.slice(0, 1) },
      settings: { lscAcrossEntries: 'generalised' },
    } as const;
    expect(compare(onlyOld).verdict).toBe('provisional');
    const combined = compare({ onFile: { lscEntries }, settings: { lscAcrossEntries: 'generalised' } });
    // sqrt((0.018² + 0.026²) / 2) = 0.022361
    expect(combined).toMatchObject({
      verdict: 'not_significant',
      lsc: { lscId: 'new', leastSignificantChange: 22_361 },
    });
  });
});
