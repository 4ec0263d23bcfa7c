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
    // Of one day, where each study of an unknown scanner is a visit of its own, nothing was sent under two dates.
    const unknown = given.map((one) => ({ ...one, scanner: { ...SCANNER_A, identified: false } }));
    const day = '2021-03-05';
    expect(linesOf(assessed(history(study('1', day, unknown), study('2', day, unknown))))).toEqual([]);
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

  it('GROWING: a scan of childhood is no baseline and no point of a line to judge an adult by', () => {
    const at = (day: string, total: string) => study(day, day, [hip('left', total)], { birthDate: '2000-01-01' });
    const [child, adult, later] = [at('2018-03-05', '0.800'), at('2021-03-05', '0.790'), at('2023-03-05', '0.770')];
    const found = assessed(history(child, adult, later));
    expect(casesOf(found)).toEqual(['2023-03-05 check L4_SINGLE_LOSS total_hip::left']);
    expect(linesOf(found)).toEqual(['2021-03-05 GROWING', '2023-03-05 GROWING']);
    // The same three of an adult are a confirmed loss.
    const grown = history(...[child, adult, later].map((one) => ({ ...one, birthDate: '1960-01-01' })));
    expect(casesOf(assessed(grown))).toEqual(['2023-03-05 review L2_CONFIRMED_LOSS total_hip::left']);
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
    // The visit before came in two studies.
    const apart = history(
      study('1', '2021-03-05', [neck('0.700', '3.50', '5.00')]),
      study('2', '2021-03-05', [total('0.800', '24.00', '30.00')]),
      study('3', '2023-03-05', hips('5.30', '30.20')),
    );
    expect(linesOf(assessed(apart))).toEqual(['3 NECK_BOX_MOVED']);
  });

  it('HEIGHT_LOSS: 2 cm or more of an adult', () => {
    const lines = (before: string, after: string) =>
      linesOf(assessed(pair(NORMAL, NORMAL, { before: { heightM: micro(before) }, after: { heightM: micro(after) } })));
    expect(lines('1.65', '1.63')).toEqual(['2 HEIGHT_LOSS']);
    expect(lines('1.65', '1.64')).toEqual([]);
    expect(lines('1.63', '1.65')).toEqual([]);
    // A visit in between that states no height does not hide it.
    const [before, after] = pair(NORMAL, NORMAL, {
      before: { heightM: micro('1.65') },
      after: { heightM: micro('1.63') },
    }).studies;
    if (before === undefined || after === undefined) throw new Error('two studies');
    expect(linesOf(assessed(history(before, study('9', '2022-03-05', NORMAL), after)))).toEqual(['2 HEIGHT_LOSS']);
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

  it('MAYBE_OTHER_PERSON: neither a visit without values nor another one of the same day hides it', () => {
    const larger = levels([12.2, 13.4], [14, 14.6], [15.8, 16.1], [17.7, 17.7]);
    const other = { ...SCANNER_B, modelName: 'Prodigy' };
    const found = (...between: readonly StudyOfPatient[]) =>
      casesOf(
        assessed(history(study('1', '2021-03-05', NORMAL), ...between, study('3', '2023-03-05T10:00:00', larger))),
      );
    const whose = ['3 review MAYBE_OTHER_PERSON person'];
    expect(found()).toEqual(whose);
    expect(found(study('2', '2022-03-05', []))).toEqual(whose);
    expect(found(study('2', '2023-03-05T09:00:00', [hip('left', '0.800', { scanner: other })]))).toEqual(whose);
  });

  it('MAYBE_OTHER_PERSON: its case quotes the areas with the rows that they stand in', () => {
    const larger = levels([12.2, 13.4], [14, 14.6], [15.8, 16.1], [17.7, 17.7]);
    const [found] = assessed(pair(NORMAL, larger)).cases;
    expect(
      found?.quoted.map(({ scannedOn, quantity, value, valueId }) => [scannedOn, quantity, value, valueId]),
    ).toEqual([
      ['2021-03-05', 'area', 55_900_000, '1/spineL1L2L3L4/none/area'],
      ['2023-03-05', 'area', 61_800_000, '2/spineL1L2L3L4/none/area'],
    ]);
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

  it('says once a scan that it was repeated, of the region that differs', () => {
    const hips = (neckBmd: string) => [hip('left', '0.760'), hip('left', neckBmd, { region: 'femoral_neck' })];
    const repeated = (neckBmd: string) =>
      assessed(
        history(study('1', '2023-03-05T09:00:00', hips('0.600')), study('2', '2023-03-05T10:00:00', hips(neckBmd))),
      );
    const subjects = (found: ReturnType<typeof repeated>) =>
      found.visits.flatMap(({ remarks }) => remarks.map(({ code, subject }) => `${code} ${subject}`));
    expect(subjects(repeated('0.610'))).toEqual(['SAME_DAY_REPEAT total_hip::left']);
    expect(subjects(repeated('0.640'))).toEqual(['SAME_DAY_REPEAT_DISAGREES femoral_neck::left']);
  });

  it('holds a repeat against the scan that stands for the visit, also where that is of another study', () => {
    const [first, second, third] = [
      study('1', '2023-03-05T09:00:00', [hip('left', '0.760')]),
      study('1', '2023-03-05T09:10:00', [hip('left', '0.765')]),
      study('2', '2023-03-05T10:00:00', [hip('left', '0.800')]),
    ];
    const { standing } = { standing: second.measurements[0]?.bmd ?? null };
    const repeats = first.measurements.map(({ bmd, ...one }) => {
      if (bmd === null) throw new Error('a BMD');
      const { scanType, roi, laterality } = one;
      return { scanType, roi, laterality, scannerId: 'scanner-a', scannedAt: first.scannedAt, bmd, standing };
    });
    const { visits } = assessed(history({ ...second, repeats }, third));
    expect(visits[0]?.remarks.map(({ code, facts }) => `${code} ${facts['standingBmdGramsPerCm2']}`)).toEqual([
      'SAME_DAY_REPEAT_DISAGREES 0.800000',
      'SAME_DAY_REPEAT_DISAGREES 0.800000',
    ]);
  });

  it('says that a spine was repeated where the last scan measured other vertebrae', () => {
    const found = assessed(
      history(
        study('1', '2023-03-05T09:00:00', [spine('0.900')]),
        study('2', '2023-03-05T10:00:00', [spine('0.880', { vertebrae: ['L1', 'L2', 'L3'] })]),
      ),
    );
    expect(linesOf(found)).toEqual(['1 SAME_DAY_REPEAT']);
    expect(found.visits[0]?.remarks[0]?.says).toMatch(/0\.900 g\/cm² at 09:00; the last scan, which measured other/);
  });

  it('says where two of its studies give different values of one scan', () => {
    const found = (second: string) =>
      assessed(
        history(study('1', '2023-03-05', [hip('left', '0.760')]), study('2', '2023-03-05', [hip('left', second)])),
      );
    expect(linesOf(found('0.780'))).toEqual(['1 STUDIES_CONTRADICT']);
    expect(linesOf(found('0.760'))).toEqual([]);
  });
});
