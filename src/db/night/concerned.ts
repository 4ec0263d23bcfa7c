import type { Queryable } from '../pool.ts';

export type Redone = {
  readonly fileIds: readonly string[];
  readonly sopInstanceUids: readonly string[];
  /** Whose files they are, where that is known. */
  readonly patientId: string | null;
  /** Whom the reports name now. */
  readonly named: readonly { readonly issuerOfPatientId: string; readonly patientId: string }[];
};

/**
 * Whom storing files again concerns: patients that will be judged (who have a report of them now, or are named by what was
 * read, as whom they are judged today), and all whose rows it may touch: those, and who is named by the same studies.
 */
export async function findConcerned(
  database: Queryable,
  { fileIds, sopInstanceUids, patientId, named }: Redone,
): Promise<{ readonly judged: readonly string[]; readonly touched: readonly string[] }> {
  const { rows } = await database.query<{ judged: readonly string[]; touched: readonly string[] }>({
    name: 'find-concerned',
    text: `with named as (
       select n.id, coalesce(n.merged_into_id, n.id) as judged_id
         from unnest($4::text[], $5::text[]) as g (issuer, patient)
         join patient n on n.issuer_of_patient_id = g.issuer and n.patient_id = g.patient),
     judged as (
       select $3::bigint as id where $3::bigint is not null
       union select judged_id from named
       union select s.patient_id from stored_report r join study s on s.id = r.study_id
              where r.source_file_id = any($1::bigint[]) or r.sop_instance_uid = any($2::text[])),
     touched as (
       select id from judged
       union select id from named
       union select o.patient_id from judged j join study s on s.patient_id = j.id
               join study o on o.study_instance_uid = s.study_instance_uid)
     select array(select id::text from judged) as judged, array(select id::text from touched) as touched`,
    values: [
      fileIds,
      sopInstanceUids,
      patientId,
      named.map(({ issuerOfPatientId }) => issuerOfPatientId),
      named.map((one) => one.patientId),
    ],
  });
  return rows[0] ?? { judged: [], touched: [] };
}
