import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listAuditEvents } from '../../../src/db/audit.ts';
import { listMissingLsc } from '../../../src/db/judgement/provisional.ts';
import { readList } from '../../../src/db/qa-list/read-list.ts';
import { listCalibrationPairs, listCrossCalibrations } from '../../../src/db/registry/cross-calibration.ts';
import { listLsc } from '../../../src/db/registry/lsc.ts';
import { listScannerEpochs } from '../../../src/db/registry/scanner-epoch.ts';
import { parseCalibrationPairsCsv, parseCrossCalibrationCsv } from '../../../src/jobs/registry/crosscal-csv.ts';
import { importCrossCalibrations, retireCrossCalibration } from '../../../src/jobs/registry/crosscal-import.ts';
import { importLsc, parseLscCsv } from '../../../src/jobs/registry/lsc-import.ts';
import { retireLsc } from '../../../src/jobs/registry/lsc-retire.ts';
import { addScannerEpoch, retireScannerEpoch } from '../../../src/jobs/registry/scanner-epoch.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { assessWaiting, currentComparisons, lscCsvOf, lscLine } from '../../support/stored/judged.ts';
import { hip, IDXA, IDXA_B, spine, storeStudy } from '../../support/stored/stored-study.ts';

const SIGNATURE = { by: 'B. Physicist', note: 'exchange of scanners' };
const HEADER =
  'from_manufacturer,from_model_name,from_device_serial_number,to_manufacturer,to_model_name,to_device_serial_number,' +
  'region,vertebrae,laterality,valid_from,source,author';
const PLACE = 'GE Healthcare,Lunar iDXA,A1,GE Healthcare,Lunar iDXA,B1,total_hip,,any,2019-06-01,in-house,A. Author';
const FIGURES = `${HEADER},slope,intercept_g_per_cm2,standard_error_of_estimate_g_per_cm2,n,mean_from_g_per_cm2,sum_of_squares_from,min_from_g_per_cm2,max_from_g_per_cm2`;

describe('scans on two scanners', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
    const { pool } = database;
    await storeStudy(pool, { patient: 'P', uid: '1.1', scannedAt: '2018-05-01', scans: [hip('left', '0.800')] });
    const after = { patient: 'P', uid: '1.2', scannedAt: '2020-05-01', scans: [hip('left', '0.790')] };
    await storeStudy(pool, { ...after, equipment: IDXA_B });
    // Nobody that a cross-calibration of hips could concern.
    await storeStudy(pool, { patient: 'Q', uid: '2.1', scannedAt: '2018-05-01', scans: [spine('1.000')] });
    await storeStudy(pool, {
      patient: 'Q',
      uid: '2.2',
      scannedAt: '2020-05-01',
      scans: [spine('1.010')],
      equipment: IDXA_B,
    });
    await importLsc(
      pool,
      parseLscCsv(lscCsvOf(lscLine('total_hip', '0.017'), lscLine('total_hip', '0.017', { serial: 'B1' }))),
      SIGNATURE,
    );
    await assessWaiting(pool);
  });
  afterEach(async () => database.drop());

  it('are compared only through a cross-calibration, and by its prediction interval', async () => {
    const { pool } = database;
    const hips = async () => (await currentComparisons(pool)).filter((line) => line.includes('total_hip'));
    expect(await hips()).toEqual(['previous total_hip left 2018-05-01>2020-05-01 not_comparable lsc none']);
    const csv = `${FIGURES}\n${PLACE},1.02,0.01,0.010,30,0.85,0.5,0.6,1.1`;
    const result = await importCrossCalibrations(pool, parseCrossCalibrationCsv(csv), SIGNATURE);
    expect(result).toMatchObject({ unchanged: 0, corrections: [], patientsToAssess: 1, unknownScanners: [] });
    expect(await assessWaiting(pool)).toHaveLength(1);
    // 1.02 * 0.800 + 0.01 = 0.826; 1.96 * 0.010 * sqrt(1 + 1/30 + 0.05² / 0.5) = 0.019972.
    expect(await hips()).toEqual(['previous total_hip left 2018-05-01>2020-05-01 down -0.036000 lsc 0.019972']);
    const { rows } = await pool.query(
      `select cross_calibration_id::text as id, reference_converted_g_per_cm2 as converted, lsc_id, lsc_source
         from comparison where superseded_at is null and region = 'total_hip'`,
    );
    const id = result.imported[0] ?? '';
    expect(rows).toEqual([{ id, converted: '0.826000', lsc_id: null, lsc_source: 'cross_calibration' }]);
    expect(await importCrossCalibrations(pool, parseCrossCalibrationCsv(csv), SIGNATURE)).toMatchObject({
      imported: [],
      unchanged: 1,
      patientsToAssess: 0,
    });
    const corrected = csv.replace('0.01,0.010,30', '0.01,0.020,30');
    expect((await importCrossCalibrations(pool, parseCrossCalibrationCsv(corrected), SIGNATURE)).corrections).toEqual([
      { id: expect.any(String), replacesId: id, comparisons: 1, patients: 1 },
    ]);
    await assessWaiting(pool);
    expect(await hips()).toEqual([
      // Twice the SEE: 1.96 * 0.020 * 1.018987.
      'previous total_hip left 2018-05-01>2020-05-01 not_significant -0.036000 lsc 0.039944',
    ]);
    const [current] = await listCrossCalibrations(pool, { all: false });
    expect(current?.replacesId).toBe(id);
    expect(await retireCrossCalibration(pool, current?.crossCalibrationId ?? '', SIGNATURE)).toMatchObject({
      affected: { comparisons: 1, patients: 1 },
      patientsToAssess: 1,
    });
    await assessWaiting(pool);
    expect(await hips()).toEqual(['previous total_hip left 2018-05-01>2020-05-01 not_comparable lsc none']);
    const events = await listAuditEvents(pool, 'cross_calibration', id);
    expect(events.map(({ action }) => action)).toEqual(['file', 'replace']);
  });

  it('stay provisional while a cross-calibration lacks the figures of its interval', async () => {
    const { pool } = database;
    const csv = `${FIGURES}\n${PLACE},1.02,0.01,0.010,30,,,,`;
    await importCrossCalibrations(pool, parseCrossCalibrationCsv(csv), SIGNATURE);
    await assessWaiting(pool);
    expect(await listMissingLsc(pool)).toEqual([
      {
        scannerKey: 'lunar idxa|serial:b1',
        region: 'total_hip',
        vertebrae: [],
        laterality: 'left',
        reason: 'cross_calibration_incomplete',
        comparisons: 1,
        patients: 1,
        earliestOn: '2018-05-01',
        latestOn: '2020-05-01',
      },
    ]);
  });

  it('stay provisional while one of the scanners has no LSC for its day, and the list names that one', async () => {
    const { pool } = database;
    const csv = `${FIGURES}\n${PLACE},1.02,0.01,0.010,30,0.85,0.5,0.6,1.1`;
    await importCrossCalibrations(pool, parseCrossCalibrationCsv(csv), SIGNATURE);
    const entries = await listLsc(pool, { all: false });
    const of = (serial: string) => entries.find((one) => one.deviceSerialNumber === serial)?.lscId ?? '';
    const missing = async () => {
      await assessWaiting(pool);
      const rows = (await listMissingLsc(pool)).filter(({ region }) => region === 'total_hip');
      return rows.map((one) => [one.scannerKey, one.reason, one.comparisons, one.earliestOn, one.latestOn]);
    };
    expect(await missing()).toEqual([]);
    // The later scanner's ends before the scan.
    expect((await retireLsc(pool, of('B1'), '2020-04-30', SIGNATURE))?.patientsToAssess).toBe(1);
    const later = ['lunar idxa|serial:b1', 'cross_calibration_without_lsc', 1, '2020-05-01', '2020-05-01'];
    expect(await missing()).toEqual([later]);
    const { rows } = await pool.query<{ verdict: string; lsc: string | null }>(
      `select verdict, lsc_g_per_cm2 as lsc from comparison where superseded_at is null and region = 'total_hip'`,
    );
    expect(rows).toEqual([{ verdict: 'provisional', lsc: null }]);
    const listed = await readList(pool, {
      list: 'lsc',
      filters: { region: 'total_hip' },
      sort: null,
      limit: 10,
      after: null,
    });
    expect(listed.rows.map((row) => row['reason'])).toEqual(['CROSS_CALIBRATION_WITHOUT_LSC']);
    expect((await retireLsc(pool, of('A1'), null, SIGNATURE))?.patientsToAssess).toBe(1);
    const earlier = ['lunar idxa|serial:a1', 'cross_calibration_without_lsc', 1, '2018-05-01', '2018-05-01'];
    expect(await missing()).toEqual([earlier, later]);
    const both = lscCsvOf(lscLine('total_hip', '0.017'), lscLine('total_hip', '0.040', { serial: 'B1' }));
    await importLsc(pool, parseLscCsv(both), SIGNATURE);
    expect(await missing()).toEqual([]);
    // sqrt((0.017² + 0.040²) / 2), more than the interval of 0.019972.
    expect((await currentComparisons(pool)).filter((line) => line.includes('total_hip'))).toEqual([
      'previous total_hip left 2018-05-01>2020-05-01 down -0.036000 lsc 0.030733',
    ]);
  });

  it('are calibrated by people scanned once on the old and twice on the new one', async () => {
    const header = `${HEADER},subject,from_bmd_g_per_cm2,to_bmd_g_per_cm2,to_bmd_2_g_per_cm2`;
    const people = [
      ['0.700', '0.724', '0.744'],
      ['0.800', '0.806', '0.826'],
      ['0.900', '0.908', '0.928'],
      ['1.000', '1.030', '1.050'],
    ];
    const lines = people.map((values, index) => `${PLACE},S${index},${values.join(',')}`);
    const entries = parseCalibrationPairsCsv([header, ...lines].join('\n'));
    // sqrt(0.0002 + 0.0002 / 2), where the means alone give sqrt(0.0002) = 0.014142.
    expect(entries).toMatchObject([{ slope: 1.02, intercept: 0.01, standardErrorOfEstimate: 0.017321, n: 4 }]);
    const { imported } = await importCrossCalibrations(database.pool, entries, SIGNATURE);
    expect((await listCalibrationPairs(database.pool, imported[0] ?? ''))[1]).toEqual({
      subject: 'S1',
      from: 800_000,
      to: 806_000,
      toAgain: 826_000,
      source: 'line 3',
    });
    const again = [header, ...lines, lines[1]].join('\n');
    expect(() => parseCalibrationPairsCsv(again)).toThrow(/line 6 names a person of an earlier line/);
  });

  it('are calibrated by people measured on both', async () => {
    const header = `${HEADER},subject,from_bmd_g_per_cm2,to_bmd_g_per_cm2`;
    // y = 0.01 + 1.02 x with residuals +0.01, -0.01, -0.01, +0.01 about it.
    const people = [
      ['0.700', '0.734'],
      ['0.800', '0.816'],
      ['0.900', '0.918'],
      ['1.000', '1.040'],
    ];
    const lines = people.map(([from, to], index) => `${PLACE},S${index},${from},${to}`);
    const entries = parseCalibrationPairsCsv([header, ...lines].join('\n'));
    expect(entries).toMatchObject([
      {
        slope: 1.02,
        intercept: 0.01,
        standardErrorOfEstimate: 0.014142,
        n: 4,
        meanFrom: 0.85,
        sumOfSquaresFrom: 0.05,
        minFrom: 0.7,
        maxFrom: 1,
      },
    ]);
    const { imported } = await importCrossCalibrations(database.pool, entries, SIGNATURE);
    expect(await listCalibrationPairs(database.pool, imported[0] ?? '')).toEqual([
      { subject: 'S0', from: 700_000, to: 734_000, toAgain: null, source: 'line 2' },
      { subject: 'S1', from: 800_000, to: 816_000, toAgain: null, source: 'line 3' },
      { subject: 'S2', from: 900_000, to: 918_000, toAgain: null, source: 'line 4' },
      { subject: 'S3', from: 1_000_000, to: 1_040_000, toAgain: null, source: 'line 5' },
    ]);
    expect(() => parseCalibrationPairsCsv([header, ...lines.slice(0, 2)].join('\n'))).toThrow(/begins at line 2/);
  });
});

describe('a scanner epoch', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
    const { pool } = database;
    for (const [patient, years] of [
      ['across', [2018, 2020, 2022]],
      ['before', [2016, 2018]],
    ] as const) {
      for (const year of years) {
        const scans = [hip('left', year === 2022 ? '0.770' : '0.790')];
        await storeStudy(pool, {
          patient,
          uid: `${patient === 'across' ? 1 : 2}.${year}`,
          scannedAt: `${year}-05-01`,
          scans,
        });
      }
    }
    await importLsc(
      pool,
      parseLscCsv(lscCsvOf(lscLine('total_hip', '0.017'), lscLine('total_hip', '0.030', { from: '2019-06-01' }))),
      SIGNATURE,
    );
    await assessWaiting(pool);
  });
  afterEach(async () => database.drop());

  it('parts the timeline, ends the LSCs of before, and re-judges only who was scanned since', async () => {
    const { pool } = database;
    const device = {
      scannerKey: 'lunar idxa|serial:a1',
      manufacturer: IDXA.manufacturer,
      modelName: IDXA.modelName,
      deviceSerialNumber: 'A1',
      stationName: '',
    };
    const before = await currentComparisons(pool);
    const epoch = { ...device, startsOn: '2019-06-01', reason: 'relocation' } as const;
    const added = await addScannerEpoch(pool, epoch, SIGNATURE);
    expect(added).toMatchObject({ patientsToAssess: 1, unknownScanners: [] });
    expect(await addScannerEpoch(pool, epoch, SIGNATURE)).toBeNull();
    await assessWaiting(pool);
    expect(await currentComparisons(pool)).toEqual([
      'previous total_hip left 2018-05-01>2020-05-01 not_comparable lsc none',
      // Within the new epoch only its own LSC counts.
      'previous total_hip left 2020-05-01>2022-05-01 not_significant -0.020000 lsc 0.030000',
      'previous total_hip left 2016-05-01>2018-05-01 not_significant 0.000000 lsc 0.017000',
    ]);
    expect(await listScannerEpochs(pool, { all: false })).toMatchObject([
      { startsOn: '2019-06-01', reason: 'relocation' },
    ]);
    expect(await retireScannerEpoch(pool, added?.epochId ?? '', SIGNATURE)).toBe(1);
    await assessWaiting(pool);
    expect(await currentComparisons(pool)).toEqual(before);
  });

  it('parts scans of before it from a first LSC that begins after it, and re-judges them', async () => {
    const { pool } = database;
    const [first] = await listLsc(pool, { all: false });
    await retireLsc(pool, first?.lscId ?? '', null, SIGNATURE);
    await assessWaiting(pool);
    const early = async () =>
      (await currentComparisons(pool)).filter((line) => line.includes('2016-05-01>')).map((line) => line.split(' ')[4]);
    expect(await early()).toEqual(['not_significant']);
    const device = {
      manufacturer: IDXA.manufacturer,
      modelName: IDXA.modelName,
      deviceSerialNumber: 'A1',
      stationName: '',
    };
    const epoch = {
      ...device,
      scannerKey: 'lunar idxa|serial:a1',
      startsOn: '2019-06-01',
      reason: 'relocation',
    } as const;
    const added = await addScannerEpoch(pool, epoch, SIGNATURE);
    expect(added?.patientsToAssess).toBe(2);
    await assessWaiting(pool);
    expect(await early()).toEqual(['provisional']);
    expect(await retireScannerEpoch(pool, added?.epochId ?? '', SIGNATURE)).toBe(2);
    await assessWaiting(pool);
    expect(await early()).toEqual(['not_significant']);
  });
});
