import { describe, expect, it } from 'vitest';
import { hip, history, lsc, onFile, spine, study } from '../build-history.ts';
import { assessed, casesOf, FILE_WITH_MEAN, linesOf } from './series.ts';

type Given = Parameters<typeof study>[2];

const pair = (before: Given, after: Given) =>
  history(study('1', '2020-03-05', before), study('2', '2021-03-05', after));

describe('class shift and T-scores against BMD (surveillance 3, the table)', () => {
  const spinePair = (bmds: readonly [string, string], scores: readonly [string, string]) =>
    pair([spine(bmds[0], { tScore: scores[0] })], [spine(bmds[1], { tScore: scores[1] })]);

  it('a T-score that falls while BMD rises is a case', () => {
    expect(casesOf(assessed(spinePair(['1.000', '1.010'], ['-1.5', '-1.9'])))).toEqual([
      '2 check T_AGAINST_BMD spine:L1,L2,L3,L4:none',
    ]);
    expect(casesOf(assessed(spinePair(['1.000', '1.000'], ['-1.5', '-1.8'])))).toEqual([
      '2 check T_AGAINST_BMD spine:L1,L2,L3,L4:none',
    ]);
  });

  it('a loss that changed the class says so in its case', () => {
    const found = assessed(
      pair([hip('left', '0.705', { tScore: '-2.4' })], [hip('left', '0.680', { tScore: '-2.6' })]),
    );
    expect(casesOf(found)).toEqual(['2 review L3_ROBUST_LOSS total_hip::left']);
    expect(found.cases[0]?.statement).toMatch(
      /The T-score class changed as well, at the left total hip from -2.4 to -2.6\.$/,
    );
  });

  it('so does a loss since the baseline, and one of the mean of both hips', () => {
    const visit = (index: number, left: string, score: string) =>
      study(`${index}`, `${2014 + index}-03-05`, [hip('left', left, { tScore: score })]);
    const slow = assessed(history(visit(1, '0.705', '-2.4'), visit(2, '0.693', '-2.5'), visit(3, '0.681', '-2.6')));
    expect(casesOf(slow)).toEqual(['3 review L2_CONFIRMED_LOSS total_hip::left']);
    const loss = slow.cases.find(({ topic }) => topic === 'loss');
    expect(loss?.statement).toMatch(/class changed as well, at the left total hip from -2\.4 to -2\.6\.$/);
    expect(loss?.quoted.map(({ scannedOn, valueId }) => [scannedOn, valueId])).toEqual([
      ['2015-03-05', '1/total_hip/left/t'],
      ['2017-03-05', '3/total_hip/left/t'],
    ]);
    const bothHips = (left: string, leftT: string, right: string) => [
      hip('left', left, { tScore: leftT }),
      hip('right', right),
    ];
    const mean = assessed(pair(bothHips('0.705', '-2.4', '0.800'), bothHips('0.685', '-2.6', '0.780')), FILE_WITH_MEAN);
    expect(casesOf(mean)).toEqual(['2 review L3_ROBUST_LOSS total_hip::mean']);
    expect(mean.cases[0]?.statement).toMatch(/class changed as well, at the left total hip from -2\.4 to -2\.6\.$/);
  });

  it('a class shift without a significant change is a line', () => {
    const found = assessed(spinePair(['0.850', '0.888'], ['-2.7', '-2.4']), onFile(lsc('spine', '0.039')));
    expect(casesOf(found)).toEqual([]);
    expect(linesOf(found)).toEqual(['2 D10_CLASS_SHIFT_NOT_SIGNIFICANT']);
  });

  it('0.2 against BMD is nothing', () => {
    const found = assessed(spinePair(['1.000', '1.010'], ['-1.5', '-1.7']));
    expect([...casesOf(found), ...linesOf(found)]).toEqual([]);
  });

  it('a class and a T-score against BMD are one case, and the class names it', () => {
    const found = assessed(spinePair(['1.000', '1.010'], ['-2.3', '-2.7']));
    expect(casesOf(found)).toEqual(['2 check D10_CLASS_AGAINST_BMD spine:L1,L2,L3,L4:none']);
    expect(found.cases[0]?.supporting.map(({ rule }) => rule)).toEqual(['T_AGAINST_BMD']);
  });

  it('needs one reference, one sex and one scanner', () => {
    const before = study('1', '2020-03-05', [spine('1.000', { tScore: '-1.5' })], { sex: 'F' });
    const after = study('2', '2021-03-05', [spine('1.010', { tScore: '-1.9' })], { sex: null });
    expect(casesOf(assessed(history(before, after)))).toEqual([]);
  });

  it('"did not change significantly" is not the only sentence where another site did', () => {
    const found = assessed(
      pair(
        [spine('0.900', { tScore: '-2.4' }), hip('left', '0.700')],
        [spine('0.890', { tScore: '-2.5' }), hip('left', '0.720')],
      ),
    );
    const [line] = found.visits[1]?.remarks.filter(({ code }) => code === 'D10_CLASS_SHIFT_NOT_SIGNIFICANT') ?? [];
    expect(line?.says).toMatch(/did not change significantly there; left total hip rose by 0.020/);
    const visit = (index: number, hipBmd: string, score: string) =>
      study(`${index}`, `${2014 + index}-03-05`, [spine('0.900', { tScore: score }), hip('left', hipBmd)]);
    const slow = assessed(history(visit(1, '0.700', '-2.4'), visit(2, '0.712', '-2.4'), visit(3, '0.724', '-2.5')));
    expect(slow.visits[2]?.remarks.find(({ code }) => code.startsWith('D10'))?.says).toMatch(
      /there; left total hip rose by 0\.024 .* since 2015-03-05/,
    );
  });
});

describe('T-scores two classes apart', () => {
  const visit = (index: number, spineT: string, hipT: string | null) =>
    study(`${index}`, `${2015 + index}-03-05`, [
      spine('0.900', { tScore: spineT }),
      hip('left', '0.700', hipT === null ? {} : { tScore: hipT }),
    ]);

  it('are said at the first visit that shows them, and again only when a visit in between did not', () => {
    const found = assessed(
      history(
        visit(1, '-1.0', '-2.5'),
        visit(2, '-0.9', '-2.6'),
        visit(3, '-0.9', null),
        visit(4, '-1.0', '-2.5'),
        visit(5, '-1.2', '-2.5'),
        visit(6, '-1.0', '-2.5'),
      ),
    );
    const said = casesOf(found).filter((one) => one.includes('D8_'));
    expect(said.map((one) => one.slice(0, 1))).toEqual(['1', '6']);
    expect(linesOf(found).filter((line) => line.endsWith('CONTINUES_SINCE'))).toEqual([
      '2 CONTINUES_SINCE',
      '4 CONTINUES_SINCE',
    ]);
  });
});
