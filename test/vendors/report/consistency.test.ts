import { describe, expect, it } from 'vitest';
import { checkConsistency } from '../../../src/dxa/scan/consistency.ts';
import { parseMicro, type Quantity } from '../../../src/dxa/values/quantity.ts';
import type { Laterality, Region, ScanType, Vertebra } from '../../../src/dxa/values/region.ts';
import type { MeasuredValue } from '../../../src/dxa/values/report.ts';

type Place = { scanType: ScanType; region: Region; vertebrae?: Vertebra[]; laterality?: Laterality };

function values(place: Place, numbers: Partial<Record<Quantity, string>>): MeasuredValue[] {
  const { scanType, region, vertebrae = [], laterality = 'none' } = place;
  return Object.entries(numbers).map(([quantity, text]) => {
    const value = parseMicro(text);
    if (value === null) throw new Error(text);
    const path = `${region}${vertebrae.join('')} ${quantity}`;
    const raw = { referencePopulation: '', rawText: text, rawUnit: null, rawLabel: '', code: null, scanLabel: '' };
    return { scanType, roi: { region, vertebrae }, laterality, quantity: quantity as Quantity, value, path, ...raw };
  });
}

const spine = (vertebrae: Vertebra[], numbers: Partial<Record<Quantity, string>>) =>
  values({ scanType: 'spine', region: 'spine', vertebrae }, numbers);
const hip = (region: Region, bmd: string) => values({ scanType: 'hip', region, laterality: 'left' }, { bmd });
const codes = (all: MeasuredValue[]) => checkConsistency(all).map(({ code, path }) => `${code} ${path}`);

// clinical-rules 8.14
const VERTEBRAE = [
  ...spine(['L1'], { bmd: '0.950', bmc: '11.50', area: '12.10', t_score: '-1.5' }),
  ...spine(['L2'], { bmd: '1.068', bmc: '14.10', area: '13.20', t_score: '-1.1' }),
  ...spine(['L3'], { bmd: '1.110', bmc: '16.20', area: '14.60', t_score: '-0.8' }),
  ...spine(['L4'], { bmd: '1.113', bmc: '17.80', area: '16.00', t_score: '-0.7' }),
];

describe('consistency of results', () => {
  it('finds nothing in the published subset example', () => {
    const ranges = [
      ...spine(['L1', 'L2', 'L3', 'L4'], { bmd: '1.066' }),
      ...spine(['L2', 'L3', 'L4'], { bmd: '1.098' }),
    ];
    expect(codes([...VERTEBRAE, ...ranges])).toEqual([]);
  });

  it('finds a range that is the mean of BMDs instead of the ratio of sums', () => {
    const wrong = spine(['L1', 'L2', 'L3', 'L4'], { bmd: '1.060' });
    expect(codes([...VERTEBRAE, ...wrong])).toEqual(['RANGE_NOT_RATIO_OF_SUMS spineL1L2L3L4 bmd']);
  });

  it('finds a BMD that is not BMC over area, but not what rounding of a small region explains', () => {
    expect(codes(spine(['L2'], { bmd: '1.075', bmc: '14.10', area: '13.20' }))).toEqual([
      'BMD_NOT_BMC_OVER_AREA spineL2 bmd',
    ]);
    expect(codes(spine(['L2'], { bmd: '1.070', bmc: '14.10', area: '13.20' }))).toEqual([]);
    const wards = (bmd: string) =>
      codes(values({ scanType: 'hip', region: 'wards', laterality: 'left' }, { bmd, bmc: '1.60', area: '2.50' }));
    expect(wards('0.643')).toEqual([]);
    expect(wards('0.650')).toEqual(['BMD_NOT_BMC_OVER_AREA wards bmd']);
  });

  it('leaves mean rows alone, whose BMD is a mean of BMDs', () => {
    const mean = values(
      { scanType: 'hip', region: 'total_hip', laterality: 'mean' },
      { bmd: '0.9', bmc: '29', area: '33' },
    );
    expect(codes(mean)).toEqual([]);
  });

  it('finds a total hip outside its own regions, and does not judge without trochanter and shaft', () => {
    const parts = [...hip('femoral_neck', '0.812'), ...hip('trochanter', '0.701'), ...hip('femoral_shaft', '1.021')];
    expect(codes([...parts, ...hip('total_hip', '0.870')])).toEqual([]);
    expect(codes([...parts, ...hip('total_hip', '1.022')])).toEqual(['TOTAL_HIP_OUTSIDE_SUBREGIONS total_hip bmd']);
    expect(codes([...hip('femoral_neck', '0.812'), ...hip('total_hip', '1.022')])).toEqual([]);
  });

  it('finds a vertebra smaller than the one above it', () => {
    expect(codes([...spine(['L1'], { area: '13.20' }), ...spine(['L2'], { area: '12.10' })])).toEqual([
      'VERTEBRAL_AREA_NOT_RISING spineL2 area',
    ]);
  });

  it('finds neighbours whose T-scores differ by more than 1.0, and not by exactly 1.0', () => {
    const pair = (upper: string, lower: string) =>
      codes([...spine(['L1'], { t_score: upper }), ...spine(['L2'], { t_score: lower })]);
    expect(pair('-1.1', '-2.1')).toEqual([]);
    expect(pair('-1.1', '-2.2')).toEqual(['ADJACENT_T_SCORE_GAP spineL2 t_score']);
    expect(codes([...spine(['L1'], { t_score: '0.0' }), ...spine(['L3'], { t_score: '-2.0' })])).toEqual([]);
  });

  it('finds unusual values, but takes the skull for what it is', () => {
    expect(codes(hip('wards', '0.199'))).toEqual(['UNUSUAL_VALUE wards bmd']);
    expect(codes(values({ scanType: 'whole_body', region: 'head' }, { bmd: '2.101' }))).toEqual([]);
    expect(codes(spine(['L1'], { t_score: '-8.1' }))).toEqual(['UNUSUAL_VALUE spineL1 t_score']);
  });
});
