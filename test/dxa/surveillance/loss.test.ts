import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assessPatient } from '../../../src/dxa/assess-patient.ts';
import type { Vertebra } from '../../../src/dxa/values/region.ts';
import { ASSESSMENT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { bmd, hip, history, L1_L4, lsc, onFile, SCANNER_B, spine, study } from '../build-history.ts';
import { assessed, casesOf, FILE, FILE_WITH_MEAN, linesOf, patientOf } from './series.ts';

const SPINE = 'spine:L1,L2,L3,L4:none';
const LEFT = 'total_hip::left';

describe('loss (surveillance 2, the table)', () => {
  it('1: is said when it is confirmed, and again only after a further LSC', () => {
    const found = assessed(patientOf({ spine: [850, 850, 850, 850, 850], left: [780, 764, 748, 732, 716] }));
    expect(casesOf(found)).toEqual([`3 review L2_CONFIRMED_LOSS ${LEFT}`, `5 review L2_CONFIRMED_LOSS ${LEFT}`]);
    const [line] = found.visits[3]?.remarks.filter(({ code }) => code === 'CONTINUES_SINCE') ?? [];
    expect(line).toMatchObject({ subject: LEFT, facts: { rule: 'L2_CONFIRMED_LOSS', since: '2017-03-05' } });
  });

  it('2: at both sites is one case, with both losses in it', () => {
    const found = assessed(patientOf({ spine: [900, 840], left: [800, 750] }));
    expect(casesOf(found)).toEqual([`2 review L1_LOSS_AT_BOTH_SITES ${SPINE}|${LEFT}`]);
    const [one] = found.cases;
    expect(one?.strength).toBeCloseTo(1.82, 2);
    expect(one?.supporting.map(({ rule }) => rule)).toEqual(['L3_ROBUST_LOSS']);
    expect(one?.supporting[0]?.statement).toMatch(/1\.82 times its LSC of 0\.033.*2\.94 times its LSC of 0\.017/);
  });

  it('3: far beyond the LSC is robust', () => {
    const found = assessed(patientOf({ spine: [850, 855], left: [780, 740] }));
    expect(casesOf(found)).toEqual([`2 review L3_ROBUST_LOSS ${LEFT}`]);
    expect(found.cases[0]?.strength).toBeCloseTo(2.35, 2);
    expect(found.cases[0]?.statement).toBe(
      'Left total hip fell by 0.040 g/cm² (5.1 %) since 2015-03-05, 2.35 times its LSC of 0.017 g/cm².',
    );
  });

  it('4: with a gain at the spine since the baseline is the key pattern', () => {
    const found = assessed(patientOf({ spine: [850, 870, 890], left: [780, 770, 760], years: 2 }));
    expect(casesOf(found)).toEqual([`3 review D1B_SPINE_UP_HIP_DOWN_SINCE_BASELINE ${SPINE}|${LEFT}`]);
    expect(found.cases[0]?.comparisons.map((index) => found.comparisons[index]?.delta)).toEqual([40_000, -20_000]);
  });

  it('5 and 6: at one site counts from the LSC on', () => {
    const at = (hipAfter: number) => assessed(patientOf({ spine: [850, 850], left: [780, hipAfter] }));
    expect(casesOf(at(762))).toEqual([`2 check L4_SINGLE_LOSS ${LEFT}`]);
    expect(at(762).cases[0]?.strength).toBeCloseTo(1.06, 2);
    expect(casesOf(at(763))).toEqual([`2 check L4_SINGLE_LOSS ${LEFT}`]);
    expect(casesOf(at(764))).toEqual([]);
    expect(linesOf(at(764))).toEqual([]);
  });

  it('7: of one hip, while the mean of both is judged and stays, is a line', () => {
    const found = assessed(patientOf({ spine: [850, 850], left: [780, 760], right: [780, 790] }), FILE_WITH_MEAN);
    expect(casesOf(found)).toEqual([]);
    expect(linesOf(found)).toEqual(['2 ONE_HIP_FELL']);
    expect(found.visits[1]?.remarks[0]?.says).toMatch(/^The left hip alone fell/);
  });

  it('8: that is provisional or not comparable opens nothing', () => {
    const series = patientOf({ left: [780, 740] });
    const provisional = assessed(series, { ...FILE, lscEntries: [] });
    expect(provisional.comparisons[0]?.verdict).toBe('provisional');
    const elsewhere = history(
      study('1', '2020-03-05', [hip('left', '0.780')]),
      study('2', '2022-03-05', [hip('left', '0.740', { scanner: SCANNER_B })]),
    );
    expect(assessed(elsewhere).comparisons[0]?.verdict).toBe('not_comparable');
    expect([...casesOf(provisional), ...casesOf(assessed(elsewhere))]).toEqual([]);
  });
});

describe('loss', () => {
  it('is robust by the upper limit of the precision error where that is on file, else by 1.2929 times the LSC', () => {
    const rule = (after: number, upper?: string) =>
      assessed(
        patientOf({ left: [780, after] }),
        onFile(lsc('total_hip', '0.017', upper === undefined ? {} : { precisionErrorUpper: bmd(upper) })),
      ).cases.map(({ rule: code }) => code);
    // 0.017 * 1.2929 = 0.02198.
    expect([rule(759), rule(758)]).toEqual([['L4_SINGLE_LOSS'], ['L3_ROBUST_LOSS']]);
    // 0.010 * 2.7719 = 0.02772.
    expect([rule(753, '0.010'), rule(752, '0.010')]).toEqual([['L4_SINGLE_LOSS'], ['L3_ROBUST_LOSS']]);
  });

  it('looks at the 33 % radius, and not at neck, trochanter or single sides beside a judged mean', () => {
    const file = onFile(...FILE_WITH_MEAN.lscEntries, lsc('radius_33', '0.030'));
    expect(casesOf(assessed(patientOf({ radius: [700, 660] }), file))).toEqual([
      '2 review L3_ROBUST_LOSS radius_33::left',
    ]);
    expect(casesOf(assessed(patientOf({ neck: [700, 600] }), file))).toEqual([]);
    expect(casesOf(assessed(patientOf({ left: [780, 765], right: [780, 765] }), file))).toEqual([
      '2 check L4_SINGLE_LOSS total_hip::mean',
    ]);
  });

  it('at both sites since the baseline is said once, whichever reference it was first said against', () => {
    const slow = assessed(patientOf({ spine: [900, 880, 860, 850, 845], left: [800, 792, 782, 778, 775] }));
    expect(casesOf(slow)).toEqual([`3 review L1_LOSS_AT_BOTH_SITES ${SPINE}|${LEFT}`]);
    const sudden = assessed(patientOf({ spine: [900, 860, 858, 856], left: [800, 780, 779, 778] }));
    expect(casesOf(sudden).filter((one) => one.includes('L1_'))).toEqual([
      `2 review L1_LOSS_AT_BOTH_SITES ${SPINE}|${LEFT}`,
    ]);
    expect(
      sudden.visits.slice(2).map(({ remarks }) => remarks.some(({ facts }) => facts['since'] === '2016-03-05')),
    ).toEqual([true, true]);
  });

  it('needs the same kind of reference for both sites', () => {
    const patient = history(
      study('1', '2018-03-05', [spine('0.900'), hip('left', '0.800')]),
      study('2', '2019-03-05', [hip('left', '0.790')]),
      study('3', '2020-03-05', [spine('0.860'), hip('left', '0.789')]),
    );
    // The hip fell neither since the previous scan nor, with 0.011, since the baseline.
    expect(casesOf(assessed(patient))).toEqual([`3 check L4_SINGLE_LOSS ${SPINE}`]);
  });

  it('takes no previous scan of the mean for its baseline where the baseline is provisional', () => {
    const file = onFile(
      lsc('spine', '0.033'),
      lsc('total_hip', '0.014', { lscId: 'lsc-mean', laterality: 'mean', validFrom: '2015-06-01' }),
    );
    const settings = { ...ASSESSMENT_SETTINGS, lscBeforeFirstEntry: 'provisional' as const };
    const patient = patientOf({ spine: [900, 880, 860], left: [780, 800, 780], right: [780, 800, 780] });
    const found = assessPatient(patient, file, settings);
    // The spine fell since the baseline and the hips since the previous scan: two kinds of reference.
    expect(casesOf(found)).toEqual(['3 review L2_CONFIRMED_LOSS spine:L1,L2,L3,L4:none']);
    expect(
      found.comparisons
        .filter(({ laterality }) => laterality === 'mean')
        .map(({ kind, verdict }) => `${kind} ${verdict}`),
    ).toEqual(['previous down', 'baseline provisional']);
  });

  it('is evidence where the key pattern names the case', () => {
    const found = assessed(patientOf({ spine: [850, 890], left: [780, 740] }));
    expect(casesOf(found)).toEqual([`2 review D1_SPINE_UP_HIP_DOWN ${SPINE}|${LEFT}`]);
    expect(found.cases[0]?.supporting.map(({ rule }) => rule)).toEqual(['L3_ROBUST_LOSS']);
  });

  it('counts each scan on a line with the LSC of its own day', () => {
    const renewed = onFile(
      lsc('total_hip', '0.017', { lscId: 'old', validTo: '2016-12-31' }),
      lsc('total_hip', '0.019', { lscId: 'new', validFrom: '2017-01-01' }),
    );
    const settings = { ...ASSESSMENT_SETTINGS, lscAcrossEntries: 'generalised' as const };
    const found = assessPatient(patientOf({ left: [800, 790, 780, 770] }), renewed, settings);
    const [trend] = found.trends;
    // sqrt(sum d² LSC² / 2) / sum d² with d = -1.5, -.5, .5, 1.5 years: sqrt((2.5 * .017² + 2.5 * .019²) / 2) / 5.
    expect(trend?.studyIds).toHaveLength(4);
    expect(trend?.strength).toBeCloseTo(0.01 / (Math.sqrt((2.5 * 0.017 ** 2 + 2.5 * 0.019 ** 2) / 2) / 5), 2);
    expect(casesOf(found)).toContain(`3 review L2_CONFIRMED_LOSS ${LEFT}`);
  });
});

describe('the key pattern since the baseline', () => {
  it('is not looked for where it is there against the previous scan, and counts as said by that', () => {
    const found = assessed(patientOf({ spine: [850, 890, 892, 894], left: [780, 760, 759, 758] }));
    // The line of the hip is long enough at the third visit to confirm the loss, which the key pattern has not said.
    expect(casesOf(found)).toEqual([
      `2 review D1_SPINE_UP_HIP_DOWN ${SPINE}|${LEFT}`,
      `3 review L2_CONFIRMED_LOSS ${LEFT}`,
    ]);
    expect(continuing(found)).toEqual([
      `3 D1B_SPINE_UP_HIP_DOWN_SINCE_BASELINE ${SPINE}|${LEFT}`,
      `4 D1B_SPINE_UP_HIP_DOWN_SINCE_BASELINE ${SPINE}|${LEFT}`,
      `4 L2_CONFIRMED_LOSS ${LEFT}`,
    ]);
  });

  it('hits again when one of its sites has moved on by a further LSC', () => {
    const found = assessed(patientOf({ spine: [850, 867, 884, 886, 918], left: [780, 770, 762, 761, 760] }));
    expect(casesOf(found).filter((one) => one.includes(' D1B'))).toEqual([
      `3 review D1B_SPINE_UP_HIP_DOWN_SINCE_BASELINE ${SPINE}|${LEFT}`,
      `5 review D1B_SPINE_UP_HIP_DOWN_SINCE_BASELINE ${SPINE}|${LEFT}`,
    ]);
  });

  it('has a mirror image', () => {
    const found = assessed(patientOf({ spine: [890, 870, 850], left: [760, 770, 780] }));
    expect(casesOf(found)).toEqual([`3 review D2B_SPINE_DOWN_HIP_UP_SINCE_BASELINE ${SPINE}|${LEFT}`]);
  });

  it('is not looked for at the neck', () => {
    expect(casesOf(assessed(patientOf({ spine: [850, 870, 890], neck: [700, 675, 650] })))).toEqual([]);
  });
});

describe('one hip against the spine', () => {
  it('is no key pattern where the mean of both is judged, but one hip that differs', () => {
    const found = assessed(patientOf({ spine: [850, 890], left: [780, 760], right: [780, 785] }), FILE_WITH_MEAN);
    expect(casesOf(found)).toEqual([`2 check ONE_HIP_DIFFERS ${SPINE}|${LEFT}`]);
    const without = assessed(patientOf({ spine: [850, 890], left: [780, 760], right: [780, 785] }));
    expect(casesOf(without)).toEqual([`2 review D1_SPINE_UP_HIP_DOWN ${SPINE}|${LEFT}`]);
    const mirror = assessed(patientOf({ spine: [890, 850], left: [760, 780], right: [780, 781] }), FILE_WITH_MEAN);
    expect(casesOf(mirror)).toContain(`2 check ONE_HIP_DIFFERS ${SPINE}|${LEFT}`);
  });
});

const continuing = ({ visits }: ReturnType<typeof assessed>) =>
  visits.flatMap(({ studyId, remarks }) =>
    remarks
      .filter(({ code }) => code === 'CONTINUES_SINCE')
      .map(({ facts, subject }) => `${studyId} ${facts['rule']} ${subject}`),
  );

describe('what is said once', () => {
  it('against the previous scan counts for the mirror image too', () => {
    const found = assessed(patientOf({ spine: [890, 850, 848], left: [760, 780, 781] }));
    // The line of the spine is long enough at the third visit to confirm the loss, which D2 has not said.
    expect(casesOf(found)).toEqual([
      `2 review D2_SPINE_DOWN_HIP_UP ${SPINE}|${LEFT}`,
      `3 review L2_CONFIRMED_LOSS ${SPINE}`,
    ]);
    expect(continuing(found)).toContain(`3 D2B_SPINE_DOWN_HIP_UP_SINCE_BASELINE ${SPINE}|${LEFT}`);
  });

  it('is said of each site that a loss is confirmed at', () => {
    const file = onFile(...FILE.lscEntries, lsc('radius_33', '0.030'));
    const found = assessed(patientOf({ left: [780, 764, 748, 740], radius: [700, 700, 685, 660] }), file);
    expect(casesOf(found)).toEqual([
      `3 review L2_CONFIRMED_LOSS ${LEFT}`,
      '4 review L2_CONFIRMED_LOSS radius_33::left',
    ]);
    expect(continuing(found)).toEqual([`4 L2_CONFIRMED_LOSS ${LEFT}`]);
  });

  it('is said of the mean of both hips where that is judged', () => {
    const found = assessed(patientOf({ left: [780, 766, 752, 750], right: [780, 766, 752, 750] }), FILE_WITH_MEAN);
    expect(casesOf(found)).toContain('3 review L2_CONFIRMED_LOSS total_hip::mean');
    expect(continuing(found)).toEqual(['4 L2_CONFIRMED_LOSS total_hip::mean']);
  });

  it('counts as said where it was evidence in another case', () => {
    const found = assessed(patientOf({ spine: [850, 870, 890, 891], left: [780, 768, 756, 755], years: 2 }));
    expect(casesOf(found)).toEqual([`3 review D1B_SPINE_UP_HIP_DOWN_SINCE_BASELINE ${SPINE}|${LEFT}`]);
    expect(found.cases[0]?.supporting.map(({ rule }) => rule)).toEqual(['L2_CONFIRMED_LOSS']);
    expect(continuing(found)).toEqual([
      `4 D1B_SPINE_UP_HIP_DOWN_SINCE_BASELINE ${SPINE}|${LEFT}`,
      `4 L2_CONFIRMED_LOSS ${LEFT}`,
    ]);
  });

  it('has moved on by the two changes since the baseline where the two visits cannot be compared', () => {
    const sets = (...values: readonly (readonly [text: string, vertebrae: readonly Vertebra[]])[]) =>
      values.map(([text, vertebrae]) => spine(text, { vertebrae }));
    const [UPPER, LOWER]: readonly (readonly Vertebra[])[] = [
      ['L1', 'L2', 'L3'],
      ['L2', 'L3', 'L4'],
    ];
    if (UPPER === undefined || LOWER === undefined) throw new Error('two sets');
    const lscOfSet = (vertebrae: readonly Vertebra[]) =>
      lsc('spine', '0.033', { lscId: vertebrae.join(), roi: { region: 'spine', vertebrae } });
    const all = (text: string) => sets([text, L1_L4], [text, UPPER], [text, LOWER]);
    const rules = (last: string) =>
      casesOf(
        assessed(
          history(
            study('1', '2015-03-05', [...all('0.850'), hip('left', '0.780')]),
            study('2', '2016-03-05', [...all('0.868'), hip('left', '0.770')]),
            study('3', '2017-03-05', [...sets(['0.886', UPPER]), hip('left', '0.762')]),
            study('4', '2018-03-05', [...sets([last, LOWER]), hip('left', '0.761')]),
          ),
          onFile(...FILE.lscEntries, ...[UPPER, LOWER].map(lscOfSet)),
        ),
      ).flatMap((one) => one.match(/^\d review D1B/) ?? []);
    // +0.036 since the baseline at the third visit.
    expect(rules('0.918')).toEqual(['3 review D1B']);
    expect(rules('0.919')).toEqual(['3 review D1B', '4 review D1B']);
  });

  it('is the same in whatever order the studies came', () => {
    const series = fc.array(fc.tuple(fc.integer({ min: 800, max: 960 }), fc.integer({ min: 700, max: 800 })), {
      minLength: 2,
      maxLength: 7,
    });
    fc.assert(
      fc.property(
        series.chain((visits) =>
          fc.tuple(
            fc.constant(visits),
            fc.shuffledSubarray(
              visits.map((_, i) => i),
              { minLength: visits.length },
            ),
          ),
        ),
        ([visits, order]) => {
          const patient = patientOf({ spine: visits.map(([value]) => value), left: visits.map(([, value]) => value) });
          const shuffled = { ...patient, studies: order.flatMap((index) => patient.studies[index] ?? []) };
          expect(JSON.stringify(assessed(shuffled))).toBe(JSON.stringify(assessed(patient)));
        },
      ),
      { numRuns: 100, seed: 7 },
    );
  });

  it('is not more than one case of spine, hip and loss a visit', () => {
    let found = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 800, max: 960 }), fc.integer({ min: 700, max: 800 })), {
          minLength: 2,
          maxLength: 6,
        }),
        (visits) => {
          const { cases } = assessed(
            patientOf({ spine: visits.map(([value]) => value), left: visits.map(([, value]) => value) }),
          );
          const shared = cases
            .filter(({ caseKey }) => caseKey === 'spine_hip_or_loss')
            .map((one) => one.followUpStudyId);
          expect(new Set(shared).size).toBe(shared.length);
          found += shared.length;
        },
      ),
      { numRuns: 200, seed: 8 },
    );
    expect(found).toBeGreaterThan(100);
  });
});
