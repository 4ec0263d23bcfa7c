import {
  type InstanceDecision,
  judgeRejections,
  type NoteOnRecord,
  type Subject,
  type TargetStatus,
} from '../../dxa/study/rejection.ts';
import { holdPatients } from '../locks.ts';
import type { Queryable } from '../pool.ts';

type SubjectRow = Subject & { readonly outOfUse: boolean | null };
type Row = {
  readonly affected: readonly string[];
  readonly notes: readonly NoteOnRecord[];
  readonly subjects: readonly SubjectRow[];
  readonly decisions: readonly InstanceDecision[];
};

/** What notes of some UIDs name, and what that names in turn. */
const AFFECTED = `affected (uid) as (
  select unnest($1::text[])
  union
  select t.sop_instance_uid from affected a
    join rejection_note n on n.sop_instance_uid = a.uid join rejection_target t on t.rejection_note_id = n.id)`;

const ids = (patients: string) =>
  `(select coalesce(jsonb_agg(jsonb_build_object('issuerOfPatientId', q.issuer_of_patient_id, 'patientId', q.patient_id)), '[]')
      from patient q where coalesce(q.merged_into_id, q.id) in (${patients}))`;
const OWN_ID = `jsonb_build_object('issuerOfPatientId', n.issuer_of_patient_id, 'patientId', n.patient_id)`;

const READ = {
  name: 'read-rejections',
  text: `
with recursive ${AFFECTED},
above (uid) as (
  select uid from affected
  union
  select n.sop_instance_uid from above a
    join rejection_target t on t.sop_instance_uid = a.uid join rejection_note n on n.id = t.rejection_note_id)
select array(select uid from affected) as affected,
  coalesce((select jsonb_agg(jsonb_build_object('sopInstanceUid', n.sop_instance_uid, 'contentAt', n.content_at,
        'title', n.title, 'patient', case when n.patient_id is not null then ${OWN_ID} end,
        'names', array(select t.sop_instance_uid from rejection_target t
                        where t.rejection_note_id = n.id and t.sop_instance_uid in (select uid from above))))
      from rejection_note n where n.sop_instance_uid in (select uid from above)), '[]') as notes,
  coalesce((select jsonb_agg(jsonb_build_object('sopInstanceUid', r.sop_instance_uid, 'kind', 'report',
        'outOfUse', r.out_of_use, 'ids', ${ids('s.patient_id')}))
      from stored_report r join study s on s.id = r.study_id where r.sop_instance_uid in (select uid from above)), '[]')
  || coalesce((select jsonb_agg(jsonb_build_object('sopInstanceUid', n.sop_instance_uid, 'kind', 'note', 'outOfUse', null,
        'ids', case when n.patient_id is null then '[]' else jsonb_build_array(${OWN_ID}) || ${ids(
          `select coalesce(p.merged_into_id, p.id) from patient p
            where p.patient_id = n.patient_id and p.issuer_of_patient_id = n.issuer_of_patient_id`,
        )} end))
      from rejection_note n where n.sop_instance_uid in (select uid from above)), '[]')
  || coalesce((select jsonb_agg(jsonb_build_object('sopInstanceUid', f.uid, 'kind', 'file without values',
        'outOfUse', null, 'ids', '[]'::jsonb))
      from (select distinct f.sop_instance_uid as uid from source_file f
             where f.sop_instance_uid in (select uid from above) and f.state = 'refused'
               and not exists (select 1 from standing_file x where x.sop_instance_uid = f.sop_instance_uid)) f), '[]')
    as subjects,
  coalesce((select jsonb_agg(jsonb_build_object('sopInstanceUid', d.sop_instance_uid, 'decision', d.decision, 'answers', d.answers))
      from instance_decision d where d.retired_at is null and d.sop_instance_uid in (select uid from above)), '[]') as decisions`,
} as const;

type Changed = { readonly note: string; readonly uid: string; readonly status: TargetStatus };

async function writeStatuses(database: Queryable, statuses: readonly Changed[]): Promise<void> {
  if (statuses.length === 0) return;
  await database.query(
    `update rejection_target t set status = x.status, status_since = now()
       from jsonb_to_recordset($1::jsonb) as x (note text, uid text, status text)
       join rejection_note n on n.sop_instance_uid = x.note
      where t.rejection_note_id = n.id and t.sop_instance_uid = x.uid and t.status <> x.status`,
    [JSON.stringify(statuses)],
  );
}

/** Puts reports in or out of use, and returns whom it concerns: their patients, and whom else their studies name. */
async function turnReports(database: Queryable, sopInstanceUids: readonly string[]): Promise<readonly string[]> {
  if (sopInstanceUids.length === 0) return [];
  const { rows } = await database.query<{ id: string }>(
    `select distinct o.patient_id::text as id
       from stored_report r join study s on s.id = r.study_id join study o on o.study_instance_uid = s.study_instance_uid
      where r.sop_instance_uid = any($1)`,
    [sopInstanceUids],
  );
  const patients = rows.map(({ id }) => id);
  await holdPatients(database, patients);
  await database.query('update stored_report set out_of_use = not out_of_use where sop_instance_uid = any($1)', [
    sopInstanceUids,
  ]);
  await database.query('update patient set revision = revision + 1 where id = any($1)', [patients]);
  return patients;
}

/**
 * Brings what is out of use in line with notes, reports, merges and decisions as they stand, for these instances and
 * whatever hangs on them, and marks the patients concerned for a new judgement; returns their ids. Run it in the transaction
 * that changed any of that, after `lockInstances`; where notes change, after `lockStoring`.
 */
export async function settleInstances(
  database: Queryable,
  sopInstanceUids: readonly string[],
): Promise<readonly string[]> {
  if (sopInstanceUids.length === 0) return [];
  const { rows } = await database.query<Row>({ ...READ, values: [[...new Set(sopInstanceUids)]] });
  const [row] = rows;
  if (row === undefined) return [];
  const { notes, subjects, decisions } = row;
  const affected = new Set(row.affected);
  const { statuses, outOfUse } = judgeRejections(notes, subjects, decisions);
  await writeStatuses(
    database,
    [...statuses].flatMap(([note, of]) =>
      [...of].flatMap(([uid, status]) => (affected.has(uid) ? [{ note, uid, status }] : [])),
    ),
  );
  const turned = subjects.filter(
    ({ kind, sopInstanceUid: uid, outOfUse: was }) =>
      kind === 'report' && affected.has(uid) && was !== outOfUse.has(uid),
  );
  return await turnReports(
    database,
    turned.map(({ sopInstanceUid }) => sopInstanceUid),
  );
}

/** Whatever notes of these SOP Instance UIDs, or those that files say now, lead to: a night locks whom that concerns. */
export async function listAffected(
  database: Queryable,
  sopInstanceUids: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await database.query<{ uid: string }>({
    name: 'list-affected',
    text: `with recursive ${AFFECTED} select uid from affected`,
    values: [sopInstanceUids],
  });
  return rows.map(({ uid }) => uid);
}

/**
 * Instances whose report came in without the notes being asked: a process of an earlier release, which knows none, stored it.
 */
export async function listUnsettled(database: Queryable, limit: number): Promise<readonly string[]> {
  const { rows } = await database.query<{ uid: string }>(
    `select distinct t.sop_instance_uid as uid
       from rejection_target t join stored_report r on r.sop_instance_uid = t.sop_instance_uid
      where t.status in ('waiting', 'no_values') or (t.status in ('applied', 'confirmed') and not r.out_of_use)
      limit $1`,
    [limit],
  );
  return rows.map(({ uid }) => uid);
}

/** Instances that notes name and whose standing hangs on who is merged into whom. */
export async function listNamedOf(database: Queryable, patientIds: readonly string[]): Promise<readonly string[]> {
  const { rows } = await database.query<{ uid: string }>(
    `with moved as (select issuer_of_patient_id, patient_id from patient where id = any($1))
     select t.sop_instance_uid as uid
       from stored_report r join study s on s.id = r.study_id
       join rejection_target t on t.sop_instance_uid = r.sop_instance_uid
      where s.patient_id = any($1) or s.named_patient_id = any($1)
     union
     select t.sop_instance_uid from moved m join rejection_note n on n.patient_id = m.patient_id
       join rejection_target t on t.rejection_note_id = n.id
     union
     select n.sop_instance_uid from moved m join rejection_note n on n.patient_id = m.patient_id`,
    [patientIds],
  );
  return rows.map(({ uid }) => uid);
}
