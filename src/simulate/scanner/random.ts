import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of random numbers that a seed and a name determine completely. */
export type Random = {
  /** From 0 up to and excluding 1. */
  readonly uniform: () => number;
  /** A whole number from `low` to `high`, both included. */
  readonly integer: (low: number, high: number) => number;
  readonly normal: (mean: number, standardDeviation: number) => number;
  readonly pick: <T>(items: readonly [T, ...T[]]) => T;
};

/**
 * Opens one stream of the seed. Streams with different names are independent, so that drawing once more for one patient
 * changes no other patient.
 */
export function openRandom(seed: number, stream: string): Random {
  const generator = xoroshiro128plus(hash(`${seed}/${stream}`));
  const uniform = () => uniformFloat64(generator);
  const integer = (low: number, high: number) => uniformInt(generator, low, high);
  return {
    uniform,
    integer,
    normal: (mean, standardDeviation) => {
      // Box-Muller; 1 - u keeps the logarithm away from zero.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      return mean + standardDeviation * radius * Math.cos(2 * Math.PI * uniform());
    },
    pick: (items) => items[integer(0, items.length - 1)] ?? items[0],
  };
}

/** FNV-1a, 32 bit: spreads stream names over the generator's seeds. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value | 0;
}
