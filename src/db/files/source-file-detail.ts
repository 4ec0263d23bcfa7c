import type { Finding } from '../../dxa/values/finding.ts';
import type { CodeTriple } from '../../dxa/values/report.ts';
import type { Queryable } from '../pool.ts';
import type { SourceFileState } from './source-file.ts';

export type SourceFileDetail = {
  readonly id: string;
  readonly dropName: string;
  /** Null for a file that was too large to be read. */
  readonly sha256: string | null;
  readonly archivePath: string;
  readonly byteCount: string;
  readonly state: SourceFileState;
  readonly reasonCode: string | null;
  readonly reasonPath: string | null;
  readonly reasonFacts: NonNullable<Finding['facts']>;
  readonly sopInstanceUid: string | null;
  readonly timesReceived: number;
  readonly attempts: number;
  readonly receivedAt: Date;
  readonly processedAt: Date | null;
  /** The file whose report stands for the same content; null for any but a duplicate. */
  readonly duplicateOfId: string | null;
  /** How often its content came, in whatever files. */
  readonly timesContentReceived: number;
  readonly archiveProblem: string | null;
  readonly archiveProblemAt: Date | null;
  readonly archiveHealedAt: Date | null;
  /** Its original is still watched: should it go on growing, this outcome is not the last. */
  readonly isOpen: boolean;
  /** The same file of its sender as it was later. */
  readonly supersededById: string | null;
  readonly findings: readonly Finding[];
};

export async function findSourceFileDetail(database: Queryable, id: string): Promise<SourceFileDetail | null> {
  const { rows } = await database.query<SourceFileDetail>(
    `select f.id::text, f.drop_name as "dropName", f.sha256, f.archive_path as "archivePath",
            f.byte_count::text as "byteCount", f.state, f.archive_problem as "archiveProblem",
            f.archive_problem_at as "archiveProblemAt", f.archive_healed_at as "archiveHealedAt",
            exists (select 1 from held_original h where h.source_file_id = f.id) as "isOpen",
            f.superseded_by_id::text as "supersededById", f.reason_code as "reasonCode", f.reason_path as "reasonPath", f.reason_facts as "reasonFacts",
            f.sop_instance_uid as "sopInstanceUid", f.times_received as "timesReceived", f.attempts,
            f.received_at as "receivedAt", f.processed_at as "processedAt", f.duplicate_of_id::text as "duplicateOfId",
            (select sum(d.times_received)::int from source_file d
              where d.id = coalesce(f.duplicate_of_id, f.id) or d.duplicate_of_id = coalesce(f.duplicate_of_id, f.id))
              as "timesContentReceived",
            coalesce((select jsonb_agg(jsonb_build_object('code', g.code, 'path', g.path, 'facts', g.facts) order by g.id)
                        from finding g where g.source_file_id = f.id), '[]') as findings
       from source_file f where f.id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** What the report of a file says of its study beside the values. */
export type ClaimsOfStudy = {
  readonly scannedAt: string;
  readonly scanDateDoubted: boolean;
  readonly performedProcedureId: string | null;
  readonly performedProcedure: string | null;
  readonly performedProcedureCodes: readonly CodeTriple[];
  readonly acf: string | null;
  readonly bcf: string | null;
};

/** Null for a file without a stored report. */
export async function findClaimsOfFile(database: Queryable, sourceFileId: string): Promise<ClaimsOfStudy | null> {
  const { rows } = await database.query<ClaimsOfStudy>(
    `select scanned_at as "scannedAt", scan_date_doubted as "scanDateDoubted",
            performed_procedure_id as "performedProcedureId", performed_procedure as "performedProcedure",
            performed_procedure_codes as "performedProcedureCodes", acf::text, bcf::text
       from stored_report where source_file_id = $1`,
    [sourceFileId],
  );
  return rows[0] ?? null;
}

export type StoredValue = {
  readonly scanLabel: string;
  readonly region: string;
  readonly vertebrae: string;
  readonly laterality: string;
  readonly quantity: string;
  readonly referencePopulation: string;
  readonly value: string;
  readonly unit: string;
  readonly rawText: string;
  readonly rawLabel: string;
  readonly treePath: string;
};

/** The values that a file put into the database, in use or not, in the order of its tree. */
export async function listValuesOfFile(database: Queryable, sourceFileId: string): Promise<readonly StoredValue[]> {
  const { rows } = await database.query<StoredValue>(
    `select v.scan_label as "scanLabel", v.region, v.vertebrae, v.laterality, v.quantity,
            v.reference_population as "referencePopulation", v.value::text, v.unit, v.raw_text as "rawText",
            v.raw_label as "rawLabel", v.tree_path as "treePath"
       from measured_value v join stored_report r on r.id = v.report_id where r.source_file_id = $1 order by v.place`,
    [sourceFileId],
  );
  return rows;
}

/** One time that a file's content came: as this file, or encoded otherwise as another. */
export type Arrival = {
  readonly fileId: string;
  readonly dropName: string;
  readonly route: string;
  readonly arrivedAt: Date;
};

/** When and by which route the content of a file came, latest first; what came before arrivals were noted is missing. */
export async function listArrivals(
  database: Queryable,
  sourceFileId: string,
  limit: number,
): Promise<readonly Arrival[]> {
  const { rows } = await database.query<Arrival>(
    `with one as (select coalesce(duplicate_of_id, id) as id from source_file where id = $1)
     select f.id::text as "fileId", f.drop_name as "dropName", a.route, a.arrived_at as "arrivedAt"
       from source_file f join arrival a on a.source_file_id = f.id
      where f.id in (select id from one union all
                     select d.id from source_file d join one on d.duplicate_of_id = one.id)
      order by a.arrived_at desc, a.id desc limit $2`,
    [sourceFileId, limit],
  );
  return rows;
}

/** Files with the content of another, latest first. */
export async function listDuplicates(
  database: Queryable,
  limit: number,
): Promise<readonly (Omit<Arrival, 'route' | 'arrivedAt'> & { readonly ofId: string; readonly receivedAt: Date })[]> {
  const { rows } = await database.query(
    `select id::text as "fileId", drop_name as "dropName", duplicate_of_id::text as "ofId", received_at as "receivedAt"
       from source_file where duplicate_of_id is not null order by source_file.id desc limit $1`,
    [limit],
  );
  return rows;
}
