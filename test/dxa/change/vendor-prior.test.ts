import { describe, expect, it } from 'vitest';
import { type PriorClaim, priorsThatDiffer } from '../../../src/dxa/change/vendor-prior.ts';
import type { ReportOfStudy } from '../../../src/dxa/study/assembly.ts';
import type { Scanner } from '../../../src/dxa/study/history.ts';
import { type Bmd, type Micro, parseMicro } from '../../../src/dxa/values/quantity.ts';

const SCANNER: Scanner = {
  scannerId: 'iDXA 1',
  manufacturer: 'GE Healthcare',
  modelName: 'Lunar iDXA',
  deviceSerialNumber: '1',
  stationName: null,
  identified: true,
};
const HIP = {
  scanType: 'hip',
  roi: { region: 'total_hip', vertebrae: [] },
  laterality: 'left',
} as const;

const micro = (text: string) => parseMicro(text) as Micro;

function report(day: string, bmd: string, scanner: Scanner = SCANNER, doubted = false): ReportOfStudy {
  return {
    sopInstanceUid: `${day} ${bmd}`,
    contentAt: day,
    scannedAt: `${day}T10:00:00`,
    scanDateDoubted: doubted,
    sex: 'F',
    birthDate: null,
    ethnicGroup: null,
    heightM: null,
    weightKg: null,
    measurements: [
      {
        ...HIP,
        scanLabel: 'Left Femur',
        scanner,
        softwareVersions: [],
        scanMode: null,
        bmd: { valueId: '1', value: micro(bmd) as Bmd },
        bmc: null,
        area: null,
        tScores: [],
        zScores: [],
      },
    ],
  };
}

const claim = (bmd: string, more: Partial<PriorClaim> = {}): PriorClaim => ({
  ...HIP,
  date: '2021-03-05',
  value: micro(bmd),
  rawUnit: 'g/cm2',
  scannerId: SCANNER.scannerId,
  sopInstanceUid: 'later',
  shownOn: '2023-04-12',
  ...more,
});

const differs = (reports: readonly ReportOfStudy[], ...claims: PriorClaim[]) =>
  priorsThatDiffer([{ studyId: '7', reports }], claims).map(({ studyId, subject }) => `${studyId} ${subject}`);
const SEEN = ['7 hip|total_hip||left'];

describe('an earlier BMD that a vendor shows', () => {
  it('differs from the one on record by a printed step and not by less', () => {
    expect(differs([report('2021-03-05', '0.890')], claim('0.890'))).toEqual([]);
    expect(differs([report('2021-03-05', '0.8906')], claim('0.891'))).toEqual([]);
    expect(differs([report('2021-03-05', '0.890001')], claim('0.891'))).toEqual([]);
    expect(differs([report('2021-03-05', '0.890')], claim('0.891'))).toEqual(SEEN);
    expect(differs([report('2021-03-05', '0.890')], claim('0.889'))).toEqual(SEEN);
  });

  it('agrees with any analysis on record', () => {
    expect(differs([report('2021-03-05', '0.890'), report('2021-03-05', '0.912')], claim('0.890'))).toEqual([]);
    expect(differs([report('2021-03-05', '0.890'), report('2021-03-05', '0.912')], claim('0.900'))).toEqual(SEEN);
  });

  it('says how many reports show it and on which day last', () => {
    const claims = [
      claim('0.900'),
      claim('0.900', { sopInstanceUid: 'latest', shownOn: '2025-01-01' }),
      claim('0.901'),
    ];
    expect(priorsThatDiffer([{ studyId: '7', reports: [report('2021-03-05', '0.890')] }], claims)).toEqual([
      {
        code: 'VENDOR_PRIOR_DIFFERS',
        studyId: '7',
        subject: 'hip|total_hip||left',
        facts: { reports: 2, lastShownOn: '2025-01-01' },
      },
    ]);
  });

  it('is held against no other day, scanner, side, region or unit', () => {
    const reports = [report('2021-03-05', '0.890')];
    const others: Partial<PriorClaim>[] = [
      { date: '2021-03-06' },
      { scannerId: 'iDXA 2' },
      { scannerId: null },
      { laterality: 'right' },
      { roi: { region: 'femoral_neck', vertebrae: [] } },
      { rawUnit: 'mg/cm2' },
    ];
    for (const other of others) expect(differs(reports, claim('0.900', other))).toEqual([]);
    expect(differs([report('2021-03-05', '0.890', { ...SCANNER, identified: false })], claim('0.900'))).toEqual([]);
    expect(differs([report('2021-03-05', '0.890', SCANNER, true)], claim('0.900'))).toEqual([]);
  });
});
