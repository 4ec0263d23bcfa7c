import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VERTEBRAE } from '../../../src/dxa/values/region.ts';
import { readSpineLabel } from '../../../src/vendors/text/spine-label.ts';

describe('a spine label', () => {
  it.each([
    ['L1', 'L1'],
    ['L1-L4', 'L1,L2,L3,L4'],
    ['L2-L4', 'L2,L3,L4'],
    [' l1 - l4 ', 'L1,L2,L3,L4'],
    ['L1–L4', 'L1,L2,L3,L4'],
    ['L1-4', 'L1,L2,L3,L4'],
    ['T12-L4', 'T12,L1,L2,L3,L4'],
    ['L1-L4 (L2)', 'L1,L3,L4'],
    ['L1-L4(L2,L3)', 'L1,L4'],
    ['L1-L4 (L2 L3)', 'L1,L4'],
    ['L2-L4 (L3)', 'L2,L4'],
    ['L1,L3-L4', 'L1,L3,L4'],
    ['L1-L2,L4', 'L1,L2,L4'],
  ])('%s includes %s', (label, vertebrae) => {
    expect(readSpineLabel(label)?.join(',')).toBe(vertebrae);
  });

  it.each([
    '',
    'Total',
    'L5',
    'L1-L5',
    'L4-L1',
    'L1-L4 (L5)',
    'L1-L2 (L3)',
    'L1 (L1)',
    'L1-L4 (',
    'L1-L4 mean',
    'L1,L1',
  ])('%s is not understood, not half understood', (label) => {
    expect(readSpineLabel(label)).toBeNull();
  });

  it('never throws and gives only ordered sets without repetition', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('L', 'T', '1', '2', '3', '4', '-', ',', '(', ')', ' ') }),
        (label) => {
          const read = readSpineLabel(label);
          if (read !== null) expect(VERTEBRAE.filter((vertebra) => read.includes(vertebra))).toEqual(read);
        },
      ),
    );
  });
});
