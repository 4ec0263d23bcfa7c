import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findClaimsOfFile } from '../../../src/db/files/source-file-detail.ts';
import { readList } from '../../../src/db/qa-list/read-list.ts';
import { listHistoryFindings } from '../../../src/db/records/history-finding.ts';
import { listScanners } from '../../../src/db/records/scanner.ts';
import { listCalibrationFactors, listFactorChanges } from '../../../src/db/registry/calibration-factors.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { parseMicro } from '../../../src/dxa/values/quantity.ts';
import type { NormalisedReport } from '../../../src/dxa/values/report.ts';
import { scannersContent } from '../../../src/http/registry/scanners.ts';
import { adaptImage } from '../../../src/vendors/adapt-image.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';
import { arrive, measured, reportWith } from '../../support/stored/arriving-report.ts';
import { assessWaiting } from '../../support/stored/judged.ts';

const BYTES = readFileSync(join(import.meta.dirname, '../../fixtures/hologic/apex-13/square-brackets/report.dcm'));

/** The report of a Hologic image, with other days and factors. */
function hologic(uid: string, day: string, acf: string): NormalisedReport {
  const adapted = adaptImage(BYTES, READ_LIMITS, RECEIVED_ON);
  if (!adapted.ok) throw new Error(adapted.code);
  const { report } = adapted;
  const study = { ...report.study, studyInstanceUid: `2.25.${uid}`, scannedAt: day };
  return { ...report, sopInstanceUid: uid, study, calibration: { acf: parseMicro(acf), bcf: parseMicro('0.987') } };
}

describe('what a report says of its study', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => await database.drop());

  it('is stored: the performed procedure and the calibration factors', async () => {
    await arrive(database.pool, hologic('1', '2023-04-12', '1.023'));
    expect(await findClaimsOfFile(database.pool, '1')).toEqual({
      scannedAt: '2023-04-12',
      scanDateDoubted: false,
      performedProcedureId: 'PPSFX0001',
      performedProcedure: 'Dual energy X-ray absorptiometry',
      performedProcedureCodes: [{ value: '241686001', scheme: 'SCT', meaning: 'Dual energy X-ray absorptiometry' }],
      acf: '1.023000',
      bcf: '0.987000',
    });
  });

  it('shows on which days the factors of a scanner changed, whatever order its reports arrived in', async () => {
    for (const [uid, day, acf] of [
      ['4', '2024-03-01', '1.031'],
      ['1', '2023-01-01', '1.023'],
      ['3', '2024-01-01', '1.031'],
      ['2', '2023-06-01', '1.023'],
    ] as const)
      await arrive(database.pool, hologic(uid, day, acf));
    expect(await listCalibrationFactors(database.pool, '1')).toEqual([
      { scannedOn: '2023-01-01', acf: '1.023000', bcf: '0.987000' },
      { scannedOn: '2024-01-01', acf: '1.031000', bcf: '0.987000' },
    ]);
  });

  it('tells on the list of scanners that factors changed, and whether an epoch answers it', async () => {
    const { pool } = database;
    for (const [uid, day, acf] of [
      ['1', '2023-01-01', '1.023'],
      ['2', '2023-06-01', '1.027'],
      ['4', '2024-03-01', '1.031'],
      ['3', '2024-01-01', '1.027'],
    ] as const)
      await arrive(pool, hologic(uid, day, acf));
    const [change] = await listFactorChanges(pool);
    expect(change).toEqual({ scannerId: '1', changedOn: '2024-03-01', splitsHistory: false });
    const page = scannersContent(await listScanners(pool), change === undefined ? [] : [change]);
    expect(page).toContain('Calibration factors changed on 2024-03-01: <strong>no epoch on file</strong>');

    const epoch = async (startsOn: string) =>
      await pool.query(
        `insert into scanner_epoch (scanner_key, manufacturer, model_name, device_serial_number, station_name, starts_on, reason, author, note)
         select identity_key, manufacturer, model_name, device_serial_number, station_name, $1, 'calibration_shift', 'm.weber', '' from scanner`,
        [startsOn],
      );
    await epoch('2023-06-01');
    expect(await listFactorChanges(pool)).toMatchObject([{ splitsHistory: false }]);
    await epoch('2024-02-15');
    const answered = await listFactorChanges(pool);
    expect(answered).toMatchObject([{ changedOn: '2024-03-01', splitsHistory: true }]);
    expect(scannersContent(await listScanners(pool), answered)).not.toContain('no epoch on file');
  });

  it('tells of no change where factors stay or are not printed', async () => {
    for (const [uid, day] of [
      ['1', '2023-01-01'],
      ['2', '2024-01-01'],
    ] as const)
      await arrive(database.pool, hologic(uid, day, '1.023'));
    await arrive(database.pool, reportWith({ uid: '3', day: '2024-03-10' }));
    expect(await listFactorChanges(database.pool)).toEqual([]);
  });

  it('compares nothing with a scan whose day is impossible, and says so', async () => {
    const spine = (value: string) => [measured('spine', 'none', 'bmd', value)];
    await arrive(database.pool, reportWith({ uid: '1', day: '2022-03-10', values: spine('1.000') }));
    const later = reportWith({ uid: '2', day: '2045-03-01', values: spine('1.060') });
    await arrive(database.pool, { ...later, study: { ...later.study, scanDateDoubted: true } });
    await assessWaiting(database.pool);
    const { rows } = await database.pool.query('select 1 from comparison');
    expect(rows).toEqual([]);
    const found = await listHistoryFindings(database.pool, { code: null, limit: 10 });
    expect(found.map(({ code, subject }) => `${code} ${subject}`)).toEqual(['IMPOSSIBLE_DATE scannedOn']);
    const query = { list: 'visits', filters: {}, sort: null, limit: 10, after: null } as const;
    const listed = await readList(database.pool, query);
    expect(listed.rows.map(({ scannedOn, findings }) => ({ scannedOn, findings }))).toEqual([
      { scannedOn: '2045-03-01', findings: ['IMPOSSIBLE_DATE'] },
    ]);
  });

  it('gives a report without a believable day that of the others of its study', async () => {
    const study = { study: '7' };
    const bmd = reportWith({
      uid: '1',
      day: '2022-03-10',
      ...study,
      values: [measured('spine', 'none', 'bmd', '1.000')],
    });
    const score = reportWith({
      uid: '2',
      day: '1900-01-01',
      ...study,
      values: [measured('spine', 'none', 't_score', '-1.5')],
    });
    await arrive(database.pool, { ...score, study: { ...score.study, scanDateDoubted: true } });
    await arrive(database.pool, bmd);
    await assessWaiting(database.pool);
    const found = await listHistoryFindings(database.pool, { code: null, limit: 10 });
    expect(found.map(({ code }) => code)).toEqual([]);
  });
});

describe('an image, and the report that follows it a day later', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => await database.drop());

  const values = async () =>
    (
      await database.pool.query<{ line: string }>(
        `select concat_ws(' ', quantity, trim_scale(value)) as line from current_measurement order by 1`,
      )
    ).rows.map(({ line }) => line);

  it.each([
    ['first the image', false],
    ['first the report', true],
  ])('are one analysis where they print one BMD: the finer BMD, the scores of the image (%s)', async (_, reversed) => {
    const study = { day: '2024-03-12', study: '9' };
    const image = reportWith({
      uid: '1',
      ...study,
      values: [measured('spine', 'none', 'bmd', '1.023'), measured('spine', 'none', 't_score', '-1.5')],
    });
    const report = reportWith({ uid: '2', ...study, values: [measured('spine', 'none', 'bmd', '1.0234')] });
    for (const one of reversed ? [report, image] : [image, report]) await arrive(database.pool, one);
    await assessWaiting(database.pool);
    expect(await listHistoryFindings(database.pool, { code: null, limit: 10 })).toEqual([]);
    expect(await values()).toEqual(['bmd 1.0234', 't_score -1.5']);
  });

  it('are two where their BMDs differ beyond what is printed', async () => {
    const study = { day: '2024-03-12', study: '9' };
    await arrive(
      database.pool,
      reportWith({ uid: '1', ...study, values: [measured('spine', 'none', 'bmd', '1.023')] }),
    );
    await arrive(
      database.pool,
      reportWith({ uid: '2', ...study, values: [measured('spine', 'none', 'bmd', '1.0244')] }),
    );
    await assessWaiting(database.pool);
    const found = await listHistoryFindings(database.pool, { code: null, limit: 10 });
    expect(found.map(({ code }) => code)).toEqual(['REPORTS_CONTRADICT']);
    expect(await values()).toEqual(['bmd 1.0244']);
  });
});
