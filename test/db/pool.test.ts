import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inTransaction, openPool, type Pool } from '../../src/db/pool.ts';
import { isStalePlan, isTransient } from '../../src/errors/transient.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { until } from '../support/until.ts';

describe('a transaction', () => {
  let database: TestDatabase;
  let pool: Pool;
  const heard: string[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
    heard.length = 0;
    const onError = (error: Error) => void heard.push('code' in error ? String(error.code) : error.message);
    pool = openPool(database.url, { max: 2, applicationName: 'test', onError });
  });
  afterEach(async () => {
    await pool.end();
    await database.drop();
  });

  it('fails when its connection is cut between two statements, and the pool keeps working', async () => {
    const work = inTransaction(pool, async (transaction) => {
      const { rows } = await transaction.query<{ pid: number }>('select pg_backend_pid() as pid');
      await database.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      // The news arrives while no statement runs: without a listener it would end the process.
      await until(() => heard.length > 0, 'news of the connection');
      await transaction.query('select 1');
    });
    await expect(work).rejects.toThrow();
    expect(heard[0]).toBe('57P01');
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('reports an idle connection that is cut once', async () => {
    await pool.query('select 1');
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'test' and pid <> pg_backend_pid()`,
    );
    await until(() => heard.length > 0, 'news of the connection');
    expect(heard.filter((code) => code === '57P01')).toEqual(['57P01']);
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('replaces a connection whose prepared statements no longer fit a table that was changed', async () => {
    const one = openPool(database.url, { max: 1, applicationName: 'test', onError: () => undefined });
    await one.query('create table thing (id integer); insert into thing values (1)');
    const read = () =>
      inTransaction(one, async (to) => (await to.query({ name: 'things', text: 'select * from thing' })).rows);
    expect(await read()).toEqual([{ id: 1 }]);
    await database.pool.query(`alter table thing add column word text default 'new'`);
    const failure: unknown = await read().catch((error: unknown) => error);
    expect([isStalePlan(failure), isTransient(failure)]).toEqual([true, true]);
    expect(await read()).toEqual([{ id: 1, word: 'new' }]);
    await one.end();
  });
});
