import { describe, expect, it } from 'vitest';
import { assessPatient } from '../../src/dxa/assess-patient.ts';
import type { OnFile, PatientHistory } from '../../src/dxa/study/history.ts';
import type { Assessment, Comparison } from '../../src/dxa/values/assessment.ts';
import { ASSESSMENT_SETTINGS } from '../../src/dxa/values/settings.ts';
import { bmd, hip, history, lsc, MH, onFile, SCANNER_B, spine, study } from './build-history.ts';

const assess = (patient: PatientHistory, file: OnFile = MH): Assessment =>
  assessPatient(patient, file, ASSESSMENT_SETTINGS);

const brief = ({ kind, roi, laterality, reference, followUp, verdict, delta }: Comparison): string =>
  `${kind} ${roi.region} ${laterality} ${reference.studyId}-${followUp.studyId} ${verdict} ${delta}`;

const blocks = (comparison: Comparison | undefined): readonly string[] =>
  (comparison?.checks ?? []).filter(({ outcome }) => outcome === 'block').map(({ rule, code }) => `${rule} ${code}`);

describe('the assessment of a patient', () => {
  it('finds the key pattern of 8.13 with every LSC pair of the three hospitals', () => {
    const patient = history(
      study('1', '2020-03-01', [spine('0.850'), hip('left', '0.780')]),
      study('2', '2022-03-01', [spine('0.890'), hip('left', '0.755')]),
    );
    for (const [spineLsc, hipLsc] of [
      ['0.033', '0.017'],
      ['0.039', '0.024'],
      ['0.036', '0.024'],
    ] as const) {
      const { cases, comparisons } = assess(patient, onFile(lsc('spine', spineLsc), lsc('total_hip', hipLsc)));
      expect(comparisons.map(brief)).toEqual([
        'previous spine none 1-2 up 40000',
        'previous total_hip left 1-2 down -25000',
      ]);
      expect(comparisons.map(({ percent }) => percent)).toEqual([4_705_882, -3_205_128]);
      expect(cases).toEqual([
        {
          rule: 'D1_SPINE_UP_HIP_DOWN',
          tier: 'review',
          topic: 'discordance',
          caseKey: 'spine_hip_or_loss',
          followUpStudyId: '2',
          studyIds: ['2'],
          regionPair: 'spine:L1,L2,L3,L4:none|total_hip::left',
          strength: Math.min(40 / Number(`${spineLsc.slice(2)}`), 25 / Number(hipLsc.slice(2))),
          comparisons: [0, 1],
          statement:
            'Spine L1-L4 rose by 0.040 g/cm² (4.7 %) since 2020-03-01, while left total hip fell by 0.025 g/cm² (3.2 %) since 2020-03-01; each change reaches the least significant change, so the measurement should be looked at before the change is believed.',
          trends: [],
          facts: {},
          quoted: [],
          supporting: [{ rule: expect.stringMatching(/^L[34]_/), comparisons: [1], statement: expect.any(String) }],
        },
      ]);
    }
  });

  it('finds the mirror image as D2', () => {
    const { cases } = assess(
      history(
        study('1', '2020-03-01', [spine('0.890'), hip('right', '0.755')]),
        study('2', '2022-03-01', [spine('0.850'), hip('right', '0.780')]),
      ),
    );
    expect(cases.map(({ rule, tier }) => `${rule} ${tier}`)).toEqual(['D2_SPINE_DOWN_HIP_UP review']);
  });

  it('opens one case where both hips fell, for the stronger pair, with the other hip in its evidence', () => {
    const { cases, comparisons } = assess(
      history(
        study('1', '2020-03-01', [spine('0.850'), hip('left', '0.780'), hip('right', '0.790')]),
        study('2', '2022-03-01', [spine('0.890'), hip('left', '0.755'), hip('right', '0.760')]),
      ),
    );
    expect(cases.map(({ regionPair }) => regionPair)).toEqual(['spine:L1,L2,L3,L4:none|total_hip::right']);
    expect(cases[0]?.comparisons.map((index) => comparisons[index]?.laterality)).toEqual(['none', 'right', 'left']);
  });

  it('opens a case of loss and no key pattern where only the hip changed or the spine is one millionth below the LSC', () => {
    const before = study('1', '2020-03-01', [spine('0.850'), hip('left', '0.780')]);
    const hipOnly = study('2', '2022-03-01', [spine('0.851'), hip('left', '0.755')]);
    const justBelow = study('2', '2022-03-01', [spine('0.882999'), hip('left', '0.763')]);
    const rules = (now: typeof before) => assess(history(before, now)).cases.map(({ rule }) => rule);
    expect(rules(hipOnly)).toEqual(['L3_ROBUST_LOSS']);
    expect(rules(justBelow)).toEqual(['L4_SINGLE_LOSS']);
  });

  it('says nothing about a first scan', () => {
    expect(assess(history(study('1', '2020-03-01', [spine('0.850')])))).toMatchObject({ comparisons: [], cases: [] });
  });

  it('compares with the previous scan and with the baseline where that is another one', () => {
    const { comparisons } = assess(
      history(
        study('1', '2018-03-01', [hip('left', '0.800')]),
        study('2', '2020-03-01', [hip('left', '0.790')]),
        study('3', '2022-03-01', [hip('left', '0.780')]),
      ),
    );
    expect(comparisons.map(brief)).toEqual([
      'previous total_hip left 1-2 not_significant -10000',
      'previous total_hip left 2-3 not_significant -10000',
      'baseline total_hip left 1-3 down -20000',
    ]);
  });

  it('walks back past a scan on another scanner to the previous comparable one', () => {
    const { comparisons } = assess(
      history(
        study('1', '2018-03-01', [hip('left', '0.800')]),
        study('2', '2020-03-01', [hip('left', '0.700', { scanner: SCANNER_B })]),
        study('3', '2022-03-01', [hip('left', '0.780')]),
      ),
    );
    expect(comparisons.map(brief)).toEqual([
      'previous total_hip left 1-2 not_comparable null',
      'previous total_hip left 1-3 down -20000',
    ]);
    expect(blocks(comparisons[0])).toEqual(['C2 SCANNER_DIFFERS']);
  });

  it('never compares scanners that the files do not identify', () => {
    const scanner = { ...SCANNER_B, identified: false };
    const { comparisons } = assess(
      history(
        study('1', '2018-03-01', [hip('left', '0.800', { scanner })]),
        study('2', '2020-03-01', [hip('left', '0.700', { scanner })]),
      ),
    );
    expect(blocks(comparisons[0])).toEqual(['C2 SCANNER_NOT_IDENTIFIED']);
  });

  it('never compares left with right, and says so only where no side can be compared', () => {
    const left = study('1', '2018-03-01', [hip('left', '0.800')]);
    const otherSide = assess(history(left, study('2', '2020-03-01', [hip('right', '0.760')])));
    expect(otherSide.comparisons.map(brief)).toEqual(['previous total_hip right 1-2 not_comparable null']);
    expect(blocks(otherSide.comparisons[0])).toEqual(['C9 SIDE_DIFFERS']);
    const both = assess(history(left, study('2', '2020-03-01', [hip('left', '0.795'), hip('right', '0.760')])));
    expect(both.comparisons.map(brief)).toEqual(['previous total_hip left 1-2 not_significant -5000']);
  });

  it('is provisional without an LSC on file, shows the change and a labelled stand-in, and opens no case', () => {
    const { comparisons, cases } = assess(
      history(
        study('1', '2020-03-01', [spine('0.850'), hip('left', '0.780')]),
        study('2', '2022-03-01', [spine('0.950'), hip('left', '0.655')]),
      ),
      onFile(lsc('spine', '0.033')),
    );
    expect(comparisons.map(brief)).toEqual([
      'previous spine none 1-2 up 100000',
      'previous total_hip left 1-2 provisional -125000',
    ]);
    expect(comparisons[1]).toMatchObject({
      strength: null,
      lsc: {
        lscId: null,
        leastSignificantChange: bmd('0.039'),
        source: 'fallback: ISCD minimum acceptable precision, 5 %',
      },
    });
    expect(cases).toEqual([]);
  });

  it('uses an LSC only if it speaks for both dates, on the scanner and side it was measured for', () => {
    const patient = history(
      study('1', '2018-03-01', [hip('left', '0.800')]),
      study('2', '2020-03-01', [hip('left', '0.700')]),
    );
    const verdict = (more: Parameters<typeof lsc>[2]) =>
      assess(patient, onFile(lsc('total_hip', '0.017', more))).comparisons[0]?.verdict;
    expect(verdict({})).toBe('down');
    expect(verdict({ laterality: 'left' })).toBe('down');
    expect(verdict({ validFrom: '2018-03-01', validTo: '2020-03-01' })).toBe('down');
    expect(verdict({ validFrom: '2018-03-02' })).toBe('down');
    expect(verdict({ validTo: '2020-02-29' })).toBe('provisional');
    expect(verdict({ laterality: 'right' })).toBe('provisional');
    expect(verdict({ laterality: 'mean' })).toBe('provisional');
    expect(verdict({ scannerId: 'scanner-b' })).toBe('provisional');
  });

  it('takes a second scan of the same day as a repeat and not as a follow-up', () => {
    const { comparisons, visits } = assess(
      history(
        study('1', '2020-03-01T09:00:00', [hip('left', '0.800')]),
        study('2', '2020-03-01T09:20:00', [hip('left', '0.780')]),
        study('3', '2022-03-01', [hip('left', '0.780')]),
      ),
    );
    expect(comparisons.map(brief)).toEqual(['previous total_hip left 2-3 not_significant 0']);
    expect(visits.map(({ studyIds }) => studyIds)).toEqual([['1', '2'], ['3']]);
    expect(visits[0]?.remarks.map(({ code, kind }) => `${kind} ${code}`)).toEqual([
      'finding SAME_DAY_REPEAT_DISAGREES',
    ]);
  });

  it('never compares Ward’s region', () => {
    const wards = (text: string) => hip('left', text, { region: 'wards' });
    const { comparisons } = assess(
      history(study('1', '2018-03-01', [wards('0.5')]), study('2', '2020-03-01', [wards('0.7')])),
    );
    expect(comparisons).toEqual([]);
  });
});
