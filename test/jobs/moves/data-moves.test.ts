import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Queryable } from '../../../src/db/pool.ts';
import { listDataMoves, rateOf } from '../../../src/db/schema/data-move.ts';
import { createMetrics } from '../../../src/health/metrics.ts';
import { type DataMove, type MovePace, runMoves } from '../../../src/jobs/moves/run-moves.ts';
import { measureState } from '../../../src/runtime/state-metrics.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { until } from '../../support/until.ts';

const ROWS = 2000;
const BATCH = 100;

/** Writes a word in capitals into a new column, and counts how often it did. */
const CAPITALS: DataMove<null> = {
  name: 'capitals',
  does: 'write words in capitals',
  count: async (database) => (await database.query('select count(*)::int as count from word')).rows[0].count,
  batch: async (transaction: Queryable, afterId: string) => {
    const { rows } = await transaction.query<{ id: string }>(
      `with page as (select id from word where id > $1 order by id limit ${BATCH}),
            done as (update word w set capitals = upper(w.text), times = times + 1 from page p where w.id = p.id and w.capitals is null returning w.id)
       select id::text from page order by page.id`,
      [afterId],
    );
    const last = rows.at(-1);
    return last === undefined ? null : { afterId: last.id, moved: rows.length };
  },
};

const pace: MovePace = { stopping: new AbortController().signal, restFactor: 0 };
const events = { onBatch: () => undefined, onProblem: () => undefined };

describe('a long data change', { timeout: 120_000 }, () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
    await database.pool.query(
      `create table word (id bigint generated always as identity primary key, text text not null, capitals text, times int not null default 0);
       insert into word (text) select 'word ' || n from generate_series(1, ${ROWS}) n`,
    );
  });
  afterEach(async () => database.drop());

  const go = () => runMoves(database.pool, [CAPITALS], null, pace, events);
  const written = async () =>
    (
      await database.pool.query(
        'select count(*)::int as all, count(capitals)::int as done, max(times) as times from word',
      )
    ).rows[0];
  const move = async () => (await listDataMoves(database.pool))[0];

  it('is done batch by batch, and says how far it is, how fast, and when nothing is left', async () => {
    const stopping = new AbortController();
    let batches = 0;
    const stop = () => {
      batches += 1;
      if (batches === 3) stopping.abort();
    };
    const paused = { ...pace, stopping: stopping.signal };
    expect(await runMoves(database.pool, [CAPITALS], null, paused, { ...events, onBatch: stop })).toBe(false);
    expect(await move()).toMatchObject({ moved: '300', remaining: String(ROWS - 300), finishedAt: null });
    const metrics = createMetrics('test');
    measureState(metrics, database.pool, {
      counts: async () => ({}),
      waitingSince: async () => ({}),
    } as unknown as Parameters<typeof measureState>[2]);
    expect((await metrics.render()).body).toMatch(
      new RegExp(`dxaflow_data_move_remaining\\{move="capitals",process="test"\\} ${ROWS - 300}`),
    );
    expect(await go()).toBe(true);
    const done = await move();
    expect(done).toMatchObject({ moved: String(ROWS), remaining: '0', finishedAt: expect.any(Date) });
    expect(done === undefined ? 0 : (rateOf(done) ?? 0)).toBeGreaterThan(0);
    expect(await written()).toEqual({ all: ROWS, done: ROWS, times: 1 });
  });

  it('finds what an older process adds after its end', async () => {
    await go();
    await database.pool.query(`insert into word (text) values ('late')`);
    expect(await go()).toBe(true);
    expect(await written()).toEqual({ all: ROWS + 1, done: ROWS + 1, times: 1 });
  });

  it('is done once by five processes at a time', async () => {
    for (let all = false; !all; ) all = (await Promise.all(Array.from({ length: 5 }, go))).some((done) => done);
    expect(await written()).toEqual({ all: ROWS, done: ROWS, times: 1 });
    expect(await move()).toMatchObject({ moved: String(ROWS) });
  });

  it('resumes where it was when its process is killed in the middle of a batch', async () => {
    const module = (path: string) => JSON.stringify(fileURLToPath(new URL(`../../../src/${path}.ts`, import.meta.url)));
    const script = `
      import { openPool } from ${module('db/pool')};
      import { runMoves } from ${module('jobs/moves/run-moves')};
      const pool = openPool(${JSON.stringify(database.url)}, { max: 1, applicationName: 'killed', onError: () => undefined });
      const move = { name: 'capitals', does: '', count: ${CAPITALS.count.toString()}, batch: async (transaction, afterId) => {
        const BATCH = ${BATCH};
        const done = await (${CAPITALS.batch.toString()})(transaction, afterId);
        if (afterId === '500') await transaction.query('select pg_sleep(600)');
        return done;
      } };
      await runMoves(pool, [move], null, { stopping: new AbortController().signal, restFactor: 0 }, { onBatch() {}, onProblem() {} });`;
    const worker = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    const asleep = async () =>
      (
        await database.pool.query(
          `select 1 from pg_stat_activity where application_name = 'killed' and wait_event = 'PgSleep'`,
        )
      ).rows.length === 1;
    await until(asleep, 'in the middle of the sixth batch', 60_000);
    worker.kill('SIGKILL');
    await gone;
    expect(await go()).toBe(false); // the server still thinks of the dead one as at it
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'killed'`,
    );
    await until(go, 'done', 30_000);
    expect(await written()).toEqual({ all: ROWS, done: ROWS, times: 1 });
    expect(await move()).toMatchObject({ moved: String(ROWS), remaining: '0' });
  });

  it('stops at what cannot be done, says why, and resumes once it can', async () => {
    await database.pool.query(`alter table word add check (capitals <> 'WORD 1234')`);
    const problems: string[] = [];
    const telling = { ...events, onProblem: (name: string) => problems.push(name) };
    expect(await runMoves(database.pool, [CAPITALS], null, pace, telling)).toBe(false);
    expect(problems).toEqual(['capitals']);
    expect(await move()).toMatchObject({ problemCode: '23514', moved: '1200', afterId: '1200' });
    await database.pool.query('alter table word drop constraint word_capitals_check');
    expect(await go()).toBe(true);
    expect(await move()).toMatchObject({ problemCode: null, remaining: '0' });
  });
});
