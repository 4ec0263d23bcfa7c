import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assessPatient } from '../../../src/dxa/assess-patient.ts';
import type { OnFile, PatientHistory, StudyOfPatient } from '../../../src/dxa/study/history.ts';
import type { Comparison } from '../../../src/dxa/values/assessment.ts';
import type { Bmd } from '../../../src/dxa/values/quantity.ts';
import { ASSESSMENT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { hip, history, lsc, MH, SCANNER_A, SCANNER_B, spine, study } from '../build-history.ts';

const compare = (patient: PatientHistory, file: OnFile = MH) =>
  assessPatient(patient, file, ASSESSMENT_SETTINGS).comparisons;

const brief = ({ kind, laterality, reference, followUp, verdict, delta }: Comparison): string =>
  `${kind} ${laterality} ${reference.studyId}-${followUp.studyId} ${verdict} ${delta}`;

const text = (thousandths: number) => (thousandths / 1000).toFixed(3);

/** Histories of up to six visits, some of them on the same day, other scanners, sides and vertebrae. */
const studies: fc.Arbitrary<readonly StudyOfPatient[]> = fc
  .array(
    fc.record({
      day: fc.integer({ min: 1, max: 9 }),
      year: fc.integer({ min: 2015, max: 2024 }),
      bmd: fc.integer({ min: 700, max: 800 }),
      scanner: fc.constantFrom(SCANNER_A, SCANNER_A, SCANNER_B),
      side: fc.constantFrom('left' as const, 'right' as const),
      label: fc.constantFrom('hip', 'DualFemur'),
      vertebrae: fc.constantFrom(['L1', 'L2', 'L3', 'L4'] as const, ['L2', 'L3', 'L4'] as const),
    }),
    { maxLength: 6 },
  )
  .map((visits) =>
    visits.map(({ day, year, bmd, scanner, side, label, vertebrae }, index) =>
      study(`${index}`, `${year}-01-0${day}`, [
        spine(text(bmd + 200), { scanner, vertebrae }),
        spine(text(bmd + 150), { scanner, vertebrae: ['L2', 'L3'] }),
        hip(side, text(1500 - bmd), { scanner }),
        hip('left', text(bmd), { scanner, scanLabel: label }),
        hip('right', text(1500 - bmd), { scanner, scanLabel: label, region: 'femoral_neck' }),
      ]),
    ),
  );

describe('comparisons over the years', () => {
  it('are the same, byte for byte, whatever order studies, measurements and LSCs arrive in', () => {
    const file: OnFile = { ...MH, lscEntries: [...MH.lscEntries, lsc('total_hip', '0.02', { laterality: 'left' })] };
    fc.assert(
      fc.property(
        studies.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray([...list], { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          const once = assessPatient(history(...list), file, ASSESSMENT_SETTINGS);
          const reversed = shuffled.map((one) => ({ ...one, measurements: one.measurements.toReversed() }));
          const other = { ...file, lscEntries: file.lscEntries.toReversed() };
          const again = assessPatient(history(...reversed), other, ASSESSMENT_SETTINGS);
          expect(JSON.stringify(again) === JSON.stringify(once)).toBe(true);
        },
      ),
      { numRuns: 300, seed: 42 },
    );
  });

  it('join an earlier and a later scan of one scanner and side, at most one previous and one baseline for each', () => {
    fc.assert(
      fc.property(studies, (list) => {
        const comparisons = compare(history(...list));
        const scannerOf = new Map(list.map((one) => [one.studyId, one.measurements[0]?.scanner.scannerId]));
        for (const { reference, followUp, verdict, checks } of comparisons) {
          expect(checks.some(({ outcome }) => outcome === 'block')).toBe(verdict === 'not_comparable');
          if (verdict === 'not_comparable') continue;
          expect(reference.scannedOn < followUp.scannedOn).toBe(true);
          expect(scannerOf.get(reference.studyId)).toBe(scannerOf.get(followUp.studyId));
        }
        const keys = comparisons.map(
          ({ kind, roi, laterality, followUp }) => `${kind} ${roi.region} ${laterality} ${followUp.studyId}`,
        );
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 300, seed: 42 },
    );
  });

  it('are never significant without an LSC on file, and then open no case of the review tier', () => {
    fc.assert(
      fc.property(studies, (list) => {
        const { comparisons, cases } = assessPatient(history(...list), { ...MH, lscEntries: [] }, ASSESSMENT_SETTINGS);
        const verdicts = new Set(comparisons.map(({ verdict }) => verdict));
        expect(verdicts.isSubsetOf(new Set(['provisional', 'not_comparable']))).toBe(true);
        expect(cases.filter(({ tier }) => tier === 'review')).toEqual([]);
      }),
      { numRuns: 200, seed: 42 },
    );
  });

  it('are reversed with time: what rose from one scan to the other fell from the other to the first', () => {
    const verdicts = { up: 'down', down: 'up', not_significant: 'not_significant' } as const;
    fc.assert(
      fc.property(fc.integer({ min: 500, max: 1500 }), fc.integer({ min: -60, max: 60 }), (before, change) => {
        const pair = (a: number, b: number) =>
          compare(
            history(study('1', '2020-01-01', [hip('left', text(a))]), study('2', '2022-01-01', [hip('left', text(b))])),
          );
        const [forward] = pair(before, before + change);
        const [backward] = pair(before + change, before);
        expect(backward?.delta).toBe(-(forward?.delta ?? 0) + 0);
        expect(backward?.strength).toBe(forward?.strength);
        expect(backward?.verdict).toBe(verdicts[forward?.verdict as keyof typeof verdicts]);
      }),
      { seed: 42 },
    );
  });

  it('use the mean of both hips in addition to the sides where it has an LSC on file', () => {
    const patient = history(
      study('1', '2020-03-01', [hip('left', '0.800'), hip('right', '0.811')]),
      study('2', '2022-03-01', [hip('left', '0.790'), hip('right', '0.796')]),
    );
    const mean = lsc('total_hip', '0.012', { lscId: 'mean', laterality: 'mean' });
    const comparisons = compare(patient, { ...MH, lscEntries: [...MH.lscEntries, mean] });
    expect(comparisons.map(brief)).toEqual([
      'previous left 1-2 not_significant -10000',
      'previous right 1-2 not_significant -15000',
      'previous mean 1-2 down -12500',
    ]);
    expect(comparisons[2]?.followUp).toMatchObject({
      bmd: 793_000,
      bmdValueId: null,
      sourceValueIds: ['2/total_hip/left/bmd', '2/total_hip/right/bmd'],
    });
    expect(compare(patient)).toHaveLength(2);
  });

  it('leave the mean out where one visit has one side only', () => {
    const patient = history(
      study('1', '2020-03-01', [hip('left', '0.800')]),
      study('2', '2022-03-01', [hip('left', '0.790'), hip('right', '0.796')]),
    );
    const mean = lsc('total_hip', '0.012', { laterality: 'mean' });
    expect(compare(patient, { ...MH, lscEntries: [...MH.lscEntries, mean] }).map(brief)).toEqual([
      'previous left 1-2 not_significant -10000',
    ]);
  });

  it('leave the mean out where it cannot be judged: sides of two scanners, or an LSC that has ended', () => {
    const visit = (id: string, day: string, right = SCANNER_A) =>
      study(id, day, [hip('left', '0.800'), hip('right', '0.796', { scanner: right })]);
    const means = (patient: PatientHistory, validTo: string | null) => {
      const mean = lsc('total_hip', '0.012', { lscId: 'mean', laterality: 'mean', validTo });
      return compare(patient, { ...MH, lscEntries: [...MH.lscEntries, mean] }).filter(
        (one) => one.laterality === 'mean',
      );
    };
    const both = history(visit('1', '2020-03-01'), visit('2', '2022-03-01'));
    expect(means(both, null)).toHaveLength(1);
    expect(means(both, '2021-12-31')).toEqual([]);
    const mixed = history(visit('1', '2020-03-01', SCANNER_B), visit('2', '2022-03-01', SCANNER_B));
    expect(means(mixed, null)).toEqual([]);
  });

  it('take no BMD of zero for a measurement', () => {
    const patient = history(
      study('1', '2018-03-01', [hip('left', '0.800')]),
      study('2', '2020-03-01', [hip('left', '0.000')]),
      study('3', '2022-03-01', [hip('left', '0.780')]),
    );
    expect(compare(patient).map(brief)).toEqual(['previous left 1-3 down -20000']);
  });

  it('start from the baseline that a person pinned, where it can be compared', () => {
    const visits = [
      study('1', '2016-03-01', [hip('left', '0.800')]),
      study('2', '2018-03-01', [hip('left', '0.790')]),
      study('3', '2020-03-01', [hip('left', '0.785')]),
      study('4', '2022-03-01', [hip('left', '0.780')]),
    ];
    const baselines = (studyId: string, laterality: 'left' | 'right' = 'left') =>
      compare({ ...history(...visits), pinnedBaselines: [{ studyId, region: 'total_hip', laterality }] })
        .filter(({ kind }) => kind === 'baseline')
        .map(brief);
    // Study 3 has study 2 as its previous scan and baseline alike, which is compared once.
    expect(baselines('2')).toEqual(['baseline left 2-4 not_significant -10000']);
    const unpinned = ['baseline left 1-3 not_significant -15000', 'baseline left 1-4 down -20000'];
    expect(baselines('gone')).toEqual(unpinned);
    expect(baselines('2', 'right')).toEqual(unpinned);
  });

  it('call a change robust beyond the LSC of the precision error’s upper limit', () => {
    const file: OnFile = { ...MH, lscEntries: [lsc('total_hip', '0.017', { precisionErrorUpper: 7_930 as Bmd })] };
    const robust = (after: string) =>
      compare(
        history(study('1', '2020-03-01', [hip('left', '0.800')]), study('2', '2022-03-01', [hip('left', after)])),
        file,
      )[0];
    // 1.96 * sqrt(2) * 0.00793 = 0.021981
    expect(robust('0.778018')).toMatchObject({ verdict: 'down', robust: true });
    expect(robust('0.778020')).toMatchObject({ verdict: 'down', robust: false });
  });
});
