import type { DocumentHeader } from '../../dicom/document/sr-document.ts';
import type { NormalisedReport } from '../../dxa/values/report.ts';
import { headerSides } from '../text/side.ts';
import { finding } from './finding.ts';

/**
 * Holds the sides of the results against the one that the header names: where they contradict each other, nothing is kept
 * under a side. Results of both sides contradict no header.
 */
export function believeSides(report: NormalisedReport, header: DocumentHeader): NormalisedReport {
  const isSided = ({ laterality }: { readonly laterality: string }) => laterality === 'left' || laterality === 'right';
  const named = new Set<string>(report.values.filter(isSided).map(({ laterality }) => laterality));
  const against = headerSides(header).find(({ side }) => named.size > 0 && !named.has(side));
  if (against === undefined) return report;
  const values = report.values.filter((value) => !isSided(value));
  const empty = values.length === 0 ? [finding('NO_RESULTS', null)] : [];
  return { ...report, values, findings: [...report.findings, finding('LATERALITY_CONFLICT', against.path), ...empty] };
}
