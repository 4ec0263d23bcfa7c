import type { Laterality, Region } from '../../dxa/values/region.ts';
import { auditCreation, type Signature } from '../audit.ts';
import type { Queryable } from '../pool.ts';

/** The scan of a region and side that a person makes the baseline; the patient is that of the study. */
export type NewBaselinePin = {
  readonly studyId: string;
  readonly patientId: string;
  readonly region: Region;
  readonly laterality: Laterality;
};

export type BaselinePin = NewBaselinePin & { readonly pinId: string };

/** Studies with this UID that measured the region on that side: several when their reports name several patients. */
export async function listMeasuredStudies(
  database: Queryable,
  studyInstanceUid: string,
  region: Region,
  laterality: Laterality,
): Promise<readonly Pick<NewBaselinePin, 'studyId' | 'patientId'>[]> {
  const { rows } = await database.query<Pick<NewBaselinePin, 'studyId' | 'patientId'>>(
    `select s.id::text as "studyId", s.patient_id::text as "patientId"
       from study s
      where s.study_instance_uid = $1
        and exists (select 1 from report r join measured_value v on v.report_id = r.id
                     where r.study_id = s.id and v.quantity = 'bmd' and v.region = $2
                       -- The mean of both hips is computed from the sides.
                       and (v.laterality = $3 or ($3 = 'mean' and v.laterality in ('left', 'right'))))
      order by s.id`,
    [studyInstanceUid, region, laterality],
  );
  return rows;
}

/** The pins in force on a region and side of a patient, the last set first; more than one only after a merge. */
export async function listPinsInForce(
  database: Queryable,
  patientId: string,
  region: Region,
  laterality: Laterality,
): Promise<readonly BaselinePin[]> {
  const { rows } = await database.query<BaselinePin>(
    `select b.id::text as "pinId", b.study_id::text as "studyId", s.patient_id::text as "patientId", b.region, b.laterality
       from baseline_pin b join study s on s.id = b.study_id
      where s.patient_id = $1 and b.region = $2 and b.laterality = $3 and b.retired_at is null order by b.id desc`,
    [patientId, region, laterality],
  );
  return rows;
}

export async function insertBaselinePin(
  database: Queryable,
  pin: NewBaselinePin,
  signature: Signature,
): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    `insert into baseline_pin (patient_id, study_id, region, laterality, author, note)
     values ($1, $2, $3, $4, $5, $6) returning id::text`,
    [pin.patientId, pin.studyId, pin.region, pin.laterality, signature.by, signature.note],
  );
  const id = rows[0]?.id ?? '';
  await auditCreation(database, 'baseline_pin', id, 'pin', signature);
  return id;
}

/** Patients of a study, whatever it measured. */
export async function listPatientsOfStudy(database: Queryable, studyInstanceUid: string): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string }>(
    'select patient_id::text as id from study where study_instance_uid = $1 group by patient_id order by patient_id',
    [studyInstanceUid],
  );
  return rows.map(({ id }) => id);
}
