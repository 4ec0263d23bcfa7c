import { describe, expect, it } from 'vitest';
import { assessPatient } from '../../../src/dxa/assess-patient.ts';
import { judgeChange } from '../../../src/dxa/change/judge-change.ts';
import type { Bmd, Micro } from '../../../src/dxa/values/quantity.ts';
import { ASSESSMENT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { hip, history, lsc, onFile, spine, study } from '../build-history.ts';

/** mulberry32: small, seeded, the same on every machine. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Normal deviates by Box and Muller. */
function normal(seed: number): () => number {
  const uniform = random(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

const PAIRS = 400_000;
const SPINE = { bmd: 850_000, precisionError: 12_000 };
const HIP = { bmd: 750_000, precisionError: 10_000 };
const lscOf = ({ precisionError }: typeof SPINE) =>
  Math.round(ASSESSMENT_SETTINGS.lscFactor.value * precisionError) as Bmd;

/** Within 4 binomial standard deviations: a right rate fails once in 16 000 seeds, and the seed is fixed. */
function isExpected(count: number, n: number, p: number): boolean {
  return Math.abs(count - n * p) <= 4 * Math.sqrt(n * p * (1 - p));
}

describe('a test-retest cohort without any true change', () => {
  it('is flagged at 5 % at each site, two-sided, and at 0.0625 % with the key pattern', () => {
    const noise = normal(20_250_101);
    const scan = (site: typeof SPINE) => Math.round(site.bmd + site.precisionError * noise()) as Bmd;
    const count = { spineUp: 0, spineDown: 0, hipUp: 0, hipDown: 0, key: 0, mirror: 0 };
    const limits = { spine: lscOf(SPINE), hip: lscOf(HIP) };
    for (let pair = 0; pair < PAIRS; pair += 1) {
      const ofSpine = judgeChange(scan(SPINE), scan(SPINE), limits.spine, '>=').verdict;
      const ofHip = judgeChange(scan(HIP), scan(HIP), limits.hip, '>=').verdict;
      if (ofSpine === 'up') count.spineUp += 1;
      if (ofSpine === 'down') count.spineDown += 1;
      if (ofHip === 'up') count.hipUp += 1;
      if (ofHip === 'down') count.hipDown += 1;
      if (ofSpine === 'up' && ofHip === 'down') count.key += 1;
      if (ofSpine === 'down' && ofHip === 'up') count.mirror += 1;
    }
    expect(isExpected(count.spineUp + count.spineDown, PAIRS, 0.05)).toBe(true);
    expect(isExpected(count.hipUp + count.hipDown, PAIRS, 0.05)).toBe(true);
    for (const oneSided of [count.spineUp, count.spineDown, count.hipUp, count.hipDown]) {
      expect(isExpected(oneSided, PAIRS, 0.025)).toBe(true);
    }
    expect(isExpected(count.key, PAIRS, 0.000625)).toBe(true);
    expect(isExpected(count.mirror, PAIRS, 0.000625)).toBe(true);
  });

  it('opens cases by the key pattern and its mirror at 0.125 % through the whole assessment', () => {
    const noise = normal(7);
    const text = (site: typeof SPINE) => (Math.round(site.bmd + site.precisionError * noise()) / 1e6).toFixed(6);
    const scale = (value: Micro) => (value / 1e6).toFixed(6);
    const file = onFile(lsc('spine', scale(lscOf(SPINE))), lsc('total_hip', scale(lscOf(HIP))));
    const n = 20_000;
    let cases = 0;
    for (let patient = 0; patient < n; patient += 1) {
      const visit = (id: string, day: string) => study(id, day, [spine(text(SPINE)), hip('left', text(HIP))]);
      const found = assessPatient(
        history(visit('1', '2020-01-01'), visit('2', '2022-01-01')),
        file,
        ASSESSMENT_SETTINGS,
      );
      cases += found.cases.filter(({ rule }) => rule.startsWith('D1_') || rule.startsWith('D2_')).length;
    }
    expect(isExpected(cases, n, 0.00125)).toBe(true);
  });
});
