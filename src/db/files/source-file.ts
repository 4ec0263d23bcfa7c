import type { IsoDate } from '../../dxa/values/report.ts';
import type { Queryable } from '../pool.ts';

/**
 * arriving: the row is written, the bytes may still be on their way into the archive. received: archived, not yet read.
 * stored: its values are in the database. refused: not a report we can take. conflicted: its SOP Instance UID belongs to
 * another content. duplicate: the same content stands under another file. noted: a rejection note, which gives no values
 * and says of other instances that they are out of use. failed: processing broke for a reason that trying again may cure.
 */
export type SourceFileState =
  | 'arriving'
  | 'received'
  | 'stored'
  | 'refused'
  | 'conflicted'
  | 'duplicate'
  | 'noted'
  | 'failed';

const UNREAD: readonly SourceFileState[] = ['arriving', 'received'];

/** Whether a file of this state still waits to be read. */
export const isUnread = (state: SourceFileState): boolean => UNREAD.includes(state);

/** Of source_file: it waits to be read. The states are spelt out, for an index of their own covers them. */
export const FILE_UNREAD = `state in ('arriving', 'received')`;

export type SourceFile = {
  readonly id: string;
  readonly sha256: string;
  readonly archivePath: string;
  readonly state: SourceFileState;
  readonly attempts: number;
  /** The day in UTC on which its bytes came first. */
  readonly receivedOn: IsoDate;
  /** As the last reading found it. */
  readonly sopInstanceUid?: string | null;
  /** The same file of its sender as it was later; what these bytes say counts no more. */
  readonly supersededById: string | null;
};

/** The columns of a source file under the name `f`. */
export const FILE_COLUMNS = `f.id::text, f.sha256, f.archive_path as "archivePath", f.state, f.attempts,
   to_char(f.received_at at time zone 'UTC', 'YYYY-MM-DD') as "receivedOn", f.sop_instance_uid as "sopInstanceUid",
   f.superseded_by_id::text as "supersededById"`;
const COLUMNS = FILE_COLUMNS.replaceAll('f.', '');

export type Announcement = {
  readonly sha256: string;
  readonly byteCount: number;
  readonly archivePath: string;
  readonly dropName: string;
};

export type AnnouncedFile = SourceFile & {
  /** False when these bytes were announced before. */
  readonly fresh: boolean;
};

/**
 * Announces bytes before they move into the archive, so that a crash in between leaves a row that the sweep can finish.
 * One statement and one commit for all of them. Rows that are there are locked in the order of their ids, as everywhere
 * several are locked, and new ones in the order of their hashes: no deadlock.
 */
export async function announceSourceFiles(
  database: Queryable,
  files: readonly Announcement[],
): Promise<readonly AnnouncedFile[]> {
  const { rows } = await database.query<AnnouncedFile>({
    name: 'announce-files',
    text: `with given as (
       select sha256, max(byte_count) as byte_count, max(archive_path) as archive_path, min(drop_name) as drop_name
         from unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) as g (sha256, byte_count, archive_path, drop_name)
        group by sha256),
     held as (select f.id from source_file f where f.sha256 = any($1::text[]) order by f.id for update)
     insert into source_file (sha256, byte_count, archive_path, drop_name, state, times_received)
     select sha256, byte_count, archive_path, drop_name, 'arriving', 0 from given
      where (select count(*) from held) >= 0 order by sha256
     on conflict (sha256) do update set last_received_at = now()
     returning ${COLUMNS}, (xmax = 0) as fresh`,
    values: [
      files.map((file) => file.sha256),
      files.map((file) => file.byteCount),
      files.map((file) => file.archivePath),
      files.map((file) => file.dropName),
    ],
  });
  const bySha = new Map(rows.map((row) => [row.sha256, row]));
  return files.map((file) => {
    const row = bySha.get(file.sha256);
    if (row === undefined) throw new Error('insert returned no row');
    return row;
  });
}

/** The default route. */
export const DROP_FOLDER = 'drop folder';

/**
 * The bytes are in the archive and synced: counts and notes each time they came, by which route (`ids` may name a file
 * more than once). Only arriving rows move on: a resent file must not undo its outcome.
 */
export async function markReceived(
  database: Queryable,
  ids: readonly string[],
  route: string = DROP_FOLDER,
): Promise<void> {
  await database.query({
    name: 'mark-received',
    text: `with came as (select id, count(*)::int as times from unnest($1::bigint[]) as c (id) group by id),
          held as (select f.id, came.times from source_file f join came on came.id = f.id order by f.id for update of f),
          noted as (
            insert into arrival (source_file_id, route)
            select held.id, $2 from held join unnest($1::bigint[]) as c (id) on c.id = held.id)
     update source_file f
        set times_received = f.times_received + held.times,
            state = case f.state when 'arriving' then 'received' else f.state end
       from held where held.id = f.id`,
    values: [ids, route],
  });
}

/**
 * Files announced longer than `olderThanMs` ago, and not again since, that no process has called received. A time that is
 * still to come was noted before the database's clock was set back; nothing is known of its age but that.
 */
export async function listArrivalsLeftBehind(
  database: Queryable,
  olderThanMs: number,
  afterId: string,
  limit: number,
): Promise<readonly SourceFile[]> {
  const { rows } = await database.query<SourceFile>(
    `select ${COLUMNS} from source_file f
      where state = 'arriving' and f.id > $2
        and (last_received_at < now() - make_interval(secs => $1) or last_received_at > now() + make_interval(secs => $1))
      order by f.id limit $3`,
    [olderThanMs / 1000, afterId, limit],
  );
  return rows;
}

/** Calls a file received whose process died after the move, before it could say so. */
export async function finishArrival(database: Queryable, id: string): Promise<void> {
  await database.query(
    `with finished as (
       update source_file set state = 'received', times_received = greatest(times_received, 1)
        where id = $1 and state = 'arriving' returning id)
     insert into arrival (source_file_id, route) select id, $2 from finished`,
    [id, DROP_FOLDER],
  );
}

/** One result an id, in their order; null where there is no such file. */
export async function findSourceFiles(
  database: Queryable,
  ids: readonly string[],
): Promise<readonly (SourceFile | null)[]> {
  // One without a hash was too large to be read, and is not in the archive.
  const text = `select ${COLUMNS} from source_file where id = any($1::bigint[]) and sha256 is not null`;
  const { rows } = await database.query<SourceFile>({ name: 'source-files', text, values: [ids] });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

export async function findSourceFile(database: Queryable, id: string): Promise<SourceFile | null> {
  return (await findSourceFiles(database, [id]))[0] ?? null;
}

/** Files in one of `states` with an id after `afterId`, oldest first: a page of the sweep. */
export async function listSourceFiles(
  database: Queryable,
  states: readonly SourceFileState[],
  afterId: string,
  limit: number,
): Promise<readonly SourceFile[]> {
  const { rows } = await database.query<SourceFile>(
    `select ${COLUMNS} from source_file where state = any($1) and id > $2 order by source_file.id limit $3`,
    [states, afterId, limit],
  );
  return rows;
}

/** How many files are in each state, with their reason. */
export async function countSourceFiles(
  database: Queryable,
): Promise<readonly { readonly state: SourceFileState; readonly reasonCode: string | null; readonly count: number }[]> {
  const { rows } = await database.query<{ state: SourceFileState; reasonCode: string | null; count: number }>(
    `select state, reason_code as "reasonCode", count(*)::int as count
       from source_file group by 1, 2 order by 1, 2`,
  );
  return rows;
}

export type FileRow = {
  readonly id: string;
  readonly dropName: string;
  readonly state: SourceFileState;
  readonly reasonCode: string | null;
  readonly archiveProblem: string | null;
  /** Its original is still watched: should it go on growing, this outcome is not the last. */
  readonly isOpen: boolean;
  readonly timesReceived: number;
  readonly receivedAt: Date;
  readonly findingCodes: readonly string[];
};

/**
 * Files that did not end as stored rows or as copies of one, or whose findings someone should see; newest first. What is
 * found in a duplicate is found in the file that stands, or is a matter of the encoding.
 */
export async function listFilesWithReasons(database: Queryable, limit: number): Promise<readonly FileRow[]> {
  const { rows } = await database.query<FileRow>(
    `select f.id::text, f.drop_name as "dropName", f.state, f.reason_code as "reasonCode",
            f.archive_problem as "archiveProblem",
            exists (select 1 from held_original h where h.source_file_id = f.id) as "isOpen",
            f.times_received as "timesReceived", f.received_at as "receivedAt",
            coalesce((select array_agg(distinct g.code order by g.code) from finding g where g.source_file_id = f.id), '{}') as "findingCodes"
       from source_file f
      where f.state not in ('stored', 'duplicate', 'noted') or f.archive_problem is not null
         or (f.state in ('stored', 'noted') and exists (select 1 from finding g where g.source_file_id = f.id))
      order by f.id desc limit $1`,
    [limit],
  );
  return rows;
}
