import type { Queryable } from '../pool.ts';

export type Counts = Readonly<Record<string, number>>;

export type NightStep = {
  readonly step: string;
  /** How far it has come: ids up to this one are done. */
  readonly afterId: string;
  readonly endId: string;
  readonly counts: Counts;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
};

const COLUMNS = `step, after_id::text as "afterId", end_id::text as "endId", counts, started_at as "startedAt",
  finished_at as "finishedAt"`;

/** Begins a step, or returns how far it had come; `from` and `endId` only count for a new one. */
export async function beginNightStep(
  database: Queryable,
  runId: string,
  step: string,
  from: { readonly afterId: string; readonly endId: string },
): Promise<NightStep> {
  const { rows } = await database.query<NightStep>(
    `insert into night_step (night_run_id, step, after_id, end_id) values ($1, $2, $3, $4)
     on conflict (night_run_id, step) do update set step = excluded.step
     returning ${COLUMNS}`,
    [runId, step, from.afterId, from.endId],
  );
  if (rows[0] === undefined) throw new Error('insert returned no row');
  return rows[0];
}

export async function saveNightStep(
  database: Queryable,
  runId: string,
  step: string,
  progress: { readonly afterId: string; readonly counts: Counts; readonly finished: boolean },
): Promise<void> {
  await database.query(
    `update night_step set after_id = $3, counts = $4, finished_at = case when $5 then now() end
      where night_run_id = $1 and step = $2`,
    [runId, step, progress.afterId, JSON.stringify(progress.counts), progress.finished],
  );
}

/** A step with the id after which it began: 0, but for the integrity check, which goes on where the run before it ended. */
export type NightStepRow = NightStep & { readonly runId: string; readonly fromId: string };

/** The steps of these runs in the order in which they began. */
export async function listNightSteps(
  database: Queryable,
  ...runIds: readonly string[]
): Promise<readonly NightStepRow[]> {
  const { rows } = await database.query<NightStepRow>(
    `select night_run_id::text as "runId", ${COLUMNS},
            coalesce((select b.after_id from night_step b where s.step = 'check_archive' and b.step = s.step
                         and b.night_run_id = (select max(c.night_run_id) from night_step c
                                                where c.step = s.step and c.night_run_id < s.night_run_id)
                         and b.after_id < s.end_id), 0)::text as "fromId"
       from night_step s where night_run_id = any($1) order by night_run_id, started_at, step`,
    [runIds],
  );
  return rows;
}

/** How often a night found an archived file missing or not what was received, over all nights. */
export async function countArchiveDamage(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `select coalesce(sum(coalesce((counts ->> 'damaged')::int, 0)), 0)::int as count from night_step`,
  );
  return rows[0]?.count ?? 0;
}

/** Where the last finished or paused integrity check stopped, so that every night looks at other files. */
export async function lastCheckedFile(database: Queryable, step: string): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    'select after_id::text as id from night_step where step = $1 order by night_run_id desc limit 1',
    [step],
  );
  return rows[0]?.id ?? '0';
}
