import { openRandom } from '../scanner/random.ts';

/** What is planted in a patient's last study. */
export const SITUATIONS = [
  /** Spine up and total hip down, both at least the LSC: the one pattern that opens a D1 review case. */
  'key_pattern',
  /** Spine down and total hip up, both at least the LSC. */
  'mirror_image',
  'hip_only',
  'spine_only',
  /** The follow-up is of the other hip; taken for the same one, it would be the key pattern. */
  'other_side',
  /** A low vertebra is left out at the follow-up; label taken for the full range, it would be the key pattern. */
  'other_vertebrae',
  /** The follow-up is from another densitometer; taken for the same one, it would be the key pattern. */
  'other_scanner',
  /** Changes like the key pattern on a densitometer without an LSC on file. */
  'no_lsc',
  /** Files of the follow-up are sent again under other names. */
  'duplicate',
  /** A file of the follow-up is cut off. */
  'cut_off',
  /** A radiation dose report comes with the follow-up. */
  'other_kind',
  'single_visit',
  'clean',
] as const;
export type Situation = (typeof SITUATIONS)[number];

/** Share of the cohort in thousandths; 0 is exactly one patient. `clean` takes the rest. */
const SHARES: Readonly<Record<Exclude<Situation, 'clean'>, number>> = {
  key_pattern: 100,
  mirror_image: 50,
  hip_only: 70,
  spine_only: 50,
  other_side: 50,
  other_vertebrae: 50,
  other_scanner: 50,
  no_lsc: 35,
  duplicate: 50,
  cut_off: 0,
  other_kind: 0,
  single_visit: 50,
};

/** Gives every patient of the cohort a situation: each at least once if there are enough patients, in random order. */
export function assignSituations(patients: number, seed: number): readonly Situation[] {
  const planned: Situation[] = [];
  const rest: Situation[] = [];
  for (const situation of SITUATIONS) {
    if (situation === 'clean') continue;
    planned.push(situation);
    const count = Math.floor((SHARES[situation] * patients) / 1000);
    for (let more = 1; more < count; more += 1) rest.push(situation);
  }
  const all = [...planned, ...rest].slice(0, patients);
  while (all.length < patients) all.push('clean');
  const random = openRandom(seed, 'situations');
  for (let index = all.length - 1; index > 0; index -= 1) {
    const other = random.integer(0, index);
    [all[index], all[other]] = [all[other] ?? 'clean', all[index] ?? 'clean'];
  }
  return all;
}
