import { openRandom } from '../../src/simulate/scanner/random.ts';

export type Random = {
  readonly chance: (probability: number) => boolean;
  /** A whole number from 0 to `most`. */
  readonly upTo: (most: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
  readonly shuffle: <T>(items: readonly T[]) => readonly T[];
  /** A stream of its own, for what goes on at the same time. */
  readonly apart: (what: string) => Random;
};

/** Everything that a round leaves to chance; the same seed and round choose the same. */
export function openSeed(seed: number, round: number, what = 'strikes'): Random {
  const stream = openRandom(seed, `faults ${round} ${what}`);
  return {
    chance: (probability) => stream.uniform() < probability,
    upTo: (most) => stream.integer(0, most),
    pick: (items) => {
      const item = items[stream.integer(0, items.length - 1)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    shuffle: (items) =>
      items
        .map((item) => ({ item, place: stream.uniform() }))
        .sort((a, b) => a.place - b.place)
        .map(({ item }) => item),
    apart: (name) => openSeed(seed, round, name),
  };
}
