import { describe, expect, it } from 'vitest';
import { assessPatient } from '../../../src/dxa/assess-patient.ts';
import { lscOfDay } from '../../../src/dxa/precision/lsc.ts';
import type { LscEntry, ScannerEpoch } from '../../../src/dxa/study/history.ts';
import { ASSESSMENT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { bmd, hip, history, lsc, onFile, roiOf, spine, study } from '../build-history.ts';
import { compare } from '../compare-pair.ts';

const PLACE = { scannerId: 'scanner-a', roi: roiOf('total_hip'), laterality: 'left' } as const;

type Dated = readonly [id: string, validFrom: string, validTo?: string | null, more?: Partial<LscEntry>];
const entriesOf = (...given: readonly Dated[]) =>
  given.map(([lscId, validFrom, validTo = null, more = {}]) =>
    lsc('total_hip', '0.020', { lscId, validFrom, validTo, ...more }),
  );
const epochOn = (startsOn: string): ScannerEpoch => ({
  epochId: startsOn,
  scannerId: 'scanner-a',
  startsOn,
  reason: 'relocation',
});

/** The id of the entry that speaks for a day, with `*` where the day lies before it; null where none does. */
function speaking(entries: readonly LscEntry[], day: string, epochs: readonly ScannerEpoch[] = []): string | null {
  const found = lscOfDay(PLACE, day, entries, epochs, ASSESSMENT_SETTINGS);
  // In whatever order they are read.
  expect(lscOfDay(PLACE, day, entries.toReversed(), epochs, ASSESSMENT_SETTINGS)).toEqual(found);
  return found === null ? null : `${found.entry.lscId}${found.isLater ? '*' : ''}`;
}

describe('the LSC in force on a day', () => {
  it('is the one that began last of those that are not past', () => {
    const entries = entriesOf(['1', '2020-01-01'], ['2', '2023-01-01']);
    expect(speaking(entries, '2020-01-01')).toBe('1');
    expect(speaking(entries, '2022-12-31')).toBe('1');
    expect(speaking(entries, '2023-01-01')).toBe('2');
  });

  it('ends an open entry for good when the next begins, also when that one ends', () => {
    const entries = entriesOf(['1', '2020-01-01'], ['2', '2021-01-01', '2021-12-31']);
    expect(speaking(entries, '2021-12-31')).toBe('2');
    expect(speaking(entries, '2022-01-01')).toBeNull();
  });

  it('lets an entry with a last day of its own go on to it, beside another that ends earlier', () => {
    const entries = entriesOf(['1', '2020-01-01', '2023-12-31'], ['2', '2021-01-01', '2021-12-31']);
    expect(['2020-06-01', '2021-06-01', '2022-06-01', '2024-01-01'].map((day) => speaking(entries, day))).toEqual([
      '1',
      '2',
      '1',
      null,
    ]);
  });

  it('is the one filed later of two that begin on one day; the other is ended, not kept for afterwards', () => {
    const entries = entriesOf(['9', '2020-01-01'], ['10', '2020-01-01', '2021-12-31']);
    expect(speaking(entries, '2021-01-01')).toBe('10');
    expect(speaking(entries, '2022-01-01')).toBeNull();
  });

  it('is the side’s own before one for any side, and neither ends the other', () => {
    const left = { laterality: 'left' } as const;
    const entries = entriesOf(
      ['any', '2018-01-01'],
      ['left', '2020-01-01', '2020-12-31', left],
      ['any2', '2022-01-01'],
    );
    expect(['2019-01-01', '2020-06-01', '2021-06-01', '2022-06-01'].map((day) => speaking(entries, day))).toEqual([
      'any',
      'left',
      'any',
      'any2',
    ]);
    const right = { laterality: 'right' } as const;
    expect(speaking(entriesOf(['any', '2018-01-01'], ['right', '2020-01-01', null, right]), '2021-01-01')).toBe('any');
  });

  it('takes no notice of entries that cannot be true', () => {
    const zero = { leastSignificantChange: bmd('0') };
    expect(speaking(entriesOf(['1', '2018-01-01'], ['2', '2020-01-01', null, zero]), '2021-01-01')).toBe('1');
  });

  it('is the first of the scanner for every day before it, and none where a gap follows an entry', () => {
    const entries = entriesOf(['1', '2020-01-01', '2020-12-31'], ['2', '2022-01-01']);
    expect(['2015-01-01', '2021-06-01', '2022-06-01'].map((day) => speaking(entries, day))).toEqual(['1*', null, '2']);
    const sides = entriesOf(['any', '2020-01-01'], ['left', '2020-01-01', null, { laterality: 'left' }]);
    expect(speaking(sides, '2019-01-01')).toBe('left*');
    const later = entriesOf(['any', '2020-01-01'], ['left', '2021-01-01', null, { laterality: 'left' }]);
    expect(speaking(later, '2019-01-01')).toBe('any*');
  });

  it('stays within its epoch, forwards and backwards', () => {
    const entries = entriesOf(['1', '2018-01-01'], ['2', '2021-06-01']);
    const epochs = [epochOn('2020-01-01'), epochOn('2023-01-01')];
    expect(
      ['2017-01-01', '2019-12-31', '2020-01-01', '2022-01-01', '2023-01-01'].map((day) =>
        speaking(entries, day, epochs),
      ),
    ).toEqual(['1*', '1', '2*', '2', null]);
    expect(speaking(entriesOf(['1', '2021-01-01']), '2019-01-01', epochs)).toBeNull();
  });
});

describe('a pair of one scanner', () => {
  const judged = (before: string, after: string) =>
    compare({
      onFile: {
        lscEntries: [
          lsc('total_hip', before, { lscId: '1', source: 'first study' }),
          lsc('total_hip', after, { lscId: '2', validFrom: '2021-01-01', source: 'second study' }),
        ],
      },
    });

  it.each([
    ['0.028', '0.036', 32_249],
    ['0.020', '0.022', 21_024],
    ['0.033', '0.033', 33_000],
  ])('with LSC %s on the one day and %s on the other is judged by the root mean square', (before, after, expected) => {
    const { lsc: applied } = judged(before, after);
    expect(applied).toMatchObject({
      lscId: '2',
      leastSignificantChange: expected,
      source: 'generalised from first study and second study',
    });
  });

  it('combines the upper limits as well, and knows of none where one is missing', () => {
    const upper = (one: string | null, other: string | null, after: string) => {
      const of = (text: string | null) => (text === null ? null : bmd(text));
      const lscEntries = [
        lsc('total_hip', '0.020', { lscId: '1', precisionErrorUpper: of(one) }),
        lsc('total_hip', '0.022', { lscId: '2', validFrom: '2021-01-01', precisionErrorUpper: of(other) }),
      ];
      return compare({ after: hip('left', after), onFile: { lscEntries } }).robust;
    };
    // 1.96 * sqrt(2) * 0.010 = 0.027719, of 0.012 = 0.033262; sqrt of the mean square 0.030616.
    expect(upper('0.010', '0.012', '0.769384')).toBe(true);
    expect(upper('0.010', '0.012', '0.769385')).toBe(false);
    expect(upper('0.010', null, '0.700')).toBeNull();
  });

  it('stays provisional across two LSCs only where the setting says so', () => {
    const lscEntries = [
      lsc('total_hip', '0.017', { lscId: '1' }),
      lsc('total_hip', '0.017', { lscId: '2', validFrom: '2021-01-01' }),
    ];
    expect(compare({ onFile: { lscEntries } }).verdict).toBe('down');
    const settings = { lscAcrossEntries: 'provisional' } as const;
    expect(compare({ onFile: { lscEntries }, settings }).verdict).toBe('provisional');
    expect(compare({ onFile: { lscEntries: lscEntries.slice(0, 1) }, settings }).verdict).toBe('down');
  });

  it('is judged by the first LSC where scans lie before it, and says so', () => {
    const from = (validFrom: string, more: Partial<Parameters<typeof compare>[0]> = {}) => {
      const lscEntries = [lsc('total_hip', '0.017', { validFrom })];
      const { verdict, checks } = compare({ ...more, onFile: { lscEntries, ...more.onFile } });
      return [verdict, checks.find(({ rule }) => rule === 'C16')] as const;
    };
    const warned = (firstEntryFrom: string) => ({
      rule: 'C16',
      outcome: 'warn',
      code: 'LSC_LATER_THAN_REFERENCE',
      facts: { lscIds: 'lsc-total_hip', leastSignificantChangeMicro: 17_000, firstEntryFrom },
    });
    // Scans on 2020-03-01 and 2022-03-01: the earlier, or both, before the first entry.
    expect(from('2020-03-02')).toEqual(['down', warned('2020-03-02')]);
    expect(from('2022-03-02')).toEqual(['down', warned('2022-03-02')]);
    expect(from('2020-03-01')[1]?.code).toBe('LSC_ON_FILE');
    expect(from('2020-03-02', { settings: { lscBeforeFirstEntry: 'provisional' } })).toEqual([
      'provisional',
      expect.objectContaining({ code: 'NO_LSC', facts: { referenceHasLsc: false, followUpHasLsc: true } }),
    ]);
    // After an epoch the scanner is another one.
    expect(from('2023-01-01', { onFile: { scannerEpochs: [epochOn('2022-06-01')] } })[0]).toBe('provisional');
  });

  it('is judged by the first LSC alone, also where the later day has another', () => {
    const lscEntries = [
      lsc('total_hip', '0.028', { lscId: '1', validFrom: '2020-06-01' }),
      lsc('total_hip', '0.036', { lscId: '2', validFrom: '2021-06-01' }),
    ];
    const { lsc: applied, checks } = compare({ onFile: { lscEntries } });
    expect(applied?.leastSignificantChange).toBe(28_000);
    expect(checks.find(({ rule }) => rule === 'C16')).toMatchObject({ outcome: 'warn', facts: { lscIds: '1' } });
  });
});

describe('a renewed LSC', () => {
  it.each([
    ['closed', '2022-12-31'],
    ['left open', null],
  ])('does not silence the key pattern, the old one %s', (_words, validTo) => {
    const patient = history(
      study('1', '2021-03-01', [spine('0.850'), hip('left', '0.780')]),
      study('2', '2024-03-05', [spine('0.910'), hip('left', '0.730')]),
    );
    const first = { validFrom: '2020-01-01', validTo };
    const second = { validFrom: '2023-01-01' };
    const file = onFile(
      lsc('spine', '0.028', { lscId: '1', ...first }),
      lsc('total_hip', '0.020', { lscId: '2', ...first }),
      lsc('spine', '0.036', { lscId: '3', ...second }),
      lsc('total_hip', '0.022', { lscId: '4', ...second }),
    );
    const { comparisons, cases } = assessPatient(patient, file, ASSESSMENT_SETTINGS);
    expect(comparisons.map(({ roi, verdict, strength }) => [roi.region, verdict, strength?.toFixed(3)])).toEqual([
      ['spine', 'up', '1.861'],
      ['total_hip', 'down', '2.378'],
    ]);
    expect(cases.map(({ rule }) => rule)).toContain('D1_SPINE_UP_HIP_DOWN');
  });
});
