import type { Identity } from '../../dxa/study/same-person.ts';
import type { Queryable } from '../pool.ts';

/** What is on file of a patient and of all patients merged into it. */
export type PatientSide = {
  readonly id: string;
  /** Ids as a person writes them, ID^^^ISSUER, the patient's own first. */
  readonly ids: readonly string[];
  /** What the reports say of whom they are about, each combination once. */
  readonly identities: readonly Identity[];
  readonly studies: number;
  readonly firstScanOn: string | null;
  readonly lastScanOn: string | null;
  readonly scanners: readonly string[];
  /** Cases by state. */
  readonly cases: Readonly<Record<string, number>>;
  readonly isPhantom: boolean;
};

/** Reads one side of a merge; run it before the merge, under the lock of the registry. */
export async function readPatientSide(database: Queryable, id: string): Promise<PatientSide> {
  const { rows } = await database.query<PatientSide>(
    `with reported as (
       select r.patient_name, r.sex, r.birth_date, r.scanned_at, r.scanner_id, n.patient_id, s.id as study_id
         from study s join report r on r.study_id = s.id join patient n on n.id = s.named_patient_id
        where s.patient_id = $1)
     select p.id::text,
            array(select q.patient_id || case when q.issuer_of_patient_id = '' then '' else '^^^' || q.issuer_of_patient_id end
                    from patient q where q.id = p.id or q.merged_into_id = p.id order by q.id <> p.id, q.id) as ids,
            (select coalesce(jsonb_agg(distinct jsonb_build_object('name', patient_name, 'sex', sex, 'birthDate', birth_date)), '[]')
               from reported) as identities,
            (select count(distinct study_id)::int from reported) as studies,
            (select left(min(scanned_at), 10) from reported) as "firstScanOn",
            (select left(max(scanned_at), 10) from reported) as "lastScanOn",
            array(select distinct concat_ws(' ', c.model_name, coalesce(nullif(c.device_serial_number, ''), nullif(c.station_name, '')))
                    from scanner c where c.id in (select scanner_id from reported) order by 1) as scanners,
            (select coalesce(jsonb_object_agg(state, amount), '{}') from (
               select state, count(*)::int as amount from review_case where patient_id = p.id group by state) k) as cases,
            p.is_phantom or exists (
              select 1 from phantom_pattern f where f.retired_at is null and (p.patient_id ~* f.pattern or exists (
                select 1 from reported where patient_name ~* f.pattern or patient_id ~* f.pattern))) as "isPhantom"
       from patient p where p.id = $1`,
    [id],
  );
  if (rows[0] === undefined) throw new Error('the patient is gone');
  return rows[0];
}
