import type { Queryable } from '../../db/pool.ts';
import { listSiteMappings, type NewSiteMapping, type SiteMappingRow } from '../../db/registry/site-mapping.ts';
import {
  listFilesReadWith,
  listFilesWithConcepts,
  listUnknownConcepts,
  listUnsupportedFiles,
  type UnknownConcept,
} from '../../db/registry/unknown-concept.ts';
import { MAPPED_ADAPTER } from '../../vendors/adapters.ts';
import { normaliseLabel, shortLabel } from '../../vendors/text/label.ts';

/** Of whatever kind the finding takes a concept for: a person may know that a region is a scan. */
const CODES = [
  'UNKNOWN_SCAN',
  'UNKNOWN_REGION',
  'UNKNOWN_MEASURE',
  'UNIT_NOT_SUPPORTED',
  'LATERALITY_UNKNOWN',
] as const;

const isSame = (one: string, other: string) => normaliseLabel(one) === normaliseLabel(other);
/** Whether the label was taken out of the finding because it could name a patient. */
const isScreened = (label: string) => /^<\w+>$/.test(label);

function isAbout(mapping: NewSiteMapping, found: UnknownConcept): boolean {
  if (mapping.modelName !== '' && mapping.modelName.toLowerCase() !== found.modelName.toLowerCase()) return false;
  // Findings of an earlier release have the quantity of a unit that was not understood, and not the unit.
  const isBare = found.value === '' && found.label === '';
  if (found.code === 'UNIT_NOT_SUPPORTED' && isBare) return mapping.kind === 'unit';
  if (isScreened(found.label)) return true;
  return (
    (mapping.codeValue === null || mapping.codeValue === found.value) &&
    (mapping.codeScheme === null || mapping.codeScheme === found.scheme) &&
    (mapping.label === null || isSame(shortLabel(mapping.label), found.label))
  );
}

/** Whether two entries may be about one item, so that the one can take the place of the other. */
function mayBeSame(one: SiteMappingRow, other: NewSiteMapping): boolean {
  if (one.kind !== other.kind) return false;
  if (one.label !== null && other.label !== null && !isSame(one.label, other.label)) return false;
  const codeOf = (mapping: Pick<NewSiteMapping, 'codeScheme' | 'codeValue'>) =>
    mapping.codeValue === null ? null : JSON.stringify([mapping.codeScheme, mapping.codeValue]);
  const [code, otherCode] = [codeOf(one), codeOf(other)];
  return code === null || otherCode === null || code === otherCode;
}

/**
 * The files that a new mapping concerns: those with a finding about the very code or label that it names, those that were
 * read with another mapping whose place it may take, and for other vendors those that were refused for their vocabulary.
 */
export async function filesConcerned(database: Queryable, mapping: NewSiteMapping): Promise<readonly string[]> {
  const { vendor, validFrom: from, validTo: to } = mapping;
  const scans = { vendor, from, to };
  const unknown = (await listUnknownConcepts(database, CODES, scans)).filter((found) => isAbout(mapping, found));
  const found = unknown.length === 0 ? [] : await listFilesWithConcepts(database, CODES, scans, unknown);
  const others = (await listSiteMappings(database)).filter((one) => one.vendor === vendor && mayBeSame(one, mapping));
  const readWith = await listFilesReadWith(
    database,
    others.map(({ mappingId }) => mappingId),
  );
  const unsupported = vendor === MAPPED_ADAPTER?.vendor && !mapping.ignored ? await listUnsupportedFiles(database) : [];
  return [...new Set([...found, ...readWith, ...unsupported])];
}
