import { describe, expect, it } from 'vitest';
import { openRandom } from '../../../src/simulate/scanner/random.ts';
import { addParts, bmdOf, drawParts, drawSpineProfile } from '../../../src/simulate/scanner/scan-model.ts';

describe('the parts of a simulated scan', () => {
  it('add up to exactly the printed BMD that was asked for, from 0.500 to 1.500 g/cm2', () => {
    const random = openRandom(3, 'parts');
    for (let target = 500; target <= 1500; target += 1) {
      const parts = drawParts(random, drawSpineProfile(random, target % 2 === 0 ? 'F' : 'M'), target);
      expect(bmdOf(addParts(parts))).toBe(target);
    }
  });

  it('have BMDs around the total', () => {
    const random = openRandom(4, 'parts');
    const bmds = drawParts(random, drawSpineProfile(random, 'F'), 1000).map(bmdOf);
    expect(Math.min(...bmds)).toBeLessThan(1000);
    expect(Math.max(...bmds)).toBeGreaterThan(1000);
  });

  it('round a printed BMD half up with whole numbers', () => {
    expect(bmdOf({ bmc: 1001, area: 2000 })).toBe(501);
    expect(bmdOf({ bmc: 1000, area: 2000 })).toBe(500);
  });
});

describe('the random streams', () => {
  it('repeat for the same seed and name and differ otherwise', () => {
    const take = (seed: number, name: string) => {
      const random = openRandom(seed, name);
      return [random.uniform(), random.integer(1, 1000), random.normal(0, 1)];
    };
    expect(take(1, 'a')).toEqual(take(1, 'a'));
    expect(take(1, 'a')).not.toEqual(take(1, 'b'));
    expect(take(1, 'a')).not.toEqual(take(2, 'a'));
  });

  it('draw normal noise with the mean and standard deviation asked for', () => {
    const random = openRandom(5, 'noise');
    const drawn = Array.from({ length: 20_000 }, () => random.normal(10, 2));
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    const deviation = Math.sqrt(drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length);
    expect(mean).toBeCloseTo(10, 1);
    expect(deviation).toBeCloseTo(2, 1);
  });
});
