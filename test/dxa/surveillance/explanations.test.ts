import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assessPatient } from '../../../src/dxa/assess-patient.ts';
import { checklistFor } from '../../../src/dxa/explanations/checklist.ts';
import { EXPLANATION_RULES, explainCase, rankExplanations } from '../../../src/dxa/explanations/explain-case.ts';
import type { Explanation } from '../../../src/dxa/explanations/explanation.ts';
import type { PatientContext } from '../../../src/dxa/study/context.ts';
import type { PatientHistory, StudyOfPatient } from '../../../src/dxa/study/history.ts';
import { ASSESSMENT_SETTINGS, type AssessmentSettings } from '../../../src/dxa/values/settings.ts';
import { hip, history, lsc, micro, onFile, spine, study } from '../build-history.ts';
import { compare } from '../compare-pair.ts';
import { explain, spineOf } from '../explanations/explain-situation.ts';
import { EXPLANATION_SITUATIONS } from '../explanations/explanation-situations.ts';
import { checklistOf, NOTHING_KNOWN } from '../nothing-known.ts';
import { FILE } from './series.ts';

type Given = Parameters<typeof study>[2];

const WITH_RADIUS = onFile(...FILE.lscEntries, lsc('radius_33', '0.020'));
const radius = (bmd: string) => hip('left', bmd, { region: 'radius_33' });

type Visits = readonly (readonly [day: string, given: Given, more?: Partial<StudyOfPatient>])[];

const person = (visits: Visits): PatientHistory =>
  history(...visits.map(([day, given, more], index) => study(`${index + 1}`, day, given, more)));

/** The explanations of the one case of the last visit. */
function explained(
  visits: Visits,
  context: Partial<PatientContext> = {},
  settings: AssessmentSettings = ASSESSMENT_SETTINGS,
): readonly Explanation[] {
  const patient = person(visits);
  const assessment = assessPatient(patient, WITH_RADIUS, settings);
  const found = assessment.cases.filter(
    ({ followUpStudyId, tier }) => followUpStudyId === `${visits.length}` && tier !== 'information',
  );
  expect(found).toHaveLength(1);
  const [only] = found;
  if (only === undefined) throw new Error('no case');
  return explainCase(only, assessment, patient, { ...NOTHING_KNOWN, ...context }, settings);
}

const codesOf = (explanations: readonly Explanation[]) => explanations.map(({ code }) => code);
const saysOf = (explanations: readonly Explanation[], code: string) =>
  explanations.find((one) => one.code === code)?.says ?? '';

/** A woman of 75 whose total hip fell from 0.750 in that many days, the spine the same. */
const hipLoss = (to: string, on: string, more: Partial<StudyOfPatient> = {}): Visits => [
  ['2020-03-05', [spine('0.850'), hip('left', '0.750')], { birthDate: '1946-01-01', ...more }],
  [on, [spine('0.850'), hip('left', to)], { birthDate: '1946-01-01', ...more }],
];

describe('loss with age', () => {
  // 0.030 of 0.750 in 1461 days, four years exactly: 1.0 % a year.
  it('is named up to 1.0 % a year of the case’s own pair, and a faster one as faster than age', () => {
    const onIt = explained(hipLoss('0.720', '2024-03-05'));
    expect(codesOf(onIt)).toEqual(['HIP_LOSS_WITH_AGE']);
    expect(saysOf(onIt, 'HIP_LOSS_WITH_AGE')).toContain('it fell by 1.0 % a year since 2020-03-05');
    const faster = explained(hipLoss('0.719', '2024-03-05'));
    expect(codesOf(faster)).toEqual(['FASTER_THAN_AGE']);
    expect(saysOf(faster, 'FASTER_THAN_AGE')).toBe(
      'Left total hip fell by 1.03 % a year since 2020-03-05, faster than loss with age alone (up to 1.0 %): age does not explain it.',
    );
    // A day less makes the same loss a faster one.
    expect(codesOf(explained(hipLoss('0.720', '2024-03-04')))).toEqual(['FASTER_THAN_AGE']);
  });

  it('follows the limit that a site chose', () => {
    const settings = { ...ASSESSMENT_SETTINGS, ageLossLimit: 2 };
    expect(codesOf(explained(hipLoss('0.700', '2024-03-05'), {}, settings))).toEqual(['HIP_LOSS_WITH_AGE']);
    expect(codesOf(explained(hipLoss('0.700', '2024-03-05')))).toEqual(['FASTER_THAN_AGE']);
  });

  it('explains no loss of a man, of the spine as well, or under a therapy', () => {
    expect(codesOf(explained(hipLoss('0.720', '2024-03-05', { sex: 'M' })))).toEqual([]);
    const both: Visits = [
      ['2020-03-05', [spine('0.900'), hip('left', '0.750')], { birthDate: '1946-01-01' }],
      ['2024-03-05', [spine('0.840'), hip('left', '0.721')], { birthDate: '1946-01-01' }],
    ];
    expect(codesOf(explained(both))).toEqual(['SEVERAL_SITES_FELL']);
    const therapies = [{ agent: 'other', startedOn: '2021-01-01', endedOn: null }] as const;
    expect(codesOf(explained(hipLoss('0.720', '2024-03-05'), { therapies }))).toEqual([]);
  });

  it('is not told of the recent loss where only the long one is slow', () => {
    // 3.2 % in five years, and all of it in the last of them.
    const visits: Visits = [
      ['2016-03-05', [spine('0.850'), hip('left', '0.750')], { birthDate: '1946-01-01' }],
      ['2020-03-05', [spine('0.850'), hip('left', '0.751')], { birthDate: '1946-01-01' }],
      ['2021-03-05', [spine('0.850'), hip('left', '0.726')], { birthDate: '1946-01-01' }],
    ];
    expect(codesOf(explained(visits))).toEqual(['FASTER_THAN_AGE']);
  });
});

describe('what was measured', () => {
  const likely = EXPLANATION_RULES.filter(({ basis }) => basis === 'likely');
  const measured = EXPLANATION_RULES.filter(({ basis }) => basis === 'measured');

  it('is everything but what age alone makes likely', () => {
    expect(likely.map(({ code }) => code).sort()).toEqual(['DEGENERATION_BY_AGE', 'HIP_LOSS_WITH_AGE']);
    for (const code of [
      ...[
        'SOFTWARE_CHANGED',
        'SCAN_MODE_CHANGED',
        'PHANTOM_OUT_OF_CONTROL',
        'AREA_DIFFERS',
        'LEVEL_SHIFT',
        'WEIGHT_LOSS',
      ],
      ...['DEMOGRAPHICS_CHANGED', 'DOSES_NOT_TAKEN', 'TREATMENT_STOPPED', 'DENOSUMAB_STOPPED'],
    ]) {
      expect(measured.map((rule) => rule.code)).toContain(code);
    }
  });

  it('ranks above what is likely for every pair of rules, by its weight too', () => {
    for (const one of measured) {
      for (const other of likely) {
        expect(rankExplanations([other, one])).toEqual([one, other]);
        expect(rankExplanations([one, other])).toEqual([one, other]);
        expect(one.weight).toBeGreaterThan(other.weight);
      }
    }
  });

  it('ranks above it whatever the weights are', () => {
    const explanation = fc.record({
      code: fc.constantFrom('A', 'B', 'C'),
      basis: fc.constantFrom('measured' as const, 'likely' as const),
      weight: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(fc.array(explanation), (explanations) => {
        const bases = rankExplanations(explanations).map(({ basis }) => basis);
        expect(bases.lastIndexOf('measured')).toBeLessThan(
          bases.includes('likely') ? bases.indexOf('likely') : Infinity,
        );
      }),
    );
  });

  it('ranks above it in every planted situation at 80 years, in the key pattern and outside of it', () => {
    for (const [, first] of EXPLANATION_SITUATIONS) {
      const old = { ...first, studyAfter: { birthDate: '1940-01-01', ...first.studyAfter } };
      const bases = explain(old).map(({ basis }) => basis);
      expect(bases).toEqual(bases.toSorted((a, b) => Number(a === 'likely') - Number(b === 'likely')));
    }
    // The spine rose alone, and one vertebra against the others: no key pattern.
    const visits: Visits = [
      ['2018-03-05', spineOf([0.9, 0.9, 0.9, 0.9]), { birthDate: '1936-01-01' }],
      ['2021-03-05', spineOf([0.8, 1, 1, 1.2], ['-1.0', '-0.9', '-0.8', '1.4']), { birthDate: '1936-01-01' }],
    ];
    expect(codesOf(explained(visits))).toEqual(['T_SCORE_GAP', 'LOWER_VERTEBRAE_ROSE', 'DEGENERATION_BY_AGE']);
  });

  it('does not quote the rates of women for a man', () => {
    const planted = EXPLANATION_SITUATIONS.find(([code]) => code === 'DEGENERATION_BY_AGE')?.[1] ?? {};
    const of = (sex: 'F' | 'M' | null) =>
      codesOf(explain({ ...planted, studyBefore: { sex }, studyAfter: { ...planted.studyAfter, sex } }));
    expect(of('F')).toContain('DEGENERATION_BY_AGE');
    expect(of('M')).not.toContain('DEGENERATION_BY_AGE');
    expect(of(null)).not.toContain('DEGENERATION_BY_AGE');
  });
});

describe('sequences of treatment', () => {
  const losses: Visits = [
    ['2020-03-05', [spine('0.900'), hip('left', '0.800'), radius('0.600')], { birthDate: '1965-01-01' }],
    ['2022-03-05', [spine('0.850'), hip('left', '0.760'), radius('0.570')], { birthDate: '1965-01-01' }],
  ];
  const dose = (day: string) => ({ agent: 'denosumab', startedOn: day, endedOn: day }) as const;
  const from = <A extends PatientContext['therapies']>(therapies: A) => explained(losses, { therapies });

  it('put denosumab that stopped first, with vertebral imaging, before whatever else was measured', () => {
    const both: Visits = [
      ['2020-03-05', [spine('0.900'), hip('left', '0.800')], { birthDate: '1940-01-01' }],
      [
        '2022-03-05',
        [spine('0.850', { softwareVersions: ['19'] }), hip('left', '0.760', { softwareVersions: ['19'] })],
        { birthDate: '1940-01-01' },
      ],
    ];
    const therapies = [{ agent: 'denosumab', startedOn: '2015-03-01', endedOn: '2021-01-10' }] as const;
    const found = explained(both, { therapies, adherence: 'not_taken', vertebralFractureAssessment: 'not_done' });
    expect(codesOf(found).slice(0, 3)).toEqual(['DENOSUMAB_STOPPED', 'DOSES_NOT_TAKEN', 'SOFTWARE_CHANGED']);
    expect(found[0]?.says).toBe(
      'Denosumab stopped or was delayed: the last dose or day of denosumab on file is 2021-01-10, 419 days before this scan. BMD then falls fast at spine and hip, and vertebrae can fracture, which may raise the measured spine; vertebral imaging shows it (on file: not done).',
    );
  });

  it('take a dose of denosumab for worn off after 214 days', () => {
    // 2021-08-03 is 214 days before the scan.
    expect(codesOf(from([dose('2021-08-03')]))).not.toContain('DENOSUMAB_STOPPED');
    expect(codesOf(from([dose('2021-08-02')]))[0]).toBe('DENOSUMAB_STOPPED');
    // Doses in time are one course: on it for more than a year, no loss is expected.
    const inTime = ['2020-06-01', '2020-12-01', '2021-06-01', '2021-12-01'].map(dose);
    expect(codesOf(from(inTime))).toEqual(['NOT_EXPECTED_ON_ANTIRESORPTIVE', 'SEVERAL_SITES_FELL']);
    const late = from(['2020-06-01', '2021-02-01', '2021-08-10'].map(dose));
    expect(codesOf(late)[0]).toBe('DENOSUMAB_STOPPED');
    expect(late[0]?.says).toContain('denosumab was given on 2020-06-01 and then on 2021-02-01, 245 days later');
  });

  it('say so where the spine rose as well, for a fractured vertebra can raise it', () => {
    const pattern: Visits = [
      ['2020-03-05', [spine('0.850'), hip('left', '0.800')], { birthDate: '1965-01-01' }],
      ['2022-03-05', [spine('0.910'), hip('left', '0.770')], { birthDate: '1965-01-01' }],
    ];
    expect(codesOf(explained(pattern, { therapies: [dose('2021-01-01')] }))[0]).toBe('DENOSUMAB_STOPPED');
    // Long before the earlier scan it says nothing of the change since.
    expect(codesOf(explained(pattern, { therapies: [dose('2018-03-05')] }))).toEqual([]);
    expect(codesOf(explained(pattern, { therapies: [dose('2018-03-06')] }))).toEqual(['DENOSUMAB_STOPPED']);
  });

  it('have a sentence of their own for teriparatide after denosumab: loss at spine, hip and radius', () => {
    const found = from([
      dose('2020-06-01'),
      dose('2020-12-01'),
      { agent: 'teriparatide', startedOn: '2021-06-01', endedOn: null },
    ]);
    expect(codesOf(found).slice(0, 1)).toEqual(['DENOSUMAB_TO_TERIPARATIDE']);
    expect(codesOf(found)).not.toContain('DENOSUMAB_STOPPED');
    expect(codesOf(found)).not.toContain('SWITCH_TO_TERIPARATIDE');
    expect(found[0]?.says).toContain('at spine and hip for a time, and at the radius progressively');
    expect(found[0]?.says).toContain('it fell at spine L1-L4 and left total hip');
    expect(found[0]?.source).toContain('PMC4620731');
    // Where teriparatide came late, both are said.
    const late = from([dose('2020-06-01'), { agent: 'teriparatide', startedOn: '2021-04-01', endedOn: null }]);
    expect(codesOf(late).slice(0, 2)).toEqual(['DENOSUMAB_STOPPED', 'DENOSUMAB_TO_TERIPARATIDE']);
  });

  it('know the loss of the radius alone on teriparatide, after denosumab and without it', () => {
    const alone: Visits = [
      ['2020-03-05', [spine('0.900'), hip('left', '0.800'), radius('0.600')], { birthDate: '1965-01-01' }],
      ['2022-03-05', [spine('0.900'), hip('left', '0.800'), radius('0.560')], { birthDate: '1965-01-01' }],
    ];
    const teriparatide = { agent: 'teriparatide', startedOn: '2021-06-01', endedOn: null } as const;
    expect(codesOf(explained(alone, { therapies: [teriparatide] }))).toEqual(['EXPECTED_ON_ANABOLIC']);
    expect(codesOf(explained(alone, { therapies: [dose('2020-12-01'), teriparatide] }))).toEqual([
      'DENOSUMAB_TO_TERIPARATIDE',
      'EXPECTED_ON_ANABOLIC',
    ]);
  });

  it('take the agent begun last before teriparatide for the one it came after', () => {
    const then = (...before: readonly ['alendronate' | 'denosumab', string, string | null][]) =>
      codesOf(
        explain({
          context: {
            therapies: [
              ...before.map(([agent, startedOn, endedOn]) => ({ agent, startedOn, endedOn })),
              { agent: 'teriparatide', startedOn: '2021-04-01', endedOn: null },
            ],
          },
        }),
      );
    expect(then(['alendronate', '2010-01-01', null], ['denosumab', '2018-01-01', '2021-01-01'])[0]).toBe(
      'DENOSUMAB_TO_TERIPARATIDE',
    );
    expect(then(['denosumab', '2014-01-01', '2017-01-01'], ['alendronate', '2017-06-01', '2021-03-01'])).toEqual([
      'SWITCH_TO_TERIPARATIDE',
      'EXPECTED_ON_ANABOLIC',
    ]);
  });

  it('think of treatment, doses and other causes for a loss of the spine or the radius alone too', () => {
    const context = {
      therapies: [{ agent: 'raloxifene', startedOn: '2015-01-01', endedOn: '2021-01-01' }],
      adherence: 'partly_taken',
      secondaryCauses: ['coeliac disease'],
    } as const;
    const wanted = ['DOSES_NOT_TAKEN', 'TREATMENT_STOPPED', 'SECONDARY_CAUSES_ON_FILE'];
    const spineAlone: Visits = [
      ['2020-03-05', [spine('0.900'), hip('left', '0.800')], { birthDate: '1965-01-01' }],
      ['2022-03-05', [spine('0.840'), hip('left', '0.800')], { birthDate: '1965-01-01' }],
    ];
    expect(codesOf(explained(spineAlone, context))).toEqual(wanted);
    const radiusAlone: Visits = [
      ['2020-03-05', [spine('0.900'), radius('0.600')], { birthDate: '1965-01-01' }],
      ['2022-03-05', [spine('0.900'), radius('0.550')], { birthDate: '1965-01-01' }],
    ];
    expect(codesOf(explained(radiusAlone, context))).toEqual(wanted);
    expect(codesOf(explained(losses, context))).toEqual([...wanted, 'SEVERAL_SITES_FELL']);
    const going = { therapies: [{ agent: 'zoledronate', startedOn: '2020-04-01', endedOn: null }] } as const;
    expect(codesOf(explained(spineAlone, going))).toEqual(['NOT_EXPECTED_ON_ANTIRESORPTIVE']);
  });

  it('take a yearly infusion for treatment that goes on', () => {
    const infusion = (day: string) => ({ agent: 'zoledronate', startedOn: day, endedOn: day }) as const;
    expect(codesOf(from([infusion('2020-06-01'), infusion('2021-06-01')]))).toContain('NOT_EXPECTED_ON_ANTIRESORPTIVE');
    expect(codesOf(from([infusion('2021-03-04')]))).toContain('TREATMENT_STOPPED');
  });
});

describe('turnover markers', () => {
  const known = (context: Partial<PatientContext>) =>
    checklistOf(context).find(({ code }) => code === 'TURNOVER_MARKERS')?.known;
  const sample = (marker: 'P1NP' | 'CTX', takenOn: string, value: number) => ({ marker, takenOn, value });
  const on = (
    agent: 'teriparatide' | 'alendronate' | 'romosozumab' | 'other',
    ...markers: ReturnType<typeof sample>[]
  ) => known({ therapies: [{ agent, startedOn: '2021-07-02', endedOn: null }], markers });

  it.each([
    ['teriparatide', 'P1NP', 40, 120, 'rose by 200 %', 'formation response'],
    ['teriparatide', 'P1NP', 40, 50, 'rose by 25 %', 'no formation response above the limit'],
    ['teriparatide', 'P1NP', 50, 69, 'rose by 38 %', 'no formation response above the limit'],
    ['teriparatide', 'P1NP', 120, 40, 'fell by 67 %', 'no formation response above the limit'],
    ['teriparatide', 'CTX', 0.3, 0.6, 'rose by 100 %', 'turnover rose, as it does on this agent'],
    ['romosozumab', 'P1NP', 40, 80, 'rose by 100 %', 'formation response'],
    ['romosozumab', 'CTX', 0.5, 0.2, 'fell by 60 %', 'above the limit'],
    ['alendronate', 'CTX', 0.5, 0.22, 'fell by 56 %', 'not above the limit'],
    ['alendronate', 'CTX', 0.5, 0.2199, 'fell by 56.02 %', 'above the limit'],
    ['alendronate', 'P1NP', 40, 120, 'rose by 200 %', 'not above the limit'],
    ['other', 'P1NP', 40, 120, 'rose by 200 %', 'the response to this agent is not known'],
  ] as const)('on %s: %s %d → %d %s: %s', (agent, marker, before, after, moved, judged) => {
    // The day before the start, and six months after it.
    expect(on(agent, sample(marker, '2021-07-01', before), sample(marker, '2022-01-02', after))).toBe(
      `${marker} ${moved} (2021-07-01 to 2022-01-02): ${judged}, on ${agent} from 2021-07-02`,
    );
  });

  it('are held from the last sample before the start to the first 60 to 365 days after it', () => {
    const nothing = 'no marker with a sample before and after the start of alendronate on 2021-07-02';
    const pair = (from: string, to: string) => on('alendronate', sample('P1NP', from, 50), sample('P1NP', to, 20));
    // 183 and 184 days before, the day of the start, the day after it.
    expect(pair('2020-12-31', '2021-10-02')).toContain('fell by 60 %');
    expect(pair('2020-12-30', '2021-10-02')).toBe(nothing);
    expect(pair('2021-07-02', '2021-10-02')).toContain('fell by 60 %');
    expect(pair('2021-07-03', '2021-10-02')).toBe(nothing);
    // 59 and 60, 365 and 366 days after.
    expect(pair('2021-07-01', '2021-08-30')).toBe(nothing);
    expect(pair('2021-07-01', '2021-08-31')).toContain('fell by 60 %');
    expect(pair('2021-07-01', '2022-07-02')).toContain('fell by 60 %');
    expect(pair('2021-07-01', '2022-07-03')).toBe(nothing);
    const several = [
      ...[sample('P1NP', '2021-03-01', 90), sample('P1NP', '2021-06-01', 50)],
      ...[sample('P1NP', '2021-07-20', 49), sample('P1NP', '2021-10-02', 25), sample('P1NP', '2022-02-01', 10)],
    ];
    expect(on('alendronate', ...several)).toContain('fell by 50 % (2021-06-01 to 2021-10-02)');
  });

  it('speak of the agent that is going on, not of the one before', () => {
    const therapies = [
      { agent: 'alendronate', startedOn: '2018-01-01', endedOn: '2021-07-01' },
      { agent: 'teriparatide', startedOn: '2021-07-02', endedOn: null },
    ] as const;
    const markers = [
      ...[sample('P1NP', '2017-12-01', 60), sample('P1NP', '2018-04-01', 30)],
      ...[sample('P1NP', '2021-07-01', 40), sample('P1NP', '2022-01-02', 120)],
    ];
    expect(known({ therapies, markers })).toContain('P1NP rose by 200 %');
  });
});

describe('bone area', () => {
  const given = (bmd: string, bmc: string, area: string) => spine(bmd, { bmc, area });
  const check = (after: ReturnType<typeof given>) =>
    compare({ before: given('0.850', '51', '60'), after }).checks.find(({ rule }) => rule === 'C13');

  it('does not differ where mineral was gained on a constant area', () => {
    // BMC +16.8 %, area 0.0 %: residual 4.2 %.
    expect(check(given('0.993', '59.568', '60'))).toMatchObject({ outcome: 'ok', code: 'AREA_SIMILAR' });
    expect(check(given('0.945', '57.27', '60.6'))).toMatchObject({ outcome: 'ok' });
    expect(check(given('0.779', '47.25', '60.66'))).toMatchObject({ outcome: 'warn', code: 'AREA_DIFFERS' });
    expect(
      codesOf(
        explained([
          ['2020-03-05', [given('0.850', '51', '60'), hip('left', '0.800')], { birthDate: '1965-01-01' }],
          ['2022-03-05', [given('0.993', '59.568', '60'), hip('left', '0.770')], { birthDate: '1965-01-01' }],
        ]),
      ),
    ).not.toContain('AREA_DIFFERS');
  });

  it('is told with one decimal while the fact keeps its own', () => {
    const visits: Visits = [
      ['2020-03-05', [spine('0.850'), hip('left', '0.800', { bmc: '24', area: '30' })], { birthDate: '1965-01-01' }],
      [
        '2022-03-05',
        [spine('0.910'), hip('left', '0.770', { bmc: '22.4', area: '29.09' })],
        { birthDate: '1965-01-01' },
      ],
    ];
    const [differs] = explained(visits);
    expect(differs?.says).toBe('The bone area fell by 3.0 % at left total hip, more than a good repeat would show.');
    expect(differs?.evidence['areaPercent']).toBe(-3.0333);
  });
});

describe('shifted levels', () => {
  const areas = [
    [11, 12, 13, 14],
    [12, 13, 14, 15],
  ] as const;
  const before = spineOf([0.8, 0.88, 0.96, 1.04], [], areas[0]);
  const shifted = spineOf([0.88, 0.96, 1.04, 1.06], [], areas[1]);

  it('are told in the same words of the visit and of its case, with an LSC on file or without one', () => {
    for (const file of [FILE, onFile(lsc('total_hip', '0.017'))]) {
      const patient = person([
        ['2020-03-05', [...before, hip('left', '0.800')], { birthDate: '1965-01-01' }],
        ['2022-03-05', [...shifted, hip('left', '0.770')], { birthDate: '1965-01-01' }],
      ]);
      const assessment = assessPatient(patient, file, ASSESSMENT_SETTINGS);
      const remark = assessment.visits.flatMap(({ remarks }) => remarks).find(({ code }) => code === 'LEVEL_SHIFT');
      expect(remark?.says).toMatch(/^The vertebrae fit the scan of 2020-03-05 better/);
      const ofSpine = assessment.cases.filter(({ regionPair }) => regionPair.includes('spine'));
      expect(ofSpine.length).toBe(file === FILE ? 1 : 0);
      for (const found of ofSpine) {
        const explanations = explainCase(found, assessment, patient, NOTHING_KNOWN, ASSESSMENT_SETTINGS);
        expect(saysOf(explanations, 'LEVEL_SHIFT')).toBe(remark?.says);
      }
    }
  });

  it('are told of a case against the baseline where the last step shows them', () => {
    // The key pattern since baseline; the labels changed since the visit before.
    const visits: Visits = [
      [
        '2018-03-05',
        [...spineOf([0.8, 0.88, 0.96, 1.04], [], areas[0]), hip('left', '0.800')],
        { birthDate: '1965-01-01' },
      ],
      ['2020-03-05', [...before, hip('left', '0.795')], { birthDate: '1965-01-01' }],
      ['2022-03-05', [...shifted, hip('left', '0.781')], { birthDate: '1965-01-01' }],
    ];
    expect(codesOf(explained(visits))[0]).toBe('LEVEL_SHIFT');
  });
});

describe('the checklist', () => {
  it('asks of a scan that may be another person’s whose it is, and not how the person is treated', () => {
    const patient = person([
      ['2020-03-05', [spine('0.850', { bmc: '51', area: '60' })], { heightM: micro('1.70') }],
      ['2022-03-05', [spine('0.850', { bmc: '42.5', area: '50' })], { heightM: micro('1.55') }],
    ]);
    const [found, ...others] = assessPatient(patient, FILE, ASSESSMENT_SETTINGS).cases;
    expect(others).toEqual([]);
    expect(found?.rule).toBe('MAYBE_OTHER_PERSON');
    if (found === undefined) return;
    const settings = ASSESSMENT_SETTINGS;
    const items = checklistFor({ found, day: '2022-03-05', context: NOTHING_KNOWN, settings });
    expect(items.map(({ code, known }) => `${code}: ${known}`)).toEqual([
      'NAME_AND_BIRTH_DATE: differs: height by -15 cm',
      'IMAGES_OF_BOTH: bone area changed by -16.7 %',
      'SELECTED_AT_SCANNER: look at the day of the scanner',
      'ONE_ID_FOR_TWO: look at the record',
      'SAME_VERTEBRAE: look at the images',
      'ANSWER: for a person to say',
    ]);
    expect(items.map(({ text }) => text).join(' ')).not.toMatch(/treatment|dose|marker/i);
  });

  it('asks of every loss about treatment, doses, markers and other causes', () => {
    for (const rule of [
      'L1_LOSS_AT_BOTH_SITES',
      'L2_CONFIRMED_LOSS',
      'L3_ROBUST_LOSS',
      'L4_SINGLE_LOSS',
      'D1B_SPINE_UP_HIP_DOWN',
    ]) {
      const codes = checklistOf({}, rule).map(({ code }) => code);
      expect(codes).toEqual(
        expect.arrayContaining(['ADHERENCE', 'TURNOVER_MARKERS', 'DRUG_AND_SEQUENCE', 'SECONDARY_CAUSES', 'VFA']),
      );
    }
  });
});
