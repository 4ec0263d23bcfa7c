import type { Queryable } from '../pool.ts';

const KEPT_SECONDS = 24 * 60 * 60;

/** Deletes sessions, links and counts of tries to sign in that ran out a day ago or more. */
export async function deleteExpiredAccess(
  database: Queryable,
): Promise<{ readonly sessions: number; readonly links: number; readonly attempts: number }> {
  const { rows } = await database.query<{ sessions: number; links: number; attempts: number }>(
    `with s as (delete from session where expires_at < now() - make_interval(secs => $1) returning 1),
          l as (delete from enter_link where expires_at < now() - make_interval(secs => $1) returning 1),
          a as (delete from sign_in_attempt where started_at < now() - make_interval(secs => $1) returning 1)
     select (select count(*)::int from s) as sessions, (select count(*)::int from l) as links,
            (select count(*)::int from a) as attempts`,
    [KEPT_SECONDS],
  );
  return rows[0] ?? { sessions: 0, links: 0, attempts: 0 };
}
