import { auditCreation, type Signature } from '../audit.ts';
import { holdPatients, lockStoring } from '../locks.ts';
import type { Queryable } from '../pool.ts';
import { listNamedOf, settleInstances } from '../rejection/settle.ts';

export type PatientIdentity = { readonly id: string; readonly issuerOfPatientId: string; readonly patientId: string };

/** Patients with this id; with an issuer only that one's. */
export async function findPatientsByIdentity(
  database: Queryable,
  patientId: string,
  issuerOfPatientId: string | null,
): Promise<readonly PatientIdentity[]> {
  const { rows } = await database.query<PatientIdentity>(
    `select id::text, issuer_of_patient_id as "issuerOfPatientId", patient_id as "patientId" from patient
      where patient_id = $1 and ($2::text is null or issuer_of_patient_id = $2) order by id`,
    [patientId, issuerOfPatientId],
  );
  return rows;
}

export async function findPatientById(database: Queryable, id: string): Promise<PatientIdentity | null> {
  const { rows } = await database.query<PatientIdentity>(
    `select id::text, issuer_of_patient_id as "issuerOfPatientId", patient_id as "patientId" from patient where id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

export type PatientMerge = {
  readonly mergeId: string;
  readonly from: string;
  readonly fromIssuer: string;
  readonly into: string;
  readonly intoIssuer: string;
  readonly mergedBy: string;
  readonly note: string;
  /** Fields in which the reports of the two disagreed, and why they were merged all the same. */
  readonly disagreements: readonly string[];
  readonly despite: string | null;
  readonly mergedAt: Date;
  readonly unmergedBy: string | null;
  readonly unmergedAt: Date | null;
};

export async function listPatientMerges(
  database: Queryable,
  options: { readonly all: boolean },
): Promise<readonly PatientMerge[]> {
  const { rows } = await database.query<PatientMerge>(
    `select m.id::text as "mergeId", f.patient_id as "from", f.issuer_of_patient_id as "fromIssuer",
            i.patient_id as "into", i.issuer_of_patient_id as "intoIssuer", m.merged_by as "mergedBy", m.note, m.disagreements, m.despite,
            m.merged_at as "mergedAt", m.unmerged_by as "unmergedBy", m.unmerged_at as "unmergedAt"
       from patient_merge m join patient f on f.id = m.from_patient_id join patient i on i.id = m.into_patient_id
      where $1 or m.unmerged_at is null order by m.id`,
    [options.all],
  );
  return rows;
}

/** Whom a patient is judged as: the end of the chain of merges, or the patient. */
export async function findSurvivor(database: Queryable, patientId: string): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    'select coalesce(merged_into_id, id)::text as id from patient where id = $1',
    [patientId],
  );
  return rows[0]?.id ?? patientId;
}

/** Notes that two patients are one, and despite what. Null when the first is merged already. */
export async function insertPatientMerge(
  database: Queryable,
  fromId: string,
  intoId: string,
  signature: Signature,
  { disagreements, despite }: Pick<PatientMerge, 'disagreements' | 'despite'>,
): Promise<string | null> {
  const { rows } = await database.query<{ id: string }>(
    `insert into patient_merge (from_patient_id, into_patient_id, merged_by, note, disagreements, despite)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (from_patient_id) where unmerged_at is null do nothing returning id::text`,
    [fromId, intoId, signature.by, signature.note, disagreements, despite],
  );
  const id = rows[0]?.id;
  if (id === undefined) return null;
  await auditCreation(database, 'patient_merge', id, 'merge', signature);
  return id;
}

/** Takes the merge of a patient back. False when there is none in force. */
export async function endPatientMerge(database: Queryable, fromId: string, signature: Signature): Promise<boolean> {
  const { rowCount } = await database.query(
    `with old as (select * from patient_merge where from_patient_id = $1 and unmerged_at is null for update),
          new as (update patient_merge m set unmerged_at = now(), unmerged_by = $2, unmerge_note = $3
                    from old where m.id = old.id returning m.*)
     insert into audit_event (actor, action, table_name, row_id, note, before, after)
     select $2, 'unmerge', 'patient_merge', old.id, $3, to_jsonb(old), to_jsonb(new) from old join new using (id)`,
    [fromId, signature.by, signature.note],
  );
  return (rowCount ?? 0) > 0;
}

/** Studies that go with another patient from now on, and how many patients lost or gained one. */
export type SettledMerges = { readonly movedStudyIds: readonly string[]; readonly patientsToAssess: number };

/**
 * Brings patients and studies in line with the merges in force: each study goes to the end of its patient's chain, and
 * every patient that lost or gained one is marked for reassessment. What the reports say is not touched; a rejection note about
 * the one is about the other from then on. All of them are locked first, by their ids: reports of theirs that are being stored
 * come before it or after it as a whole. Run it under the registry's lock.
 */
export async function settleMerges(database: Queryable): Promise<SettledMerges> {
  await lockStoring(database);
  const { rows } = await database.query<{ id: string; top: string | null; held: readonly string[] }>(
    `with recursive up as (
       select from_patient_id as id, into_patient_id as top, 1 as depth from patient_merge where unmerged_at is null
       union all
       select up.id, m.into_patient_id, up.depth + 1
         from up join patient_merge m on m.from_patient_id = up.top and m.unmerged_at is null
        where up.depth < 1000),
     settled as (select distinct on (id) id, top from up order by id, depth desc)
     select p.id::text, s.top::text, array[p.id, p.merged_into_id, s.top]::text[] as held
       from patient p left join settled s on s.id = p.id
      where (p.merged_into_id is not null or s.id is not null) and p.merged_into_id is distinct from s.top`,
  );
  await holdPatients(database, [...new Set(rows.flatMap(({ held }) => held))]);
  const moving = [rows.map(({ id }) => id), rows.map(({ top }) => top)];
  await database.query(
    `update patient p set merged_into_id = n.top
       from unnest($1::bigint[], $2::bigint[]) as n (id, top) where n.id = p.id`,
    moving,
  );
  const { rows: moved } = await database.query<{ studies: readonly string[]; patients: number }>(
    `with moving as (
       select s.id, s.patient_id as before, coalesce(n.merged_into_id, n.id) as after
         from study s join patient n on n.id = s.named_patient_id
        where n.id = any($1::bigint[]) and s.patient_id <> coalesce(n.merged_into_id, n.id)),
     moved as (update study s set patient_id = m.after from moving m where m.id = s.id returning s.id),
     raised as (
       update patient set revision = revision + 1
        where id in (select before from moving union select after from moving) returning 1)
     select coalesce((select array_agg(id::text) from moved), '{}') as studies,
            (select count(*)::int from raised) as patients`,
    [moving[0]],
  );
  await settleInstances(database, await listNamedOf(database, [...new Set(rows.flatMap(({ held }) => held))]));
  return { movedStudyIds: moved[0]?.studies ?? [], patientsToAssess: moved[0]?.patients ?? 0 };
}
