import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import pg from 'pg';
import { checkPostgresLayout, checkRedisLayout } from './layout.ts';

// BullMQ keeps times of day: when a retry is due, until when a lock holds. Each process writes them by its own clock, and
// a clock that jumps, or differs from the others, makes them hours late. What is here measures by a clock that does not
// jump, and looks at nothing but whether something has stood still for longer than it was told to.

/** A retry is due on its second; a worker that is busy may be a little late without anything being wrong. */
const GRACE_MS = 5000;
/** Waiting jobs looked at, those that are due last first: a wrong clock ahead puts its own among them. */
const PAGE = 500;

/** Says for how long, in milliseconds by a clock that does not jump, a thing has been what it is at every look. */
function openStopwatch(): (things: readonly string[]) => (thing: string) => number {
  let since = new Map<string, number>();
  return (things) => {
    const now = performance.now();
    since = new Map(things.map((thing) => [thing, since.get(thing) ?? now]));
    return (thing) => now - (since.get(thing) ?? now);
  };
}

/** A schedule's next job is no retry: when it is due is the schedule's own affair. */
const isRetry = (job: Job) => job.attemptsMade > 0 || job.repeatJobKey === undefined;
const keyOf = (job: Job) => `${job.id} ${job.attemptsMade}`;

/** Gives a function that has a retry done at once which has waited for longer than its backoff said. */
export function openDelayWatch(queue: Queue): () => Promise<void> {
  const look = openStopwatch();
  return async () => {
    const jobs = (await queue.getJobs('delayed', 0, PAGE - 1, false)).filter(
      (job) => job !== undefined && isRetry(job),
    );
    const waited = look(jobs.map(keyOf));
    for (const job of jobs) {
      if (waited(keyOf(job)) < job.delay + GRACE_MS) continue;
      try {
        await job.promote();
      } catch (error) {
        if (await job.isDelayed()) throw error; // otherwise a worker has just taken it
      }
    }
  };
}

/** Frees what a dead worker holds under a lock that the clock of its time makes last for hours. */
export type LockWatch = {
  /** Throws QUEUE_LAYOUT where the queue is not kept in the form that `look` knows. */
  readonly check: () => Promise<void>;
  readonly look: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * On Redis a lock lasts by the server's clock, and no longer than `lockMs` unless that clock was set back.
 */
export function openRedisLockWatch(redis: Redis, prefix: string, lockMs: number): LockWatch {
  const shorten = async (key: string) => {
    if ((await redis.pttl(key)) > lockMs) await redis.pexpire(key, lockMs);
  };
  return {
    check: () => checkRedisLayout(redis, prefix),
    look: async () => {
      const active = await redis.lrange(`${prefix}:active`, 0, -1);
      await Promise.all([`${prefix}:stalled-check`, ...active.map((id) => `${prefix}:${id}:lock`)].map(shorten));
    },
    close: async () => redis.disconnect(),
  };
}

/**
 * On PostgreSQL a lock lasts by the clock of the worker that took it. A live worker renews it twice in `lockMs`; the same
 * holds for the time of the last search for dead workers, which keeps others from searching until it has passed.
 */
export function openPostgresLockWatch(url: string, schema: string, queue: string, lockMs: number): LockWatch {
  const pool = new pg.Pool({ connectionString: url, max: 1, idleTimeoutMillis: 1000 });
  pool.on('error', () => undefined); // the next check reconnects, and reports if it cannot
  const [job, meta] = [`${pg.escapeIdentifier(schema)}.job`, `${pg.escapeIdentifier(schema)}.meta`];
  const stopwatch = openStopwatch();
  return {
    check: () => checkPostgresLayout(pool, schema),
    look: async () => {
      const { rows } = await pool.query<{ what: 'lock' | 'search'; id: string; until: string }>(
        `select 'lock' as what, id, locked_until_ms::text as until from ${job} where queue = $1 and state = 'active'
         union all select 'search', '', value from ${meta} where queue = $1 and field = 'stalled-check'`,
        [queue],
      );
      const keyOfRow = ({ what, id, until }: (typeof rows)[number]) => `${what} ${id} ${until}`;
      const stood = stopwatch(rows.map(keyOfRow));
      for (const row of rows) {
        if (stood(keyOfRow(row)) < lockMs) continue;
        const values = [queue, row.until];
        if (row.what === 'search') {
          await pool.query(`delete from ${meta} where queue = $1 and field = 'stalled-check' and value = $2`, values);
        } else {
          await pool.query(
            `update ${job} set locked_until_ms = 0
              where queue = $1 and locked_until_ms = $2 and id = $3 and state = 'active'`,
            [...values, row.id],
          );
        }
      }
    },
    close: () => pool.end(),
  };
}
