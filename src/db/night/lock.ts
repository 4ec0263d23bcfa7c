import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, Queryable } from '../pool.ts';

/** Advisory lock of a reprocessing run, nightly or manual: "night" on a telephone keypad. */
const NIGHT_LOCK = 64_448;
/** Beside it, by two keys and shared: nights whose hour has come and that wait for it. */
const WAITING = 1;
const POLL_MS = 1000;

export type NightLock = {
  /** Aborts when the connection that holds the lock is gone: another run may hold it by now. */
  readonly lost: AbortSignal;
  readonly release: () => Promise<void>;
};

/** Takes the lock for reprocessing, for as long as the connection lives; null when another run holds it. */
export async function takeNightLock(pool: Pool): Promise<NightLock | null> {
  const client = await pool.connect();
  const lost = new AbortController();
  client.on('error', () => lost.abort());
  client.on('end', () => lost.abort());
  try {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [NIGHT_LOCK]);
    if (rows[0]?.taken !== true) {
      client.release();
      return null;
    }
  } catch (error) {
    client.release(true);
    throw error;
  }
  const release = async () => {
    // The next run must find the lock free; a lost connection has released it already.
    await client.query('select pg_advisory_unlock($1)', [NIGHT_LOCK]).catch(() => lost.abort());
    client.release(true);
  };
  return { lost: lost.signal, release };
}

/**
 * Waits for the current run and then takes the lock; null when `stopping` came first. While it waits, everyone
 * can see that a night does (isNightWaiting), and its claim is gone with its connection.
 */
export async function awaitNightLock(
  pool: Pool,
  { stopping, onWait }: { readonly stopping: AbortSignal; readonly onWait: () => void },
): Promise<NightLock | null> {
  const free = await takeNightLock(pool);
  if (free !== null) return free;
  const client = await pool.connect();
  client.on('error', () => undefined); // the next statement fails, and tells
  try {
    await client.query('select pg_advisory_lock_shared($1, $2)', [NIGHT_LOCK, WAITING]);
    onWait();
    while (!stopping.aborted) {
      const lock = await takeNightLock(pool);
      if (lock !== null) return lock;
      await sleep(POLL_MS, undefined, { signal: stopping }).catch(() => undefined);
    }
    return null;
  } finally {
    // Whatever the connection still holds goes with it.
    client.release(true);
  }
}

async function isHeld(database: Queryable, classId: number, objectId: number, keys: 1 | 2): Promise<boolean> {
  const { rowCount } = await database.query(
    `select 1 from pg_locks where locktype = 'advisory' and classid = $1 and objid = $2 and objsubid = $3 and granted
        and database = (select oid from pg_database where datname = current_database())`,
    [classId, objectId, keys],
  );
  return (rowCount ?? 0) > 0;
}

/** Whether a run is at work at this moment: one marked as running may have been killed. */
export const isNightAtWork = async (database: Queryable): Promise<boolean> => await isHeld(database, 0, NIGHT_LOCK, 1);

/** Whether a night whose hour has come waits for the run that is at work. */
export const isNightWaiting = async (database: Queryable): Promise<boolean> =>
  await isHeld(database, NIGHT_LOCK, WAITING, 2);
