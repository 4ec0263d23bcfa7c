import { describe, expect, it } from 'vitest';
import { monitoringDays } from '../../src/dxa/precision/monitoring-interval.ts';
import { classifyTScore, diagnosticDiscordance } from '../../src/dxa/values/classification.ts';
import { micro } from './build-history.ts';

describe('the published tables', () => {
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
    // 2.77, 0.923, 5.54 and 1.847 years
    [2.77, 1, 1012],
    [2.77, 3, 338],
    [5.54, 1, 2024],
    [5.54, 3, 675],
  ])('give an interval for an LSC of %f %% and a loss of %f %% a year of %d days (8.6)', (lsc, rate, days) => {
    expect(monitoringDays(lsc, -rate)).toBe(days);
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
});
