import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDecimalString } from '../../../src/dicom/text/decimal.ts';
import { parseMicro } from '../../../src/dxa/values/quantity.ts';

describe('a decimal string', () => {
  test.each([
    ['0.985', '0.985'],
    ['+0.749', '0.749'],
    ['-0', '-0'],
    ['-1.50', '-1.50'],
    ['  0.749 ', '0.749'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['007.10', '7.10'],
    ['7.49E-1', '0.749'],
    ['7.49e+2', '749'],
    ['12345E-7', '0.0012345'],
    ['1.5E3', '1500'],
    ['0E0', '0'],
    ['0.749000000000000000000000000000001', '0.749000000000000000000000000000001'],
    ['1E30', `1${'0'.repeat(30)}`],
  ])('%j is %s', (raw, decimal) => {
    expect(readDecimalString(raw)).toEqual({ raw, decimal });
  });

  test.each([
    '0,985',
    '1,023.5',
    '<0.5',
    '>9',
    '12abc',
    '0x1F',
    'NaN',
    'Infinity',
    '-Infinity',
    'inf',
    '0.7\uFFFD49',
    '0.7 49',
    '0.749 g/cm2',
    '1\\2',
    '0.9\\',
    '',
    ' ',
    '.',
    '-',
    '+.',
    '--1',
    '1e',
    'e5',
    '1E1000',
    '1E64',
    '1E-999',
    '٣.٥',
    '１.５',
    '*****',
    '1_000',
    '1.2.3',
    '0.985\n1',
    '9'.repeat(65),
  ])('%j is no number, and its text is kept', (raw) => {
    expect(readDecimalString(raw)).toEqual({ raw, decimal: null });
  });

  test('the value is that of the text, for any number written in any allowed way', () => {
    const digits = fc.stringMatching(/^\d{1,8}$/);
    const exponent = fc.option(fc.integer({ min: -20, max: 20 }), { nil: null });
    fc.assert(
      fc.property(
        fc.constantFrom('', '+', '-'),
        digits,
        fc.option(digits),
        exponent,
        (sign, whole, fraction, power) => {
          const mantissa = `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`;
          const { decimal } = readDecimalString(power === null ? mantissa : `${mantissa}E${power}`);
          expect(decimal).toMatch(/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/);
          expect(Number(decimal)).toBe(Number(power === null ? mantissa : `${mantissa}e${power}`));
        },
      ),
      { seed: 20260312 },
    );
  });

  test('what is accepted is either a micro quantity or out of its range, never another number', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789+-.eE, <x'), maxLength: 12 }), (raw) => {
        const { decimal } = readDecimalString(raw);
        if (decimal === null) return;
        const micro = parseMicro(decimal);
        if (micro !== null)
          expect(Math.abs(micro / 1e6 - Number(raw.trim()))).toBeLessThanOrEqual(0.5e-6 * (1 + Math.abs(micro)));
      }),
      { seed: 20260313, numRuns: 2000 },
    );
  });
});
