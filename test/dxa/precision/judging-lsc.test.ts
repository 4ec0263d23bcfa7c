import { describe, expect, it } from 'vitest';
import { coversSide } from '../../../src/dxa/precision/lsc.ts';
import type { OnFile } from '../../../src/dxa/study/history.ts';
import { crossCalibration, hip, lsc, SCANNER_B } from '../build-history.ts';
import { compare } from '../compare-pair.ts';

/** LSCs of both scanners, finer than any interval here. */
const BOTH = [lsc('total_hip', '0.017'), lsc('total_hip', '0.017', { lscId: 'lsc-b', scannerId: 'scanner-b' })];

describe('the LSC that judges a pair', () => {
  it('judges across scanners by the prediction interval of the cross-calibration and from the converted reference', () => {
    const given = (after: string) =>
      compare({
        after: hip('left', after, { scanner: SCANNER_B }),
        onFile: { crossCalibrations: [crossCalibration()], lscEntries: BOTH },
      });
    // 1.02 * 0.800 + 0.010 = 0.826; 1.96 * 0.015 * sqrt(1 + 1/30 + 0.05²/0.5) = 0.029958
    expect(given('0.856')).toMatchObject({
      verdict: 'up',
      referenceConverted: 826_000,
      delta: 30_000,
      lsc: { lscId: null, crossCalibrationId: 'cross-1', leastSignificantChange: 29_958 },
    });
    expect(given('0.855')).toMatchObject({ verdict: 'not_significant', delta: 29_000 });
  });

  it('is provisional where the cross-calibration lacks what its interval is computed from', () => {
    const comparison = compare({
      after: hip('left', '0.900', { scanner: SCANNER_B }),
      onFile: { crossCalibrations: [crossCalibration({ meanFrom: null })] },
    });
    expect(comparison).toMatchObject({ verdict: 'provisional', delta: 74_000, lsc: null, strength: null });
  });

  it('prefers the side’s own LSC to one for any side, and of several the latest', () => {
    const chosen = (...given: readonly (readonly [string, Parameters<typeof lsc>[2]])[]) =>
      compare({ onFile: { lscEntries: given.map(([lscId, more]) => lsc('total_hip', '0.017', { lscId, ...more })) } })
        .lsc?.lscId;
    expect(chosen(['any', { validFrom: '2019-01-01' }], ['left', { laterality: 'left' }])).toBe('left');
    expect(chosen(['old', { validFrom: '2018-01-01' }], ['new', { validFrom: '2019-01-01' }])).toBe('new');
    // Of two that begin on one day the one that was filed later: ids are numbers that grow.
    expect(chosen(['9', {}], ['10', {}])).toBe('10');
    expect(chosen(['10', {}], ['9', {}])).toBe('10');
  });

  it('takes an LSC for any side as one for left and right, not for the mean of both', () => {
    const sides = (['left', 'right', 'mean', 'none'] as const).filter((side) => coversSide('any', side));
    expect(sides).toEqual(['left', 'right']);
  });

  it('lets a cross-calibration bridge one change of the same scanner, measured after it, and no more', () => {
    const verdict = (validFrom: string, ...days: readonly string[]) =>
      compare({
        onFile: {
          scannerEpochs: days.map((startsOn) => ({
            epochId: startsOn,
            scannerId: 'scanner-a',
            startsOn,
            reason: 'other',
          })),
          crossCalibrations: [crossCalibration({ toScannerId: 'scanner-a', validFrom, slope: 1, intercept: 0 })],
          lscEntries: [
            lsc('total_hip', '0.017'),
            lsc('total_hip', '0.017', { lscId: 'renewed', validFrom: '2021-01-01' }),
          ],
        },
      }).verdict;
    expect(verdict('2021-02-01', '2021-01-01')).toBe('not_significant');
    expect(verdict('2020-12-01', '2021-01-01')).toBe('not_comparable');
    expect(verdict('2021-02-01', '2020-06-01', '2021-01-01')).toBe('not_comparable');
  });

  it('does not use a cross-calibration before it was made, after it ended, or across a later change of a scanner', () => {
    const verdict = (more: Parameters<typeof crossCalibration>[0], onFile: Partial<OnFile> = {}) =>
      compare({
        after: hip('left', '0.900', { scanner: SCANNER_B }),
        onFile: { crossCalibrations: [crossCalibration(more)], lscEntries: BOTH, ...onFile },
      }).verdict;
    expect(verdict({})).toBe('up');
    expect(verdict({ validFrom: '2022-03-02' })).toBe('not_comparable');
    expect(verdict({ validTo: '2022-02-28' })).toBe('not_comparable');
    const epoch = { epochId: '1', scannerId: 'scanner-b', startsOn: '2021-06-01', reason: 'relocation' } as const;
    expect(verdict({}, { scannerEpochs: [epoch] })).toBe('not_comparable');
    expect(verdict({}, { scannerEpochs: [{ ...epoch, scannerId: 'scanner-a', startsOn: '2020-06-01' }] })).toBe(
      'not_comparable',
    );
  });

  it('counts an LSC or a cross-calibration that cannot be true as none', () => {
    const verdict = (more: Parameters<typeof lsc>[2], text = '0.017') =>
      compare({ onFile: { lscEntries: [lsc('total_hip', text, more)] } }).verdict;
    expect([verdict({}, '0'), verdict({ confidenceLevel: 0 }), verdict({ confidenceLevel: 95 })]).toEqual([
      'provisional',
      'provisional',
      'provisional',
    ]);
    const across = (more: Parameters<typeof crossCalibration>[0]) =>
      compare({
        after: hip('left', '0.900', { scanner: SCANNER_B }),
        onFile: { crossCalibrations: [crossCalibration(more)] },
      }).verdict;
    expect([across({ standardErrorOfEstimate: 0 }), across({ n: 2 }), across({ sumOfSquaresFrom: 0 })]).toEqual([
      'provisional',
      'provisional',
      'provisional',
    ]);
    expect(across({ slope: 0, intercept: 0 })).toBe('not_comparable');
  });

  it('ends an LSC with the scanner’s epoch', () => {
    const scannerEpochs = [
      { epochId: '1', scannerId: 'scanner-a', startsOn: '2019-01-01', reason: 'hardware_change' },
    ] as const;
    expect(compare({ onFile: { scannerEpochs } }).verdict).toBe('provisional');
    const lscEntries = [lsc('total_hip', '0.017', { validFrom: '2019-01-01' })];
    expect(compare({ onFile: { scannerEpochs, lscEntries } }).verdict).toBe('down');
  });
});
