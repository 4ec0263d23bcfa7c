import type { Finding } from '../../dxa/values/finding.ts';
import type { Queryable } from '../pool.ts';

export type Outcome = {
  readonly state: 'refused' | 'conflicted' | 'duplicate' | 'noted';
  readonly reasonCode: string | null;
  readonly reasonPath: string | null;
  readonly reasonFacts: Finding['facts'];
  readonly sopInstanceUid: string | null;
  readonly readerVersion: string;
  /** Of a file that was read as a report or note: what says which of several files under one SOP Instance UID stands. */
  readonly contentAt: string | null;
  readonly contentIdentity: string | null;
  readonly duplicateOfId?: string | null;
  /** The latest change of the site's mappings that it was read with. */
  readonly mappingRevision: string | null;
};

/** Reading came to no end, for the file's sake or for that of the moment: says nothing against an earlier reading. */
export const READER_FAILURES: readonly string[] = ['READER_TIMEOUT', 'READER_CRASHED'];

/**
 * Keeps the report that an earlier reading stored, with a finding, once, that reading it again failed. Returns false, and
 * writes nothing, when the file has no report.
 */
export async function keepReport(database: Queryable, id: string, code: string): Promise<boolean> {
  const { rowCount } = await database.query(
    `with noted as (
       insert into finding (source_file_id, code, facts, scanner_key)
       select $1, $2, '{}', d.identity_key from stored_report r join scanner d on d.id = r.scanner_id
        where r.source_file_id = $1
          and not exists (select 1 from finding g where g.source_file_id = $1 and g.code = $2))
     update source_file f
        set state = 'stored', reason_code = null, reason_path = null, reason_facts = '{}', attempts = f.attempts + 1,
            processed_at = now()
       from stored_report r where r.source_file_id = f.id and f.id = $1`,
    [id, code],
  );
  return (rowCount ?? 0) > 0;
}

/** Writes what became of a file and replaces its findings. */
export async function recordOutcome(
  database: Queryable,
  id: string,
  outcome: Outcome,
  findings: readonly Finding[],
): Promise<void> {
  await database.query(
    `with gone as (delete from finding where source_file_id = $1),
          written as (
            insert into finding (source_file_id, code, path, facts)
            select $1, f.code, f.path, coalesce(f.facts, '{}')
            from jsonb_to_recordset($8::jsonb) as f (code text, path text, facts jsonb))
     update source_file
        set state = $2, reason_code = $3, reason_path = $4, reason_facts = $5, sop_instance_uid = $6, content_at = $9,
            content_identity = $10, duplicate_of_id = $11, mapping_revision = $12, reader_version = $7, attempts = attempts + 1, processed_at = now()
      where id = $1`,
    [
      id,
      outcome.state,
      outcome.reasonCode,
      outcome.reasonPath,
      JSON.stringify(outcome.reasonFacts ?? {}),
      outcome.sopInstanceUid,
      outcome.readerVersion,
      JSON.stringify(findings),
      outcome.contentAt,
      outcome.contentIdentity,
      outcome.duplicateOfId ?? null,
      outcome.mappingRevision,
    ],
  );
}
