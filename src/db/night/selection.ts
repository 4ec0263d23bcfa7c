import { READER_FAILURES } from '../files/file-outcome.ts';
import { FILE_COLUMNS, type SourceFile } from '../files/source-file.ts';
import type { Queryable } from '../pool.ts';
import type { NightFilters, Versions } from './run.ts';

/** A page of a step: ids after one and up to another, in order. */
export type Page = { readonly afterId: string; readonly endId: string; readonly limit: number };

/** Which reports to read again: out of date, or chosen by the filters whatever made them. */
export type ReportChoice = { readonly versions: Versions; readonly filters: NightFilters };

/** Highest id of a table; the fixed end of a step that pages through it. */
export async function lastId(database: Queryable, table: 'patient' | 'source_file'): Promise<string> {
  const { rows } = await database.query<{ id: string }>(`select coalesce(max(id), 0)::text as id from ${table}`);
  return rows[0]?.id ?? '0';
}

const isFiltered = (filters: NightFilters): boolean => Object.values(filters).some((value) => value !== undefined);

/**
 * A mapping that the report was read with is gone, or there is a new one for what was unmapped then, or for what
 * another mapping named. By the numbers of the changes: a report that was read before a change may well have been stored
 * after it.
 */
const MAPPING_CHANGED = `exists (
  select 1 from site_mapping_change m
   where (m.id = any(r.site_mapping_ids) and m.retired_revision > coalesce(f.mapping_revision, 0))
      or (m.added_revision > coalesce(f.mapping_revision, 0) and m.retired_at is null and m.vendor = r.vendor
          and (cardinality(r.site_mapping_ids) > 0
               or exists (select 1 from finding g where g.source_file_id = f.id
                             and (g.code like 'UNKNOWN\\_%' or g.code in ('LATERALITY_UNKNOWN', 'UNIT_NOT_SUPPORTED'))))))`;

type Clause = { readonly text: string; readonly values: readonly unknown[] };

/** A condition over report r, source_file f and scanner c, whose parameters begin with number `first`. */
export function chosenReport({ versions, filters }: ReportChoice, first: number): Clause {
  if (!isFiltered(filters)) {
    return {
      text: `(r.reader_version <> $${first} or r.adapter_version is distinct from ($${first + 1}::jsonb ->> r.vendor)
              or ${MAPPING_CHANGED})`,
      values: [versions.reader, JSON.stringify(versions.adapters)],
    };
  }
  const { since = null, vendor = null, scanner = null, code = null } = filters;
  const [s, v, c, k] = [first, first + 1, first + 2, first + 3].map((number) => `$${number}`);
  return {
    text: `(${s}::date is null or f.received_at >= ${s}::date)
       and (${v}::text is null or r.vendor = ${v})
       and (${c}::text is null or ${c} in (c.id::text, c.identity_key, c.device_serial_number, c.station_name))
       and (${k}::text is null or f.reason_code = ${k}
            or exists (select 1 from finding g where g.source_file_id = f.id and g.code = ${k}))`,
    values: [since, vendor, scanner, code],
  };
}

export const REPORTS = `study s join stored_report r on r.study_id = s.id join source_file f on f.id = r.source_file_id
        join scanner c on c.id = r.scanner_id`;

async function ids(database: Queryable, text: string, values: readonly unknown[]): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string }>(text, [...values]);
  return rows.map(({ id }) => id);
}

/** Patients with a report to read again. */
export async function listPatientsToReread(
  database: Queryable,
  page: Page,
  choice: ReportChoice,
): Promise<readonly string[]> {
  const { text, values } = chosenReport(choice, 4);
  return await ids(
    database,
    `select p.id::text from patient p
      where p.id > $1 and p.id <= $2 and exists (select 1 from ${REPORTS} where s.patient_id = p.id and ${text})
      order by p.id limit $3`,
    [page.afterId, page.endId, page.limit, ...values],
  );
}

/** Files of one patient to read again, oldest first. */
export async function listFilesToReread(
  database: Queryable,
  patientId: string,
  choice: ReportChoice,
): Promise<readonly SourceFile[]> {
  const { text, values } = chosenReport(choice, 2);
  const { rows } = await database.query<SourceFile>(
    `select ${FILE_COLUMNS} from ${REPORTS} where s.patient_id = $1 and ${text} order by f.id`,
    [patientId, ...values],
  );
  return rows;
}

/**
 * Files without a report to try again: those that failed, those that an older reader or adapter (`reading`) refused, took for a
 * rejection note or found in conflict with another, or that met a limit that has changed (`limited` is the reading with its
 * limits), those that broke or outlasted their reader, for which the moment may be to blame, and those that a site mapping may
 * be made for. A file over which whole processes died waits for a person: the night would be the next to die. One that was
 * superseded, or was too large to be kept, cannot come out otherwise.
 * With filters those they choose, whatever refused them; vendor and scanner are only known of files with a report.
 */
export async function listFilesToRetry(
  database: Queryable,
  page: Page,
  reading: string,
  filters: NightFilters,
  limited: string = reading,
): Promise<readonly SourceFile[]> {
  if (filters.vendor !== undefined || filters.scanner !== undefined) return [];
  const { rows } = await database.query<SourceFile>(
    `select ${FILE_COLUMNS} from source_file f
      where f.id > $1 and f.id <= $2 and f.state in ('failed', 'refused', 'conflicted', 'noted')
        and f.superseded_by_id is null and f.sha256 is not null
        and case when $4::boolean
              then ($5::date is null or f.received_at >= $5::date) and ($6::text is null or f.reason_code = $6)
              else (f.state = 'failed' and f.reason_code <> 'WORKER_CRASHED')
                   or (f.state in ('refused', 'conflicted', 'noted') and f.reader_version is distinct from
                         case when f.reason_code like 'LIMIT\\_%' then $9 else $7 end)
                   or (f.state = 'conflicted' and f.content_identity is null)
                   or (f.state = 'refused' and (f.reason_code = any($8)
                       or (f.reason_code in ('NOT_DXA', 'UNSUPPORTED_VENDOR') and exists (
                             select 1 from site_mapping_change m
                              where greatest(m.added_revision, m.retired_revision) > coalesce(f.mapping_revision, 0))))) end
      order by f.id limit $3`,
    [
      page.afterId,
      page.endId,
      page.limit,
      isFiltered(filters),
      filters.since ?? null,
      filters.code ?? null,
      reading,
      READER_FAILURES,
      limited,
    ],
  );
  return rows;
}

/** Patients whose judgement is out of date: other reports or LSCs since, or another rule set. */
export async function listPatientsToReassess(
  database: Queryable,
  page: Page,
  ruleSet: string,
): Promise<readonly string[]> {
  return await ids(
    database,
    `select id::text from patient
      where id > $1 and id <= $2 and (assessed_revision < revision or assessed_rule_set is distinct from $4)
      order by patient.id limit $3`,
    [page.afterId, page.endId, page.limit, ruleSet],
  );
}

/** Archived files in the order of their ids. */
export async function listFilesToCheck(database: Queryable, page: Page): Promise<readonly SourceFile[]> {
  const { rows } = await database.query<SourceFile>(
    `select ${FILE_COLUMNS} from source_file f where f.id > $1 and f.id <= $2 and f.state <> 'arriving'
        and f.sha256 is not null order by f.id limit $3`,
    [page.afterId, page.endId, page.limit],
  );
  return rows;
}
