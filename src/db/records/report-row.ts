import { createHash } from 'node:crypto';
import { formatMicro, type Micro } from '../../dxa/values/quantity.ts';
import { vertebraeKey } from '../../dxa/values/region.ts';
import type { NormalisedReport, VendorClaim } from '../../dxa/values/report.ts';
import { scannerKey } from '../../dxa/values/scanner-key.ts';
import { arrayLiteral, VALUE_COLUMNS } from './value-columns.ts';

type Column = {
  readonly name: string;
  readonly of: (report: NormalisedReport, readerVersion: string) => string | null;
};

const numeric = (value: Micro | null) => (value === null ? null : formatMicro(value, 6));

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

/** What a report says beside its values, as texts, in the order of the statement that stores it. */
export const REPORT_COLUMNS: readonly Column[] = [
  { name: 'issuer_of_patient_id', of: ({ patient }) => patient.issuerOfPatientId },
  { name: 'patient_id', of: ({ patient }) => patient.patientId },
  { name: 'manufacturer', of: ({ equipment }) => equipment.manufacturer },
  { name: 'model_name', of: ({ equipment }) => equipment.modelName },
  { name: 'device_serial_number', of: ({ equipment }) => equipment.deviceSerialNumber ?? '' },
  { name: 'station_name', of: ({ equipment }) => equipment.stationName ?? '' },
  { name: 'identity_key', of: ({ equipment }) => scannerKey(equipment).key },
  { name: 'identified', of: ({ equipment }) => String(scannerKey(equipment).identified) },
  { name: 'institution_name', of: ({ equipment }) => equipment.institutionName },
  { name: 'study_instance_uid', of: ({ study }) => study.studyInstanceUid },
  { name: 'sop_instance_uid', of: (report) => report.sopInstanceUid },
  { name: 'series_instance_uid', of: (report) => report.seriesInstanceUid },
  { name: 'vendor', of: (report) => report.vendor },
  { name: 'adapter_version', of: (report) => report.adapterVersion },
  { name: 'reader_version', of: (_, readerVersion) => readerVersion },
  { name: 'scanned_at', of: ({ study }) => study.scannedAt },
  { name: 'content_at', of: (report) => report.contentAt },
  { name: 'accession_number', of: ({ study }) => study.accessionNumber },
  { name: 'study_description', of: ({ study }) => study.description },
  { name: 'patient_name', of: ({ patient }) => patient.name },
  { name: 'sex', of: ({ patient }) => patient.sex },
  { name: 'birth_date', of: ({ patient }) => patient.birthDate },
  { name: 'ethnic_group', of: ({ body }) => body.ethnicGroup },
  { name: 'height_m', of: ({ body }) => numeric(body.heightM) },
  { name: 'weight_kg', of: ({ body }) => numeric(body.weightKg) },
  { name: 'software_versions', of: ({ equipment }) => arrayLiteral(equipment.softwareVersions, (version) => version) },
  { name: 'site_mapping_ids', of: ({ siteMappingIds = [] }) => arrayLiteral(siteMappingIds, (id) => id) },
  { name: 'scan_date_doubted', of: ({ study }) => String(study.scanDateDoubted === true) },
  { name: 'performed_procedure_id', of: ({ study }) => study.performedProcedure?.stepId ?? null },
  { name: 'performed_procedure', of: ({ study }) => study.performedProcedure?.description ?? null },
  { name: 'performed_procedure_codes', of: ({ study }) => JSON.stringify(study.performedProcedure?.codes ?? []) },
  { name: 'acf', of: ({ calibration }) => numeric(calibration?.acf ?? null) },
  { name: 'bcf', of: ({ calibration }) => numeric(calibration?.bcf ?? null) },
  { name: 'claims', of: ({ claims }) => JSON.stringify(claims.map(claimRow)) },
  { name: 'findings', of: ({ findings }) => JSON.stringify(findings) },
];

/**
 * A report as what the statement that stores it takes: the texts of `REPORT_COLUMNS`, then of `VALUE_COLUMNS`. Reading
 * threads make it, and a few large texts cross to the storing process at half of what values as objects cost (0.85
 * against 1.57 ms of processor for 240 values).
 */
export type ReportRow = {
  readonly sopInstanceUid: string;
  readonly contentAt: string;
  readonly issuerOfPatientId: string;
  readonly patientId: string;
  readonly scannerKey: string;
  readonly adapterVersion: string;
  readonly readerVersion: string;
  readonly findings: NormalisedReport['findings'];
  readonly columns: readonly (string | null)[];
  /** SHA-256 of what the columns say, in hexadecimal digits: two reports with one digest give the same rows. */
  readonly digest: string;
};

/** What made a report is no part of what it says. */
const VERSIONS: readonly string[] = ['adapter_version', 'reader_version'];
const DIGESTED = [...REPORT_COLUMNS, ...VALUE_COLUMNS].map(({ name }) => (VERSIONS.includes(name) ? null : name));

/**
 * Of the very texts that are stored, each with the name of its column and its length, so that no two reports have the same
 * text here, and a column that a later release adds makes another digest.
 */
export function digestOf(columns: ReportRow['columns']): string {
  const texts = DIGESTED.map((name, place) => {
    const text = columns[place] ?? null;
    return name === null ? '' : `${name} ${text === null ? 'none' : `${text.length} ${text}`}\n`;
  });
  return createHash('sha256').update(texts.join('')).digest('hex');
}

export function reportRow(report: NormalisedReport, readerVersion: string): ReportRow {
  const { sopInstanceUid, contentAt, adapterVersion, findings } = report;
  const { issuerOfPatientId, patientId } = report.patient;
  const columns = [
    ...REPORT_COLUMNS.map(({ of }) => of(report, readerVersion)),
    ...VALUE_COLUMNS.map(({ of }) => arrayLiteral(report.values, of)),
  ];
  const { key } = scannerKey(report.equipment);
  return {
    ...{ sopInstanceUid, contentAt, issuerOfPatientId, patientId, scannerKey: key, adapterVersion, readerVersion },
    ...{ findings, columns, digest: digestOf(columns) },
  };
}
