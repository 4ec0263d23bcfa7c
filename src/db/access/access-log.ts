import type { Queryable } from '../pool.ts';

/** Notes that values of these patients and files were shown; `route` is the route's pattern, never the URL. */
export async function logAccess(
  database: Queryable,
  access: {
    readonly actor: string;
    readonly route: string;
    readonly patientIds: readonly string[];
    readonly fileIds: readonly string[];
  },
): Promise<void> {
  await database.query({
    name: 'log-access',
    text: 'insert into access_log (actor, route, patient_ids, file_ids) values ($1, $2, $3, $4)',
    values: [access.actor, access.route, [...new Set(access.patientIds)], [...new Set(access.fileIds)]],
  });
}

export type Access = {
  readonly id: string;
  readonly happenedAt: Date;
  readonly actor: string;
  readonly route: string;
  readonly patientIds: readonly string[];
  readonly fileIds: readonly string[];
};

/** Row ids; null for any. */
export type AccessFilter = { readonly patientId: string | null; readonly fileId: string | null };

/** The latest accesses before `beforeId`, of one patient, of one file, or of all. */
export async function listAccesses(
  database: Queryable,
  filter: AccessFilter & { readonly beforeId: string | null; readonly limit: number },
): Promise<readonly Access[]> {
  const { rows } = await database.query<Access>(
    `select l.id::text, happened_at as "happenedAt", actor, route, patient_ids::text[] as "patientIds",
            file_ids::text[] as "fileIds"
       from access_log l
      where ($1::bigint is null or patient_ids @> array[$1::bigint])
        and ($2::bigint is null or (file_ids <> '{}' and file_ids @> array[$2::bigint]))
        and ($3::bigint is null or id < $3)
      order by l.id desc limit $4`,
    [filter.patientId, filter.fileId, filter.beforeId, filter.limit],
  );
  return rows;
}
