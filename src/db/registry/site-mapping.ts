import { join } from 'node:path';
import type { Quantity } from '../../dxa/values/quantity.ts';
import { type Laterality, type Region, type ScanType, type Vertebra, vertebraeKey } from '../../dxa/values/region.ts';
import type { IsoDate } from '../../dxa/values/report.ts';
import { auditCreation, retireRow, type Signature } from '../audit.ts';
import type { Queryable } from '../pool.ts';
import { readStatement } from '../statement.ts';

export type MappingKind = 'scan' | 'region' | 'measure' | 'unit';

/**
 * What a site says about a concept, without who says so: what it means, or that it is ignored. Of an ignored one `kind` is
 * what it is and the rest of the meaning is empty; `scanType` is then the kind of scan that a region must stand in.
 */
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
  readonly ignored: boolean;
};

export type SiteMappingRow = Omit<NewSiteMapping, 'vertebrae'> & {
  readonly mappingId: string;
  readonly vertebrae: string;
  readonly author: string;
  readonly note: string;
};

const CONCEPT = `vendor, model_name as "modelName", kind, code_scheme as "codeScheme", code_value as "codeValue", label,
            scan_type as "scanType", valid_from as "validFrom", valid_to as "validTo", author, note`;

/** Mappings and ignored concepts are kept in two tables, with one row of numbers. */
const IN_FORCE = `(
  select id, id::text as "mappingId", ${CONCEPT}, region, vertebrae, laterality, quantity, false as ignored
    from site_mapping where retired_at is null
  union all
  select id, id::text, ${CONCEPT}, null, '', null, null, true from ignored_concept where retired_at is null)`;

/** All that is in force, oldest first. */
export async function listSiteMappings(database: Queryable): Promise<readonly SiteMappingRow[]> {
  const { rows } = await database.query<SiteMappingRow & { readonly id?: string }>(
    `select m.* from ${IN_FORCE} m order by m.id`,
  );
  return rows.map(({ id: _id, ...row }) => row);
}

const MAPPING_REVISION = `(${readStatement(join(import.meta.dirname, 'mapping-revision.sql')).text})`;

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
       left join ${IN_FORCE} m on true order by m.id`,
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
    mapping.ignored
      ? `insert into ignored_concept (vendor, model_name, kind, code_scheme, code_value, label, scan_type, valid_from,
            valid_to, author, note)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning id::text`
      : `insert into site_mapping (vendor, model_name, kind, code_scheme, code_value, label, scan_type, valid_from,
            valid_to, author, note, region, vertebrae, laterality, quantity)
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
      mapping.validFrom,
      mapping.validTo,
      signature.by,
      signature.note,
      ...(mapping.ignored
        ? []
        : [mapping.region, vertebraeKey(mapping.vertebrae), mapping.laterality, mapping.quantity]),
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) return null;
  await auditCreation(database, mapping.ignored ? 'ignored_concept' : 'site_mapping', id, 'create', signature);
  return id;
}

/** Takes a mapping out of force, or hears of an ignored concept again. False when there is none under the id. */
export async function retireMapping(database: Queryable, mappingId: string, signature: Signature): Promise<boolean> {
  return (
    (await retireRow(database, 'site_mapping', mappingId, 'retire', signature)) ||
    (await retireRow(database, 'ignored_concept', mappingId, 'retire', signature))
  );
}
