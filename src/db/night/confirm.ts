import { FILE_COLUMNS, type SourceFile } from '../files/source-file.ts';
import { holdFiles, lockInstances } from '../locks.ts';
import type { Queryable } from '../pool.ts';
import { loadStatement } from '../statement.ts';
import { chosenReport, REPORTS, type ReportChoice } from './selection.ts';

export type RecordedFile = SourceFile & {
  /** Whom its report is judged with. */
  readonly patientId: string;
  /** Of its report, in hexadecimal digits; null when unknown. */
  readonly digest: string | null;
};

/** The files that `listFilesToReread` gives for each of these patients, with the digests of their reports. */
export async function listFilesToCompare(
  database: Queryable,
  patientIds: readonly string[],
  choice: ReportChoice,
): Promise<readonly RecordedFile[]> {
  const { text, values } = chosenReport(choice, 2);
  const { rows } = await database.query<RecordedFile>(
    `select ${FILE_COLUMNS}, s.patient_id::text as "patientId", encode(r.digest, 'hex') as digest
       from ${REPORTS} where s.patient_id = any($1::bigint[]) and ${text} order by s.patient_id, f.id`,
    [patientIds, ...values],
  );
  return rows;
}

/** What reading a file again gave, whose report has the digest of the one on record. */
export type Confirmation = {
  readonly patientId: string;
  readonly fileId: string;
  readonly digest: string;
  readonly sopInstanceUid: string;
  readonly findings: number;
  readonly contentIdentity: string | null;
  readonly mappingRevision: string | null;
  readonly adapterVersion: string;
  readonly readerVersion: string;
};

const CONFIRM = loadStatement(import.meta.dirname, 'confirm-reports', {
  patient_id: 'text[]',
  file_id: 'text[]',
  digest: 'text[]',
  findings: 'text[]',
  content_identity: 'text[]',
  mapping_revision: 'text[]',
  sop_instance_uid: 'text[]',
  adapter_version: 'text[]',
  reader_version: 'text[]',
  write: 'boolean',
});

/**
 * Notes that these reports were read again and are what is on record; `given` holds all files of a patient that are to be
 * read again. Returns the patients for whom that is true of every file; of the others nothing is written. Without `write` it
 * only says who they are.
 */
export async function confirmReports(
  transaction: Queryable,
  given: readonly Confirmation[],
  write: boolean,
): Promise<ReadonlySet<string>> {
  const fileIds = given.map(({ fileId }) => fileId);
  const uids = given.map(({ sopInstanceUid }) => sopInstanceUid);
  await lockInstances(transaction, uids);
  if (write) await holdFiles(transaction, fileIds, []);
  const { rows } = await transaction.query<{ patientId: string }>(
    CONFIRM({
      patient_id: given.map(({ patientId }) => patientId),
      file_id: fileIds,
      digest: given.map(({ digest }) => digest),
      findings: given.map(({ findings }) => String(findings)),
      content_identity: given.map(({ contentIdentity }) => contentIdentity),
      mapping_revision: given.map(({ mappingRevision }) => mappingRevision),
      sop_instance_uid: uids,
      adapter_version: given.map(({ adapterVersion }) => adapterVersion),
      reader_version: given.map(({ readerVersion }) => readerVersion),
      write,
    }),
  );
  return new Set(rows.map(({ patientId }) => patientId));
}
