import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assessStoredPatient } from '../../../src/jobs/assess/assess.ts';
import { importLsc, parseLscCsv } from '../../../src/jobs/registry/lsc-import.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { assessWaiting, lscCsvOf, lscLine } from '../../support/stored/judged.ts';
import { hip, storeStudy } from '../../support/stored/stored-study.ts';

describe('corrections of an LSC while patients are scanned and judged', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => database.drop());

  it('leave no patient judged by an entry that is no longer in force', async () => {
    const { pool } = database;
    const patients = Array.from({ length: 24 }, (_, index) => index);
    const scanAndJudge = async (index: number) => {
      for (const year of [2018, 2020, 2022]) {
        const study = { patient: `P${index}`, uid: `${index}.${year}`, scannedAt: `${year}-05-01` };
        const patientId = await storeStudy(pool, { ...study, scans: [hip('left', '0.800')] });
        await assessStoredPatient(pool, patientId);
      }
    };
    const correct = async () => {
      for (let lsc = 20; lsc < 40; lsc += 1) {
        const csv = lscCsvOf(lscLine('total_hip', `0.0${lsc}`));
        await importLsc(pool, parseLscCsv(csv), { by: 'B. Physicist', note: '' });
      }
    };
    await Promise.all([
      correct(),
      ...[0, 1, 2].map(async (lane) => {
        for (const index of patients) if (index % 3 === lane) await scanAndJudge(index);
      }),
    ]);
    await assessWaiting(pool);
    const { rows } = await pool.query(
      `select count(*)::int as comparisons, array_agg(distinct lsc_g_per_cm2::text) as lscs from comparison where superseded_at is null`,
    );
    expect(rows).toEqual([{ comparisons: 24 * 3, lscs: ['0.039000'] }]);
    expect(await assessWaiting(pool)).toEqual([]);
  }, 60_000);
});
