import type { Queryable } from '../pool.ts';

/** How many failures may stand within the window: of one name from one network, and of one network in all. */
export type TryLimits = { readonly pair: number; readonly network: number; readonly windowSeconds: number };

/** Failures so far with this try among them; null where it was not counted because the other was over its limit. */
export type Tries = { readonly pair: number | null; readonly network: number | null; readonly waitSeconds: number };

/** Hashes: what people type into the field of a name may be a password. */
export type TrySubjects = { readonly pair: string; readonly network: string };

const COUNTED = `on conflict (subject) do update set
         attempts = case when a.started_at < now() - make_interval(secs => $5) then 1 else a.attempts + 1 end,
         started_at = case when a.started_at < now() - make_interval(secs => $5) then now() else a.started_at end
       returning attempts, started_at`;

/**
 * Counts a try to sign in as a failure before the password is looked at, so that tries at the same time cannot slip past;
 * `clearAttempt` takes a success back. What is over the limit of its network is not counted any more, nor is a name's row
 * made for it: a flood of names makes no more rows than the limit. What is over the limit of its pair does not count
 * against the network: a program that keeps trying an old password locks out no one else.
 */
export async function countAttempt(database: Queryable, subjects: TrySubjects, limits: TryLimits): Promise<Tries> {
  const { rows } = await database.query<Tries>(
    `with brake as (
       select attempts, started_at from sign_in_attempt
        where subject = $2 and attempts >= $4 and started_at >= now() - make_interval(secs => $5)),
     pair as (
       insert into sign_in_attempt as a (subject, attempts) select $1, 1 where not exists (select from brake) ${COUNTED}),
     network as (
       insert into sign_in_attempt as a (subject, attempts) select $2, 1 from pair where pair.attempts <= $3 ${COUNTED})
     select (select attempts from pair) as pair,
            coalesce((select attempts from network), (select attempts + 1 from brake)) as network,
            ceil(extract(epoch from make_interval(secs => $5)
              - (now() - coalesce((select started_at from brake), (select started_at from pair)))))::int as "waitSeconds"`,
    [subjects.pair, subjects.network, limits.pair, limits.network, limits.windowSeconds],
  );
  return rows[0] ?? { pair: null, network: null, waitSeconds: limits.windowSeconds };
}

/** The try was none: the name and its password belong together. */
export async function clearAttempt(database: Queryable, { pair, network }: TrySubjects): Promise<void> {
  await database.query(
    `with gone as (delete from sign_in_attempt where subject = $1)
     update sign_in_attempt set attempts = attempts - 1 where subject = $2 and attempts > 0`,
    [pair, network],
  );
}

/** Removes some of the tries whose window is over. Rows being counted at the moment are left for next time. */
export async function sweepAttempts(database: Queryable, windowSeconds: number, limit: number): Promise<void> {
  await database.query(
    `delete from sign_in_attempt where subject in (
       select subject from sign_in_attempt where started_at < now() - make_interval(secs => $1)
        order by started_at limit $2 for update skip locked)`,
    [windowSeconds, limit],
  );
}
