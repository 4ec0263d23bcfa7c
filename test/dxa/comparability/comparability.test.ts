import { describe, expect, it } from 'vitest';
import { assessPatient } from '../../../src/dxa/assess-patient.ts';
import { COMPARABILITY_CHECKS } from '../../../src/dxa/comparability/checks.ts';
import { COMPARABILITY_CODES } from '../../../src/dxa/values/codes.ts';
import { ASSESSMENT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { hip, history, MH, study } from '../build-history.ts';
import { compare } from '../compare-pair.ts';
import { COMPARABILITY_SITUATIONS } from './comparability-situations.ts';

describe('the comparability of two scans', () => {
  it.each(COMPARABILITY_SITUATIONS)('%s is %s with %s', (rule, outcome, code, given) => {
    const comparison = compare(given);
    expect(comparison.checks.map((check) => check.rule)).toEqual(
      Array.from({ length: 18 }, (_, index) => `C${index + 1}`),
    );
    expect(comparison.checks.find((check) => check.rule === rule)).toMatchObject({ outcome, code });
    const blocked = comparison.checks.some((check) => check.outcome === 'block');
    expect(comparison.verdict === 'not_comparable').toBe(blocked);
    expect(comparison.delta === null).toBe(blocked);
  });

  it('gives every outcome and code that its table lists, and no other', () => {
    const listed = Object.entries(COMPARABILITY_CHECKS).flatMap(([rule, check]) =>
      (['ok', 'unknown', 'warn', 'block'] as const).flatMap((outcome) =>
        check[outcome].map((code) => `${rule} ${outcome} ${code}`),
      ),
    );
    const given = COMPARABILITY_SITUATIONS.map(([rule, outcome, code]) => `${rule} ${outcome} ${code}`);
    expect([...new Set(given)].sort()).toEqual(listed.sort());
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
});
