import type { Condition, ConditionCode, Part } from '../../health/condition.ts';
import type { Queryable } from '../pool.ts';

/** A process says again what it finds at every look; what it has not said for this long is over, or it is gone. */
const HEARD_SECONDS = 20;

/** Notes what a process finds wrong, in place of what it noted before. */
export async function noteConditions(
  database: Queryable,
  process: string,
  conditions: readonly Condition[],
): Promise<void> {
  await database.query(
    `with given as (select * from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) as g (part, code, cause, since)),
          over as (
            delete from process_condition
             where process = $1 and part not in (select part from given) or seen_at < now() - interval '1 day')
     insert into process_condition (process, part, code, cause, since)
     select $1, part, code, cause, since from given
     on conflict (process, part) do update
       set code = excluded.code, cause = excluded.cause, since = excluded.since, seen_at = now()`,
    [
      process,
      conditions.map(({ part }) => part),
      conditions.map(({ code }) => code),
      conditions.map(({ cause }) => cause),
      conditions.map(({ since }) => since),
    ],
  );
}

export type ProcessCondition = Condition & { readonly process: string };

/** What processes find wrong at present, longest first. */
export async function listConditions(database: Queryable): Promise<readonly ProcessCondition[]> {
  const { rows } = await database.query<{
    process: string;
    part: Part;
    code: ConditionCode;
    cause: string;
    since: Date;
  }>(
    `select process, part, code, cause, since from process_condition
      where seen_at > now() - make_interval(secs => $1) order by since, process, part`,
    [HEARD_SECONDS],
  );
  return rows;
}
