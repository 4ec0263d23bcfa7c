import type { Queryable } from './pool.ts';

/** Notes that values of these patients were shown; `route` is the route's pattern, never the URL. */
export async function logAccess(
  database: Queryable,
  access: { readonly actor: string; readonly route: string; readonly patientIds: readonly string[] },
): Promise<void> {
  if (access.patientIds.length === 0) return;
  await database.query({
    name: 'log-access',
    text: 'insert into access_log (actor, route, patient_ids) values ($1, $2, $3)',
    values: [access.actor, access.route, [...new Set(access.patientIds)]],
  });
}

export type Access = {
  readonly id: string;
  readonly happenedAt: Date;
  readonly actor: string;
  readonly route: string;
  readonly patientIds: readonly string[];
};

/** The latest accesses before `beforeId`, of one patient or of all. */
export async function listAccesses(
  database: Queryable,
  filter: { readonly patientId: string | null; readonly beforeId: string | null; readonly limit: number },
): Promise<readonly Access[]> {
  const { rows } = await database.query<Access>(
    `select l.id::text, happened_at as "happenedAt", actor, route, patient_ids::text[] as "patientIds"
       from access_log l
      where ($1::bigint is null or patient_ids @> array[$1::bigint]) and ($2::bigint is null or id < $2)
      order by l.id desc limit $3`,
    [filter.patientId, filter.beforeId, filter.limit],
  );
  return rows;
}
