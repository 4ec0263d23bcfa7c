import type { VisitRemark } from '../../dxa/values/assessment.ts';
import type { Queryable } from '../pool.ts';

/** A visit with what is said of it. */
export type VisitOfPatient = {
  /** The first study of the visit. */
  readonly studyId: string;
  readonly studyIds: readonly string[];
  readonly scannedOn: string;
  /** As the scanner names itself; null where that is not known. */
  readonly scanner: string | null;
  readonly remarks: readonly VisitRemark[];
  /** A draft of the follow-up report; empty where there is none. */
  readonly report: string;
};

/** The visits of a patient, in order of scan. */
export async function listVisitsOfPatient(database: Queryable, patientId: string): Promise<readonly VisitOfPatient[]> {
  const { rows } = await database.query<VisitOfPatient>(
    `select v.study_id::text as "studyId", v.study_ids::text[] as "studyIds", v.scanned_on as "scannedOn",
            nullif(concat_ws(' ', c.manufacturer, c.model_name, nullif(c.device_serial_number, '')), '') as scanner,
            v.remarks, v.report
       from visit v left join scanner c on c.identity_key = v.scanner_key
      where v.patient_id = $1 order by v.scanned_on, v.study_id`,
    [patientId],
  );
  return rows;
}
