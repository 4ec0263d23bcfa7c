import { formatMicro, type Micro, UNIT_OF } from '../dxa/quantity.ts';
import { vertebraeKey } from '../dxa/region.ts';
import type { MeasuredValue, NormalisedReport, VendorClaim } from '../dxa/report.ts';
import { scannerKey } from '../dxa/scanner-key.ts';
import type { Queryable } from './pool.ts';

const numeric = (value: Micro | null) => (value === null ? null : formatMicro(value, 6));

async function idOf(database: Queryable, sql: string, parameters: readonly unknown[]): Promise<string | null> {
  const { rows } = await database.query<{ id: string }>(sql, [...parameters]);
  return rows[0]?.id ?? null;
}

function required(id: string | null, what: string): string {
  if (id === null) throw new Error(`${what}: upsert returned no row`);
  return id;
}

type PatientRevision = { readonly patientId: string; readonly revision: string };

/** Creates the patient or raises its revision: every report stored means that the patient must be judged again. */
async function upsertPatient(database: Queryable, report: NormalisedReport): Promise<PatientRevision> {
  const { rows } = await database.query<PatientRevision>(
    `insert into patient (issuer_of_patient_id, patient_id) values ($1, $2)
     on conflict (issuer_of_patient_id, patient_id) do update set revision = patient.revision + 1
     returning id::text as "patientId", revision::text`,
    [report.patient.issuerOfPatientId, report.patient.patientId],
  );
  if (rows[0] === undefined) throw new Error('patient: upsert returned no row');
  return rows[0];
}

async function upsertScanner(database: Queryable, report: NormalisedReport): Promise<string> {
  const device = report.equipment;
  const { key, identified } = scannerKey(device);
  // The no-op update makes the row come back, and locks it against a concurrent insert of the same device.
  const id = await idOf(
    database,
    `insert into scanner (manufacturer, model_name, device_serial_number, station_name, identity_key, identified, institution_name)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (identity_key) do update set institution_name = coalesce(scanner.institution_name, excluded.institution_name)
     returning id::text`,
    [
      device.manufacturer,
      device.modelName,
      device.deviceSerialNumber ?? '',
      device.stationName ?? '',
      key,
      identified,
      device.institutionName,
    ],
  );
  return required(id, 'scanner');
}

/**
 * Creates the study, or finds it. Null when the study already belongs to another patient: one Study Instance UID under
 * two patients is a contradiction that a person has to resolve.
 */
async function upsertStudy(database: Queryable, report: NormalisedReport, patientId: string): Promise<string | null> {
  return await idOf(
    database,
    `insert into study (study_instance_uid, patient_id) values ($1, $2)
     on conflict (study_instance_uid) do update set patient_id = study.patient_id
       where study.patient_id = excluded.patient_id
     returning id::text`,
    [report.study.studyInstanceUid, patientId],
  );
}

async function upsertReport(
  database: Queryable,
  report: NormalisedReport,
  ids: { readonly sourceFileId: string; readonly studyId: string; readonly scannerId: string },
  readerVersion: string,
): Promise<string | null> {
  return await idOf(
    database,
    `insert into report (source_file_id, sop_instance_uid, study_id, scanner_id, series_instance_uid, vendor,
        adapter_version, reader_version, scanned_at, content_at, accession_number, study_description, patient_name,
        sex, birth_date, ethnic_group, height_m, weight_kg, software_versions)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
     on conflict (sop_instance_uid) do update set
        study_id = excluded.study_id, scanner_id = excluded.scanner_id,
        series_instance_uid = excluded.series_instance_uid, vendor = excluded.vendor,
        adapter_version = excluded.adapter_version, reader_version = excluded.reader_version,
        scanned_at = excluded.scanned_at, content_at = excluded.content_at,
        accession_number = excluded.accession_number, study_description = excluded.study_description,
        patient_name = excluded.patient_name, sex = excluded.sex, birth_date = excluded.birth_date,
        ethnic_group = excluded.ethnic_group, height_m = excluded.height_m, weight_kg = excluded.weight_kg,
        software_versions = excluded.software_versions, stored_at = now()
       where report.source_file_id = excluded.source_file_id
     returning id::text`,
    [
      ids.sourceFileId,
      report.sopInstanceUid,
      ids.studyId,
      ids.scannerId,
      report.seriesInstanceUid,
      report.vendor,
      report.adapterVersion,
      readerVersion,
      report.study.scannedAt,
      report.contentAt,
      report.study.accessionNumber,
      report.study.description,
      report.patient.name,
      report.patient.sex,
      report.patient.birthDate,
      report.body.ethnicGroup,
      numeric(report.body.heightM),
      numeric(report.body.weightKg),
      report.equipment.softwareVersions,
    ],
  );
}

const valueRow = (value: MeasuredValue) => ({
  scan_type: value.scanType,
  scan_label: value.scanLabel,
  region: value.roi.region,
  vertebrae: vertebraeKey(value.roi.vertebrae),
  laterality: value.laterality,
  quantity: value.quantity,
  reference_population: value.referencePopulation,
  value: formatMicro(value.value, 6),
  unit: UNIT_OF[value.quantity],
  raw_text: value.rawText,
  raw_unit: value.rawUnit,
  raw_label: value.rawLabel,
  code_value: value.code?.value ?? null,
  code_scheme: value.code?.scheme ?? null,
  code_meaning: value.code?.meaning ?? null,
  tree_path: value.path,
});

const claimRow = (claim: VendorClaim) => ({
  kind: claim.kind,
  scan_type: claim.scanType,
  region: claim.roi.region,
  vertebrae: vertebraeKey(claim.roi.vertebrae),
  laterality: claim.laterality,
  claimed_on: claim.date,
  raw_date: claim.rawDate,
  value: numeric(claim.value),
  raw_text: claim.rawText,
  raw_unit: claim.rawUnit,
  tree_path: claim.path,
});

async function replaceValues(database: Queryable, reportId: string, report: NormalisedReport): Promise<void> {
  await database.query('delete from measured_value where report_id = $1', [reportId]);
  await database.query('delete from vendor_claim where report_id = $1', [reportId]);
  await database.query(
    `insert into measured_value (report_id, scan_type, scan_label, region, vertebrae, laterality, quantity,
        reference_population, value, unit, raw_text, raw_unit, raw_label, code_value, code_scheme, code_meaning, tree_path)
     select $1, v.* from jsonb_to_recordset($2::jsonb) as v (scan_type text, scan_label text, region text,
        vertebrae text, laterality text, quantity text, reference_population text, value numeric, unit text,
        raw_text text, raw_unit text, raw_label text, code_value text, code_scheme text, code_meaning text, tree_path text)`,
    [reportId, JSON.stringify(report.values.map(valueRow))],
  );
  if (report.claims.length === 0) return;
  await database.query(
    `insert into vendor_claim (report_id, kind, scan_type, region, vertebrae, laterality, claimed_on, raw_date, value,
        raw_text, raw_unit, tree_path)
     select $1, c.* from jsonb_to_recordset($2::jsonb) as c (kind text, scan_type text, region text, vertebrae text,
        laterality text, claimed_on date, raw_date text, value numeric, raw_text text, raw_unit text, tree_path text)`,
    [reportId, JSON.stringify(report.claims.map(claimRow))],
  );
}

export type Stored =
  | {
      readonly ok: true;
      readonly patientId: string;
      /** The patient's revision that holds this report: an assessment of it or of a later one has seen the report. */
      readonly revision: string;
      readonly studyId: string;
      readonly reportId: string;
    }
  | { readonly ok: false; readonly code: 'SOP_INSTANCE_CONFLICT' | 'STUDY_OF_ANOTHER_PATIENT' };

/**
 * Stores one normalised report with all its values; run it inside a transaction and roll back unless `ok`. Storing the
 * same file again replaces its own rows; the rows of other files are never touched.
 */
export async function storeReport(
  database: Queryable,
  report: NormalisedReport,
  sourceFileId: string,
  readerVersion: string,
): Promise<Stored> {
  const { patientId, revision } = await upsertPatient(database, report);
  const scannerId = await upsertScanner(database, report);
  const studyId = await upsertStudy(database, report, patientId);
  if (studyId === null) return { ok: false, code: 'STUDY_OF_ANOTHER_PATIENT' };
  const reportId = await upsertReport(database, report, { sourceFileId, studyId, scannerId }, readerVersion);
  if (reportId === null) return { ok: false, code: 'SOP_INSTANCE_CONFLICT' };
  await replaceValues(database, reportId, report);
  return { ok: true, patientId, revision, studyId, reportId };
}
