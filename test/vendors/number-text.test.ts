import { describe, expect, it } from 'vitest';
import type { Quantity } from '../../src/dxa/quantity.ts';
import { readNumberText } from '../../src/vendors/number-text.ts';
import { judgeRegion, type RawMeasure, type RegionReading } from '../../src/vendors/region-reading.ts';
import { judgeUnitText } from '../../src/vendors/unit.ts';

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

  it.each(['n/a', '<0.5', '12abc', '0.985\\0.990', '1,2,3', '1.2.3', '0x10', 'Infinity'])(
    '%s is unreadable',
    (text) => {
      expect(readNumberText(text)).toEqual({ kind: 'unreadable' });
    },
  );
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
