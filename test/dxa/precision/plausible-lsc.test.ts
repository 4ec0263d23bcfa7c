import { describe, expect, it } from 'vitest';
import { doubtsAbout } from '../../../src/dxa/precision/plausible-lsc.ts';
import type { Region } from '../../../src/dxa/values/region.ts';
import { bmd, L1_L4, roiOf } from '../build-history.ts';

const doubts = (region: Region, text: string, precisionError: string | null = null, confidenceLevel = 0.95) =>
  doubtsAbout({
    roi: roiOf(region, region === 'spine' ? L1_L4 : []),
    leastSignificantChange: bmd(text),
    confidenceLevel,
    precisionError: precisionError === null ? null : bmd(precisionError),
  });
const accepted = (...given: Parameters<typeof doubts>) => doubts(...given).implausible.length === 0;

describe('an LSC that is to be put on file', () => {
  it('is refused where it is a slip of the point, or a precision error filed as an LSC', () => {
    expect(doubts('spine', '0.33').implausible).toEqual(['the LSC at 95 % is 0.330 g/cm², not from 0.008 to 0.080']);
    const [doubt] = doubts('femoral_neck', '0.012', '0.012').implausible;
    expect(doubt).toContain('a precision error of 0.012 g/cm² gives an LSC of 0.033262 at 95 %, not 0.012');
    expect(accepted('spine', '0.033', '0.012')).toBe(true);
  });

  it.each(['spine', 'total_hip', 'femoral_neck', 'radius_33'] as const)(
    'of the %s lies from 0.008 to 0.080',
    (region) => {
      expect(['0.007999', '0.008', '0.08', '0.080001'].map((text) => accepted(region, text))).toEqual([
        false,
        true,
        true,
        false,
      ]);
    },
  );

  it('is held against the range at 95 %, at whatever level it is given', () => {
    // 0.0041 at 68 % is 0.0081 at 95 %, 0.0042 at 80 % only 0.0064.
    expect(accepted('total_hip', '0.0041', null, 0.68)).toBe(true);
    expect(accepted('total_hip', '0.0042', null, 0.8)).toBe(false);
  });

  it('may differ by 0.0015 from what its precision error gives, at its own level, in every region', () => {
    // 1.959964 * sqrt(2) * 0.012 = 0.033262
    expect(['0.031761', '0.031762', '0.034762', '0.034763'].map((text) => accepted('spine', text, '0.012'))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    // 1.281552 * sqrt(2) * 0.012 = 0.021749
    expect(accepted('spine', '0.0217', '0.012', 0.8)).toBe(true);
    expect(accepted('spine', '0.033', '0.012', 0.8)).toBe(false);
    expect(accepted('trochanter', '0.012', '0.012')).toBe(false);
    expect(accepted('trochanter', '0.150')).toBe(true);
  });

  it('is warned about above ISCD’s ceiling at 1.0 g/cm²', () => {
    for (const [region, at, above] of [
      ['spine', '0.053', '0.053001'],
      ['total_hip', '0.05', '0.050001'],
      ['femoral_neck', '0.069', '0.069001'],
    ] as const) {
      expect(doubts(region, at).warnings).toEqual([]);
      expect(doubts(region, above)).toMatchObject({ implausible: [], warnings: [expect.stringContaining('ISCD')] });
    }
    expect(doubts('radius_33', '0.079').warnings).toEqual([]);
  });
});
