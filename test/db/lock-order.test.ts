import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockRegistry } from '../../src/db/audit.ts';
import { announceSourceFiles, markReceived } from '../../src/db/files/source-file.ts';
import {
  touchPatientsOfCrossCalibration,
  touchPatientsOfEpoch,
  touchPatientsOfLsc,
} from '../../src/db/judgement/dependents.ts';
import { lockPatientsForAssessment } from '../../src/db/locks.ts';
import { inTransaction, type Queryable } from '../../src/db/pool.ts';
import { touchPatientsNamed } from '../../src/db/records/context-writing.ts';
import { addPhantomPattern } from '../../src/db/records/phantom.ts';
import { storeReports } from '../../src/db/records/report.ts';
import { reportRow } from '../../src/db/records/report-row.ts';
import { markForReading } from '../../src/db/registry/unknown-concept.ts';
import { mergePatients } from '../../src/jobs/merge/patient-merge.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { measured, reportWith } from '../support/stored/arriving-report.ts';
import { hip, IDXA, IDXA_B, storeStudy } from '../support/stored/stored-study.ts';
import { until } from '../support/until.ts';

const file = (digit: string) => {
  const sha256 = digit.repeat(64);
  return { sha256, byteCount: 1, archivePath: sha256, dropName: digit };
};
const report = (uid: string) =>
  reportRow(reportWith({ uid, values: [measured('spine', 'none', 'bmd', '0.900')] }), 'test');

const waiting = async ({ pool }: TestDatabase) =>
  (
    await pool.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
  ).rows[0]?.n ?? 0;

/** Whoever takes several files starts with the lowest id: it holds no other while it waits for that one. */
describe('rows of several files', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => await database.drop());

  it.each([
    ['announced again', (on: Queryable) => announceSourceFiles(on, [file('0'), file('f')])],
    ['received', (on: Queryable, ids: readonly string[]) => markReceived(on, ids)],
    ['to be read again', (on: Queryable, ids: readonly string[]) => markForReading(on, ids)],
    [
      'stored',
      (on: Queryable, ids: readonly string[]) =>
        storeReports(
          on,
          ids.map((sourceFileId) => ({ sourceFileId, report: report(`1.${sourceFileId}`) })),
        ),
    ],
  ])('are locked by their ids when they are %s', async (_, take) => {
    // The later file has the lesser hash, and is named first.
    const [first] = await announceSourceFiles(database.pool, [file('f')]);
    const [second] = await announceSourceFiles(database.pool, [file('0')]);
    if (first === undefined || second === undefined) throw new Error('not announced');
    await database.pool.query(`update source_file set state = 'refused', reason_code = 'NOT_DXA'`);
    const lock = async (on: Queryable, id: string) =>
      await on.query('select 1 from source_file where id = $1 for update nowait', [id]);
    let taken: Promise<unknown> | undefined;
    await inTransaction(database.pool, async (holder) => {
      await lock(holder, first.id);
      taken = take(database.pool, [second.id, first.id]);
      await until(async () => (await waiting(database)) > 0, 'the other transaction waits');
      await lock(holder, second.id);
    });
    await taken;
  });
});

/** The same for patients; the one with the lower id comes later in the table, where a plan without order would find it. */
describe('rows of several patients', () => {
  let database: TestDatabase;
  let patients: readonly string[];
  beforeEach(async () => {
    database = await createTestDatabase();
    patients = [];
    for (const patient of ['P1', 'P2']) {
      for (const [index, equipment] of [IDXA, IDXA_B, IDXA].entries()) {
        const study = { patient, uid: `${patient}.${index}`, scannedAt: `202${index}-05-01`, equipment };
        const id = await storeStudy(database.pool, { ...study, scans: [hip('left', '0.800')] });
        patients = [...new Set([...patients, id])];
      }
    }
    await database.pool.query('update patient set created_at = created_at where id = $1', [patients[0]]);
    await database.pool.query('analyze');
  });
  afterEach(async () => await database.drop());

  const span = { region: 'total_hip', from: '2000-01-01', to: null } as const;
  const keys = async (on: Queryable) =>
    (await on.query<{ key: string }>('select identity_key as key from scanner order by id')).rows.map(({ key }) => key);

  it.each([
    [
      'an LSC is put on file',
      async (on: Queryable) => await touchPatientsOfLsc(on, [{ ...span, scannerKey: (await keys(on))[0] ?? '' }]),
    ],
    [
      'a cross-calibration is put on file',
      async (on: Queryable) => {
        const [fromScannerKey = '', scannerKey = ''] = await keys(on);
        return await touchPatientsOfCrossCalibration(on, [{ ...span, scannerKey, fromScannerKey }]);
      },
    ],
    [
      'a scanner is parted',
      async (on: Queryable) =>
        await touchPatientsOfEpoch(on, { scannerKey: (await keys(on))[0] ?? '', startsOn: '2020-01-01' }),
    ],
    [
      'context comes',
      async (on: Queryable) =>
        await touchPatientsNamed(on, [
          { issuerOfPatientId: '', patientId: 'P2' },
          { issuerOfPatientId: '', patientId: 'P1' },
        ]),
    ],
    [
      'a pattern of phantoms comes',
      async (on: Queryable) => await addPhantomPattern(on, '^P[12]$', { by: 'M. Weber', note: 'test' }),
    ],
    [
      'they are merged',
      async (_: Queryable) =>
        await mergePatients(database.pool, {
          ...{ from: 'P2', into: 'P1', despite: null },
          signature: { by: 'M. Weber', note: 'one person' },
        }),
    ],
  ] as readonly (readonly [string, (on: Queryable) => Promise<unknown>])[])(
    'are locked by their ids when %s',
    async (_, touch) => {
      const [first, second] = patients;
      const lock = async (on: Queryable, id: string | undefined) =>
        await on.query('select 1 from patient where id = $1 for no key update nowait', [id]);
      let touched: Promise<unknown> | undefined;
      await inTransaction(database.pool, async (holder) => {
        await lock(holder, first);
        touched = inTransaction(database.pool, touch);
        await until(async () => (await waiting(database)) > 0, 'the other transaction waits');
        await lock(holder, second);
      });
      await touched;
    },
  );

  it('are judged only while the registry is not being changed', async () => {
    let judging: Promise<unknown> | undefined;
    await inTransaction(database.pool, async (holder) => {
      await lockRegistry(holder);
      judging = inTransaction(database.pool, (other) => lockPatientsForAssessment(other, patients));
      await until(async () => (await waiting(database)) > 0, 'the other transaction waits');
      const { rows } = await holder.query(
        `select count(*)::int as n from pg_locks where locktype = 'advisory' and granted and classid = 1
            and database = (select oid from pg_database where datname = current_database())`,
      );
      expect(rows).toEqual([{ n: 0 }]);
    });
    await judging;
  });

  it('that end in a deadlock after all are tried again, and no error comes out', async () => {
    const arrived = { count: 0 };
    const times: number[] = [];
    const raise = (order: readonly (string | undefined)[]) =>
      inTransaction(database.pool, async (on) => {
        times.push(1);
        const [one, two] = order;
        await on.query('update patient set revision = revision + 10 where id = $1', [one]);
        arrived.count += 1;
        await until(() => arrived.count >= 2, 'both hold a patient');
        await on.query('update patient set revision = revision + 10 where id = $1', [two]);
      });
    const sum = async () =>
      Number((await database.pool.query('select sum(revision)::int as n from patient')).rows[0].n);
    const before = await sum();
    await Promise.all([raise(patients), raise(patients.toReversed())]);
    expect(times.length).toBeGreaterThan(2);
    expect((await sum()) - before).toBe(40);
  });
});
