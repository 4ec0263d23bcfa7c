import type { Queryable } from '../pool.ts';
import type { SourceFile } from './source-file.ts';

/** Notes that the archive does not hold what was received, so that it stands in the lists until it does again. */
export async function noteArchiveProblem(database: Queryable, id: string, code: string): Promise<void> {
  await database.query(
    `update source_file
        set archive_problem = $2, archive_problem_at = case when archive_problem is null then now() else archive_problem_at end
      where id = $1 and archive_problem is distinct from $2`,
    [id, code],
  );
}

/**
 * The archive holds it again, restored or (`resent`) replaced by the same bytes that came once more. A file that failed
 * only because of that is to be read again: returns true then.
 */
export async function endArchiveProblem(database: Queryable, id: string, how: 'resent' | 'restored'): Promise<boolean> {
  const { rows } = await database.query<{ again: boolean }>(
    `with held as (
       select id, state = 'failed' and reason_code in ('ARCHIVE_MISSING', 'ARCHIVE_DAMAGED') as again
         from source_file where id = $1 for update)
     update source_file f
        set archive_problem = null, archive_problem_at = null,
            archive_healed_at = case when $2 then now() else f.archive_healed_at end,
            state = case when held.again then 'received' else f.state end,
            reason_code = case when held.again then null else f.reason_code end,
            reason_facts = case when held.again then '{}' else f.reason_facts end
       from held where f.id = held.id
     returning held.again`,
    [id, how === 'resent'],
  );
  return rows[0]?.again ?? false;
}

/** An id from which to go through them, by chance, so that in time all are looked at. */
export async function someArchiveProblem(database: Queryable): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    `select floor(random() * coalesce(max(id), 0))::bigint::text as id from source_file where archive_problem is not null`,
  );
  return rows[0]?.id ?? '0';
}

/** Files missing from the archive at the last check. */
export async function listArchiveProblems(
  database: Queryable,
  afterId: string,
  limit: number,
): Promise<readonly Pick<SourceFile, 'id' | 'sha256' | 'archivePath'>[]> {
  const { rows } = await database.query<Pick<SourceFile, 'id' | 'sha256' | 'archivePath'>>(
    `select id::text, sha256, archive_path as "archivePath" from source_file
      where archive_problem is not null and id > $1 order by source_file.id limit $2`,
    [afterId, limit],
  );
  return rows;
}
