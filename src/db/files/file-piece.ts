import type { Queryable } from '../pool.ts';
import type { SourceFile, SourceFileState } from './source-file.ts';

type End = Pick<SourceFile, 'id' | 'sha256' | 'archivePath'> & {
  readonly state: SourceFileState;
  readonly code: string | null;
};

/** A file that may go on with another: what was read of either, and as what it came. */
export type Piece = {
  readonly key: string;
  readonly dropName: string;
  readonly piece: End;
  /** The file that came under the name before, as it is by now; null when it is watched no more. */
  readonly latest: End | null;
  /** What an earlier state of the piece was put behind; null when none was. */
  readonly joinedTo: End | null;
};

const end = (alias: string) =>
  `jsonb_build_object('id', ${alias}.id::text, 'sha256', ${alias}.sha256, 'archivePath', ${alias}.archive_path,
     'state', ${alias}.state, 'code', ${alias}.reason_code)`;

/** Pieces in the order in which they came. */
export async function listPieces(database: Queryable, limit: number): Promise<readonly Piece[]> {
  const { rows } = await database.query<Piece>(
    `select n.key, n.drop_name as "dropName", ${end('f')} as piece, b.latest,
            case when j.id is null then null else ${end('j')} end as "joinedTo"
       from held_original n join source_file f on f.id = n.source_file_id
       left join source_file j on j.id = n.joined_to_id
       left join lateral (
         select h.source_file_id from held_original h
          where h.drop_name = n.drop_name and not h.is_piece and h.held_since <= n.held_since
          order by h.held_since desc limit 1) h on true
       left join lateral (
         with recursive became as (
           select s.* from source_file s where s.id = h.source_file_id
           union select s.* from became join source_file s on s.id = became.superseded_by_id)
         select ${end('became')} as latest from became where superseded_by_id is null and sha256 is not null limit 1) b on true
      where n.is_piece order by n.held_since, n.key limit $1`,
    [limit],
  );
  return rows;
}

/** It is known what the piece belongs to, or (null) that it belongs to nothing. */
export async function settlePiece(database: Queryable, key: string, joinedToId: string | null): Promise<void> {
  await database.query('update held_original set is_piece = false, joined_to_id = $2 where key = $1', [
    key,
    joinedToId,
  ]);
}
