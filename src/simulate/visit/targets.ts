import type { Random } from '../scanner/random.ts';
import { SCANNERS, type ScannerId } from '../scanner/scanners.ts';
import type { Situation } from './situation.ts';

/** Printed BMDs of a visit in thousandths of g/cm2, and the true ones behind them. */
export type Targets = {
  readonly spine: number;
  readonly left: number;
  readonly right: number;
  readonly truth: { readonly spine: number; readonly left: number; readonly right: number };
};

export type Step = {
  readonly situation: Situation;
  readonly last: boolean;
  /** Plant changes of exactly the LSC. */
  readonly exact: boolean;
  readonly treated: boolean;
  readonly years: number;
  readonly lsc: { readonly spine: number; readonly hip: number };
  readonly scannerId: ScannerId;
};

/**
 * The first visit of someone referred for densitometry: L1-L4 1.01 +- 0.13, total hip 0.87 +- 0.10 g/cm2 in women, more
 * in men; spine and hip correlate at about 0.6, the hips of one person differ by 0.018 (SD).
 */
export function startTargets(random: Random, sex: 'F' | 'M'): Targets {
  const common = random.normal(0, 1);
  const own = () => 0.77 * common + 0.64 * random.normal(0, 1);
  const bigger = sex === 'M' ? 1.1 : 1;
  const spine = Math.round(bigger * clamp(1010 + 130 * own(), 700, 1350));
  const hip = bigger * clamp(870 + 100 * own(), 600, 1120);
  const left = Math.round(hip + random.normal(0, 9));
  const right = Math.round(hip + random.normal(0, 9));
  return { spine, left, right, truth: { spine, left, right } };
}

/**
 * The next visit. Usually true change plus the scanner's precision error: treated +1.2 % a year at the spine and +0.6 %
 * at the hip, untreated -0.1 % and -0.6 % (spine loss ends late after menopause, hip loss does not: Warming 2002). Where
 * a situation is planted, the printed change is set directly.
 */
export function nextTargets(random: Random, previous: Targets, step: Step): Targets {
  if (step.last) {
    const planted = plantedChange(random, step);
    if (planted !== null) return shift(random, previous, planted, step.situation);
  }
  const { precision } = SCANNERS[step.scannerId];
  // Before a planted change nothing else happens.
  const still = PLANTED_AT_END.has(step.situation);
  const rate = still
    ? { spine: 0, hip: 0 }
    : step.treated
      ? { spine: 0.012, hip: 0.006 }
      : { spine: -0.001, hip: -0.006 };
  const truth = {
    spine: previous.truth.spine * (1 + rate.spine * step.years),
    left: previous.truth.left * (1 + rate.hip * step.years),
    right: previous.truth.right * (1 + rate.hip * step.years),
  };
  return {
    spine: Math.round(truth.spine + random.normal(0, 1000 * precision.spine)),
    left: Math.round(truth.left + random.normal(0, 1000 * precision.hip)),
    right: Math.round(truth.right + random.normal(0, 1000 * precision.hip)),
    truth,
  };
}

const PLANTED_AT_END: ReadonlySet<Situation> = new Set<Situation>([
  'key_pattern',
  'mirror_image',
  'hip_only',
  'spine_only',
  'other_side',
  'other_vertebrae',
  'other_scanner',
  'no_lsc',
]);

type Change = { readonly spine: number; readonly hip: number };

/** The printed change that a situation plants, in thousandths; null when the situation plants none. */
function plantedChange(random: Random, { situation, exact, lsc }: Step): Change | null {
  const more = () => (exact ? 0 : random.integer(0, 22));
  const little = (limit: number) => random.integer(-Math.floor(limit / 3), Math.floor(limit / 3));
  const up = (limit: number) => limit + more();
  switch (situation) {
    case 'key_pattern':
      return { spine: up(lsc.spine), hip: -up(lsc.hip) };
    case 'mirror_image':
      return { spine: -up(lsc.spine), hip: up(lsc.hip) };
    case 'hip_only':
      return { spine: little(lsc.spine), hip: -up(lsc.hip) };
    case 'spine_only':
      return { spine: up(lsc.spine), hip: little(lsc.hip) };
    case 'other_side':
    case 'other_scanner':
    case 'no_lsc':
      return { spine: up(lsc.spine + 6), hip: -up(lsc.hip + 6) };
    case 'other_vertebrae':
      return { spine: 0, hip: -up(lsc.hip) };
    default:
      return null;
  }
}

/** Both hips change alike; the right one by up to 0.003 g/cm2 more, so that each side and their mean pass the LSC. */
function shift(random: Random, previous: Targets, change: Change, situation: Situation): Targets {
  const spine = previous.spine + change.spine;
  const left = previous.left + change.hip;
  // The other hip, seen as the continuation of the first one.
  const before = situation === 'other_side' ? previous.left : previous.right;
  const right = before + change.hip + Math.sign(change.hip) * random.integer(0, 3);
  return { spine, left, right, truth: { spine, left, right } };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
