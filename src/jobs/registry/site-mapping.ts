import { lockRegistry, retireRow, type Signature } from '../../db/audit.ts';
import { lockMappings } from '../../db/locks.ts';
import { inTransaction, type Pool, type Queryable } from '../../db/pool.ts';
import {
  insertSiteMapping,
  listFilesReadWith,
  listUnknownItems,
  listUnsupportedFiles,
  markForReading,
  type NewSiteMapping,
  readMappingRevision,
  readMappingsInForce,
  type SiteMappingRow,
} from '../../db/registry/site-mapping.ts';
import { parseVertebraeKey } from '../../dxa/values/region.ts';
import type { MappingRule } from '../../vendors/choose-mapping.ts';
import type { MappingEntry } from '../../vendors/report/site-mapping.ts';
import { normaliseLabel } from '../../vendors/text/label.ts';
import { inBatches } from '../batch.ts';

function entryOf(row: SiteMappingRow): MappingEntry {
  const { mappingId: id, codeScheme, codeValue, label, laterality } = row;
  const match = {
    ...(codeScheme === null ? {} : { scheme: codeScheme }),
    ...(codeValue === null ? {} : { value: codeValue }),
    ...(label === null ? {} : { label }),
  };
  if (row.kind === 'scan' && row.scanType !== null)
    return { id, kind: 'scan', match, scanType: row.scanType, laterality };
  if (row.kind === 'region' && row.region !== null) {
    const roi = { region: row.region, vertebrae: parseVertebraeKey(row.vertebrae) };
    return { id, kind: 'region', match, inScan: row.scanType, roi, laterality };
  }
  if ((row.kind === 'measure' || row.kind === 'unit') && row.quantity !== null) {
    return { id, kind: row.kind, match, quantity: row.quantity };
  }
  throw new RangeError('a row of site_mapping breaks its constraints');
}

/** The mappings in force, with the number of the change that made them what they are. */
export type MappingSet = { readonly revision: string; readonly rules: readonly MappingRule[] };

/**
 * Gives the mappings in force; they are read again when one was added or retired. Files that are read at the same time
 * share the question.
 */
export function openMappingSource(pool: Pool): () => Promise<MappingSet> {
  let known: MappingSet = { revision: '0', rules: [] };
  const ask = inBatches(async (asked: readonly 'set'[]) => {
    if ((await readMappingRevision(pool)) !== known.revision) {
      const { revision, mappings } = await readMappingsInForce(pool);
      const rules = mappings.map((row) => ({
        vendor: row.vendor,
        modelName: row.modelName,
        validFrom: row.validFrom,
        validTo: row.validTo,
        entry: entryOf(row),
      }));
      known = { revision, rules };
    }
    return asked.map(() => known);
  }, 100);
  return async () => await ask('set');
}

const CODES = {
  scan: ['UNKNOWN_SCAN'],
  region: ['UNKNOWN_REGION', 'LATERALITY_UNKNOWN'],
  measure: ['UNKNOWN_MEASURE'],
  unit: ['UNIT_NOT_SUPPORTED'],
} as const;

/** The files that a new mapping concerns: those with a finding about the very code or label it names. */
async function filesConcerned(database: Queryable, mapping: NewSiteMapping): Promise<readonly string[]> {
  const { vendor, kind, validFrom: from, validTo: to } = mapping;
  const items = await listUnknownItems(database, { vendor, codes: CODES[kind], from, to });
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const fits = items.filter(({ modelName, facts }) => {
    if (mapping.modelName !== '' && mapping.modelName.toLowerCase() !== modelName.toLowerCase()) return false;
    // A unit that was not understood leaves its quantity in the finding, not itself.
    if (kind === 'unit') return facts['quantity'] === mapping.quantity;
    return (
      (mapping.codeValue === null || mapping.codeValue === text(facts['value'])) &&
      (mapping.codeScheme === null || mapping.codeScheme === text(facts['scheme'])) &&
      // Findings keep the beginning of a label.
      (mapping.label === null || normaliseLabel(mapping.label.slice(0, 64)) === normaliseLabel(text(facts['label'])))
    );
  });
  const unsupported = vendor === 'generic' ? await listUnsupportedFiles(database) : [];
  return [...new Set([...fits.map(({ sourceFileId }) => sourceFileId), ...unsupported])];
}

export type Mapped = { readonly added: number; readonly unchanged: number; readonly filesToRead: readonly string[] };

/**
 * Puts mappings on file, all or none, and has the files read again that they concern. What is being read meanwhile without
 * them is not stored like that (see `storeOutcome`).
 */
export async function addSiteMappings(
  pool: Pool,
  mappings: readonly NewSiteMapping[],
  signature: Signature,
): Promise<Mapped> {
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    await lockMappings(transaction);
    const files = new Set<string>();
    let added = 0;
    for (const mapping of mappings) {
      if ((await insertSiteMapping(transaction, mapping, signature)) === null) continue;
      added += 1;
      for (const id of await filesConcerned(transaction, mapping)) files.add(id);
    }
    await markForReading(transaction, [...files]);
    return { added, unchanged: mappings.length - added, filesToRead: [...files] };
  });
}

/** Takes a mapping out of force and has the files read again that leaned on it. Null when there is none under the id. */
export async function retireSiteMapping(
  pool: Pool,
  mappingId: string,
  signature: Signature,
): Promise<readonly string[] | null> {
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    await lockMappings(transaction);
    if (!(await retireRow(transaction, 'site_mapping', mappingId, 'retire', signature))) return null;
    const files = await listFilesReadWith(transaction, mappingId);
    await markForReading(transaction, files);
    return files;
  });
}
