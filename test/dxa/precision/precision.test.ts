import { describe, expect, it } from 'vitest';
import { absoluteLsc, lscAt95 } from '../../../src/dxa/precision/lsc.ts';
import {
  evaluatePrecisionStudy,
  precisionOf,
  type RepeatScans,
  upperLimitFactor,
} from '../../../src/dxa/precision/precision.ts';
import { chiSquareQuantile, twoSidedZ } from '../../../src/dxa/values/distributions.ts';
import { ASSESSMENT_SETTINGS, DEFAULT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { bmd, lsc } from '../build-history.ts';

/** 8.1: eight subjects, measured by two operators. */
const FIRST = [1.327, 1.336, 1.078, 1.227, 0.938, 1.004, 1.18, 1.288];
const SECOND = [1.323, 1.322, 1.073, 1.233, 0.934, 1.019, 1.184, 1.304];
const DUPLICATES = FIRST.map(
  (first, index): RepeatScans => ({ subject: `${index}`, technologist: null, values: [first, SECOND[index] ?? 0] }),
);

const repeats = (count: number, technologist: string, ...values: readonly number[]): readonly RepeatScans[] =>
  Array.from({ length: count }, (_, index) => ({ subject: `${technologist}${index}`, technologist, values }));

const evaluate = (scans: readonly RepeatScans[]) => evaluatePrecisionStudy(scans, 'spine', DEFAULT_SETTINGS);

describe('the precision of the duplicates in table 8.1', () => {
  const precision = precisionOf(DUPLICATES, DEFAULT_SETTINGS);
  const differences = FIRST.map((first, index) => first - (SECOND[index] ?? 0));

  it('is 0.0070089, with an RMS-CV of 0.5956 % around a mean of 1.173125', () => {
    expect(precision.precisionError.toFixed(7)).toBe('0.0070089');
    expect(precision.rmsCv.toFixed(4)).toBe('0.5956');
    expect(precision.mean.toFixed(6)).toBe('1.173125');
    expect(precision.degreesOfFreedom).toBe(8);
  });

  it('agrees with the shortcut for duplicates, sqrt(sum d² / 2m)', () => {
    const sum = differences.reduce((total, d) => total + d * d, 0);
    expect(sum.toFixed(6)).toBe('0.000786');
    expect(precision.precisionError).toBeCloseTo(Math.sqrt(sum / 16), 12);
  });

  it('gives an LSC of 0.019415 with the factor 2.77', () => {
    expect((2.77 * precision.precisionError).toFixed(6)).toBe('0.019415');
  });
});

describe('a precision error', () => {
  it('divides by k - 1 and not by k, which would understate duplicates by 41 % (Glüer 1995)', () => {
    const [scan] = repeats(1, 'a', 1, 1.02);
    const { precisionError } = precisionOf(scan === undefined ? [] : [scan], DEFAULT_SETTINGS);
    expect(precisionError).toBeCloseTo(0.02 / Math.SQRT2, 12);
    expect(precisionError / Math.sqrt((0.01 ** 2 + 0.01 ** 2) / 2)).toBeCloseTo(Math.SQRT2, 4);
  });

  it('has the degrees of freedom of 15x3, 30x2, 14x3 and of unequal numbers of scans', () => {
    const degrees = (scans: readonly RepeatScans[]) => precisionOf(scans, DEFAULT_SETTINGS).degreesOfFreedom;
    expect(degrees(repeats(15, 'a', 1, 1.01, 0.99))).toBe(30);
    expect(degrees(repeats(30, 'a', 1, 1.01))).toBe(30);
    expect(degrees(repeats(14, 'a', 1, 1.01, 0.99))).toBe(28);
    expect(degrees([...repeats(10, 'a', 1, 1.01, 0.99), ...repeats(9, 'b', 1, 1.01)])).toBe(29);
  });

  it('weighs unequal numbers of scans by their degrees of freedom', () => {
    const scans = [...repeats(1, 'a', 1, 1.02, 0.98), ...repeats(1, 'b', 1, 1.02)];
    // (2 * 0.02² + 1 * 0.0002) / 3
    expect(precisionOf(scans, DEFAULT_SETTINGS).precisionError).toBeCloseTo(Math.sqrt(0.001 / 3), 12);
  });

  it.each([
    [14, '1.4597'],
    [27, '1.2929'],
    [28, '1.2861'],
    [30, '1.2737'],
    [42, '1.2216'],
    [60, '1.1787'],
    [90, '1.1410'],
    [120, '1.1198'],
  ])('with %d degrees of freedom has its upper limit at %s times itself (8.4)', (df, factor) => {
    expect(upperLimitFactor(df, 0.05).toFixed(4)).toBe(factor);
  });

  it.each([
    [27, '0.7906', '1.3611'],
    [30, '0.7991', '1.3367'],
    [60, '0.8487', '1.2174'],
  ])('with %d degrees of freedom lies in a two-sided 95 %% interval of %s to %s (8.4)', (df, low, high) => {
    expect(Math.sqrt(df / chiSquareQuantile(0.975, df)).toFixed(4)).toBe(low);
    expect(upperLimitFactor(df, 0.025).toFixed(4)).toBe(high);
  });

  it('of two technologists is pooled as 0.01217 and not as the mean 0.0120 (R1.6)', () => {
    // Sample SDs of 0.010 and 0.014, 30 degrees of freedom each.
    const pooled = precisionOf(
      [...repeats(15, 'a', 1, 1.01, 0.99), ...repeats(15, 'b', 1, 1.014, 0.986)],
      DEFAULT_SETTINGS,
    );
    expect(pooled.precisionError.toFixed(5)).toBe('0.01217');
    expect((2.77 * pooled.precisionError).toFixed(4)).toBe('0.0337');
    expect(pooled.degreesOfFreedom).toBe(60);
  });
});

describe('a precision study', () => {
  it('is sufficient with 15 x 3 scans within the ISCD ceiling and gives its LSC', () => {
    const study = evaluate(repeats(15, 'a', 1, 1.01, 0.99));
    expect(study).toMatchObject({ verdict: 'sufficient', ceilingPercent: 5.3, unusable: [] });
    expect(study.pooled?.precisionError).toBeCloseTo(0.01, 12);
    expect(study.leastSignificantChange?.toFixed(6)).toBe('0.027719');
  });

  it('is insufficient with fewer than 27 degrees of freedom', () => {
    expect(evaluate(repeats(13, 'a', 1, 1.01, 0.99)).verdict).toBe('insufficient_degrees_of_freedom');
    expect(evaluate(repeats(27, 'a', 1, 1.01)).verdict).toBe('sufficient');
    expect(evaluate([]).verdict).toBe('insufficient_degrees_of_freedom');
  });

  it('asks for retraining above the ceiling and leaves that technologist out of the pool', () => {
    const study = evaluate([...repeats(15, 'a', 1, 1.01, 0.99), ...repeats(15, 'b', 1, 1.03, 0.97)]);
    expect(study.verdict).toBe('retrain');
    expect(study.technologists.map(({ technologist, withinCeiling }) => `${technologist} ${withinCeiling}`)).toEqual([
      'a true',
      'b false',
    ]);
    expect(study.pooled).toMatchObject({ subjects: 15, degreesOfFreedom: 30 });
  });

  it('takes an RMS-CV of 1.9 % at the spine as within the ceiling of 5.3 %', () => {
    const within = (sd: number) => evaluate(repeats(15, 'a', 1, 1 + sd, 1 - sd)).technologists[0]?.withinCeiling;
    expect([within(0.019), within(0.0195)]).toEqual([true, false]);
  });

  it('names the subjects that have no repeat', () => {
    const study = evaluate([...repeats(15, 'a', 1, 1.01, 0.99), { subject: 'once', technologist: 'a', values: [1] }]);
    expect(study).toMatchObject({ unusable: ['once'], pooled: { subjects: 15 } });
  });
});

describe('a least significant change', () => {
  it.each([
    [0.8, '1.2816', '1.8124'],
    [0.9, '1.6449', '2.3262'],
    [0.95, '1.9600', '2.7718'],
    [0.99, '2.5758', '3.6428'],
  ])('at %f has the multipliers of the table in R1.4', (level, two, twoRoot) => {
    expect(twoSidedZ(level).toFixed(4)).toBe(two);
    expect((twoSidedZ(level) * Math.SQRT2).toFixed(4)).toBe(twoRoot);
  });

  it.each([
    [1.9, '5.263', '5.3'],
    [1.8, '4.986', '5.0'],
    [2.5, '6.925', '6.9'],
  ])('of %f %% is ISCD’s ceiling (8.7)', (cv, exact, printed) => {
    expect((2.77 * cv).toFixed(3)).toBe(exact);
    expect((2.77 * cv).toFixed(1)).toBe(printed);
  });

  it('goes from the 68 % that one public system prints to 95 % by the ratio of z', () => {
    const at = (confidenceLevel: number, text: string) =>
      lscAt95(lsc('spine', text, { confidenceLevel }), ASSESSMENT_SETTINGS);
    expect(at(0.95, '0.028')).toBe(28_000);
    // 0.028 * 1.959964 / 0.994458
    expect(at(0.68, '0.028')).toBe(55_185);
    expect(at(0.8, '0.0272')).toBe(41_599);
    expect(at(0.99, '0.036428')).toBe(27_718);
  });

  it('is rounded up where the setting asks for it', () => {
    const up = { ...ASSESSMENT_SETTINGS, lscConversionRounding: 'up' } as const;
    // 0.0428223
    expect(lscAt95(lsc('spine', '0.028', { confidenceLevel: 0.8 }), up)).toBe(42_823);
  });

  it('in percent is made absolute with the mean of the precision cohort', () => {
    expect(absoluteLsc(5.3, bmd('0.980'))).toBe(51_940);
  });
});
