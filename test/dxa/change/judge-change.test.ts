import { describe, expect, it } from 'vitest';
import { judgeChange } from '../../../src/dxa/change/judge-change.ts';
import type { Bmd } from '../../../src/dxa/values/quantity.ts';
import { bmd } from '../build-history.ts';

const micro = (value: number): Bmd => value as Bmd;

describe('a change held against the LSC', () => {
  it('is significant in both directions at exactly the LSC and one millionth below it never, for every BMD and LSC', () => {
    let pairs = 0;
    const wrong: string[] = [];
    for (let reference = 500_000; reference <= 1_500_000; reference += 1000) {
      for (let lsc = 10_000; lsc <= 60_000; lsc += 1000) {
        const verdict = (delta: number) =>
          judgeChange(micro(reference), micro(reference + delta), micro(lsc), '>=').verdict;
        const verdicts = [verdict(lsc), verdict(-lsc), verdict(lsc - 1), verdict(1 - lsc)].join();
        if (verdicts !== 'up,down,not_significant,not_significant') wrong.push(`${reference} ${lsc} ${verdicts}`);
        pairs += 1;
      }
    }
    expect(wrong).toEqual([]);
    expect(pairs).toBe(1001 * 51);
  });

  it('misses none of the 4 000 exact cases of 8.13, of which float subtraction misses 1 268', () => {
    let floatMisses = 0;
    let misses = 0;
    for (let reference = 500; reference < 1300; reference += 1) {
      for (const lsc of [17, 24, 33, 36, 39]) {
        if ((reference + lsc) / 1000 - reference / 1000 < lsc / 1000) floatMisses += 1;
        const change = judgeChange(micro(reference * 1000), micro((reference + lsc) * 1000), micro(lsc * 1000), '>=');
        if (change.verdict !== 'up') misses += 1;
      }
    }
    expect({ floatMisses, misses }).toEqual({ floatMisses: 1268, misses: 0 });
  });

  it('needs more than the LSC where the setting says that it must be exceeded', () => {
    expect(judgeChange(bmd('0.800'), bmd('0.817'), bmd('0.017'), '>').verdict).toBe('not_significant');
    expect(judgeChange(bmd('0.800'), bmd('0.817001'), bmd('0.017'), '>').verdict).toBe('up');
  });

  it('sees the change of exactly 0.017 that float subtraction misses', () => {
    expect(0.817 - 0.8 < 0.017).toBe(true);
    expect(judgeChange(bmd('0.800'), bmd('0.817'), bmd('0.017'), '>=')).toEqual({
      verdict: 'up',
      delta: 17_000,
      percent: 2_125_000,
      strength: 1,
    });
  });

  it('tests a fall of 3.3 % in six months as 3.3 %, never as 7 % a year (clinical-rules 4.6)', () => {
    const change = judgeChange(bmd('1.000'), bmd('0.967'), bmd('0.050'), '>=');
    expect(change).toMatchObject({ verdict: 'not_significant', percent: -3_300_000 });
  });

  it('counts no change as no change', () => {
    expect(judgeChange(bmd('0.800'), bmd('0.800'), bmd('0.017'), '>=')).toEqual({
      verdict: 'not_significant',
      delta: 0,
      percent: 0,
      strength: 0,
    });
  });
});
