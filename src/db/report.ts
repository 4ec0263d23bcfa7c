import { formatMicro, type Micro } from '../dxa/quantity.ts';
import { vertebraeKey } from '../dxa/region.ts';
import type { NormalisedReport, VendorClaim } from '../dxa/report.ts';
import { scannerKey } from '../dxa/scanner-key.ts';
import type { Queryable } from './pool.ts';
import { arrayLiteral, VALUE_COLUMNS } from './value-columns.ts';

const numeric = (value: Micro | null) => (value === null ? null : formatMicro(value, 6));

const FIRST_VALUE_PARAMETER = 31;
const VALUE_NAMES = VALUE_COLUMNS.map(({ name }) => name).join(', ');
const VALUE_ARRAYS = VALUE_COLUMNS.map(({ type }, index) => `$${FIRST_VALUE_PARAMETER + index}::${type}[]`).join(', ');

/**
 * The whole of a report in one statement: one round trip and one commit, which is what the rate of ingesting hangs on.
 * The commit does not wait for the disk: what a crash of the server loses is the whole of it, the outcome of the file
 * included, and the sweep has the file read again.
 * A scanner row is only written when it is new or its spelling changes: reports of one busy scanner would otherwise wait
 * for each other's commits. Of several spellings the greatest stands (of institutions the least), so that the order of arrival means nothing.
 */
const STORE = {
  name: 'store-report',
  text: `
with named as (
  insert into patient (issuer_of_patient_id, patient_id) values ($1, $2)
  on conflict (issuer_of_patient_id, patient_id) do update set revision = patient.revision + 1
  returning id, revision, merged_into_id),
survivor as (
  update patient p set revision = p.revision + 1 from named where p.id = named.merged_into_id
  returning p.id, p.revision),
judged as (
  select coalesce(s.id, n.id) as id, coalesce(s.revision, n.revision) as revision from named n left join survivor s on true),
known_scanner as (select * from scanner where identity_key = $7),
written_scanner as (
  insert into scanner (manufacturer, model_name, device_serial_number, station_name, identity_key, identified, institution_name)
  select $3, $4, $5, $6, $7, $8::boolean, $9
   where not exists (
     select 1 from known_scanner k
      where k.manufacturer >= $3 and k.model_name >= $4 and k.device_serial_number >= $5 and k.station_name >= $6
        and ($9::text is null or k.institution_name <= $9))
  on conflict (identity_key) do update set
    manufacturer = greatest(scanner.manufacturer, excluded.manufacturer),
    model_name = greatest(scanner.model_name, excluded.model_name),
    device_serial_number = greatest(scanner.device_serial_number, excluded.device_serial_number),
    station_name = greatest(scanner.station_name, excluded.station_name),
    institution_name = least(scanner.institution_name, excluded.institution_name)
  returning id),
device as (select id from written_scanner union select id from known_scanner),
examined as (
  insert into study (study_instance_uid, patient_id, named_patient_id)
  select $10, judged.id, named.id from judged, named
  on conflict (study_instance_uid, named_patient_id) do update set patient_id = excluded.patient_id
  returning id),
stored as (
  insert into report (source_file_id, sop_instance_uid, study_id, scanner_id, series_instance_uid, vendor,
      adapter_version, reader_version, scanned_at, content_at, accession_number, study_description, patient_name,
      sex, birth_date, ethnic_group, height_m, weight_kg, software_versions, site_mapping_ids)
  select $11::bigint, $12, examined.id, device.id, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23::date, $24,
      $25::numeric, $26::numeric, $27::text[], $28::bigint[] from examined, device
  returning id),
measured as (
  insert into report_values (report_id, ${VALUE_NAMES}) select stored.id, ${VALUE_ARRAYS} from stored),
claimed as (
  insert into vendor_claim (report_id, kind, scan_type, region, vertebrae, laterality, claimed_on, raw_date, value,
      raw_text, raw_unit, tree_path)
  select stored.id, c.* from stored, jsonb_to_recordset($29::jsonb) as c (kind text, scan_type text, region text,
      vertebrae text, laterality text, claimed_on date, raw_date text, value numeric, raw_text text, raw_unit text,
      tree_path text)),
found as (
  insert into finding (source_file_id, code, path, facts, scanner_key)
  select $11::bigint, f.code, f.path, coalesce(f.facts, '{}'), $7
    from jsonb_to_recordset($30::jsonb) as f (code text, path text, facts jsonb)),
done as (
  update source_file set state = 'stored', reason_code = null, reason_path = null, reason_facts = '{}',
      sop_instance_uid = $12, reader_version = $16, attempts = attempts + 1, processed_at = now()
   where id = $11::bigint)
select set_config('synchronous_commit', 'off', true), judged.id::text as "patientId", judged.revision::text,
       examined.id::text as "studyId", stored.id::text as "reportId"
  from judged, examined, stored`,
} as const;

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

/**
 * A report as the parameters of the statement that stores it, without the id of its file. Texts and lists of texts only:
 * reading threads make it, and a few large texts cross to the storing process at half of what values as objects cost
 * (0.85 against 1.57 ms of processor for 240 values).
 */
export type ReportRow = {
  readonly sopInstanceUid: string;
  readonly contentAt: string;
  readonly findings: NormalisedReport['findings'];
  readonly parameters: readonly (string | boolean | null | readonly string[])[];
};

/** Place of the file's id among the parameters. */
const FILE_PARAMETER = 10;

export function reportRow(report: NormalisedReport, readerVersion: string): ReportRow {
  const { sopInstanceUid, contentAt, findings } = report;
  return { sopInstanceUid, contentAt, findings, parameters: parametersOf(report, readerVersion) };
}

function parametersOf(report: NormalisedReport, readerVersion: string): ReportRow['parameters'] {
  const { patient, equipment, study, body } = report;
  const { key, identified } = scannerKey(equipment);
  return [
    patient.issuerOfPatientId,
    patient.patientId,
    equipment.manufacturer,
    equipment.modelName,
    equipment.deviceSerialNumber ?? '',
    equipment.stationName ?? '',
    key,
    identified,
    equipment.institutionName,
    study.studyInstanceUid,
    null,
    report.sopInstanceUid,
    report.seriesInstanceUid,
    report.vendor,
    report.adapterVersion,
    readerVersion,
    study.scannedAt,
    report.contentAt,
    study.accessionNumber,
    study.description,
    patient.name,
    patient.sex,
    patient.birthDate,
    body.ethnicGroup,
    numeric(body.heightM),
    numeric(body.weightKg),
    equipment.softwareVersions,
    report.siteMappingIds ?? [],
    JSON.stringify(report.claims.map(claimRow)),
    JSON.stringify(report.findings),
    ...VALUE_COLUMNS.map(({ of }) => arrayLiteral(report.values, of)),
  ];
}

export type Stored =
  | {
      readonly ok: true;
      /** Whom the study is judged with: the patient named in the report, or whom that one was merged into. */
      readonly patientId: string;
      /** The patient's revision that holds this report: an assessment of it or of a later one has seen the report. */
      readonly revision: string;
      readonly studyId: string;
      readonly reportId: string;
    }
  | { readonly ok: false; readonly code: 'SOP_INSTANCE_CONFLICT' };

/**
 * Stores a report that is not in the database, with values, claims and findings, and marks its file as stored. Fails
 * with a unique violation, and without a trace, when the file or its SOP Instance UID is there: then `replaceReport`.
 */
export async function storeReport(database: Queryable, report: ReportRow, sourceFileId: string): Promise<Stored> {
  const { rows } = await database.query<Omit<Extract<Stored, { ok: true }>, 'ok'>>({
    ...STORE,
    values: report.parameters.with(FILE_PARAMETER, sourceFileId),
  });
  if (rows[0] === undefined) throw new Error('report: insert returned no row');
  const { patientId, revision, studyId, reportId } = rows[0];
  return { ok: true, patientId, revision, studyId, reportId };
}

/**
 * Takes what an earlier reading of the file stored out of the database, and raises the revision of its patient. Returns
 * whether there was any.
 */
export async function removeReport(database: Queryable, sourceFileId: string): Promise<boolean> {
  const { rowCount } = await database.query(
    `with gone as (delete from report where source_file_id = $1 returning study_id),
          unfound as (delete from finding where source_file_id = $1)
     update patient set revision = revision + 1 where id in (select s.patient_id from study s join gone on gone.study_id = s.id)`,
    [sourceFileId],
  );
  return (rowCount ?? 0) > 0;
}

/**
 * Stores a report in place of what is there; run it inside a transaction. Of two files with one SOP Instance UID the
 * later analysis stands, and of one moment the one with the greater hash: arbitrary, but the same in whatever order they
 * came. The other is marked as conflicted and nothing of it stays but its findings.
 */
export async function replaceReport(
  database: Queryable,
  report: ReportRow,
  file: { readonly id: string; readonly sha256: string },
): Promise<Stored> {
  const { rows } = await database.query<{ id: string; contentAt: string; sha256: string }>(
    `select f.id::text, r.content_at as "contentAt", f.sha256
       from report r join source_file f on f.id = r.source_file_id
      where r.sop_instance_uid = $1 and f.id <> $2 for update`,
    [report.sopInstanceUid, file.id],
  );
  const other = rows[0];
  if (other !== undefined) {
    const stands =
      other.contentAt > report.contentAt || (other.contentAt === report.contentAt && other.sha256 > file.sha256);
    if (stands) {
      await removeReport(database, file.id);
      return { ok: false, code: 'SOP_INSTANCE_CONFLICT' };
    }
    await database.query(
      `with gone as (delete from report where source_file_id = $1 returning study_id),
            touched as (update patient set revision = revision + 1
                         where id in (select s.patient_id from study s join gone on gone.study_id = s.id))
       update source_file set state = 'conflicted', reason_code = 'SOP_INSTANCE_CONFLICT' where id = $1`,
      [other.id],
    );
  }
  await removeReport(database, file.id);
  return await storeReport(database, report, file.id);
}
