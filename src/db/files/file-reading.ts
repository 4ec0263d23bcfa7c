import type { Queryable } from '../pool.ts';

/**
 * Writes down, before their bytes are read, that files are being read; returns those that were not being read. The
 * others were left by a reader that died, or are being read elsewhere. The commit does not wait for the disk: the death of
 * a process leaves it, and that of the server takes nothing with it but the memory of a death.
 */
export async function beginReading(
  database: Queryable,
  ids: readonly string[],
  readingVersion: string,
): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ id: string }>({
    name: 'begin-reading',
    text: `with begun as (
             insert into file_reading (source_file_id, reading_version)
             select distinct id, $2 from unnest($1::bigint[]) as g (id) order by id
             on conflict (source_file_id) do nothing returning source_file_id)
           select source_file_id::text as id, set_config('synchronous_commit', 'off', true) from begun`,
    values: [ids, readingVersion],
  });
  return new Set(rows.map(({ id }) => id));
}

/** Begins once more to read a file whose readers may have died over it; returns how often that has been begun. */
export async function beginReadingAgain(database: Queryable, id: string, readingVersion: string): Promise<number> {
  const { rows } = await database.query<{ begun: number }>(
    `insert into file_reading as r (source_file_id, reading_version) values ($1, $2)
     on conflict (source_file_id) do update
       set begun = case when r.reading_version = excluded.reading_version then r.begun + 1 else 1 end,
           reading_version = excluded.reading_version, begun_at = now()
     returning begun`,
    [id, readingVersion],
  );
  return rows[0]?.begun ?? 1;
}

/** Reading ended, whatever the outcome, without a crash. */
export async function endReading(database: Queryable, ids: readonly string[]): Promise<void> {
  await database.query({
    name: 'end-reading',
    text: `with gone as (delete from file_reading where source_file_id = any($1::bigint[]) returning 1)
           select set_config('synchronous_commit', 'off', true) from gone limit 1`,
    values: [ids],
  });
}
