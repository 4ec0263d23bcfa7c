import type { Quantity } from '../../dxa/values/quantity.ts';
import { type Laterality, type Region, type ScanType, type Vertebra, vertebraeKey } from '../../dxa/values/region.ts';
import type { IsoDate } from '../../dxa/values/report.ts';
import { auditCreation, type Signature } from '../audit.ts';
import type { Queryable } from '../pool.ts';

export type MappingKind = 'scan' | 'region' | 'measure' | 'unit';

/** A row of site_mapping without who made it. */
export type NewSiteMapping = {
  readonly vendor: string;
  readonly modelName: string;
  readonly kind: MappingKind;
  readonly codeScheme: string | null;
  readonly codeValue: string | null;
  readonly label: string | null;
  readonly scanType: ScanType | null;
  readonly region: Region | null;
  readonly vertebrae: readonly Vertebra[];
  readonly laterality: Laterality | null;
  readonly quantity: Quantity | null;
  readonly validFrom: IsoDate;
  readonly validTo: IsoDate | null;
};

export type SiteMappingRow = Omit<NewSiteMapping, 'vertebrae'> & {
  readonly mappingId: string;
  readonly vertebrae: string;
  readonly author: string;
  readonly note: string;
};

const COLUMNS = `id::text as "mappingId", vendor, model_name as "modelName", kind, code_scheme as "codeScheme",
            code_value as "codeValue", label, scan_type as "scanType", region, vertebrae, laterality, quantity,
            valid_from as "validFrom", valid_to as "validTo", author, note`;

/** Every mapping in force, oldest first. */
export async function listSiteMappings(database: Queryable): Promise<readonly SiteMappingRow[]> {
  const { rows } = await database.query<SiteMappingRow>(
    `select ${COLUMNS} from site_mapping where retired_at is null order by site_mapping.id`,
  );
  return rows;
}

/** The number of the latest change of the mappings; 0 while there was none. */
export const MAPPING_REVISION =
  '(select coalesce(max(greatest(added_revision, retired_revision)), 0) from site_mapping)';

export async function readMappingRevision(database: Queryable): Promise<string> {
  const { rows } = await database.query<{ revision: string }>({
    name: 'site-mapping-revision',
    text: `select ${MAPPING_REVISION}::text as revision`,
  });
  return rows[0]?.revision ?? '0';
}

export type MappingsInForce = { readonly revision: string; readonly mappings: readonly SiteMappingRow[] };

/** The mappings in force with the number of the change that made them what they are, both of one moment. */
export async function readMappingsInForce(database: Queryable): Promise<MappingsInForce> {
  const { rows } = await database.query<
    { revision: string } & { [column in keyof SiteMappingRow]: SiteMappingRow[column] | null }
  >(
    `select r.revision::text, m.* from (select ${MAPPING_REVISION} as revision) r
       left join (select id, ${COLUMNS} from site_mapping where retired_at is null) m on true order by m.id`,
  );
  const mappings = rows.filter((row): row is { revision: string } & SiteMappingRow => row.mappingId !== null);
  return { revision: rows[0]?.revision ?? '0', mappings };
}

/** Puts a mapping on file, audited; null when the same one is in force. */
export async function insertSiteMapping(
  database: Queryable,
  mapping: NewSiteMapping,
  signature: Signature,
): Promise<string | null> {
  const { rows } = await database.query<{ id: string }>(
    `insert into site_mapping (vendor, model_name, kind, code_scheme, code_value, label, scan_type, region, vertebrae,
        laterality, quantity, valid_from, valid_to, author, note)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     on conflict do nothing returning id::text`,
    [
      mapping.vendor,
      mapping.modelName,
      mapping.kind,
      mapping.codeScheme,
      mapping.codeValue,
      mapping.label,
      mapping.scanType,
      mapping.region,
      vertebraeKey(mapping.vertebrae),
      mapping.laterality,
      mapping.quantity,
      mapping.validFrom,
      mapping.validTo,
      signature.by,
      signature.note,
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) return null;
  await auditCreation(database, 'site_mapping', id, 'create', signature);
  return id;
}

export type UnmappedConcept = {
  readonly vendor: string;
  readonly modelName: string;
  readonly softwareVersions: string;
  readonly kind: string;
  readonly scanType: string;
  readonly codeScheme: string;
  readonly codeValue: string;
  readonly label: string;
  readonly times: number;
  readonly files: number;
};

/** What no adapter and no mapping knows, most frequent first. */
export async function listUnmapped(database: Queryable): Promise<readonly UnmappedConcept[]> {
  const { rows } = await database.query<UnmappedConcept>(
    `select vendor, model_name as "modelName", software_versions as "softwareVersions", kind, scan_type as "scanType",
            code_scheme as "codeScheme", code_value as "codeValue", label, times, files
       from unmapped_concept
      order by files desc, vendor, model_name, software_versions, kind, scan_type, code_scheme, code_value, label`,
  );
  return rows;
}

export type UnknownItem = {
  readonly sourceFileId: string;
  readonly code: string;
  readonly modelName: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
};

/** Findings of these codes in reports of a vendor's scans in a span of days. */
export async function listUnknownItems(
  database: Queryable,
  where: {
    readonly vendor: string;
    readonly codes: readonly string[];
    readonly from: IsoDate;
    readonly to: IsoDate | null;
  },
): Promise<readonly UnknownItem[]> {
  const { rows } = await database.query<UnknownItem>(
    `select f.source_file_id::text as "sourceFileId", f.code, d.model_name as "modelName", f.facts
       from finding f join report r on r.source_file_id = f.source_file_id join scanner d on d.id = r.scanner_id
      where f.code = any($1) and r.vendor = $2 and left(r.scanned_at, 10) >= $3
        and left(r.scanned_at, 10) <= coalesce($4, '9999-12-31')`,
    [where.codes, where.vendor, where.from, where.to],
  );
  return rows;
}

/** Files whose reports leaned on a mapping. */
export async function listFilesReadWith(database: Queryable, mappingId: string): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string }>(
    'select source_file_id::text as id from report where $1::bigint = any(site_mapping_ids) order by source_file_id',
    [mappingId],
  );
  return rows.map(({ id }) => id);
}

/** Files that were refused for their vocabulary: a mapping may be what they lack. */
export async function listUnsupportedFiles(database: Queryable): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string }>(
    `select id::text from source_file where state = 'refused' and reason_code = 'UNSUPPORTED_VENDOR' order by id`,
  );
  return rows.map(({ id }) => id);
}

/** Has files read again: the sweep finds them even when nobody enqueues them. */
export async function markForReading(database: Queryable, sourceFileIds: readonly string[]): Promise<void> {
  await database.query(
    `with held as (
       select id from source_file where id = any($1) and state in ('stored', 'refused') order by id for update)
     update source_file f set state = 'received', reason_code = null, reason_path = null, reason_facts = '{}'
       from held where f.id = held.id`,
    [sourceFileIds],
  );
}
