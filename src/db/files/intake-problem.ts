import { DISK_TROUBLES, type DiskCode } from '../../errors/disk.ts';
import type { Queryable } from '../pool.ts';

export async function noteIntakeProblem(database: Queryable, dropName: string, code: string): Promise<void> {
  await database.query(
    `insert into intake_problem (drop_name, code) values ($1, $2)
     on conflict (drop_name) do update
       set code = excluded.code, times_seen = intake_problem.times_seen + 1, last_seen_at = now()`,
    [dropName, code],
  );
}

export async function clearIntakeProblem(database: Queryable, dropName: string): Promise<void> {
  await database.query('delete from intake_problem where drop_name = $1', [dropName]);
}

/** Removes problems not seen again since `seconds` ago, and returns their names: the file has left the drop folder. */
export async function forgetGoneProblems(database: Queryable, seconds: number): Promise<readonly string[]> {
  const { rows } = await database.query<{ name: string }>(
    'delete from intake_problem where last_seen_at < now() - make_interval(secs => $1) returning drop_name as name',
    [seconds],
  );
  return rows.map(({ name }) => name);
}

export type IntakeProblem = {
  readonly dropName: string;
  readonly code: string;
  readonly timesSeen: number;
  readonly firstSeenAt: Date;
};

export async function listIntakeProblems(database: Queryable, limit: number): Promise<readonly IntakeProblem[]> {
  const { rows } = await database.query<IntakeProblem>(
    `select drop_name as "dropName", code, times_seen as "timesSeen", first_seen_at as "firstSeenAt"
       from intake_problem order by first_seen_at limit $1`,
    [limit],
  );
  return rows;
}

/** Why no file can be taken in at the moment: the disk's code, seen within the last minute; null when it can. */
export async function readDiskTrouble(database: Queryable): Promise<DiskCode | null> {
  const { rows } = await database.query<{ code: DiskCode }>(
    `select code from intake_problem
      where code = any($1) and last_seen_at > now() - interval '1 minute' order by last_seen_at desc limit 1`,
    [DISK_TROUBLES],
  );
  return rows[0]?.code ?? null;
}
