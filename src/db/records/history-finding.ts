import type { Queryable } from '../pool.ts';
import type { ReadHistory } from './history.ts';

/**
 * Writes what the patient's reports say against each other, in place of what was written before, and whether the patient
 * is a phantom; studies that are not judged lose their line among the follow-ups. Whoever else a contested study names
 * is judged again, once: that judgement writes the same finding there.
 */
export async function writeHistoryFindings(
  database: Queryable,
  { patientId, studies, findings, isPhantom }: ReadHistory,
): Promise<void> {
  await database.query({
    name: 'write-history-findings',
    text: `
with n as (
  select "studyId" as study_id, code, subject, coalesce(facts, '{}') as facts
    from jsonb_to_recordset($2::jsonb) as n ("studyId" bigint, code text, subject text, facts jsonb)),
gone as (
  delete from history_finding h
   where h.patient_id = $1::bigint
     and not exists (select 1 from n where n.study_id = h.study_id and n.code = h.code and n.subject = h.subject)),
written as (
  insert into history_finding as h (patient_id, study_id, code, subject, facts)
  select $1::bigint, study_id, code, subject, facts from n
  on conflict (patient_id, study_id, code, subject) do update set facts = excluded.facts where h.facts <> excluded.facts),
others as (
  select o.patient_id as id
    from n join study s on s.id = n.study_id
           join study o on o.study_instance_uid = s.study_instance_uid and o.patient_id <> s.patient_id
   where n.code = 'STUDY_OF_TWO_PATIENTS'
     and not exists (select 1 from history_finding h where h.patient_id = o.patient_id and h.code = n.code
                        and h.study_id in (select x.id from study x where x.study_instance_uid = s.study_instance_uid))),
-- Their own judgement may be about to mark this patient in turn.
held as materialized (
  select p.id from patient p where p.id = $1::bigint or p.id in (select id from others) order by p.id for no key update),
held_lines as materialized (
  select f.study_id from study_follow_up f where f.patient_id = $1::bigint and f.study_id <> all($3::bigint[])
   order by f.study_id for update),
unjudged as (delete from study_follow_up f using held_lines l where f.study_id = l.study_id)
update patient p
   set revision = p.revision + case when p.id in (select id from others) then 1 else 0 end,
       is_phantom = case when p.id = $1::bigint then $4 else p.is_phantom end
  from held
 where p.id = held.id and (p.id <> $1::bigint or p.is_phantom <> $4)`,
    values: [patientId, JSON.stringify(findings), studies.map(({ studyId }) => studyId), isPhantom],
  });
}

export type FindingOfStudy = {
  readonly code: string;
  /** A region as `regionKey` writes it, or the name of a header field. */
  readonly subject: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  readonly studyId: string;
  readonly studyInstanceUid: string;
  readonly scannedOn: string;
};

/** What the reports of a patient's studies say against each other, in the order of the scans. */
export async function listFindingsOfPatient(
  database: Queryable,
  patientId: string,
): Promise<readonly FindingOfStudy[]> {
  const { rows } = await database.query<FindingOfStudy>(
    `select h.code, h.subject, h.facts, s.id::text as "studyId", s.study_instance_uid as "studyInstanceUid",
            (select left(min(r.scanned_at), 10) from report r where r.study_id = s.id) as "scannedOn"
       from history_finding h join study s on s.id = h.study_id
      where h.patient_id = $1 order by "scannedOn", h.study_id, h.code, h.subject`,
    [patientId],
  );
  return rows;
}

export type ListedFinding = {
  readonly code: string;
  readonly subject: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly studyInstanceUid: string;
  readonly issuerOfPatientId: string;
  readonly patientId: string;
  readonly foundAt: Date;
};

/** What studies say against themselves, newest first; only those of `code` where one is given. */
export async function listHistoryFindings(
  database: Queryable,
  options: { readonly code: string | null; readonly limit: number },
): Promise<readonly ListedFinding[]> {
  const { rows } = await database.query<ListedFinding>(
    `select h.code, h.subject, h.facts, s.study_instance_uid as "studyInstanceUid",
            p.issuer_of_patient_id as "issuerOfPatientId", p.patient_id as "patientId", h.found_at as "foundAt"
       from history_finding h join study s on s.id = h.study_id join patient p on p.id = h.patient_id
      where $1::text is null or h.code = $1
      order by h.found_at desc, h.study_id, h.code, h.subject limit $2`,
    [options.code, options.limit],
  );
  return rows;
}
