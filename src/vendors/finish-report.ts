import { checkConsistency } from '../dxa/consistency.ts';
import type { NormalisedReport } from '../dxa/report.ts';
import type { MappingUse } from './site-mapping.ts';

/** Adds to an adapted report what every report gets: contradictions among its results and the mappings it leaned on. */
export function finishReport(adapted: NormalisedReport, { used }: MappingUse): NormalisedReport {
  const findings = [...adapted.findings, ...checkConsistency(adapted.values)];
  return used.size === 0 ? { ...adapted, findings } : { ...adapted, findings, siteMappingIds: [...used].sort() };
}
