import type { Queryable } from '../pool.ts';

export type Hold = {
  readonly key: string;
  readonly sourceFileId: string;
  readonly dropName: string;
  /** It begins as a DICOM file does; otherwise it may go on with one that is held under its name. */
  readonly isWhole: boolean;
};

/** Notes originals that are watched. One that is noted already is one of ours whose process died. */
export async function noteHolds(database: Queryable, holds: readonly Hold[]): Promise<void> {
  if (holds.length === 0) return;
  await database.query({
    name: 'note-holds',
    text: `insert into held_original (key, source_file_id, drop_name, is_piece)
      select g.key, g.id, g.drop_name,
             not g.is_whole and exists (select 1 from held_original h where h.drop_name = g.drop_name and not h.is_piece)
        from unnest($1::text[], $2::bigint[], $3::text[], $4::boolean[]) as g (key, id, drop_name, is_whole)
      on conflict (key) do update set source_file_id = excluded.source_file_id,
        is_piece = held_original.is_piece or held_original.joined_to_id is not null`,
    values: [
      holds.map(({ key }) => key),
      holds.map(({ sourceFileId }) => sourceFileId),
      holds.map(({ dropName }) => dropName),
      holds.map(({ isWhole }) => isWhole),
    ],
  });
}

export type FoundHold = { readonly key: string; readonly sha256: string };

/** Notes originals that were found without a note of them, under the name of the file that they are. */
export async function noteFoundHolds(database: Queryable, found: readonly FoundHold[]): Promise<void> {
  await database.query(
    `insert into held_original (key, source_file_id, drop_name)
     select g.key, f.id, f.drop_name from unnest($1::text[], $2::text[]) as g (key, sha256)
       join source_file f on f.sha256 = g.sha256
     on conflict (key) do nothing`,
    [found.map(({ key }) => key), found.map(({ sha256 }) => sha256)],
  );
}

/** Name of a delivery below the drop folder; null when it was not recorded. */
export async function findHeldName(database: Queryable, { key, sha256 }: FoundHold): Promise<string | null> {
  const { rows } = await database.query<{ name: string | null }>(
    `select coalesce((select drop_name from held_original where key = $1),
                     (select drop_name from source_file where sha256 = $2)) as name`,
    [key, sha256],
  );
  return rows[0]?.name ?? null;
}

/** Those of these hashes whose bytes count as received: only then an original may go. */
export async function findReceived(database: Queryable, sha256s: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ sha256: string }>({
    name: 'find-received',
    text: `select sha256 from source_file where sha256 = any($1::text[]) and state <> 'arriving'`,
    values: [sha256s],
  });
  return new Set(rows.map(({ sha256 }) => sha256));
}

/** Their originals have been quiet for long enough, or are gone: what was read of them is final. */
export async function endHolds(database: Queryable, keys: readonly string[]): Promise<void> {
  // The commit does not wait for the disk: an original that is found again is looked at again.
  await database.query({
    name: 'end-holds',
    text: `with gone as (delete from held_original where key = any($1::text[]) returning 1)
           select set_config('synchronous_commit', 'off', true) from gone limit 1`,
    values: [keys],
  });
}

/** Originals noted before `olderThanMs`, which should be checked for existence. */
export async function listHoldsBefore(
  database: Queryable,
  olderThanMs: number,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await database.query<{ key: string }>(
    `select key from held_original where held_since < now() - make_interval(secs => $1) order by held_since limit $2`,
    [olderThanMs / 1000, limit],
  );
  return rows.map(({ key }) => key);
}

/**
 * Takes an announcement back whose bytes never came to the archive and that was not repeated for `olderThanMs`: the
 * process died, and its file has changed since or was taken away. Whatever still lies there is announced again.
 */
export async function forgetAnnouncement(database: Queryable, id: string, olderThanMs: number): Promise<void> {
  await database.query(
    `delete from source_file f
      where id = $1 and state = 'arriving' and times_received = 0 and last_received_at < now() - make_interval(secs => $2)
        and not exists (select 1 from source_file s where s.superseded_by_id = f.id)`,
    [id, olderThanMs / 1000],
  );
}
