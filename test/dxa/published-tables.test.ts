import { describe, expect, it } from 'vitest';
import { monitoringTimeInterval, trendAssessmentInterval } from '../../src/dxa/precision/monitoring-interval.ts';
import { standardisedBmd } from '../../src/dxa/study/standardised-bmd.ts';
import {
  bmdAtTScore,
  classifyTScore,
  classifyZScore,
  diagnosticDiscordance,
} from '../../src/dxa/values/classification.ts';
import { formatMicro } from '../../src/dxa/values/quantity.ts';
import { bmd, micro } from './build-history.ts';

/** 8.8: region, mean, SD, BMD at T -1 and at T -2.5, men then women. */
const CUT_POINTS = [
  ['men FN', '.969', '.144', '0.825', '0.609'],
  ['men L1', '.999', '.123', '0.876', '0.692'],
  ['men L2', '1.073', '.127', '0.946', '0.756'],
  ['men L3', '1.081', '.129', '0.952', '0.759'],
  ['men L4', '1.071', '.127', '0.944', '0.754'],
  ['women FN', '.893', '.137', '0.756', '0.551'],
  ['women L1', '.960', '.128', '0.832', '0.640'],
  ['women L2', '1.064', '.128', '0.936', '0.744'],
  ['women L3', '1.100', '.127', '0.973', '0.783'],
  ['women L4', '1.086', '.121', '0.965', '0.784'],
] as const;

describe('the published tables', () => {
  it.each(CUT_POINTS)(
    'give the cut points of %s to the printed digit, half-way cases up (8.8)',
    (_, mean, sd, low, op) => {
      expect(formatMicro(bmdAtTScore(micro(mean), micro(sd), -10), 3)).toBe(low);
      expect(formatMicro(bmdAtTScore(micro(mean), micro(sd), -25), 3)).toBe(op);
    },
  );

  it.each([
    ['-1.0', 'normal'],
    ['-1.1', 'low_bone_mass'],
    ['-2.4', 'low_bone_mass'],
    ['-2.5', 'osteoporosis'],
    ['-1.04', 'normal'],
    ['-2.45', 'osteoporosis'],
  ] as const)('put a T-score of %s into the class %s', (score, expected) => {
    expect(classifyTScore(micro(score))).toBe(expected);
  });

  it('put a Z-score of -2.0 below the expected range and -1.9 within it', () => {
    expect([classifyZScore(micro('-2.0')), classifyZScore(micro('-1.9'))]).toEqual([
      'below_expected_range',
      'within_expected_range',
    ]);
  });

  it('call two sites one class apart minor and two classes apart major (8.5)', () => {
    expect(diagnosticDiscordance('normal', 'normal')).toBe('concordant');
    expect(diagnosticDiscordance('low_bone_mass', 'osteoporosis')).toBe('minor');
    expect(diagnosticDiscordance('osteoporosis', 'normal')).toBe('major');
  });

  it.each([
    ['1.148', '-0.4', 'normal'],
    ['0.891', '-1.0', 'normal'],
    ['0.887', '-1.2', 'low_bone_mass'],
    ['0.867', '-1.4', 'low_bone_mass'],
  ] as const)('do not call the neck of HL7’s example with %s and T %s anything but %s (8.17)', (_, score, expected) => {
    expect(classifyTScore(micro(score))).toBe(expected);
  });

  it.each([
    [2.77, 1, '2.77'],
    [2.77, 3, '0.92'],
    [5.54, 1, '5.54'],
    [5.54, 3, '1.85'],
  ])('give an interval for an LSC of %f %% and a loss of %f %% a year of %s years (8.6)', (lsc, rate, years) => {
    expect(monitoringTimeInterval(lsc, -rate).toFixed(2)).toBe(years);
  });

  it('give a trend assessment interval of 1.8 * PE / rate (R1.10)', () => {
    expect(trendAssessmentInterval(1, -1)).toBe(1.8);
  });

  it.each([
    ['0.028', '0.0776'],
    ['0.016', '0.0443'],
    ['0.009', '0.0249'],
    ['0.039', '0.1080'],
    ['0.014', '0.0388'],
    ['0.031', '0.0859'],
    ['0.018', '0.0499'],
    ['0.017', '0.0471'],
  ])('give for a precision error of %s an LSC of %s with the factor 2.77 (8.6, 8.12)', (precisionError, expected) => {
    expect((2.77 * Number(precisionError)).toFixed(4)).toBe(expected);
  });

  it.each([
    ['spine', '1.000', 'hologic', '1073.14'],
    ['spine', '1.000', 'lunar', '946.77'],
    ['spine', '1.000', 'norland', '1073.80'],
    ['total_hip', '0.800', 'hologic', '812.40'],
    ['total_hip', '0.800', 'lunar', '752.20'],
    ['total_hip', '0.800', 'norland', '835.60'],
    ['femoral_neck', '0.800', 'hologic', '888.60'],
    ['femoral_neck', '0.800', 'lunar', '728.20'],
    ['femoral_neck', '0.800', 'norland', '794.00'],
    ['trochanter', '0.800', 'hologic', '867.00'],
    ['trochanter', '0.800', 'lunar', '717.20'],
    ['trochanter', '0.800', 'norland', '825.80'],
    ['spine', '0.972', 'hologic', '1043.60'],
    ['spine', '1.100', 'lunar', '1043.60'],
    ['spine', '0.969', 'norland', '1043.60'],
  ] as const)(
    'give for the %s with %s on %s a standardised BMD of %s mg/cm² (8.11)',
    (region, text, make, expected) => {
      expect((standardisedBmd(bmd(text), region, make) / 1000).toFixed(2)).toBe(expected);
    },
  );
});
