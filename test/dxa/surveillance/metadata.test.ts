import { describe, expect, it } from 'vitest';
import type { StudyOfPatient } from '../../../src/dxa/study/history.ts';
import type { Vertebra } from '../../../src/dxa/values/region.ts';
import { hip, history, L1_L4, micro, SCANNER_A, SCANNER_B, spine, study } from '../build-history.ts';
import { assessed, casesOf, linesOf } from './series.ts';

type Given = Parameters<typeof study>[2];

/** Four vertebrae and their set, from BMC and area as printed. */
function levels(...given: readonly (readonly [bmc: number, area: number])[]): Given {
  const set = given.reduce(([bmc, area], [moreBmc, moreArea]) => [bmc + moreBmc, area + moreArea], [0, 0] as const);
  return [
    ...given.map(([bmc, area], index) =>
      spine((bmc / area).toFixed(6), {
        vertebrae: [L1_L4[index] as Vertebra],
        bmc: bmc.toFixed(2),
        area: area.toFixed(2),
      }),
    ),
    spine((set[0] / set[1]).toFixed(6), { bmc: set[0].toFixed(2), area: set[1].toFixed(2) }),
  ];
}

const NORMAL = levels([11.0, 12.1], [12.6, 13.2], [14.3, 14.6], [16.0, 16.0]);
const neck = (text: string, bmc: string, area: string, side: 'left' | 'right' = 'left') =>
  hip(side, text, { region: 'femoral_neck', bmc, area });
const total = (text: string, bmc: string, area: string) => hip('left', text, { bmc, area });

const pair = (
  before: Given,
  after: Given,
  more: { readonly before?: Partial<StudyOfPatient>; readonly after?: Partial<StudyOfPatient> } = {},
) => history(study('1', '2021-03-05', before, more.before ?? {}), study('2', '2023-03-05', after, more.after ?? {}));

describe('errors that metadata shows (surveillance 6, the table)', () => {
  it('SAME_NUMBERS_AGAIN: seven triples equal on two days', () => {
    const given = [...NORMAL, neck('0.700', '3.50', '5.00'), total('0.800', '24.00', '30.00')];
    expect(linesOf(assessed(pair(given, given)))).toEqual(['2 SAME_NUMBERS_AGAIN']);
    const other = [...NORMAL, neck('0.702', '3.51', '5.00'), total('0.800', '24.00', '30.00')];
    expect(linesOf(assessed(pair(given, other)))).toEqual([]);
    expect(linesOf(assessed(pair(NORMAL, NORMAL)))).toEqual([]);
  });

  it('MAYBE_OTHER_PERSON: smaller areas and 15 cm less, and nothing else is a case of the visit', () => {
    const small = levels([11.0, 10.0], [12.6, 10.8], [14.3, 12.0], [16.0, 13.3]);
    const heights = { before: { heightM: micro('1.70') }, after: { heightM: micro('1.55') } };
    const found = assessed(pair(NORMAL, small, heights));
    expect(casesOf(found)).toEqual(['2 review MAYBE_OTHER_PERSON person']);
    expect(found.cases[0]?.facts).toMatchObject({ areaSite: 'spine L1-L4', areaPercent: -17.5, heightChangeCm: -15 });
    expect(found.cases.some(({ rule }) => rule === 'D7_AREA_DRIVEN')).toBe(false);
  });

  it('LEVEL_SHIFT: vertebrae that fit one level up, also where no case opens', () => {
    const found = assessed(
      pair(
        levels([8.5, 12.1], [10.6, 13.2], [13.3, 14.6], [15.2, 16.0]),
        levels([7.0, 11.5], [8.5, 12.1], [10.6, 13.2], [13.3, 14.6]),
      ),
    );
    const [line] = found.visits[1]?.remarks.filter(({ code }) => code === 'LEVEL_SHIFT') ?? [];
    expect(Math.abs(Number(line?.facts['shift']))).toBe(1);
  });

  it('GROWING: no loss and no key pattern of a child, one line', () => {
    const child = { birthDate: '2010-01-01' };
    const found = assessed(
      history(
        study('1', '2019-03-05', [spine('0.520'), hip('left', '0.640')], child),
        study('2', '2021-03-05', [spine('0.610'), hip('left', '0.610')], child),
      ),
    );
    expect(casesOf(found)).toEqual([]);
    expect(linesOf(found)).toEqual(['2 GROWING']);
  });

  it('T_SCORE_UNDER_AGE: information of a woman of 32, a finding of a girl of 9 and of a man of 32', () => {
    const kindAt = (birthDate: string, sex: 'F' | 'M') =>
      assessed(
        history(study('1', '2020-03-05', [spine('0.900', { tScore: '-1.0' })], { birthDate, sex })),
      ).visits[0]?.remarks.map(({ code, kind }) => `${kind} ${code}`);
    expect(kindAt('1988-01-01', 'F')).toEqual(['information T_SCORE_UNDER_AGE']);
    expect(kindAt('2011-01-01', 'F')).toEqual(['finding T_SCORE_UNDER_AGE']);
    expect(kindAt('1988-01-01', 'M')).toEqual(['finding T_SCORE_UNDER_AGE']);
    expect(kindAt('1960-01-01', 'M')).toEqual([]);
  });
});

describe('errors that metadata shows', () => {
  it('IMPLAUSIBLE_RATE: beyond the limits a year, of a significant change', () => {
    const rates = (
      before: string,
      after: string,
      scan: (text: string) => Given[number] = (text) => hip('left', text),
    ) => linesOf(assessed(history(study('1', '2021-03-05', [scan(before)]), study('2', '2022-03-05', [scan(after)]))));
    expect(rates('0.800', '0.735')).toEqual(['2 IMPLAUSIBLE_RATE']);
    expect(rates('0.800', '0.737')).toEqual([]);
    expect(rates('0.800', '0.897')).toEqual(['2 IMPLAUSIBLE_RATE']);
    expect(rates('0.900', '1.090', (text) => spine(text))).toEqual(['2 IMPLAUSIBLE_RATE']);
    expect(rates('0.900', '0.815', (text) => spine(text))).toEqual([]);
    expect(rates('0.900', '0.800', (text) => spine(text))).toEqual(['2 IMPLAUSIBLE_RATE']);
    // In less than a year the limit is that of a year.
    const soon = history(
      study('1', '2021-03-05', [hip('left', '0.800')]),
      study('2', '2021-06-05', [hip('left', '0.750')]),
    );
    expect(linesOf(assessed(soon))).toEqual([]);
  });

  it('NECK_BOX_MOVED: the area of the neck changes and that of the total does not', () => {
    const hips = (neckArea: string, totalArea: string) => [
      neck('0.700', '3.50', neckArea),
      total('0.800', '24.00', totalArea),
    ];
    expect(linesOf(assessed(pair(hips('5.00', '30.00'), hips('5.30', '30.20'))))).toEqual(['2 NECK_BOX_MOVED']);
    expect(linesOf(assessed(pair(hips('5.00', '30.00'), hips('4.70', '30.20'))))).toEqual(['2 NECK_BOX_MOVED']);
    expect(linesOf(assessed(pair(hips('5.00', '30.00'), hips('5.25', '30.20'))))).toEqual([]);
    expect(linesOf(assessed(pair(hips('5.00', '30.00'), hips('5.30', '30.60'))))).toEqual([]);
  });

  it('HEIGHT_LOSS: 2 cm or more of an adult', () => {
    const lines = (before: string, after: string) =>
      linesOf(assessed(pair(NORMAL, NORMAL, { before: { heightM: micro(before) }, after: { heightM: micro(after) } })));
    expect(lines('1.65', '1.63')).toEqual(['2 HEIGHT_LOSS']);
    expect(lines('1.65', '1.64')).toEqual([]);
    expect(lines('1.63', '1.65')).toEqual([]);
  });

  it('VERTEBRAL_BMC_NOT_RISING: L4 larger than L1 with less mineral', () => {
    expect(
      linesOf(
        assessed(history(study('1', '2021-03-05', levels([12.6, 12.1], [12.6, 13.2], [13.0, 14.6], [12.5, 16.0])))),
      ),
    ).toEqual(['1 VERTEBRAL_BMC_NOT_RISING']);
    expect(linesOf(assessed(history(study('1', '2021-03-05', NORMAL))))).toEqual([]);
  });

  it('MAYBE_OTHER_PERSON: more than 6 cm either way, another sex or birth date, more than 10 % of area on one scanner type', () => {
    const rules = (given: Parameters<typeof pair>[2], after: Given = NORMAL) =>
      assessed(pair(NORMAL, after, given)).cases.map(({ rule }) => rule);
    const WHOSE = ['MAYBE_OTHER_PERSON'];
    expect(rules({ before: { heightM: micro('1.60') }, after: { heightM: micro('1.67') } })).toEqual(WHOSE);
    expect(rules({ before: { heightM: micro('1.60') }, after: { heightM: micro('1.66') } })).toEqual([]);
    expect(rules({ after: { sex: 'M' } })).toEqual(WHOSE);
    expect(rules({ after: { birthDate: '1951-06-15' } })).toEqual(WHOSE);
    expect(rules({ after: { birthDate: null } })).toEqual([]);
    const larger = levels([12.2, 13.4], [14, 14.6], [15.8, 16.1], [17.7, 17.7]);
    expect(rules({}, larger)).toEqual(WHOSE);
    const otherModel = larger.map((one) => ({ ...one, scanner: { ...SCANNER_B, modelName: 'Prodigy' } }));
    expect(rules({}, otherModel)).toEqual([]);
    const otherScanner = larger.map((one) => ({ ...one, scanner: SCANNER_B }));
    expect(rules({}, otherScanner)).toEqual(WHOSE);
  });
});

describe('a scan that may be another person’s', () => {
  const before = study('1', '2019-03-05', [spine('0.900'), hip('left', '0.800')], { heightM: micro('1.60') });
  const doubted = study('2', '2021-03-05', [spine('0.850'), hip('left', '0.770')], { heightM: micro('1.75') });
  const after = study('3', '2023-03-05', [spine('0.905'), hip('left', '0.798')], { heightM: micro('1.60') });
  const patient = history(before, doubted, after);

  it('stands before every other case of the visit until a person says', () => {
    const found = assessed(patient);
    expect(casesOf(found)).toEqual(['2 review MAYBE_OTHER_PERSON person', '3 review MAYBE_OTHER_PERSON person']);
    expect(found.cases[0]?.supporting.map(({ rule }) => rule)).toEqual(['L1_LOSS_AT_BOTH_SITES', 'L3_ROBUST_LOSS']);
  });

  it('"same person" brings the cases back', () => {
    const found = assessed({ ...patient, identityAnswers: [{ studyId: '2', answer: 'same_person' }] });
    expect(casesOf(found).filter((one) => one.startsWith('2'))).toEqual([
      '2 review MAYBE_OTHER_PERSON person',
      '2 review L1_LOSS_AT_BOTH_SITES spine:L1,L2,L3,L4:none|total_hip::left',
    ]);
  });

  it('"other person" takes the visit out of every comparison', () => {
    const found = assessed({ ...patient, identityAnswers: [{ studyId: '2', answer: 'other_person' }] });
    expect(found.comparisons.map(({ reference, followUp }) => `${reference.studyId}-${followUp.studyId}`)).toEqual([
      '1-3',
      '1-3',
    ]);
    // The next visit is held against the one before the other person's.
    expect(casesOf(found)).toEqual(['2 review MAYBE_OTHER_PERSON person']);
    expect(linesOf(found)).toEqual(['2 OTHER_PERSON']);
  });
});

describe('a visit', () => {
  it('is one of two studies on one scanner and day: the key pattern is found across them', () => {
    const patient = history(
      study('1', '2021-03-05', [spine('0.850'), hip('left', '0.780')]),
      study('2', '2023-03-05', [spine('0.890')]),
      study('3', '2023-03-05', [hip('left', '0.750')]),
    );
    const found = assessed(patient);
    expect(found.cases[0]).toMatchObject({ rule: 'D1_SPINE_UP_HIP_DOWN', followUpStudyId: '2', studyIds: ['2', '3'] });
    expect(found.comparisons.map(({ followUp }) => followUp.studyId)).toEqual(['2', '3']);
  });

  it('is one a study where the scanner cannot be told, and one a scanner', () => {
    const on = (scanner: typeof SCANNER_A) =>
      assessed(
        history(
          study('1', '2023-03-05', [spine('0.890', { scanner: SCANNER_A })]),
          study('2', '2023-03-05', [hip('left', '0.750', { scanner })]),
        ),
      ).visits.map(({ studyIds }) => studyIds);
    expect(on(SCANNER_A)).toEqual([['1', '2']]);
    expect(on(SCANNER_B)).toEqual([['1'], ['2']]);
    const unknown = { ...SCANNER_A, scannerId: 'unknown', identified: false };
    expect(
      assessed(
        history(
          study('1', '2023-03-05', [spine('0.890', { scanner: unknown })]),
          study('2', '2023-03-05', [hip('left', '0.750', { scanner: unknown })]),
        ),
      ).visits,
    ).toHaveLength(2);
  });

  it('takes the last of repeated scans, and names the other where it differs by the LSC', () => {
    const visits = (second: string, time = '10:00:00') =>
      history(
        study('1', '2021-03-05', [hip('left', '0.780')]),
        study('2', '2023-03-05T09:00:00', [hip('left', '0.760')]),
        study('3', `2023-03-05T${time}`, [hip('left', second)]),
      );
    const disagrees = assessed(visits('0.781'));
    expect(disagrees.comparisons.map(({ delta }) => delta)).toEqual([1000]);
    expect(linesOf(disagrees)).toEqual(['2 SAME_DAY_REPEAT_DISAGREES']);
    expect(linesOf(assessed(visits('0.770')))).toEqual(['2 SAME_DAY_REPEAT']);
    const earlier = assessed(visits('0.781', '08:00:00'));
    expect(earlier.comparisons.map(({ delta }) => delta)).toEqual([-20_000]);
    // Every case of the visit names it.
    expect(earlier.cases[0]?.supporting.map(({ rule }) => rule)).toContain('SAME_DAY_REPEAT_DISAGREES');
  });
});
