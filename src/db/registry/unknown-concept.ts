import type { IsoDate } from '../../dxa/values/report.ts';
import type { Queryable } from '../pool.ts';

export type UnmappedConcept = {
  readonly vendor: string;
  readonly modelName: string;
  readonly softwareVersions: string;
  readonly kind: string;
  readonly scanType: string;
  readonly codeScheme: string;
  readonly codeValue: string;
  readonly label: string;
  /** Of a unit what it was the unit of, else empty. */
  readonly quantity: string;
  readonly times: number;
  readonly files: number;
};

/** Concepts that no adapter and no mapping recognises and that are not ignored, most frequent first. */
export async function listUnmapped(database: Queryable): Promise<readonly UnmappedConcept[]> {
  const { rows } = await database.query<UnmappedConcept>(
    `select vendor, model_name as "modelName", software_versions as "softwareVersions", kind, scan_type as "scanType",
            code_scheme as "codeScheme", code_value as "codeValue", label, quantity, times, files
       from unmapped_concept
      order by files desc, vendor, model_name, software_versions, kind, scan_type, code_scheme, code_value, label, quantity`,
  );
  return rows;
}

/** A concept as a finding tells it: texts are empty where it does not. */
export type UnknownConcept = {
  readonly code: string;
  readonly modelName: string;
  readonly scheme: string;
  readonly value: string;
  readonly label: string;
  readonly quantity: string;
  readonly scanType: string;
};

/** A vendor's scans in a span of days. */
export type ScansOf = { readonly vendor: string; readonly from: IsoDate; readonly to: IsoDate | null };

const FACTS = ['scheme', 'value', 'label', 'quantity', 'scanType'] as const;
const CONCEPT = [`f.code`, `d.model_name`, ...FACTS.map((name) => `coalesce(f.facts ->> '${name}', '')`)];
const OF_SCANS = `from finding f join stored_report r on r.source_file_id = f.source_file_id join scanner d on d.id = r.scanner_id
      where f.code = any($1) and r.vendor = $2 and left(r.scanned_at, 10) >= $3
        and left(r.scanned_at, 10) <= coalesce($4, '9999-12-31')`;

/** What findings of these codes are about, each once. */
export async function listUnknownConcepts(
  database: Queryable,
  codes: readonly string[],
  { vendor, from, to }: ScansOf,
): Promise<readonly UnknownConcept[]> {
  const named = CONCEPT.map((column, index) => `${column} as "${['code', 'modelName', ...FACTS][index]}"`);
  const { rows } = await database.query<UnknownConcept>(`select distinct ${named.join(', ')} ${OF_SCANS}`, [
    codes,
    vendor,
    from,
    to,
  ]);
  return rows;
}

/** Files with a finding about one of these concepts. */
export async function listFilesWithConcepts(
  database: Queryable,
  codes: readonly string[],
  { vendor, from, to }: ScansOf,
  concepts: readonly UnknownConcept[],
): Promise<readonly string[]> {
  const columns = (['code', 'modelName', ...FACTS] as const).map((name) => concepts.map((concept) => concept[name]));
  const { rows } = await database.query<{ id: string }>(
    `select distinct f.source_file_id::text as id ${OF_SCANS}
        and (${CONCEPT.join(', ')}) in (select * from unnest(${columns.map((_, index) => `$${index + 5}::text[]`).join(', ')}))`,
    [codes, vendor, from, to, ...columns],
  );
  return rows.map(({ id }) => id);
}

/** Files whose reports leaned on one of these mappings. */
export async function listFilesReadWith(
  database: Queryable,
  mappingIds: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string }>(
    'select source_file_id::text as id from stored_report where site_mapping_ids && $1::bigint[] order by source_file_id',
    [mappingIds],
  );
  return rows.map(({ id }) => id);
}

/** Files that were refused for their vocabulary: a mapping may be what they lack. Reports of another kind are not. */
export async function listUnsupportedFiles(database: Queryable): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string }>(
    `select id::text from source_file
      where state = 'refused' and sha256 is not null and superseded_by_id is null
        and (reason_code = 'UNSUPPORTED_VENDOR' or (reason_code = 'NOT_DXA' and not reason_facts ? 'reason'))
      order by id`,
  );
  return rows.map(({ id }) => id);
}

/** Has files read again: the sweep finds them even if they are not enqueued. */
export async function markForReading(database: Queryable, sourceFileIds: readonly string[]): Promise<void> {
  await database.query(
    `with held as (
       select id from source_file where id = any($1) and state in ('stored', 'refused') order by id for update)
     update source_file f set state = 'received', reason_code = null, reason_path = null, reason_facts = '{}'
       from held where f.id = held.id`,
    [sourceFileIds],
  );
}
