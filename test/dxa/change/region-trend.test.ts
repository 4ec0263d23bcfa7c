import { describe, expect, it } from 'vitest';
import { assessPatient } from '../../../src/dxa/assess-patient.ts';
import type { PatientHistory } from '../../../src/dxa/study/history.ts';
import { ASSESSMENT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import {
  crossCalibration,
  hip,
  history,
  lsc,
  MH,
  roiOf,
  SCANNER_A,
  SCANNER_B,
  spine,
  study,
} from '../build-history.ts';

const trends = (patient: PatientHistory) => assessPatient(patient, MH, ASSESSMENT_SETTINGS).trends;

const visits = (...bmds: readonly string[]) =>
  bmds.map((text, index) => study(`${index + 1}`, `${2014 + 2 * index}-01-01`, [hip('left', text)]));

describe('the trend of a region', () => {
  it('is drawn through three and more comparable scans up to the latest', () => {
    expect(trends(history(...visits('0.800', '0.792')))).toEqual([]);
    const [trend, ...others] = trends(history(...visits('0.800', '0.792', '0.784', '0.776')));
    expect(others).toEqual([]);
    expect(trend).toMatchObject({
      roi: { region: 'total_hip' },
      laterality: 'left',
      studyIds: ['1', '2', '3', '4'],
      lscId: 'lsc-total_hip',
      verdict: 'down',
      annualRate: -4_001,
    });
    // 2191 days from first to last: 0.024 / 5.9986 years; 0.004 * sqrt(2 * 20) / 0.017
    expect(trend?.strength.toFixed(2)).toBe('1.49');
  });

  it('draws no line across vertebral sets or across scanners', () => {
    const all = ['L1', 'L2', 'L3', 'L4'] as const;
    const lower = ['L2', 'L3', 'L4'] as const;
    const file = {
      ...MH,
      lscEntries: [...MH.lscEntries, lsc('spine', '0.035', { lscId: 'l2', roi: roiOf('spine', lower) })],
    };
    const spines = [[all, lower], [lower], [all, lower], [all, lower]].map((sets, index) =>
      study(
        `${index}`,
        `${2014 + 2 * index}-01-01`,
        sets.map((vertebrae) => spine('0.9', { vertebrae })),
      ),
    );
    const [trend] = assessPatient(history(...spines), file, ASSESSMENT_SETTINGS).trends;
    expect(trend?.studyIds).toEqual(['0', '2', '3']);
    const hips = ([SCANNER_A, SCANNER_B, SCANNER_B] as const).map((scanner, index) =>
      study(`${index}`, `${2022 + index}-01-01`, [hip('left', '0.8', { scanner })]),
    );
    const bridged = {
      ...MH,
      lscEntries: [lsc('total_hip', '0.017'), lsc('total_hip', '0.017', { lscId: 'b', scannerId: 'scanner-b' })],
      crossCalibrations: [crossCalibration({ slope: 1, intercept: 0 })],
    };
    const { comparisons, trends: none } = assessPatient(history(...hips), bridged, ASSESSMENT_SETTINGS);
    expect(comparisons.map(({ verdict }) => verdict)).toEqual([
      'not_significant',
      'not_significant',
      'not_significant',
    ]);
    expect(none).toEqual([]);
    const older = study('older', '2021-01-01', [hip('left', '0.8')]);
    const acrossTwice = history(older, ...hips.slice(0, 2));
    expect(assessPatient(acrossTwice, bridged, ASSESSMENT_SETTINGS).trends).toEqual([]);
  });

  it('goes on when the LSC is renewed, by the LSCs of its days', () => {
    const renewed = {
      ...MH,
      lscEntries: [
        lsc('total_hip', '0.017', { lscId: 'old' }),
        lsc('total_hip', '0.034', { lscId: 'new', validFrom: '2017-01-01' }),
      ],
    };
    const three = history(...visits('0.800', '0.792', '0.784'));
    const [trend] = assessPatient(three, renewed, ASSESSMENT_SETTINGS).trends;
    // Days 0, 730 and 1461, mean 730.33: sqrt((730.33²·0.017² + 0.33²·0.017² + 730.67²·0.034²) / sum of the squares).
    expect(trend).toMatchObject({ studyIds: ['1', '2', '3'], lscId: 'new', leastSignificantChange: 26_883 });
    expect(trend?.strength.toFixed(3)).toBe((0.016 / 0.026883).toFixed(3));
    const strict = { ...ASSESSMENT_SETTINGS, lscAcrossEntries: 'provisional' } as const;
    expect(assessPatient(three, renewed, strict).trends).toEqual([]);
  });

  it('leaves out scans of another scanner, other vertebrae and scans without an LSC', () => {
    const [first, second, third, fourth] = visits('0.800', '0.792', '0.784', '0.776');
    if (!first || !second || !third || !fourth) throw new Error('four visits');
    const other = study('x', '2017-01-01', [hip('left', '0.700', { scanner: SCANNER_B })]);
    expect(trends(history(first, second, other, fourth))[0]?.studyIds).toEqual(['1', '2', '4']);
    const sets = [['L1', 'L2', 'L3', 'L4'] as const, ['L2', 'L3', 'L4'] as const];
    const spines = [0, 0, 1, 0].map((set, index) =>
      study(`${index}`, `${2014 + 2 * index}-01-01`, [spine('0.9', { vertebrae: sets[set] ?? [] })]),
    );
    expect(trends(history(...spines))[0]?.studyIds).toEqual(['0', '1', '3']);
    expect(assessPatient(history(first, second, third), { ...MH, lscEntries: [] }, ASSESSMENT_SETTINGS).trends).toEqual(
      [],
    );
  });
});
