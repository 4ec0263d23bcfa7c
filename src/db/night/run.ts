import type { Queryable } from '../pool.ts';

export type Versions = {
  readonly reader: string;
  readonly adapters: Readonly<Record<string, string>>;
  readonly ruleSet: string;
};

/** What a run by hand is limited to. */
export type NightFilters = {
  /** Files received on or after this day. */
  readonly since?: string;
  readonly vendor?: string;
  /** Id, identity key, serial number or station name. */
  readonly scanner?: string;
  /** Reason code of a refusal, or code of a finding. */
  readonly code?: string;
};

export type NightRun = {
  readonly id: string;
  readonly trigger: 'schedule' | 'hand';
  readonly filters: NightFilters;
  readonly state: 'running' | 'paused' | 'done' | 'given_up';
  readonly versions: Versions;
  readonly windowEndsAt: Date | null;
  /** What is left of the window by the database's clock, which set its end; negative when it is over. */
  readonly windowLeftSeconds: number | null;
  readonly timesResumed: number;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  /** Code of the error that broke it off; null once it goes on. */
  readonly failureCode: string | null;
  readonly failedAt: Date | null;
};

const COLUMNS = `id::text, trigger, filters, state, versions, window_ends_at as "windowEndsAt",
  extract(epoch from window_ends_at - now())::float8 as "windowLeftSeconds",
  times_resumed as "timesResumed", started_at as "startedAt", finished_at as "finishedAt",
  failure_code as "failureCode", failed_at as "failedAt"`;

type Begin = Pick<NightRun, 'trigger' | 'filters' | 'versions'> & {
  readonly windowSeconds: number | null;
  /** Job of the queue that asks for it; null for a manual run. */
  readonly jobId: string | null;
};

/**
 * Begins a run, or goes on with the one that a pause or a crash left open; run it under the lock. A night of another
 * release is given up, because what it has passed over may be out of date again; so is a run by hand.
 */
export async function beginNightRun(database: Queryable, begin: Begin): Promise<NightRun> {
  const { trigger, filters, versions, windowSeconds, jobId } = begin;
  const { rows: resumed } = await database.query<NightRun>(
    `update night_run set state = 'running', times_resumed = times_resumed + 1, failure_code = null, failed_at = null,
            answers = array_remove(answers, $4::text) || array_remove(array[$4::text], null),
            window_ends_at = case when state = 'paused' or window_ends_at < now()
              then now() + make_interval(secs => $2) else window_ends_at end
      where trigger = $1 and trigger = 'schedule' and state in ('running', 'paused') and versions = $3::jsonb
     returning ${COLUMNS}`,
    [trigger, windowSeconds, JSON.stringify(versions), jobId],
  );
  if (resumed[0] !== undefined) return resumed[0];
  await database.query(
    `update night_run set state = 'given_up', finished_at = now() where trigger = $1 and state in ('running', 'paused')`,
    [trigger],
  );
  const { rows } = await database.query<NightRun>(
    `insert into night_run (trigger, filters, versions, window_ends_at, answers)
     values ($1, $2, $3, now() + make_interval(secs => $4), array_remove(array[$5::text], null)) returning ${COLUMNS}`,
    [trigger, JSON.stringify(filters), JSON.stringify(versions), windowSeconds, jobId],
  );
  if (rows[0] === undefined) throw new Error('insert returned no row');
  return rows[0];
}

/** `given_up`: a run by hand that was stopped; nothing goes on with it. */
export async function endNightRun(
  database: Queryable,
  id: string,
  state: 'paused' | 'done' | 'given_up',
): Promise<void> {
  await database.query(
    `update night_run set state = $2, finished_at = case when $2 <> 'paused' then now() end where id = $1`,
    [id, state],
  );
}

/** Notes why a run failed; it stays open, and the note is removed when it resumes. */
export async function noteNightFailure(database: Queryable, id: string, code: string): Promise<void> {
  await database.query(
    `update night_run set failure_code = $2, failed_at = now() where id = $1 and state = 'running'`,
    [id, code],
  );
}

/** Whether the night that a job asks for has been: its run is done, or its window was over. */
export async function isNightAnswered(database: Queryable, jobId: string): Promise<boolean> {
  const { rowCount } = await database.query(
    `select 1 from night_run where trigger = 'schedule' and state in ('done', 'paused') and $1 = any(answers)`,
    [jobId],
  );
  return (rowCount ?? 0) > 0;
}

/** Whether a night was cut off within its window, so that it should go on at once. */
export async function wasNightCutOff(database: Queryable): Promise<boolean> {
  const { rowCount } = await database.query(
    `select 1 from night_run where trigger = 'schedule' and state = 'running' and window_ends_at > now()`,
  );
  return rowCount === 1;
}

/** The latest runs first, before `beforeId` where one is given. */
export async function listNightRuns(
  database: Queryable,
  limit: number,
  beforeId: string | null = null,
): Promise<readonly NightRun[]> {
  const { rows } = await database.query<NightRun>(
    `select ${COLUMNS} from night_run where $2::bigint is null or night_run.id < $2 order by night_run.id desc limit $1`,
    [limit, beforeId],
  );
  return rows;
}

export async function findNightRun(database: Queryable, id: string): Promise<NightRun | null> {
  const { rows } = await database.query<NightRun>(`select ${COLUMNS} from night_run where id = $1`, [id]);
  return rows[0] ?? null;
}

/** The latest run of each trigger, and the latest that came to its end. */
export async function findLatestNights(
  database: Queryable,
): Promise<{ readonly latest: readonly NightRun[]; readonly done: readonly NightRun[] }> {
  const latestOf = async (condition: string) =>
    (
      await database.query<NightRun>(
        `select distinct on (trigger) ${COLUMNS} from night_run where ${condition} order by trigger, night_run.id desc`,
      )
    ).rows;
  return { latest: await latestOf('true'), done: await latestOf(`state = 'done'`) };
}
