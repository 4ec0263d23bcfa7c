import { describe, expect, it } from 'vitest';
import { type CalibrationPerson, calibrationLine } from '../../../src/dxa/precision/calibration-line.ts';
import { bridge } from '../../../src/dxa/precision/cross-calibration.ts';
import type { OnFile } from '../../../src/dxa/study/history.ts';
import { roundHalfAway } from '../../../src/dxa/values/arithmetic.ts';
import type { Bmd } from '../../../src/dxa/values/quantity.ts';
import { openRandom } from '../../../src/simulate/scanner/random.ts';
import { bmd, crossCalibration, hip, lsc, SCANNER_B } from '../build-history.ts';
import { compare } from '../compare-pair.ts';

const A = (text: string, more: Parameters<typeof lsc>[2] = {}) => lsc('total_hip', text, { lscId: 'a', ...more });
const B = (text: string, more: Parameters<typeof lsc>[2] = {}) =>
  lsc('total_hip', text, { lscId: 'b', scannerId: 'scanner-b', ...more });

/** The table's people: n 30, mean .950, Sxx .5. */
const calibrated = (standardErrorOfEstimate: number) =>
  crossCalibration({ slope: 1, intercept: 0, standardErrorOfEstimate, meanFrom: 0.95 });

const across = (standardErrorOfEstimate: number, lscEntries: OnFile['lscEntries'], after = '0.820') =>
  compare({
    before: hip('left', '0.850'),
    after: hip('left', after, { scanner: SCANNER_B }),
    onFile: { crossCalibrations: [calibrated(standardErrorOfEstimate)], lscEntries },
  });

describe('a change across scanners', () => {
  it.each([
    [0.012, 24_139, 33_000],
    [0.02, 40_232, 40_232],
  ])('with a SEE of %s has an interval of %s and is judged by %s', (see, interval, expected) => {
    expect(bridge(calibrated(see), bmd('0.850')).predictionInterval).toBe(interval);
    const { lsc: applied, checks } = across(see, [A('0.033'), B('0.033')]);
    expect(applied).toMatchObject({ lscId: null, crossCalibrationId: 'cross-1', leastSignificantChange: expected });
    expect(checks.find(({ rule }) => rule === 'C16')).toMatchObject({
      outcome: 'ok',
      code: 'LSC_GENERALISED',
      facts: {
        crossCalibrationId: 'cross-1',
        lscIds: 'a,b',
        leastSignificantChangeMicro: expected,
        predictionIntervalMicro: interval,
        plainLscMicro: 33_000,
      },
    });
  });

  it('is not called significant where only the conversion is that fine', () => {
    // -0.030 reaches the interval of 0.024139 and not the LSC of 0.033.
    expect(across(0.012, [A('0.033'), B('0.033')])).toMatchObject({ verdict: 'not_significant', robust: null });
    expect(across(0.012, [A('0.033'), B('0.033')], '0.817')).toMatchObject({ verdict: 'down', strength: 1 });
    // sqrt((0.028² + 0.036²) / 2)
    expect(across(0.012, [A('0.028'), B('0.036')]).lsc?.leastSignificantChange).toBe(32_249);
  });

  it('takes the LSC that was in force on each scanner on the day of its scan', () => {
    const renewed = [
      A('0.028', { validTo: '2020-12-31' }),
      A('0.070', { lscId: 'a2', validFrom: '2021-01-01' }),
      B('0.070', { validTo: '2021-12-31' }),
      B('0.036', { lscId: 'b2', validFrom: '2022-01-01' }),
    ];
    expect(across(0.012, renewed).lsc?.leastSignificantChange).toBe(32_249);
  });

  it('is provisional where a scanner has no LSC, and names which', () => {
    const lacking = (lscEntries: OnFile['lscEntries']) => {
      const { verdict, lsc: applied, delta, checks } = across(0.02, lscEntries);
      expect([verdict, applied, delta]).toEqual(['provisional', null, -30_000]);
      return checks.find(({ rule }) => rule === 'C16');
    };
    const facts = (referenceHasLsc: boolean, followUpHasLsc: boolean) => ({
      rule: 'C16',
      outcome: 'warn',
      code: 'CROSS_CALIBRATION_WITHOUT_LSC',
      facts: { crossCalibrationId: 'cross-1', referenceHasLsc, followUpHasLsc },
    });
    expect(lacking([])).toEqual(facts(false, false));
    expect(lacking([A('0.033')])).toEqual(facts(true, false));
    expect(lacking([B('0.033')])).toEqual(facts(false, true));
    expect(lacking([A('0.033', { validTo: '2020-02-29' }), B('0.033')])).toEqual(facts(false, true));
  });

  it('is marked where a scan lies before the first LSC of its scanner', () => {
    const { lsc: applied, checks } = across(0.008, [A('0.060'), B('0.020', { validFrom: '2023-01-01' })]);
    // The LSC of the other scanner counts as well: sqrt((0.060² + 0.020²) / 2).
    expect(applied?.leastSignificantChange).toBe(44_721);
    expect(checks.find(({ rule }) => rule === 'C16')).toMatchObject({
      outcome: 'warn',
      code: 'LSC_LATER_THAN_REFERENCE',
      facts: { firstEntryFrom: '2023-01-01' },
    });
  });

  it('within one scanner, across an epoch, needs an LSC of either side of it', () => {
    const moved = (...lscEntries: OnFile['lscEntries']) =>
      compare({
        onFile: {
          scannerEpochs: [{ epochId: '1', scannerId: 'scanner-a', startsOn: '2021-01-01', reason: 'relocation' }],
          crossCalibrations: [
            crossCalibration({ toScannerId: 'scanner-a', validFrom: '2021-02-01', slope: 1, intercept: 0 }),
          ],
          lscEntries,
        },
      });
    const [before, after] = [
      A('0.060', { validFrom: '2020-06-01' }),
      A('0.020', { lscId: 'a2', validFrom: '2021-01-01' }),
    ];
    expect(moved(before).verdict).toBe('provisional');
    expect(moved(after).verdict).toBe('provisional');
    expect(moved(before, after).verdict).toBe('not_significant');
    // A first LSC of after the scan stands in for its own side of the epoch alone: sqrt((0.060² + 0.020²) / 2).
    expect(moved(before, after).lsc?.leastSignificantChange).toBe(44_721);
  });
});

const person = (from: string, ...to: readonly string[]): CalibrationPerson => ({
  from: bmd(from),
  to: to.map((text) => bmd(text)),
});
const ONCE = [
  person('0.700', '0.734'),
  person('0.800', '0.816'),
  person('0.900', '0.918'),
  person('1.000', '1.040'),
] as const;

describe('the line of a cross-calibration', () => {
  it('is least squares with n - 2 degrees of freedom where everyone was scanned once', () => {
    // y = 0.01 + 1.02 x with residuals +0.01, -0.01, -0.01, +0.01: sqrt(0.0004 / 2)
    const line = calibrationLine(ONCE);
    expect(line?.slope).toBeCloseTo(1.02, 12);
    expect(line?.standardErrorOfEstimate).toBeCloseTo(0.0141421356, 9);
  });

  it('adds to the error of means what they hide of one scan', () => {
    // The same means, from two scans 0.02 apart: s² = 2 · 0.01² / 1 = 0.0002, and half of it is hidden.
    const twice = [
      person('0.700', '0.724', '0.744'),
      person('0.800', '0.806', '0.826'),
      person('0.900', '0.908', '0.928'),
      person('1.000', '1.030', '1.050'),
    ];
    const line = calibrationLine(twice);
    expect(line?.slope).toBeCloseTo(1.02, 12);
    expect(line?.intercept).toBeCloseTo(0.01, 12);
    expect(line).toMatchObject({ n: 4, minFrom: 0.7, maxFrom: 1 });
    expect(line?.sumOfSquaresFrom).toBeCloseTo(0.05, 12);
    expect((line?.standardErrorOfEstimate ?? 0) ** 2).toBeCloseTo(0.0002 + 0.0001, 12);
  });

  it('takes the harmonic mean where people have different numbers of scans', () => {
    // Two of four twice: k = 4 / (2 + 2 · 0.5) = 4/3, 1 - 1/k = 0.25; s² = 0.0002 from the two.
    const mixed = [person('0.700', '0.724', '0.744'), ONCE[1], person('0.900', '0.908', '0.928'), ONCE[3]];
    expect((calibrationLine(mixed)?.standardErrorOfEstimate ?? 0) ** 2).toBeCloseTo(0.0002 + 0.25 * 0.0002, 12);
  });

  it('gives nothing for fewer than three people, one value, or a person without a second scanner', () => {
    expect(calibrationLine(ONCE.slice(0, 2))).toBeNull();
    expect(calibrationLine([person('0.8', '0.81'), person('0.8', '0.82'), person('0.8', '0.83')])).toBeNull();
    expect(calibrationLine([...ONCE, person('0.850')])).toBeNull();
  });

  it('finds the error of one scan where the mean of two would hide a part of it', () => {
    // Truth: scanners differ by a person's own 0.02435 about the line, and one scan by 0.02227: together 0.033 for one
    // scan and 0.029 for the mean of two.
    const [own, scan] = [Math.sqrt(2 * 0.029 ** 2 - 0.033 ** 2), Math.sqrt(2 * (0.033 ** 2 - 0.029 ** 2))];
    const random = openRandom(16, 'cross-calibration');
    const measured = (value: number) => roundHalfAway(value * 1e6) as Bmd;
    const STUDIES = 400;
    const squares = { ours: 0, means: 0, ofOne: 0 };
    for (let study = 0; study < STUDIES; study += 1) {
      const people = Array.from({ length: 30 }, (): CalibrationPerson => {
        const from = random.normal(0.95, 0.13);
        const expected = 0.01 + 1.02 * from + random.normal(0, own);
        return {
          from: measured(from),
          to: [measured(expected + random.normal(0, scan)), measured(expected + random.normal(0, scan))],
        };
      });
      const variance = (given: readonly CalibrationPerson[]) =>
        (calibrationLine(given)?.standardErrorOfEstimate ?? 0) ** 2 / STUDIES;
      squares.ours += variance(people);
      squares.ofOne += variance(people.map(({ from, to }) => ({ from, to: to.slice(0, 1) })));
      squares.means += variance(
        people.map(({ from, to }) => ({
          from,
          to: [measured(to.reduce((sum, one) => sum + one, 0) / to.length / 1e6)],
        })),
      );
    }
    // 400 studies of 28 degrees of freedom: the root is known to 0.7 %, three times over 0.0007.
    expect(Math.sqrt(squares.ours)).toBeCloseTo(0.033, 3);
    expect(Math.sqrt(squares.ofOne)).toBeCloseTo(0.033, 3);
    expect(Math.sqrt(squares.means)).toBeCloseTo(0.029, 3);
  });
});
