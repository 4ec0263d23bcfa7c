import { holdFiles, holdPatients, lockInstances, lockStoring } from '../locks.ts';
import type { Queryable } from '../pool.ts';
import { listNamed, removeNote } from '../rejection/note.ts';
import { settleInstances } from '../rejection/settle.ts';
import { requeueNextClaimant, withdrawReport } from './standing.ts';

/** Why a file is refused that went on growing, or was changed, after it was read. */
export const WENT_ON_GROWING = 'CHANGED_AFTER_READING';

/**
 * Puts a later state of a sender's file in place of an earlier one: what was read of the earlier one leaves the
 * database, and it says which file followed it. Returns the patients to reassess. Run it inside a transaction; the
 * same again changes nothing.
 */
export async function supersedeFile(
  database: Queryable,
  earlierId: string,
  laterId: string,
): Promise<readonly string[]> {
  if (earlierId === laterId) return [];
  const { rows: claims } = await database.query<{ uid: string }>(
    'select distinct sop_instance_uid as uid from source_file where id = any($1::bigint[]) and sop_instance_uid is not null',
    [[earlierId, laterId]],
  );
  const instances = claims.map(({ uid }) => uid);
  if ((await listNamed(database, instances)).length > 0) await lockStoring(database);
  await lockInstances(database, instances);
  const named = await listNamed(database, instances);
  await holdFiles(database, [earlierId, laterId], instances);
  const { rows } = await database.query<{ id: string }>(
    `select distinct s.patient_id::text as id from stored_report r join study s on s.id = r.study_id where r.source_file_id = $1`,
    [earlierId],
  );
  await holdPatients(
    database,
    rows.map(({ id }) => id),
  );
  await withdrawReport(database, earlierId);
  await removeNote(database, earlierId);
  await database.query(
    `update source_file
        set state = 'refused', reason_code = $3, reason_path = null, duplicate_of_id = null,
            reason_facts = jsonb_build_object('followedBy', 'file-' || $2), superseded_by_id = $2::bigint, processed_at = now()
      where id = $1::bigint`,
    [earlierId, laterId, WENT_ON_GROWING],
  );
  await reviveFiles(database, [laterId]);
  // Files that claimed the same instance in vain get their turn; the sweep queues them.
  for (const uid of instances) await requeueNextClaimant(database, uid);
  const settled = await settleInstances(database, [...instances, ...named]);
  return [...new Set([...rows.map(({ id }) => id), ...settled])];
}

/** As `supersedeFile`, of an earlier file known by its hash; nothing happens when there is none. */
export async function supersedeByHash(
  database: Queryable,
  earlierSha256: string,
  laterId: string,
): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string }>('select id::text from source_file where sha256 = $1', [
    earlierSha256,
  ]);
  return rows[0] === undefined ? [] : await supersedeFile(database, rows[0].id, laterId);
}

/** Files that were superseded, and now stand again: the sender's file is what it was, or came once more as a whole. */
export async function reviveFiles(database: Queryable, ids: readonly string[]): Promise<void> {
  await database.query({
    name: 'revive-files',
    text: `update source_file
        set superseded_by_id = null, state = 'received', reason_code = null, reason_path = null, reason_facts = '{}'
      where id = any($1::bigint[]) and superseded_by_id is not null`,
    values: [ids],
  });
}

export type SupersededFile = { readonly id: string; readonly supersededById: string };

/** Superseded files that were being read at that moment and were stored nevertheless. */
export async function listSupersededStanding(database: Queryable, limit: number): Promise<readonly SupersededFile[]> {
  const { rows } = await database.query<SupersededFile>(
    `select id::text, superseded_by_id::text as "supersededById" from source_file
      where superseded_by_id is not null and reason_code is distinct from $1 order by source_file.id limit $2`,
    [WENT_ON_GROWING, limit],
  );
  return rows;
}
