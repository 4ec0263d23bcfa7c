import { checkConsistency } from '../../dxa/scan/consistency.ts';
import type { NormalisedReport } from '../../dxa/values/report.ts';
import { checkTScores, SCORE_REFERENCES } from './check-scores.ts';
import { withoutIgnored } from './ignored-concepts.ts';
import type { MappingUse } from './site-mapping.ts';

/** Adds to an adapted report what every report gets: contradictions among its results and the mappings it leaned on. */
export function finishReport(adapted: NormalisedReport, use: MappingUse): NormalisedReport {
  const { used } = use;
  const { vendor, values } = adapted;
  const checked = [...checkConsistency(values), ...checkTScores(vendor, values, SCORE_REFERENCES)];
  const findings = withoutIgnored([...adapted.findings, ...checked], use);
  return used.size === 0 ? { ...adapted, findings } : { ...adapted, findings, siteMappingIds: [...used].sort() };
}
