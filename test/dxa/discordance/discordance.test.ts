import { describe, expect, it } from 'vitest';
import { assessPatient } from '../../../src/dxa/assess-patient.ts';
import { DISCORDANCE_RULES } from '../../../src/dxa/discordance/rules.ts';
import type { OnFile } from '../../../src/dxa/study/history.ts';
import type { Vertebra } from '../../../src/dxa/values/region.ts';
import { ASSESSMENT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { hip, history, L1_L4, lsc, MH, spine, study } from '../build-history.ts';

type Given = Parameters<typeof study>[2];

const neck = (side: 'left' | 'right', text: string, tScore?: string) =>
  hip(side, text, { region: 'femoral_neck', ...(tScore === undefined ? {} : { tScore }) });
const radius = (text: string) => hip('left', text, { region: 'radius_33' });

function cases(before: Given, after: Given, file: OnFile = MH, birthDate = '1950-06-15') {
  const patient = history(
    study('1', '2020-03-01', before, { birthDate }),
    study('2', '2022-03-01', after, { birthDate }),
  );
  return assessPatient(patient, file, ASSESSMENT_SETTINGS).cases;
}

const codes = (...given: Parameters<typeof cases>) => cases(...given).map(({ rule, tier }) => `${tier} ${rule}`);

/** Four vertebrae with area 14 each; BMC gives the BMD. T-scores where given. */
function levels(bmds: readonly [number, number, number, number], tScores: readonly (string | undefined)[] = []): Given {
  const singles = bmds.map((value, index) => {
    const tScore = tScores[index];
    return spine(value.toFixed(3), {
      vertebrae: [L1_L4[index] as Vertebra],
      bmc: (14 * value).toFixed(3),
      area: '14',
      ...(tScore === undefined ? {} : { tScore }),
    });
  });
  const mean = bmds.reduce((total, value) => total + value, 0) / 4;
  return [...singles, spine(mean.toFixed(6))];
}

describe('the discordance rules', () => {
  it('have distinct codes, each with what it needs, what it says and its source', () => {
    expect(new Set(DISCORDANCE_RULES.map(({ code }) => code)).size).toBe(DISCORDANCE_RULES.length);
    for (const { code, needs, says, source } of DISCORDANCE_RULES) {
      expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/);
      expect([needs, says, source].every((text) => text.length > 10)).toBe(true);
    }
  });

  it('keep to measurements and things to check: no diagnosis and no order', () => {
    for (const { says, needs } of DISCORDANCE_RULES) {
      expect(`${says} ${needs}`).not.toMatch(/osteopor|treat|therapy|prescri|must |fail/i);
    }
  });

  it('D1N sees spine up and neck down only where no total hip fell', () => {
    const before = [spine('0.850'), hip('left', '0.780'), neck('left', '0.700')];
    const followUp = (total: string) => [spine('0.890'), hip('left', total), neck('left', '0.655')];
    expect(codes(before, followUp('0.780'))).toEqual([
      'check D1N_SPINE_UP_NECK_DOWN',
      'information D3_ONE_SITE_CHANGED',
    ]);
    expect(codes(before, followUp('0.755'))).toEqual(['review D1_SPINE_UP_HIP_DOWN']);
  });

  it('D3 notes that one of spine and hip rose and the other stayed', () => {
    const before = [spine('0.850'), hip('left', '0.780')];
    expect(codes(before, [spine('0.890'), hip('left', '0.785')])).toEqual(['information D3_ONE_SITE_CHANGED']);
    expect(codes(before, [spine('0.855'), hip('left', '0.800')])).toEqual(['information D3_ONE_SITE_CHANGED']);
    expect(codes(before, [spine('0.890'), hip('left', '0.800')])).toEqual([]);
  });

  it('D4 sees total hip and neck of one hip move apart, side by side', () => {
    const before = [hip('left', '0.780'), neck('left', '0.700'), hip('right', '0.780'), neck('right', '0.700')];
    const after = [hip('left', '0.800'), neck('left', '0.655'), hip('right', '0.780'), neck('right', '0.655')];
    const found = cases(before, after);
    expect(found.map(({ rule, regionPair }) => `${rule} ${regionPair}`)).toEqual([
      'D4_TOTAL_HIP_AGAINST_NECK total_hip::left|femoral_neck::left',
    ]);
    expect(found[0]?.statement).toBe(
      'Left total hip rose by 0.020 g/cm² (2.6 %) since 2020-03-01, while left femoral neck fell by 0.045 g/cm² (6.4 %) since 2020-03-01; each change reaches the least significant change, so the regions of both scans should be compared.',
    );
  });

  it('D5 sees left and right total hip move apart', () => {
    const before = [hip('left', '0.780'), hip('right', '0.780')];
    expect(codes(before, [hip('left', '0.760'), hip('right', '0.797')])).toEqual([
      'check L4_SINGLE_LOSS',
      'review D5_LEFT_HIP_AGAINST_RIGHT',
    ]);
    expect(codes(before, [hip('left', '0.760'), hip('right', '0.796')])).toEqual(['check L4_SINGLE_LOSS']);
  });

  it('D1 takes the mean of both hips for its pair where it was judged and fell', () => {
    const file = {
      ...MH,
      lscEntries: [...MH.lscEntries, lsc('total_hip', '0.012', { lscId: 'm', laterality: 'mean' })],
    };
    const [found] = cases(
      [spine('0.850'), hip('left', '0.780'), hip('right', '0.780')],
      [spine('0.890'), hip('left', '0.766'), hip('right', '0.766')],
      file,
    );
    expect(found).toMatchObject({ rule: 'D1_SPINE_UP_HIP_DOWN', regionPair: 'spine:L1,L2,L3,L4:none|total_hip::mean' });
    const [leftStronger] = cases(
      [spine('0.850'), hip('left', '0.780'), hip('right', '0.780')],
      [spine('0.890'), hip('left', '0.750'), hip('right', '0.780')],
      file,
    );
    expect(leftStronger?.regionPair).toBe('spine:L1,L2,L3,L4:none|total_hip::mean');
  });

  it('D6 sees one vertebra move against all others, beyond limits that allow for its noise', () => {
    // The limit is 0.033 * sqrt(4) = 0.066 for one vertebra and 0.033 * sqrt(4/3) = 0.0381 for three.
    const before = levels([0.9, 0.95, 1, 1.05]);
    expect(codes(before, levels([0.86, 0.91, 1.07, 1.01]))).toEqual(['check D6_VERTEBRAL_OUTLIER']);
    expect(codes(before, levels([0.86, 0.91, 1.065, 1.01]))).toEqual([]);
    expect(codes(before, levels([0.98, 1.03, 1.08, 1.13]))).toEqual([]);
    expect(codes(before, levels([0.865, 0.915, 1.07, 1.015]))).toEqual([]);
    expect(cases(before, levels([0.86, 0.91, 1.07, 1.01]))[0]?.statement).toContain(
      'L3 rose while L1, L2, L4 together fell',
    );
  });

  it('D6 sees a T-score gap of more than 1.0 between neighbours that was not there before', () => {
    const at = (l3: string) => levels([0.9, 0.95, 1, 1.05], ['-1.5', '-1.2', l3, '-0.8']);
    expect(codes(at('-1.0'), at('-0.1'))).toEqual(['check D6_NEW_T_SCORE_GAP']);
    expect(codes(at('-1.0'), at('-0.2'))).toEqual([]);
    expect(codes(at('-0.1'), at('-0.1'))).toEqual([]);
  });

  it('D7 sees a significant change that the bone area explains', () => {
    const at = (text: string, bmc: string, area: string) => [hip('left', text, { bmc, area })];
    expect(codes(at('0.800', '24.0', '30.00'), at('0.775', '24.0', '30.97'))).toEqual([
      'review L3_ROBUST_LOSS',
      'check D7_AREA_DRIVEN',
    ]);
    expect(codes(at('0.800', '24.0', '30.00'), at('0.775', '23.25', '30.00'))).toEqual(['review L3_ROBUST_LOSS']);
    expect(codes(at('0.800', '24.0', '30.00'), at('0.790', '24.0', '30.38'))).toEqual([]);
  });

  it('D8 and D9 see T-scores of spine and hip two classes and one class apart, on a first scan too', () => {
    const at = (spineT: string, hipT: string, birthDate = '1950-06-15') =>
      assessPatient(
        history(
          study('1', '2020-03-01', [spine('0.9', { tScore: spineT }), hip('left', '0.7', { tScore: hipT })], {
            birthDate,
          }),
        ),
        MH,
        ASSESSMENT_SETTINGS,
      ).cases.map(({ rule, tier }) => `${tier} ${rule}`);
    expect(at('-1.0', '-2.5')).toEqual(['check D8_MAJOR_T_SCORE_DISCORDANCE']);
    expect(at('-1.1', '-2.5')).toEqual(['information D9_MINOR_T_SCORE_DISCORDANCE']);
    expect(at('-1.1', '-2.4')).toEqual([]);
    // The lower of two hips stands for the hip.
    const both = study('1', '2020-03-01', [
      spine('0.9', { tScore: '-1.0' }),
      hip('left', '0.8', { tScore: '-1.0' }),
      hip('right', '0.7', { tScore: '-2.5' }),
    ]);
    expect(assessPatient(history(both), MH, ASSESSMENT_SETTINGS).cases.map(({ regionPair }) => regionPair)).toEqual([
      'spine:L1,L2,L3,L4:none|total_hip::right',
    ]);
    // Under 50 there are no T-score classes: HL7's example is 34 (8.17).
    expect(at('-1.0', '-2.5', '1970-03-02')).toEqual([]);
    expect(at('-1.0', '-2.5', '1970-03-01')).toEqual(['check D8_MAJOR_T_SCORE_DISCORDANCE']);
  });

  it('D10 sees a class that changed without a significant change of BMD, and one that moved against BMD', () => {
    const at = (text: string, tScore: string) => [neck('left', text, tScore)];
    expect(codes(at('0.700', '-2.4'), at('0.690', '-2.5'))).toEqual(['information D10_CLASS_SHIFT_NOT_SIGNIFICANT']);
    expect(codes(at('0.700', '-2.4'), at('0.650', '-2.8'))).toEqual([]);
    expect(codes(at('0.700', '-2.5'), at('0.690', '-2.4'))).toEqual(['check D10_CLASS_AGAINST_BMD']);
    expect(codes(at('0.700', '-2.5'), at('0.650', '-2.4'))).toEqual(['check D10_CLASS_AGAINST_BMD']);
    expect(codes(at('0.700', '-2.3'), at('0.690', '-2.4'))).toEqual([]);
    expect(codes(at('0.700', '-2.4'), at('0.700', '-2.5'))).toEqual(['information D10_CLASS_SHIFT_NOT_SIGNIFICANT']);
    expect(codes(at('0.700', '-2.5'), at('0.690', '-2.4'), { ...MH, lscEntries: [] })).toEqual([]);
  });

  it('D10 is one line a visit that names every site', () => {
    const at = (leftBmd: string, rightBmd: string, tScore: string) => [
      neck('left', leftBmd, tScore),
      neck('right', rightBmd, tScore),
    ];
    const [found, ...others] = cases(at('0.700', '0.700', '-2.4'), at('0.690', '0.685', '-2.5'));
    expect(others).toEqual([]);
    expect(found).toMatchObject({ regionPair: 'femoral_neck::right', comparisons: [1, 0] });
    expect(found?.statement).toContain('Right femoral neck fell by 0.015');
    expect(found?.statement).toContain('Left femoral neck fell by 0.010');
  });

  it('D11 sees a site that moved one way since the previous scan and the other way since the baseline', () => {
    const patient = history(
      study('1', '2018-03-01', [hip('left', '0.800')]),
      study('2', '2020-03-01', [hip('left', '0.750')]),
      study('3', '2022-03-01', [hip('left', '0.775')]),
    );
    const { cases: found, comparisons } = assessPatient(patient, MH, ASSESSMENT_SETTINGS);
    const [opposite] = found.filter(({ tier }) => tier === 'information');
    expect(opposite?.rule).toBe('D11_PREVIOUS_AGAINST_BASELINE');
    expect(opposite?.comparisons.map((index) => comparisons[index]?.kind)).toEqual(['previous', 'baseline']);
  });

  it('D12 notes a forearm that fell while the spine rose', () => {
    const file = { ...MH, lscEntries: [...MH.lscEntries, lsc('radius_33', '0.025')] };
    expect(codes([spine('0.850'), radius('0.700')], [spine('0.890'), radius('0.675')], file)).toEqual([
      'check L4_SINGLE_LOSS',
      'information D12_SPINE_UP_FOREARM_DOWN',
    ]);
  });

  it('open nothing of the review tier from provisional or not comparable pairs', () => {
    const before = [spine('0.850'), hip('left', '0.780'), hip('right', '0.780'), neck('left', '0.700')];
    const after = [spine('0.950'), hip('left', '0.700'), hip('right', '0.860'), neck('left', '0.800')];
    const noLsc = { ...MH, lscEntries: [] };
    expect(codes(before, after, noLsc)).toEqual([]);
    expect(codes(before, after).filter((code) => code.startsWith('review'))).toEqual([
      'review D1_SPINE_UP_HIP_DOWN',
      'review D4_TOTAL_HIP_AGAINST_NECK',
      'review D5_LEFT_HIP_AGAINST_RIGHT',
    ]);
  });
});
