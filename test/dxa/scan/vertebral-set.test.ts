import { describe, expect, it } from 'vitest';
import { assessPatient } from '../../../src/dxa/assess-patient.ts';
import { regionScans } from '../../../src/dxa/scan/region-scan.ts';
import { rebuild } from '../../../src/dxa/scan/vertebral-set.ts';
import type { OnFile } from '../../../src/dxa/study/history.ts';
import type { Comparison } from '../../../src/dxa/values/assessment.ts';
import type { Vertebra } from '../../../src/dxa/values/region.ts';
import { ASSESSMENT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { history, lsc, MH, onFile, roiOf, spine, study } from '../build-history.ts';

/** Section 8.14: area and BMC of each vertebra. */
const LEVELS = [
  { vertebrae: ['L1'], area: '12.10', bmc: '11.50', bmd: '0.950' },
  { vertebrae: ['L2'], area: '13.20', bmc: '14.10', bmd: '1.068' },
  { vertebrae: ['L3'], area: '14.60', bmc: '16.20', bmd: '1.110' },
  { vertebrae: ['L4'], area: '16.00', bmc: '17.80', bmd: '1.113' },
] as const;

const singles = LEVELS.map(({ bmd, ...more }) => spine(bmd, more));
const set = (text: string, ...vertebrae: Vertebra[]) => spine(text, { vertebrae });

function compare(before: Parameters<typeof study>[2], after: Parameters<typeof study>[2], file: OnFile = MH) {
  const patient = history(study('1', '2020-03-01', before), study('2', '2022-03-01', after));
  return assessPatient(patient, file, ASSESSMENT_SETTINGS).comparisons;
}

const brief = (comparison: Comparison | undefined) =>
  comparison && {
    vertebrae: comparison.roi.vertebrae.join(),
    verdict: comparison.verdict,
    delta: comparison.delta,
    rebuilt: comparison.rebuilt,
    codes: comparison.checks.filter(({ rule }) => rule === 'C7' || rule === 'C8').map(({ code }) => code),
  };

describe('a spine compared by its vertebrae', () => {
  it('rebuilds the BMD of a set as sum of BMC over sum of area, to the digits of 8.14', () => {
    const [scan] = regionScans(study('1', '2020-03-01', singles));
    const rebuilt = (...vertebrae: Vertebra[]) => scan && rebuild(scan, vertebrae)?.bmd;
    expect(rebuilt('L1', 'L2', 'L3', 'L4')).toBe(1_066_190);
    expect(rebuilt('L2', 'L3', 'L4')).toBe(1_098_174);
    expect(rebuilt('L1', 'L2', 'L3')).toBe(1_047_619);
    expect(rebuilt('L1', 'L2')).toBe(1_011_858);
  });

  it('compares one set, the largest in both, and never a single vertebra', () => {
    const before = [...singles, set('1.066', 'L1', 'L2', 'L3', 'L4'), set('1.098', 'L2', 'L3', 'L4')];
    const after = [...singles, set('1.099', 'L1', 'L2', 'L3', 'L4'), set('1.200', 'L2', 'L3', 'L4')];
    expect(compare(before, after).map(brief)).toEqual([
      {
        vertebrae: 'L1,L2,L3,L4',
        verdict: 'up',
        delta: 33_000,
        rebuilt: false,
        codes: ['SAME_VERTEBRAE', 'ENOUGH_VERTEBRAE'],
      },
    ]);
  });

  it('does not mistake L1-L4 against L2-L4 for a gain: the common set is rebuilt and provisional without its own LSC', () => {
    const before = [...singles, set('1.066', 'L1', 'L2', 'L3', 'L4')];
    const after = [...singles, set('1.098', 'L2', 'L3', 'L4')];
    const [comparison] = compare(before, after);
    expect(brief(comparison)).toEqual({
      vertebrae: 'L2,L3,L4',
      verdict: 'provisional',
      delta: -174,
      rebuilt: true,
      codes: ['VERTEBRAE_REBUILT', 'ENOUGH_VERTEBRAE'],
    });
    expect(comparison?.reference).toMatchObject({
      bmdValueId: null,
      bmd: 1_098_174,
      sourceValueIds: ['L2', 'L3', 'L4'].flatMap((v) => [`1/spine${v}/none/bmc`, `1/spine${v}/none/area`]),
    });
    expect(comparison?.followUp.bmdValueId).toBe('2/spineL2L3L4/none/bmd');
  });

  it('judges a rebuilt set with an LSC for that set', () => {
    const before = [...singles, set('1.066', 'L1', 'L2', 'L3', 'L4')];
    const after = [set('1.140', 'L2', 'L3', 'L4')];
    const file = onFile(lsc('spine', '0.040', { roi: roiOf('spine', ['L2', 'L3', 'L4']) }));
    expect(brief(compare(before, after, file)[0])).toMatchObject({ verdict: 'up', delta: 41_826, rebuilt: true });
  });

  it('prefers a set that both scans measured to one of the same size that has to be rebuilt', () => {
    const before = [...singles, set('1.066', 'L1', 'L2', 'L3', 'L4'), set('1.098', 'L2', 'L3', 'L4')];
    const [comparison] = compare(before, [set('1.100', 'L2', 'L3', 'L4')]);
    expect(brief(comparison)).toMatchObject({
      vertebrae: 'L2,L3,L4',
      rebuilt: false,
      codes: ['VERTEBRAE_REDUCED', 'ENOUGH_VERTEBRAE'],
    });
  });

  it('leaves out a vertebra that one reader left out, although its numbers are still in the file', () => {
    const before = [...singles, set('1.066', 'L1', 'L2', 'L3', 'L4'), set('1.111', 'L3', 'L4')];
    const after = [...singles, set('1.064', 'L1', 'L3', 'L4'), set('1.111', 'L3', 'L4')];
    expect(brief(compare(before, after)[0])).toMatchObject({ vertebrae: 'L1,L3,L4', rebuilt: true });
  });

  it('keeps to the two vertebrae that a reader left, although all four are in the file', () => {
    const before = [...singles, set('1.066', 'L1', 'L2', 'L3', 'L4'), set('1.111', 'L3', 'L4')];
    const after = [...singles, set('1.112', 'L3', 'L4')];
    expect(brief(compare(before, after)[0])).toMatchObject({ vertebrae: 'L3,L4', delta: 1000, rebuilt: false });
  });

  it('prefers a measured pair of vertebrae to a rebuilt pair above it', () => {
    const parts = singles.slice(0, 2);
    const before = [...parts, set('1.050', 'L1', 'L2', 'L3'), set('1.090', 'L2', 'L3')];
    const after = [...parts, set('1.066', 'L1', 'L2', 'L3', 'L4'), set('1.091', 'L2', 'L3')];
    expect(brief(compare(before, after)[0])).toMatchObject({ vertebrae: 'L2,L3', rebuilt: false });
  });

  it('falls back to a smaller common set where BMC and area are not there to rebuild a larger one', () => {
    const before = [set('1.066', 'L1', 'L2', 'L3', 'L4'), set('1.090', 'L2', 'L3')];
    const after = [set('1.098', 'L2', 'L3', 'L4'), set('1.091', 'L2', 'L3')];
    expect(brief(compare(before, after)[0])).toMatchObject({ vertebrae: 'L2,L3', delta: 1000, rebuilt: false });
  });

  it('compares nothing where no set is common or fewer than two vertebrae are left', () => {
    const none = compare([set('1.066', 'L1', 'L2')], [set('1.098', 'L3', 'L4')]);
    expect(none.map(brief)).toMatchObject([
      { verdict: 'not_comparable', codes: ['VERTEBRAE_DIFFER', 'ENOUGH_VERTEBRAE'] },
    ]);
    const single = compare([set('1.066', 'L1')], [set('1.098', 'L1')]);
    expect(single.map(brief)).toMatchObject([
      { verdict: 'not_comparable', codes: ['VERTEBRAE_DIFFER', 'TOO_FEW_VERTEBRAE'] },
    ]);
  });

  it('does not let T12 into a lumbar spine', () => {
    const before = [set('1.000', 'T12', 'L1', 'L2', 'L3', 'L4'), set('1.066', 'L1', 'L2', 'L3', 'L4')];
    expect(brief(compare(before, before)[0])).toMatchObject({ vertebrae: 'L1,L2,L3,L4', delta: 0 });
    const t12 = spine('0.900', { vertebrae: ['T12'], bmc: '9', area: '10' });
    const onlySingles = [t12, ...singles.slice(0, 2)];
    expect(brief(compare(onlySingles, onlySingles)[0])).toMatchObject({ vertebrae: 'L1,L2', rebuilt: true });
  });
});
