import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listAuditEvents } from '../../../src/db/audit.ts';
import { countJudgedBy } from '../../../src/db/judgement/dependents.ts';
import { findLscOnFile, listLsc } from '../../../src/db/registry/lsc.ts';
import { parseCrossCalibrationCsv } from '../../../src/jobs/registry/crosscal-csv.ts';
import { importCrossCalibrations } from '../../../src/jobs/registry/crosscal-import.ts';
import { importLsc, parseLscCsv } from '../../../src/jobs/registry/lsc-import.ts';
import { retireLsc } from '../../../src/jobs/registry/lsc-retire.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { assessWaiting, currentComparisons, lscCsvOf, lscLine } from '../../support/stored/judged.ts';
import { hip, IDXA, IDXA_B, spine, storeStudy } from '../../support/stored/stored-study.ts';

const crossCalibrationCsv = (from: string, to: string) =>
  [
    'from_manufacturer,from_model_name,from_device_serial_number,to_manufacturer,to_model_name,to_device_serial_number,region,vertebrae,laterality,valid_from,source,author,slope,intercept_g_per_cm2,standard_error_of_estimate_g_per_cm2,n,mean_from_g_per_cm2,sum_of_squares_from',
    `GE Healthcare,Lunar iDXA,${from},GE Healthcare,Lunar iDXA,${to},total_hip,,any,2019-06-01,in-house,A. Author,1,0,0.012,30,0.95,0.5`,
  ].join('\n');

const SIGNATURE = { by: 'B. Physicist', note: 'annual review' };

describe('the LSC registry', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
    const { pool } = database;
    await storeStudy(pool, { patient: 'P1', uid: '1.1', scannedAt: '2018-05-01', scans: [hip('left', '0.800')] });
    await storeStudy(pool, { patient: 'P1', uid: '1.2', scannedAt: '2020-05-01', scans: [hip('left', '0.780')] });
    await storeStudy(pool, { patient: 'P1', uid: '1.3', scannedAt: '2022-05-01', scans: [hip('left', '0.760')] });
  });
  afterEach(async () => database.drop());

  const file = async (...lines: string[]) => await importLsc(database.pool, parseLscCsv(lscCsvOf(...lines)), SIGNATURE);

  it('judges each pair by the LSCs of its days', async () => {
    await file(
      lscLine('total_hip', '0.030', { from: '2015-01-01', to: '2020-12-31' }),
      lscLine('total_hip', '0.017', { from: '2019-01-01' }),
    );
    await assessWaiting(database.pool);
    expect(await currentComparisons(database.pool)).toEqual([
      // sqrt((0.030² + 0.017²) / 2)
      'previous total_hip left 2018-05-01>2020-05-01 not_significant -0.020000 lsc 0.024382',
      'previous total_hip left 2020-05-01>2022-05-01 down -0.020000 lsc 0.017000',
      'baseline total_hip left 2018-05-01>2022-05-01 down -0.040000 lsc 0.024382',
    ]);
    // The one of the earlier day has judged as well, though the row names that of the later.
    const [old, current] = await listLsc(database.pool, { all: false });
    expect(await countJudgedBy(database.pool, { lscId: old?.lscId ?? '' })).toEqual({ comparisons: 2, patients: 1 });
    expect(await countJudgedBy(database.pool, { lscId: current?.lscId ?? '' })).toEqual({
      comparisons: 3,
      patients: 1,
    });
  });

  it('reassesses scans of before the first entry and after a renewal, and everyone again when it goes', async () => {
    const verdicts = async () => (await currentComparisons(database.pool)).map((line) => line.split(' ').slice(3));
    expect((await file(lscLine('total_hip', '0.017', { from: '2023-01-01' }))).patientsToAssess).toBe(1);
    await assessWaiting(database.pool);
    expect((await verdicts()).map(([, verdict]) => verdict)).toEqual(['down', 'down', 'down']);
    expect((await file(lscLine('total_hip', '0.030', { from: '2021-01-01' }))).patientsToAssess).toBe(1);
    await assessWaiting(database.pool);
    expect((await verdicts()).map(([, , , , lsc]) => lsc)).toEqual(['0.030000', '0.030000', '0.030000']);
    const [first, second] = await listLsc(database.pool, { all: false });
    expect([first?.validFrom, second?.validFrom]).toEqual(['2021-01-01', '2023-01-01']);
    await retireLsc(database.pool, first?.lscId ?? '', null, SIGNATURE);
    await assessWaiting(database.pool);
    expect((await verdicts()).map(([, , , , lsc]) => lsc)).toEqual(['0.017000', '0.017000', '0.017000']);
  });

  it('refuses what can hardly be right unless a reason is given, and keeps and shows the reason', async () => {
    const lines = lscCsvOf(lscLine('spine', '0.33'), lscLine('total_hip', '0.017'));
    await expect(importLsc(database.pool, parseLscCsv(lines), SIGNATURE)).rejects.toMatchObject({
      code: 'LSC_IMPLAUSIBLE',
      exitCode: 2,
      message: expect.stringContaining('spine L1-L4 from 2000-01-01: the LSC at 95 % is 0.330 g/cm²'),
    });
    await expect(importLsc(database.pool, parseLscCsv(lines), SIGNATURE, ' ')).rejects.toMatchObject({
      code: 'LSC_IMPLAUSIBLE',
    });
    expect(await listLsc(database.pool, { all: true })).toEqual([]);
    const filed = await importLsc(database.pool, parseLscCsv(lines), SIGNATURE, 'phantom study, see protocol 7');
    expect(filed.warnings).toEqual([
      expect.stringMatching(/^spine L1-L4 from 2000-01-01: the LSC at 95 % is 0\.330 .*ISCD/),
      expect.stringMatching(/filed despite it\.$/),
    ]);
    const entries = await listLsc(database.pool, { all: false });
    expect(entries.map(({ roi, despite }) => [roi.region, despite])).toEqual([
      ['spine', 'phantom study, see protocol 7'],
      ['total_hip', null],
    ]);
    const [spineEntry] = entries;
    const events = await listAuditEvents(database.pool, 'least_significant_change', spineEntry?.lscId ?? '');
    expect(events[0]?.after).toMatchObject({ despite: 'phantom study, see protocol 7' });
    // It goes on with the entry when that is ended.
    const ended = await retireLsc(database.pool, spineEntry?.lscId ?? '', '2020-12-31', SIGNATURE);
    expect((await findLscOnFile(database.pool, ended?.endedLscId ?? ''))?.despite).toBe(
      'phantom study, see protocol 7',
    );
  });

  it("keeps a technologist's own LSC on file beside the pooled one, which alone judges", async () => {
    await file(lscLine('total_hip', '0.030'));
    await assessWaiting(database.pool);
    const { pool } = database;
    const pooled = lscCsvOf(lscLine('total_hip', '0.010')).split('\n');
    const own = [`${pooled[0]},operator`, `${pooled[1]},K. Technologist`].join('\n');
    expect(await importLsc(pool, parseLscCsv(own), SIGNATURE)).toMatchObject({
      imported: 1,
      corrections: [],
      patientsToAssess: 0,
    });
    expect(await importLsc(pool, parseLscCsv(own), SIGNATURE)).toMatchObject({ imported: 0, unchanged: 1 });
    const { rows } = await pool.query(
      'select operator, lsc_g_per_cm2 as lsc, retired_at, replaces_id from least_significant_change order by id',
    );
    expect(rows).toEqual([
      { operator: '', lsc: '0.030000', retired_at: null, replaces_id: null },
      { operator: 'K. Technologist', lsc: '0.010000', retired_at: null, replaces_id: null },
    ]);
    await pool.query('update patient set revision = revision + 1');
    await assessWaiting(pool);
    expect(await currentComparisons(pool)).toEqual([
      'previous total_hip left 2018-05-01>2020-05-01 not_significant -0.020000 lsc 0.030000',
      'previous total_hip left 2020-05-01>2022-05-01 not_significant -0.020000 lsc 0.030000',
      'baseline total_hip left 2018-05-01>2022-05-01 down -0.040000 lsc 0.030000',
    ]);
    const [, technologist] = await listLsc(pool, { all: false });
    expect(await retireLsc(pool, technologist?.lscId ?? '', null, SIGNATURE)).toMatchObject({ patientsToAssess: 0 });
    expect(await assessWaiting(pool)).toEqual([]);
  });

  it('keeps a corrected entry with its verdicts and says what the correction affects', async () => {
    await file(lscLine('total_hip', '0.030'));
    await assessWaiting(database.pool);
    const result = await file(lscLine('total_hip', '0.017'));
    const [current] = await listLsc(database.pool, { all: false });
    expect(result).toMatchObject({
      imported: 1,
      unchanged: 0,
      corrections: [{ lscId: current?.lscId, replacesId: current?.replacesId, comparisons: 3, patients: 1 }],
      patientsToAssess: 1,
      unknownScanners: [],
    });
    const old = await findLscOnFile(database.pool, current?.replacesId ?? '');
    expect(old).toMatchObject({
      leastSignificantChange: 30_000,
      retiredBy: 'B. Physicist',
      retiredWhy: 'annual review',
    });
    await assessWaiting(database.pool);
    expect(await currentComparisons(database.pool)).toEqual([
      'previous total_hip left 2018-05-01>2020-05-01 down -0.020000 lsc 0.017000',
      'previous total_hip left 2020-05-01>2022-05-01 down -0.020000 lsc 0.017000',
      'baseline total_hip left 2018-05-01>2022-05-01 down -0.040000 lsc 0.017000',
    ]);
    const { rows } = await database.pool.query(
      'select verdict, lsc_id::text from comparison where superseded_at is not null order by id',
    );
    expect(rows).toEqual([
      { verdict: 'not_significant', lsc_id: old?.lscId },
      { verdict: 'not_significant', lsc_id: old?.lscId },
      { verdict: 'down', lsc_id: old?.lscId },
    ]);
  });

  it('takes the same file twice without a change', async () => {
    await file(lscLine('total_hip', '0.017'), lscLine('spine', '0.033'));
    await assessWaiting(database.pool);
    expect(await file(lscLine('total_hip', '0.017'), lscLine('spine', '0.033'))).toMatchObject({
      imported: 0,
      unchanged: 2,
      patientsToAssess: 0,
    });
    expect(await assessWaiting(database.pool)).toEqual([]);
  });

  it('marks only patients that the LSC can judge', async () => {
    const { pool } = database;
    for (const [uid, year] of [
      ['2.1', 2018],
      ['2.2', 2020],
    ] as const) {
      await storeStudy(pool, { patient: 'spine only', uid, scannedAt: `${year}-01-01`, scans: [spine('1.000')] });
    }
    for (const [uid, year] of [
      ['3.1', 2018],
      ['3.2', 2020],
    ] as const) {
      const scans = [hip('left', '0.800')];
      await storeStudy(pool, { patient: 'other scanner', uid, scannedAt: `${year}-01-01`, scans, equipment: IDXA_B });
    }
    await storeStudy(pool, { patient: 'once', uid: '4.1', scannedAt: '2020-01-01', scans: [hip('left', '0.800')] });
    for (const [uid, year] of [
      ['5.1', 2005],
      ['5.2', 2008],
    ] as const) {
      await storeStudy(pool, { patient: 'before', uid, scannedAt: `${year}-01-01`, scans: [hip('left', '0.800')] });
    }
    await assessWaiting(pool);
    for (const [uid, equipment] of [
      ['6.1', IDXA],
      ['6.2', IDXA_B],
    ] as const) {
      const scannedAt = uid === '6.1' ? '2018-01-01' : '2020-01-01';
      await storeStudy(pool, { patient: 'two scanners', uid, scannedAt, scans: [hip('left', '0.800')], equipment });
    }
    await assessWaiting(pool);
    const waiting = async () => {
      const { rows } = await pool.query<{ patient_id: string }>(
        'select patient_id from patient where assessed_revision < revision order by patient_id',
      );
      return rows.map(({ patient_id }) => patient_id);
    };
    // Both scans of "before" lie before the first entry, which judges them.
    expect((await file(lscLine('total_hip', '0.017', { from: '2010-01-01' }))).patientsToAssess).toBe(2);
    expect(await waiting()).toEqual(['P1', 'before']);
    await assessWaiting(pool);
    // Across scanners it matters where the two are cross-calibrated.
    const crossed = crossCalibrationCsv('A1', 'B1');
    await importCrossCalibrations(pool, parseCrossCalibrationCsv(crossed), SIGNATURE);
    await assessWaiting(pool);
    expect((await file(lscLine('total_hip', '0.017', { from: '2019-01-01', serial: 'B1' }))).patientsToAssess).toBe(2);
    expect(await waiting()).toEqual(['other scanner', 'two scanners']);
  });

  it('ends an entry on a day, or takes it out of force altogether', async () => {
    await file(lscLine('total_hip', '0.017'));
    await assessWaiting(database.pool);
    const [entry] = await listLsc(database.pool, { all: false });
    const ended = await retireLsc(database.pool, entry?.lscId ?? '', '2020-12-31', SIGNATURE);
    expect(ended).toMatchObject({ affected: { comparisons: 3, patients: 1 }, patientsToAssess: 1 });
    await assessWaiting(database.pool);
    expect((await currentComparisons(database.pool)).map((line) => line.split(' ')[4])).toEqual([
      'down',
      'provisional',
      'provisional',
    ]);
    const retired = await retireLsc(database.pool, ended?.endedLscId ?? '', null, SIGNATURE);
    expect(retired).toMatchObject({ affected: { comparisons: 1, patients: 1 }, endedLscId: null });
    await assessWaiting(database.pool);
    expect((await currentComparisons(database.pool)).every((line) => line.includes('provisional'))).toBe(true);
    expect(await retireLsc(database.pool, ended?.endedLscId ?? '', null, SIGNATURE)).toBeNull();
    expect(await listLsc(database.pool, { all: false })).toEqual([]);
    expect(await listLsc(database.pool, { all: true })).toHaveLength(2);
  });

  it('converts any confidence level by the ratio of z', async () => {
    // 0.011107 at 80 %: 0.011107 * 1.959964 / 1.281552 = 0.016987 at 95 %.
    await file(lscLine('total_hip', '0.011107', { level: '0.80' }));
    await assessWaiting(database.pool);
    expect((await currentComparisons(database.pool))[0]).toBe(
      'previous total_hip left 2018-05-01>2020-05-01 down -0.020000 lsc 0.016987',
    );
  });

  it('refuses an LSC without its confidence level, and imports nothing of such a file', () => {
    const lines = [lscLine('total_hip', '0.017'), lscLine('spine', '0.033', { level: '' })];
    expect(() => parseLscCsv(lscCsvOf(...lines))).toThrow(
      expect.objectContaining({
        code: 'LSC_INVALID',
        exitCode: 2,
        message: expect.stringContaining('line 3: confidence_level must be given as a fraction'),
      }),
    );
    const without = lscCsvOf(lscLine('total_hip', '0.017')).replace('confidence_level', 'confidence');
    expect(() => parseLscCsv(without)).toThrow(/line 2: confidence_level must be given/);
  });

  it('takes a percent LSC only with the mean of the precision cohort', async () => {
    const header =
      'manufacturer,model_name,device_serial_number,region,laterality,lsc_percent,cohort_mean_g_per_cm2,confidence_level,valid_from,source,author';
    const line = (percent: string, mean: string) =>
      `${header}\nGE Healthcare,Lunar iDXA,A1,total_hip,any,${percent},${mean},0.95,2000-01-01,older report,A. Author`;
    expect(() => parseLscCsv(line('2.8', ''))).toThrow(/line 2: cohort_mean_g_per_cm2 must be given/);
    await importLsc(database.pool, parseLscCsv(line('2.8', '0.900')), SIGNATURE);
    await assessWaiting(database.pool);
    // 2.8 % of 0.900 and not of the patient's 0.800.
    expect((await currentComparisons(database.pool))[0]).toContain('not_significant -0.020000 lsc 0.025200');
    const [entry] = await listLsc(database.pool, { all: false });
    expect(entry?.given).toEqual({ lscPercent: '2.800', cohortMean: 900_000 });
  });

  it('records who changed what and why, and the record cannot be changed', async () => {
    await file(lscLine('total_hip', '0.030'));
    await file(lscLine('total_hip', '0.017'));
    const [entry] = await listLsc(database.pool, { all: false });
    const events = await listAuditEvents(database.pool, 'least_significant_change', entry?.replacesId ?? '');
    expect(events.map(({ actor, action, note }) => [actor, action, note])).toEqual([
      ['B. Physicist', 'file', 'annual review'],
      ['B. Physicist', 'replace', 'annual review'],
    ]);
    expect(events[1]?.before).toMatchObject({ lsc_g_per_cm2: 0.03, retired_at: null });
    expect(events[1]?.after).toMatchObject({ lsc_g_per_cm2: 0.03, retired_by: 'B. Physicist' });
    for (const change of ["update audit_event set actor = 'x'", 'delete from audit_event', 'truncate audit_event']) {
      await expect(database.pool.query(change)).rejects.toMatchObject({ code: '23001' });
    }
  });

  it('names scanners that no report has shown', async () => {
    const result = await file(lscLine('total_hip', '0.017', { serial: 'A7' }));
    expect(result).toMatchObject({ patientsToAssess: 0, unknownScanners: ['lunar idxa|serial:a7'] });
  });
});
