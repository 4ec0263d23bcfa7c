import { CASE_WAITS } from '../case-state.ts';
import { notKnownCodes } from '../not-known.ts';
import type { Queryable } from '../pool.ts';

export type Patient = {
  readonly id: string;
  readonly patientId: string;
  readonly issuerOfPatientId: string;
  readonly mergedIntoId: string | null;
  readonly name: string | null;
  readonly birthDate: string | null;
  readonly sex: string | null;
  readonly studies: number;
  readonly lastScanOn: string | null;
  readonly waitingCases: number;
};

// Name, birth date and sex are those of the latest report, where there is one of those in use.
const SELECT = `
select p.id::text, p.patient_id as "patientId", p.issuer_of_patient_id as "issuerOfPatientId",
       p.merged_into_id::text as "mergedIntoId", r.patient_name as name, r.birth_date as "birthDate", r.sex,
       (select count(*)::int from study s where s.patient_id = p.id and exists (select 1 from report u where u.study_id = s.id)) as studies,
       case when not r.out_of_use then left(r.scanned_at, 10) end as "lastScanOn",
       (select count(*)::int from review_case c where c.patient_id = p.id and ${CASE_WAITS}) as "waitingCases"
  from patient p
  left join lateral (select r.patient_name, r.birth_date, r.sex, r.scanned_at, r.out_of_use
                       from stored_report r join study s on s.id = r.study_id
                      where s.patient_id = p.id
                      order by r.out_of_use, r.scan_date_doubted, r.scanned_at desc, r.content_at desc limit 1) r on true`;

// Phantoms and merged ids are not searched for; a link to one still leads there.
const LISTED = 'not p.is_phantom and p.merged_into_id is null';

export async function findPatient(database: Queryable, id: string): Promise<Patient | null> {
  const { rows } = await database.query<Patient>(`${SELECT} where p.id = $1`, [id]);
  return rows[0] ?? null;
}

/** Patients of this id, or whose name begins like this; with an empty text those scanned last. */
export async function searchPatients(database: Queryable, text: string, limit: number): Promise<readonly Patient[]> {
  if (text === '') {
    const { rows } = await database.query<Patient>(`${SELECT} where ${LISTED} order by p.id desc limit $1`, [limit]);
    return rows;
  }
  const { rows } = await database.query<Patient>(
    `${SELECT} where ${LISTED} and (p.patient_id = $1 or p.id in (
       select s.patient_id from stored_report r join study s on s.id = r.study_id where starts_with(lower(r.patient_name), lower($1))))
     order by r.patient_name, p.id limit $2`,
    [text, limit],
  );
  return rows;
}

export type PatientStudy = {
  readonly studyId: string;
  readonly scannedOn: string;
  readonly accessionNumber: string | null;
  readonly scannerId: string;
  readonly scanner: string;
  readonly softwareVersions: readonly string[];
  readonly weightKg: string | null;
  readonly fileId: string;
  readonly dropName: string;
  readonly regions: readonly string[];
  readonly sopInstanceUid: string;
  /** Kept and shown; it counts nowhere. */
  readonly outOfUse: boolean;
};

/** Every report of a patient, in use or not, in the order of the scans. */
export async function listStudiesOfPatient(database: Queryable, patientId: string): Promise<readonly PatientStudy[]> {
  const { rows } = await database.query<PatientStudy>(
    `select s.id::text as "studyId", left(r.scanned_at, 10) as "scannedOn", r.accession_number as "accessionNumber",
            c.id::text as "scannerId",
            concat_ws(' ', c.model_name, coalesce(nullif(c.device_serial_number, ''), nullif(c.station_name, ''))) as scanner,
            r.software_versions as "softwareVersions", r.weight_kg::text as "weightKg", f.id::text as "fileId",
            f.drop_name as "dropName",
            array(select distinct unnest(v.scan_label) from report_values v where v.report_id = r.id order by 1) as regions,
            r.sop_instance_uid as "sopInstanceUid", r.out_of_use as "outOfUse"
       from study s join stored_report r on r.study_id = s.id join scanner c on c.id = r.scanner_id
       join source_file f on f.id = r.source_file_id
      where s.patient_id = $1 order by r.scanned_at, r.content_at, r.id`,
    [patientId],
  );
  return rows;
}

export type PatientComparison = {
  readonly kind: 'previous' | 'baseline';
  readonly region: string;
  readonly vertebrae: string;
  readonly laterality: string;
  readonly referenceStudyId: string;
  readonly followUpStudyId: string;
  readonly referenceOn: string;
  readonly followUpOn: string;
  readonly verdict: string;
  readonly deltaGramsPerCm2: string | null;
  readonly deltaPercent: string | null;
  readonly lscGramsPerCm2: string | null;
  readonly strength: number | null;
  readonly blockCode: string | null;
  /** Codes of the checks that could not be made. */
  readonly notKnown: readonly string[];
};

/** The comparisons of a patient as they stand now. */
export async function listComparisonsOfPatient(
  database: Queryable,
  patientId: string,
): Promise<readonly PatientComparison[]> {
  const { rows } = await database.query<PatientComparison>(
    `select kind, region, vertebrae, laterality, reference_study_id::text as "referenceStudyId",
            follow_up_study_id::text as "followUpStudyId", reference_on as "referenceOn", follow_up_on as "followUpOn",
            verdict, delta_g_per_cm2::text as "deltaGramsPerCm2", delta_percent::text as "deltaPercent",
            lsc_g_per_cm2::text as "lscGramsPerCm2", strength, block_code as "blockCode",
            ${notKnownCodes('checks')} as "notKnown"
       from comparison where patient_id = $1 and superseded_at is null order by follow_up_on, region, vertebrae, laterality, kind`,
    [patientId],
  );
  return rows;
}

/** The patient whose values a file gave, in use or not; null for a file without values. */
export async function findPatientOfFile(
  database: Queryable,
  sourceFileId: string,
): Promise<{ readonly id: string } | null> {
  const { rows } = await database.query<{ id: string }>(
    `select s.patient_id::text as id from stored_report r join study s on s.id = r.study_id where r.source_file_id = $1`,
    [sourceFileId],
  );
  return rows[0] ?? null;
}

export type PatientTrend = {
  readonly region: string;
  readonly vertebrae: string;
  readonly laterality: string;
  readonly studyIds: readonly string[];
  readonly years: number;
  readonly annualRateGramsPerCm2: string;
  readonly annualPercent: string;
  readonly verdict: string;
};

/** The straight lines through three or more comparable scans, as they stand now. */
export async function listTrendsOfPatient(database: Queryable, patientId: string): Promise<readonly PatientTrend[]> {
  const { rows } = await database.query<PatientTrend>(
    `select region, vertebrae, laterality, study_ids::text[] as "studyIds", years,
            annual_rate_g_per_cm2::text as "annualRateGramsPerCm2", annual_percent::text as "annualPercent", verdict
       from trend where patient_id = $1 and superseded_at is null order by follow_up_on desc, id`,
    [patientId],
  );
  return rows;
}
