import type { Queryable } from '../pool.ts';

export type Counts = Readonly<Record<string, number>>;

export type NightStep = {
  readonly step: string;
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

export async function listNightSteps(database: Queryable, runId: string): Promise<readonly NightStep[]> {
  const { rows } = await database.query<NightStep>(
    `select ${COLUMNS} from night_step where night_run_id = $1 order by started_at, step`,
    [runId],
  );
  return rows;
}

/** Where the last finished or paused integrity check stopped, so that every night looks at other files. */
export async function lastCheckedFile(database: Queryable, step: string): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    'select after_id::text as id from night_step where step = $1 order by night_run_id desc limit 1',
    [step],
  );
  return rows[0]?.id ?? '0';
}
