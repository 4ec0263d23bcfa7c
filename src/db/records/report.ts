import type { Queryable } from '../pool.ts';
import { settleInstances } from '../rejection/settle.ts';
import { loadStatement } from '../statement.ts';
import { REPORT_COLUMNS, type ReportRow } from './report-row.ts';
import { VALUE_COLUMNS } from './value-columns.ts';

/** Texts of a report: what is known of its file and the digest of it all, then the columns of a `ReportRow`. */
const FILE_COLUMNS = ['file_id', 'content_identity', 'mapping_revision', 'digest'];
const COLUMNS = [...FILE_COLUMNS, ...REPORT_COLUMNS.map(({ name }) => name), ...VALUE_COLUMNS.map(({ name }) => name)];
const STORE = loadStatement(
  import.meta.dirname,
  'store-reports',
  Object.fromEntries(COLUMNS.map((name) => [name, 'text[]' as const])),
);

export type StoredReport = {
  readonly ok: true;
  /** Whom the study is judged with: the patient named in the report, or whom that one was merged into. */
  readonly patientId: string;
  /** The patient's revision that holds this report: an assessment of it or of a later one has seen the report. */
  readonly revision: string;
  readonly studyId: string;
  readonly reportId: string;
};

export type FileReport = {
  readonly sourceFileId: string;
  readonly report: ReportRow;
  /** Of the data set, however it was encoded. */
  readonly contentIdentity?: string | null;
  /** The latest change of the site's mappings that it was read with. */
  readonly mappingRevision?: string | null;
};

/**
 * Stores reports of files and SOP instances that have none, with values, claims and findings, and marks their files as
 * stored; one result each, in their order, null for one that is passed over. What a rejection note names is out of use from
 * the start. Run it after `lockInstances`, in the same transaction. All or none: fails with a unique violation, and without a
 * trace, when one is given twice.
 */
export async function storeReports(
  database: Queryable,
  files: readonly FileReport[],
): Promise<readonly (StoredReport | null)[]> {
  const texts = files.map(({ sourceFileId, contentIdentity, mappingRevision, report }) => [
    sourceFileId,
    contentIdentity ?? null,
    mappingRevision ?? null,
    report.digest,
    ...report.columns,
  ]);
  const given = Object.fromEntries(
    COLUMNS.map((name, column) => [name, texts.map((ofFile) => ofFile[column] ?? null)]),
  );
  type Row = Omit<StoredReport, 'ok'> & { readonly fileId: string; readonly isNamed: boolean };
  const { rows } = await database.query<Row>(STORE(given));
  const byFile = new Map(rows.map((row) => [row.fileId, row]));
  const named = files.filter(({ sourceFileId }) => byFile.get(sourceFileId)?.isNamed === true);
  await settleInstances(
    database,
    named.map(({ report }) => report.sopInstanceUid),
  );
  return files.map(({ sourceFileId }) => {
    const row = byFile.get(sourceFileId);
    if (row === undefined) return null;
    const { patientId, revision, studyId, reportId } = row;
    return { ok: true, patientId, revision, studyId, reportId };
  });
}

/** Stores one report, as `storeReports` does, where nothing can be in its way. */
export async function storeReport(
  database: Queryable,
  report: ReportRow,
  sourceFileId: string,
  read: Pick<FileReport, 'contentIdentity' | 'mappingRevision'> = {},
): Promise<StoredReport> {
  const [stored] = await storeReports(database, [{ sourceFileId, report, ...read }]);
  if (stored === undefined || stored === null) throw new Error('report: nothing was stored');
  return stored;
}

/**
 * Takes what an earlier reading of the file stored out of the database, and raises the revision of its patient, whose id
 * it returns; null when there was nothing.
 */
export async function removeReport(database: Queryable, sourceFileId: string): Promise<string | null> {
  const { rows } = await database.query<{ id: string }>({
    name: 'remove-report',
    text: `with gone as (delete from stored_report where source_file_id = $1 returning study_id),
          unfound as (delete from finding where source_file_id = $1)
     update patient set revision = revision + 1 where id in (select s.patient_id from study s join gone on gone.study_id = s.id)
     returning id::text`,
    values: [sourceFileId],
  });
  return rows[0]?.id ?? null;
}
