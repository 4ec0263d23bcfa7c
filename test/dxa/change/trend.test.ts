import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeChange } from '../../../src/dxa/change/judge-change.ts';
import { trendOf } from '../../../src/dxa/change/trend.ts';
import type { Bmd } from '../../../src/dxa/values/quantity.ts';
import { bmd } from '../build-history.ts';

describe('a trend with known precision', () => {
  it('of two scans is the LSC test: same verdict, same strength, at and around the boundary', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 500_000, max: 1_500_000 }),
        fc.integer({ min: 10_000, max: 60_000 }),
        fc.oneof(fc.constantFrom(-1, 0, 1), fc.integer({ min: -60_000, max: 60_000 })),
        fc.boolean(),
        fc.integer({ min: 1, max: 28 }),
        fc.constantFrom('>=' as const, '>' as const),
        (reference, lsc, offset, falls, day, operator) => {
          const delta = falls ? -(lsc + offset) : lsc + offset;
          const points = [
            { scannedOn: '2020-02-01', bmd: reference as Bmd },
            { scannedOn: `2022-03-${String(day).padStart(2, '0')}`, bmd: (reference + delta) as Bmd },
          ];
          const trend = trendOf(points, lsc as Bmd, operator);
          const change = judgeChange(reference as Bmd, (reference + delta) as Bmd, lsc as Bmd, operator);
          expect(trend?.verdict).toBe(change.verdict);
          expect(trend?.strength).toBeCloseTo(change.strength, 9);
        },
      ),
      { numRuns: 5000, seed: 42 },
    );
  });

  it('sees a slow loss in five scans that no single pair shows', () => {
    const points = ['0.900', '0.893', '0.885', '0.878', '0.871'].map((text, index) => ({
      scannedOn: `${2016 + 2 * index}-01-01`,
      bmd: bmd(text),
    }));
    const trend = trendOf(points, bmd('0.030'), '>=');
    // sum (t - mean)(y - mean) = -0.146, sum (t - mean)² = 40; 0.00365 * sqrt(80) / 0.030 = 1.088
    expect(trend).toMatchObject({ points: 5, verdict: 'down', annualRate: -3_650 });
    expect(trend?.strength.toFixed(3)).toBe('1.088');
    expect(((trend?.annualPercent ?? 0) / 1e6).toFixed(3)).toBe('-0.406');
    expect(judgeChange(bmd('0.900'), bmd('0.871'), bmd('0.030'), '>=').verdict).toBe('not_significant');
  });

  it('needs two different days', () => {
    expect(trendOf([], bmd('0.028'), '>=')).toBeNull();
    expect(trendOf([{ scannedOn: '2020-01-01', bmd: bmd('0.9') }], bmd('0.028'), '>=')).toBeNull();
  });
});
