import { describe, expect, it } from 'vitest';
import { EXPLANATION_RULES, explainCase } from '../../../src/dxa/explanations/explain-case.ts';
import type { CaseView } from '../../../src/dxa/explanations/explanation.ts';
import type { Bmd } from '../../../src/dxa/values/quantity.ts';
import { ASSESSMENT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { hip, history, lsc, micro, spine, study } from '../build-history.ts';
import { NOTHING_KNOWN } from '../nothing-known.ts';
import { explain, mirror, type Situation, SLOW, therapy } from './explain-situation.ts';
import { EXPLANATION_SITUATIONS } from './explanation-situations.ts';

describe('the explanations of a case', () => {
  it.each(EXPLANATION_SITUATIONS)(
    '%s comes first where it is planted and stays away where it is not',
    (code, first, absent) => {
      expect(explain(first)[0]?.code).toBe(code);
      expect(explain(absent).map((explanation) => explanation.code)).not.toContain(code);
    },
  );

  it('take weight for an explanation only in the direction in which it moves spine and hip', () => {
    const [lighter, heavier] = [{ weightKg: micro('60') }, { weightKg: micro('70') }];
    const codes = (situation: Situation) => explain(situation).map(({ code }) => code);
    expect(codes({ ...mirror, studyBefore: heavier, studyAfter: lighter })).toEqual([]);
    expect(codes({ studyBefore: lighter, studyAfter: heavier })).toEqual([]);
  });

  it('speak of one hip alone, and of closeness to the limit, only where something was significant', () => {
    const weigh = (code: string, verdict: string, strength: number) => {
      const comparison = (laterality: string, of: string) => ({
        roi: { region: 'total_hip', vertebrae: [] },
        laterality,
        verdict: of,
        robust: null,
      });
      const hip = comparison('left', verdict);
      const ofStudy = [hip, comparison('right', 'not_significant')];
      const view = { hip, spine: null, ofStudy, named: [hip], found: { strength } } as unknown as CaseView;
      return EXPLANATION_RULES.find((rule) => rule.code === code)?.weigh(view);
    };
    expect(weigh('ONE_HIP_ONLY', 'down', 1.2)).not.toBeNull();
    expect(weigh('ONE_HIP_ONLY', 'not_significant', 0.6)).toBeNull();
    expect(weigh('NEAR_THE_LIMIT', 'down', 1.1)).not.toBeNull();
    expect(weigh('NEAR_THE_LIMIT', 'not_significant', 0.6)).toBeNull();
  });

  it('do not call it a switch where the other agent came later', () => {
    const therapies = [therapy('teriparatide', '2021-04-01'), therapy('alendronate', '2021-10-01')];
    expect(explain({ context: { therapies } }).map(({ code }) => code)).toEqual(['EXPECTED_ON_ANABOLIC']);
  });

  it('have each of them a row in this table', () => {
    // An error of typing is never the first thought (see below).
    expect([...EXPLANATION_SITUATIONS.map(([code]) => code), 'TYPED_WRONG'].sort()).toEqual(
      EXPLANATION_RULES.map(({ code }) => code).sort(),
    );
  });

  it('say of a scan that may be another person’s only what bears on whose it is', () => {
    const treated = {
      therapies: [therapy('denosumab', '2018-01-01', '2020-01-01')],
      adherence: 'not_taken',
      secondaryCauses: ['low vitamin D'],
    } as const;
    const codes = (situation: Situation) =>
      explain({ ...situation, rule: 'MAYBE_OTHER_PERSON', context: treated }).map(({ code }) => code);
    expect(codes({ studyBefore: { sex: 'M' } })).toEqual(['OTHER_PATIENT_SELECTED', 'TYPED_WRONG']);
    const area = {
      before: [spine('0.850', { bmc: '51', area: '60' })],
      after: [spine('0.850', { bmc: '42.5', area: '50' })],
    };
    expect(codes({ ...area })).toEqual(['OTHER_PATIENT_SELECTED']);
    const software = { ...area, after: [spine('0.850', { bmc: '42.5', area: '50', softwareVersions: ['19'] })] };
    expect(codes(software)).toEqual(['OTHER_PATIENT_SELECTED', 'SOFTWARE_CHANGED']);
    const [first] = explain({ ...area, rule: 'MAYBE_OTHER_PERSON', studyBefore: { sex: 'M' } });
    expect(first?.says).toBe(
      'The wrong patient may have been selected at the scanner, or two patients share one id: the bone area of the spine L1-L4, the sex differ from the visit before.',
    );
  });

  it('are none where nothing speaks for any', () => {
    expect(explain({})).toEqual([]);
  });

  it('say what was measured with its numbers', () => {
    const [loss] = explain({ studyBefore: { weightKg: micro('70') }, studyAfter: { weightKg: micro('62.5') } });
    expect(loss?.says).toBe(
      'Weight fell by 7.5 kg between the scans; less fat over the bone raises the measured spine (about 1.6 %) and lowers the measured hip (about 0.7 %), and real loss at the hip adds to it.',
    );
    expect(loss?.evidence).toEqual({ weightChangeMicroKg: -7_500_000 });
  });

  it('rank measured evidence before what is only generally likely', () => {
    const codes = explain({
      studyBefore: { weightKg: micro('70') },
      studyAfter: { weightKg: micro('62'), birthDate: '1948-01-01' },
      before: SLOW.before ?? [],
      after: [spine('0.910', { softwareVersions: ['19'] }), hip('left', '1.178')],
    }).map(({ code }) => code);
    expect(codes).toEqual(['WEIGHT_LOSS', 'SOFTWARE_CHANGED', 'DEGENERATION_BY_AGE', 'HIP_LOSS_WITH_AGE']);
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
      topic: 'discordance',
      caseKey: 'D1',
      followUpStudyId: '9',
      studyIds: ['9'],
      regionPair: '',
      strength: 1,
      comparisons: [],
      trends: [],
      facts: {},
      quoted: [],
      statement: '',
      supporting: [],
    } as const;
    expect(() => explainCase(found, { comparisons: [] }, patient, NOTHING_KNOWN, ASSESSMENT_SETTINGS)).toThrow(
      RangeError,
    );
  });
});
