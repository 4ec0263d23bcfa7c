import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { share } from './assessed.ts';
import type { FloorCohort, FloorCount, FloorTask } from './floor.ts';

/** What surveillance section 2 gives per 1 000 follow-ups, and the share of patients named by a loss. */
type Published = {
  readonly rules: Readonly<Record<string, number>>;
  readonly review: number;
  readonly named: number;
};

type Floor = {
  readonly name: string;
  readonly cohort: Omit<FloorCohort, 'rounded'>;
  readonly published: Published | null;
};

const [D1, D1B] = ['D1_SPINE_UP_HIP_DOWN', 'D1B_SPINE_UP_HIP_DOWN_SINCE_BASELINE'];
const [L1, L2, L3, L4] = ['L1_LOSS_AT_BOTH_SITES', 'L2_CONFIRMED_LOSS', 'L3_ROBUST_LOSS', 'L4_SINGLE_LOSS'];

/** Rates are facts of the definitions under independent normal errors; the page's figures are simulated as well. */
const FLOORS: readonly Floor[] = [
  {
    name: 'no change, 2 visits',
    cohort: { visits: 2, hipRate: 0, sites: 'one_hip' },
    published: { rules: { [D1]: 0.7, [L1]: 0.7, [L3]: 11.3, [L4]: 35.5 }, review: 13.4, named: 0.048 },
  },
  {
    name: 'no change, 5 visits',
    cohort: { visits: 5, hipRate: 0, sites: 'one_hip' },
    published: {
      rules: { [D1]: 0.7, [D1B]: 0.35, [L1]: 0.9, [L2]: 22.4, [L3]: 9.5, [L4]: 33.0 },
      review: 35.0,
      named: 0.239,
    },
  },
  {
    name: 'total hip loses 1 percent a year, 5 visits',
    cohort: { visits: 5, hipRate: -0.01, sites: 'one_hip' },
    published: {
      rules: { [D1]: 3.0, [D1B]: 10.1, [L1]: 12.0, [L2]: 230, [L3]: 16.3, [L4]: 44.2 },
      review: 271,
      named: 0.918,
    },
  },
  {
    name: 'no change, 5 visits, mean of both hips',
    cohort: { visits: 5, hipRate: 0, sites: 'mean_of_hips' },
    published: null,
  },
  { name: 'no change, 5 visits, both hips', cohort: { visits: 5, hipRate: 0, sites: 'both_hips' }, published: null },
  {
    name: 'no change, 5 visits, one hip and 33 % radius',
    cohort: { visits: 5, hipRate: 0, sites: 'one_hip_and_radius' },
    published: null,
  },
];

/** Review-tier cases per 1 000 follow-ups without true change: spine and one total hip, or the mean of both. */
const MOST_REVIEW = 45;
/** Patients with a total hip that truly loses 1 % a year, over five yearly visits, whom a case names. */
const LEAST_NAMED = 0.85;
const CHUNK = 1000;

const rate = (count: number, of: number) => Math.round((100_000 * count) / of) / 100;

/**
 * Unrounded within three standard errors of the difference of two such simulations, three percent and half of the last
 * printed place. Rounded numbers reach an LSC of whole milligrams more often than the published, unrounded ones: they are
 * held to the tolerance of the page, 20 % or 0.3.
 */
function isAsPublished(found: number, published: number, of: number, rounded: boolean): boolean {
  const error = Math.sqrt((2 * Math.max(published, 0.1)) / 1000 / of) * 1000;
  const tight = 3 * error + 0.03 * published + 0.05;
  return Math.abs(found - published) <= (rounded ? Math.max(tight, 0.2 * published, 0.3) : tight);
}

const added = (counts: readonly FloorCount[]): FloorCount =>
  counts.reduce((sum, one) => ({
    patients: sum.patients + one.patients,
    followUps: sum.followUps + one.followUps,
    review: sum.review + one.review,
    noise: sum.noise + one.noise,
    named: sum.named + one.named,
    rules: Object.fromEntries(
      [...new Set([...Object.keys(sum.rules), ...Object.keys(one.rules)])].map((rule) => [
        rule,
        (sum.rules[rule] ?? 0) + (one.rules[rule] ?? 0),
      ]),
    ),
  }));

function rowOf({ name, cohort, published }: Floor, rounded: boolean, count: FloorCount) {
  const { patients, followUps } = count;
  const rules = [D1, D1B, 'D2_SPINE_DOWN_HIP_UP', 'D2B_SPINE_DOWN_HIP_UP_SINCE_BASELINE', L1, L2, L3, L4].map(
    (rule) => ({
      rule,
      per1000FollowUps: rate(count.rules[rule] ?? 0, followUps),
      publishedPer1000FollowUps: published?.rules[rule] ?? null,
    }),
  );
  const review = rate(count.review, followUps);
  const named = share(count.named, patients) ?? 0;
  const off =
    published === null
      ? []
      : [
          ...rules
            .filter(
              (one) =>
                one.publishedPer1000FollowUps !== null &&
                !isAsPublished(one.per1000FollowUps, one.publishedPer1000FollowUps, followUps, rounded),
            )
            .map(({ rule }) => rule),
          ...(isAsPublished(review, published.review, followUps, rounded) ? [] : ['the review tier']),
          ...(isAsPublished(1000 * named, 1000 * published.named, patients, rounded)
            ? []
            : ['patients named by a loss']),
        ];
  const barred = cohort.hipRate === 0 && (cohort.sites === 'one_hip' || cohort.sites === 'mean_of_hips');
  const label = `${name}, ${rounded ? 'rounded to 1 mg' : 'unrounded'}`;
  return {
    name: label,
    patients,
    followUps,
    rules,
    reviewPer1000FollowUps: review,
    publishedReviewPer1000FollowUps: published?.review ?? null,
    checkNoisePer1000FollowUps: rate(count.noise, followUps),
    shareOfPatientsNamed: named,
    publishedShareOfPatientsNamed: published?.named ?? null,
    violations: [
      ...off.map((what) => `${what} is not as published: ${label}`),
      ...(barred && review > MOST_REVIEW
        ? [`more than ${MOST_REVIEW} review-tier cases per 1 000 follow-ups: ${label}`]
        : []),
      ...(cohort.hipRate < 0 && named < LEAST_NAMED
        ? [`fewer than ${100 * LEAST_NAMED} % of patients named: ${label}`]
        : []),
    ],
  };
}

/** The chance floors of surveillance section 2, each unrounded and as printed to 1 mg/cm². */
export async function evaluateFloors(patients: number, seed: number) {
  if (patients === 0) return [];
  const pool = new Piscina<FloorTask, FloorCount>({
    filename: new URL('./floor.ts', import.meta.url).href,
    name: 'countFloor',
    maxThreads: Math.min(2, availableParallelism()),
  });
  try {
    const rows = FLOORS.flatMap((floor) => [false, true].map((rounded) => ({ floor, rounded })));
    return await Promise.all(
      rows.map(async ({ floor, rounded }) => {
        const chunks = Array.from({ length: Math.ceil(patients / CHUNK) }, (_, chunk) => chunk * CHUNK);
        const counts = chunks.map((from) =>
          pool.run({ ...floor.cohort, rounded, seed, from, to: Math.min(from + CHUNK, patients) }),
        );
        return rowOf(floor, rounded, added(await Promise.all(counts)));
      }),
    );
  } finally {
    await pool.destroy();
  }
}
