import type { Queryable } from '../pool.ts';

export type SetAsideFile = {
  readonly dropName: string;
  readonly byteCount: bigint;
  /** Below the archive folder. */
  readonly path: string;
  readonly maxBytes: number;
  readonly readerVersion: string;
};

/**
 * A row for a file that was moved aside because of its size, as it was: refused, and without a hash, because it was not read.
 * Returns its id; the same path again gives the same row.
 */
export async function noteSetAside(database: Queryable, file: SetAsideFile): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    `insert into source_file (sha256, byte_count, archive_path, drop_name, state, reason_code, reason_facts, reader_version,
         times_received, processed_at)
     values (null, $1::bigint, $2::text, $3, 'refused', 'LIMIT_BYTES',
             jsonb_build_object('bytes', $1::bigint, 'limit', $4::bigint, 'movedTo', $2::text), $5, 1, now())
     on conflict (archive_path) where sha256 is null do update set last_received_at = source_file.last_received_at
     returning id::text`,
    [String(file.byteCount), file.path, file.dropName, file.maxBytes, file.readerVersion],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('insert returned no row');
  return row.id;
}
