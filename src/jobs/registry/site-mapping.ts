import { lockRegistry, type Signature } from '../../db/audit.ts';
import { lockStoring } from '../../db/locks.ts';
import { inTransaction, type Pool } from '../../db/pool.ts';
import {
  insertSiteMapping,
  type NewSiteMapping,
  readMappingRevision,
  readMappingsInForce,
  retireMapping,
} from '../../db/registry/site-mapping.ts';
import { listFilesReadWith, markForReading } from '../../db/registry/unknown-concept.ts';
import { parseVertebraeKey } from '../../dxa/values/region.ts';
import type { MappingRule } from '../../vendors/choose-mapping.ts';
import type { MappingEntry } from '../../vendors/report/site-mapping.ts';
import { inBatches } from '../batch.ts';
import { filesConcerned } from './mapping-concerns.ts';

/** What a row says, as adapters ask for it. */
function entryOf(id: string, row: NewSiteMapping): MappingEntry {
  const { kind, codeScheme, codeValue, label, laterality, scanType, ignored } = row;
  const match = {
    ...(codeScheme === null ? {} : { scheme: codeScheme }),
    ...(codeValue === null ? {} : { value: codeValue }),
    ...(label === null ? {} : { label }),
  };
  if (ignored) return { id, kind: 'ignored', of: kind, match, inScan: scanType };
  if (kind === 'scan' && scanType !== null) return { id, kind, match, scanType, laterality };
  if (kind === 'region' && row.region !== null) {
    return { id, kind, match, inScan: scanType, roi: { region: row.region, vertebrae: row.vertebrae }, laterality };
  }
  if ((kind === 'measure' || kind === 'unit') && row.quantity !== null)
    return { id, kind, match, quantity: row.quantity };
  throw new RangeError('a row of site_mapping breaks its constraints');
}

/** A mapping with the reports that it holds for. */
export const ruleOf = (id: string, mapping: NewSiteMapping): MappingRule => ({
  vendor: mapping.vendor,
  modelName: mapping.modelName,
  validFrom: mapping.validFrom,
  validTo: mapping.validTo,
  entry: entryOf(id, mapping),
});

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
      const rules = mappings.map((row) =>
        ruleOf(row.mappingId, { ...row, vertebrae: parseVertebraeKey(row.vertebrae) }),
      );
      known = { revision, rules };
    }
    return asked.map(() => known);
  }, 100);
  return async () => await ask('set');
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
    await lockStoring(transaction);
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
    await lockStoring(transaction);
    if (!(await retireMapping(transaction, mappingId, signature))) return null;
    const files = await listFilesReadWith(transaction, [mappingId]);
    await markForReading(transaction, files);
    return files;
  });
}
