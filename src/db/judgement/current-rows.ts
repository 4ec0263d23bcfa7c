import { createHash } from 'node:crypto';
import type { Queryable } from '../pool.ts';

/** Names a row by everything it says, so that a reassessment can tell what stays the same. */
export function withContentHash<T extends object>(row: T): T & { readonly content_hash: string } {
  return { ...row, content_hash: createHash('sha256').update(JSON.stringify(row)).digest('hex') };
}

/** After a merge two judgements may end the same rows, which are therefore locked by their ids. */
const supersede = (table: 'comparison' | 'trend', condition: string) => `
  with held as materialized (
    select c.id from ${table} c where c.superseded_at is null and ${condition} order by c.id for update)
  update ${table} t set superseded_at = now() from held where t.id = held.id`;

/**
 * Replaces the patient's current rows where they differ, and says whether any did; replaced ones stay as history.
 * `written` are the hashes of the current rows: what would come out the same costs no statement, and stays as it was under
 * whichever settings. Two statements, because
 * the unique key over current rows must see the old row gone before the new one comes.
 */
export async function replaceRows(
  database: Queryable,
  table: 'comparison' | 'trend',
  columns: readonly (readonly [string, string])[],
  patientId: string,
  rows: readonly { readonly content_hash: string }[],
  written: readonly string[],
  settingsVersion: string,
): Promise<boolean> {
  const hashes = rows.map(({ content_hash }) => content_hash);
  const gone = written.filter((one) => !hashes.includes(one));
  const added = rows.filter(({ content_hash }) => !written.includes(content_hash));
  if (gone.length > 0) {
    await database.query(supersede(table, 'c.patient_id = $1 and c.content_hash = any($2)'), [patientId, gone]);
  }
  if (added.length > 0) {
    const names = columns.map(([name]) => name);
    await database.query({
      name: `insert-${table}`,
      text: `insert into ${table} (patient_id, settings_version, ${names.join(', ')})
       select $1, $3, ${names.map((name) => `n.${name}`).join(', ')}
         from jsonb_to_recordset($2::jsonb) as n (${columns.map(([name, type]) => `${name} ${type}`).join(', ')})`,
      values: [patientId, JSON.stringify(added), settingsVersion],
    });
  }
  return gone.length + added.length > 0;
}

/** Ends what was written of a patient's studies while they were another patient's: a study has one judgement at a time. */
export async function endStrayRows(database: Queryable, patientId: string): Promise<void> {
  for (const table of ['comparison', 'trend'] as const) {
    await database.query(
      supersede(table, 'c.patient_id <> $1 and c.follow_up_study_id in (select id from study where patient_id = $1)'),
      [patientId],
    );
  }
}

/**
 * Ends what was written of these studies, which go with another patient from now on: left to that patient's judgement, it
 * would meet the former one's at the same rows. Run it while no assessment runs.
 */
export async function endRowsOfStudies(database: Queryable, studyIds: readonly string[]): Promise<void> {
  if (studyIds.length === 0) return;
  for (const table of ['comparison', 'trend'] as const) {
    await database.query(supersede(table, 'c.follow_up_study_id = any($1::bigint[])'), [studyIds]);
  }
  await database.query('delete from study_follow_up where study_id = any($1::bigint[])', [studyIds]);
  await database.query('delete from visit where study_ids && $1::bigint[]', [studyIds]);
}
