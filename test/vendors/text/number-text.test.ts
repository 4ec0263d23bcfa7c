import { describe, expect, it } from 'vitest';
import { type Micro, parseMicro, type Quantity } from '../../../src/dxa/values/quantity.ts';
import { judgeRegion, type RawMeasure, type RegionReading } from '../../../src/vendors/report/region-reading.ts';
import { printedPlaces, printsOfOneNumber, readNumberText, splitUnit } from '../../../src/vendors/text/number-text.ts';
import { judgeUnitText } from '../../../src/vendors/text/unit.ts';

describe('a number as text', () => {
  it.each(['', '-', '--', '*****', ' - ', '–'])('%j is a missing value', (text) => {
    expect(readNumberText(text)).toEqual({ kind: 'absent' });
  });

  it.each([
    ['0.985', 985000],
    ['-1.0', -1000000],
    ['+0.7', 700000],
    ['−1.2', -1200000],
    ['1.234,5', 1234500000],
    ['9.85e-001', 985000],
    ['5.e-001', 500000],
    ['1023.e-003', 1023000],
    ['1.023000e+000', 1023000],
    ['.985E+00', 985000],
    ['9,85e-001', 985000],
    ['-1.5e+000', -1500000],
  ])('%s is %i millionths', (text, value) => {
    expect(readNumberText(text)).toEqual({ kind: 'number', value });
  });

  it.each([
    ['1,023', 1023000, 1023000000],
    ['-1,0', -1000000, null],
    ['2,377,100', null, 2377100000000],
    ['2,377.5', null, 2377500000],
  ])('%s keeps both readings of its comma', (text, decimal, thousands) => {
    expect(readNumberText(text)).toEqual({ kind: 'comma', decimal, thousands });
  });

  it.each([
    'n/a',
    '<0.5',
    '12abc',
    '0.985\\0.990',
    '1,2,3',
    '1.2.3',
    '0x10',
    'Infinity',
    '1.#QNAN',
    '-1.#IND',
    '1e',
    '1e+0000',
    '1,2e3,4',
    'nan(ind)',
  ])('%s is unreadable', (text) => {
    expect(readNumberText(text)).toEqual({ kind: 'unreadable' });
  });
});

describe('two prints', () => {
  const print = (rawText: string) => ({ rawText, value: parseMicro(rawText.replace(',', '.')) ?? (0 as Micro) });

  it.each([
    ['1.0234', '1.023'],
    ['1.023', '1.0234'],
    ['1.0225', '1.023'],
    ['1.0235', '1.023'],
    ['1.0235', '1.024'],
    ['1.02349', '1.0235'],
    ['-1.55', '-1.5'],
    ['-1.55', '-1.6'],
    ['1.0230', '1.023'],
    ['1.0234e+000', '1.023'],
    ['1,0234', '1,023'],
    ['59.044', '59.04'],
    ['60', '60.4'],
  ])('%s and %s are of one number', (one, other) => {
    expect(printsOfOneNumber(print(one), print(other))).toBe(true);
  });

  it.each([
    ['1.0236', '1.023'],
    ['1.0224', '1.023'],
    ['1.0234', '1.0235'],
    ['1.023', '1.024'],
    ['1.043', '1.023'],
    ['60.6', '60'],
    ['-1.5', '1.5'],
  ])('%s and %s are not', (one, other) => {
    expect(printsOfOneNumber(print(one), print(other))).toBe(false);
  });

  it('show as many places as they have digits behind the decimal sign', () => {
    expect(printedPlaces('80 %', 80_000_000 as Micro)).toBe(0);
    expect(printedPlaces('2,377', 2_377_000_000 as Micro)).toBe(0);
    expect(printedPlaces('2,377', 2_377_000 as Micro)).toBe(3);
    expect(printedPlaces('1.234,5', 1_234_500_000 as Micro)).toBe(1);
  });
});

it('a unit behind a number is split off, an exponent is not', () => {
  expect([splitUnit('9.85e-001 g/cm2'), splitUnit('9.85e-001'), splitUnit('80 %')]).toEqual([
    { text: '9.85e-001', unit: 'g/cm2' },
    { text: '9.85e-001', unit: null },
    { text: '80', unit: '%' },
  ]);
});

function measure(quantity: Quantity, text: string, unit: string | null): RawMeasure {
  const unitVerdict = judgeUnitText(quantity, unit);
  return { quantity, referencePopulation: '', text, rawText: text, unit, unitVerdict, code: null, path: quantity };
}

function judge(scanType: RegionReading['scanType'], ...measures: RawMeasure[]) {
  const roi = { region: 'whole_body', vertebrae: [] } as const;
  const { values, findings } = judgeRegion({
    scanType,
    scanLabel: '',
    roi,
    laterality: 'none',
    rawLabel: '',
    measures,
  });
  return {
    values: Object.fromEntries(values.map(({ quantity, value }) => [quantity, value])),
    findings: findings.map(({ code, path }) => `${code} ${path}`),
  };
}

describe('a region', () => {
  it('takes a comma in a BMD for a decimal sign, because a thousand g/cm2 cannot be', () => {
    expect(judge('spine', measure('bmd', '1,023', 'g/cm2'))).toEqual({ values: { bmd: 1023000 }, findings: [] });
  });

  it('takes a comma in a whole body BMC for a thousands separator, because two grams cannot be', () => {
    expect(judge('whole_body', measure('bmc', '2,377', 'g'))).toEqual({ values: { bmc: 2377000000 }, findings: [] });
  });

  it('lets BMD = BMC/area decide where both readings are in range', () => {
    const three = judge(
      'whole_body',
      measure('bmd', '1,000', 'g/cm2'),
      measure('bmc', '5,500', 'g'),
      measure('area', '5,500', 'cm2'),
    );
    expect(three).toEqual({ values: { bmd: 1000000, bmc: 5500000000, area: 5500000000 }, findings: [] });
  });

  it('stores nothing where nothing decides', () => {
    expect(judge('whole_body', measure('bmc', '5,500', 'g'))).toEqual({
      values: {},
      findings: ['AMBIGUOUS_NUMBER bmc'],
    });
  });

  it.each(['mg/cm2', 'mg/cm²', 'mg/cm3', 'm/s', 'g/cm3', '%'])('never takes a number in %s for BMD', (unit) => {
    expect(judge('spine', measure('bmd', '1.009', unit))).toEqual({ values: {}, findings: ['UNIT_NOT_SUPPORTED bmd'] });
  });

  it.each(['g/cm2', 'g/cm²', 'g/cm^2', 'gm/cm2', 'g/cm-2', ' g/cm2', 'G/CM2'])('reads %j as g/cm2', (unit) => {
    expect(judge('spine', measure('bmd', '1.009', unit))).toEqual({ values: { bmd: 1009000 }, findings: [] });
  });

  it('says that a unit is absent and that a number is out of range, without the number', () => {
    expect(judge('spine', measure('bmd', '0.985', null)).findings).toEqual(['UNIT_ABSENT bmd']);
    expect(judge('spine', measure('bmd', '985', null))).toEqual({ values: {}, findings: ['IMPLAUSIBLE_VALUE bmd'] });
    expect(judge('spine', measure('t_score', '11.0', null)).findings).toEqual(['IMPLAUSIBLE_VALUE t_score']);
  });
});
