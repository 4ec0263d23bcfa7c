import type { Finding } from '../../dxa/values/finding.ts';
import { lookup } from '../../dxa/values/lookup.ts';
import { finding } from './finding.ts';
import { type ConceptKind, isIgnored, type MappingUse } from './site-mapping.ts';

/** The findings for unknown concepts, with the kind of concept. */
const UNKNOWN_CONCEPTS = lookup<ConceptKind>({
  UNKNOWN_SCAN: 'scan',
  UNKNOWN_REGION: 'region',
  UNKNOWN_MEASURE: 'measure',
  UNIT_NOT_SUPPORTED: 'unit',
});

const text = (fact: unknown): string => (typeof fact === 'string' ? fact : '');

/**
 * Leaves out what is said of concepts that the site ignores, and says once for each kind how many there were. That is all
 * that ignoring does: no value is stored or lost by it.
 */
export function withoutIgnored(findings: readonly Finding[], use: MappingUse): readonly Finding[] {
  if (!use.entries.some(({ kind }) => kind === 'ignored')) return findings;
  const ignored = new Map<ConceptKind, number>();
  const kept = findings.filter(({ code, facts = {} }) => {
    const kind = UNKNOWN_CONCEPTS[code];
    if (kind === undefined) return true;
    const concept = { scheme: text(facts['scheme']), value: text(facts['value']), meaning: text(facts['label']) };
    if (!isIgnored(use, kind, concept, text(facts['scanType']))) return true;
    const times = typeof facts['count'] === 'number' ? facts['count'] : 1;
    ignored.set(kind, (ignored.get(kind) ?? 0) + times);
    return false;
  });
  return [...kept, ...[...ignored].map(([kind, count]) => finding('CONCEPT_IGNORED', null, { kind, count }))];
}
