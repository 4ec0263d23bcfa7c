import type { Laterality, Region } from '../dxa/region.ts';
import { auditCreation, type Signature } from './audit.ts';
import type { Queryable } from './pool.ts';

/** The scan of a region and side that a person makes the baseline; the patient is that of the study. */
export type NewBaselinePin = {
  readonly studyId: string;
  readonly patientId: string;
  readonly region: Region;
  readonly laterality: Laterality;
};

export type BaselinePin = NewBaselinePin & { readonly pinId: string };

/** The study with this UID when it measured the region on that side; null otherwise. */
export async function findMeasuredStudy(
  database: Queryable,
  studyInstanceUid: string,
  region: Region,
  laterality: Laterality,
): Promise<Pick<NewBaselinePin, 'studyId' | 'patientId'> | null> {
  const { rows } = await database.query<Pick<NewBaselinePin, 'studyId' | 'patientId'>>(
    `select s.id::text as "studyId", s.patient_id::text as "patientId"
       from study s
      where s.study_instance_uid = $1
        and exists (select 1 from report r join measured_value v on v.report_id = r.id
                     where r.study_id = s.id and v.quantity = 'bmd' and v.region = $2
                       -- The mean of both hips is computed from the sides.
                       and (v.laterality = $3 or ($3 = 'mean' and v.laterality in ('left', 'right'))))`,
    [studyInstanceUid, region, laterality],
  );
  return rows[0] ?? null;
}

/** The pin in force on a region and side of a patient. */
export async function findPinInForce(
  database: Queryable,
  patientId: string,
  region: Region,
  laterality: Laterality,
): Promise<BaselinePin | null> {
  const { rows } = await database.query<BaselinePin>(
    `select id::text as "pinId", study_id::text as "studyId", patient_id::text as "patientId", region, laterality
       from baseline_pin where patient_id = $1 and region = $2 and laterality = $3 and retired_at is null`,
    [patientId, region, laterality],
  );
  return rows[0] ?? null;
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

/** Patient of a study, whatever it measured. */
export async function findPatientOfStudy(database: Queryable, studyInstanceUid: string): Promise<string | null> {
  const { rows } = await database.query<{ id: string }>(
    'select patient_id::text as id from study where study_instance_uid = $1',
    [studyInstanceUid],
  );
  return rows[0]?.id ?? null;
}
