import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isRolledBack, isStalePlan } from '../errors/transient.ts';

// A `date` would become local midnight and shift by a day elsewhere: it stays text. `bigint` ids stay text too, as
// everywhere in our types; `numeric` already does.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);

export type Pool = pg.Pool;
/** Anything that runs a statement: a pool, or the client of a transaction. */
export type Queryable = Pick<pg.Pool, 'query'>;

const PLAN_LIFETIME_S = 300;

/** Opens a pool on `databaseUrl`; `onError` gets connections that broke while nothing ran on them. */
export function openPool(
  databaseUrl: string,
  options: { max: number; applicationName: string; onError: (error: Error) => void },
): Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: 15_000,
    keepAlive: true,
    // A prepared statement keeps its plan: one made while the tables were empty would read all of them for good.
    maxLifetimeSeconds: PLAN_LIFETIME_S,
  });
  // A connection may also break between two statements of a transaction, when the pool does not listen: an error event
  // without a listener would end the process. The next statement on that client fails, and its caller gets the error.
  pool.on('connect', (client) => client.on('error', options.onError));
  pool.on('error', () => undefined); // the client's own event came first
  return pool;
}

/**
 * For transactions all of whose statements go by keys: one planned while a table was empty must not read all of it
 * later, one plan is good for all, and nothing is worth being compiled.
 */
export const BY_KEYS =
  'set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off; set local jit = off';

/**
 * For transactions that judge, by keys as well. The commit does not wait for the disk: what a crash of the server loses is
 * a whole judgement with its revision, and the sweep has it made again. One that changes cases does wait (see
 * `writeAssessment`), for people may be looking at them.
 */
export const TO_JUDGE = `${BY_KEYS}; set local synchronous_commit = off`;

const TRIES = 8;

/**
 * Runs `work` in one transaction: committed when it resolves, rolled back when it throws. `settings` are statements that
 * go before it, in the round trip that opens the transaction. Where the server itself ends a transaction for another's
 * sake (a deadlock: SQLSTATE class 40), `work` is run again from its beginning; it keeps nothing outside of it.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (transaction: Queryable) => Promise<T>,
  settings: typeof BY_KEYS | typeof TO_JUDGE | '' = '',
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(pool, work, settings);
    } catch (error) {
      if (attempt === TRIES || !isRolledBack(error)) throw error;
      await sleep(20 * attempt * Math.random());
    }
  }
}

async function once<T>(pool: Pool, work: (transaction: Queryable) => Promise<T>, settings: string): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(`begin; ${settings}`);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    // It would answer the same for as long as it lives.
    if (isStalePlan(error)) broken = new Error('a prepared statement is out of date');
    await client.query('rollback').catch((rollbackError: unknown) => {
      broken = rollbackError instanceof Error ? rollbackError : new Error('rollback failed');
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
