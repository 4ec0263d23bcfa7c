import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { inTransaction, type Queryable } from '../../src/db/pool.ts';
import { storeReports } from '../../src/db/report.ts';
import { reportRow } from '../../src/db/report-row.ts';
import { markForReading } from '../../src/db/site-mapping.ts';
import { announceSourceFiles, markReceived } from '../../src/db/source-file.ts';
import { measured, reportWith } from '../support/arriving-report.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const file = (digit: string) => {
  const sha256 = digit.repeat(64);
  return { sha256, byteCount: 1, archivePath: sha256, dropName: digit };
};
const report = (uid: string) =>
  reportRow(reportWith({ uid, values: [measured('spine', 'none', 'bmd', '0.900')] }), 'test');

/** Whoever takes several files starts with the lowest id: it holds no other while it waits for that one. */
describe('rows of several files', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => await database.drop());

  const waiting = async () =>
    (
      await database.pool.query<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
    ).rows[0]?.n ?? 0;

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
      while ((await waiting()) === 0) await sleep(5);
      await lock(holder, second.id);
    });
    await taken;
  });
});
