import { explainCode } from '../../codes/codes.ts';
import { formatRegion } from '../../codes/wording.ts';
import type { FindingOfStudy } from '../../db/records/history-finding.ts';
import { html } from '../answer/html.ts';
import { formatFact } from './checks.ts';
import { type Markup, table } from './layout.ts';

function formatSubject(subject: string): string {
  const [, region, vertebrae, laterality] = subject.split('|');
  return region === undefined ? subject : formatRegion(region, vertebrae ?? '', laterality ?? 'none');
}

function findingRow({ code, subject, facts, scannedOn }: FindingOfStudy): Markup {
  const explained = explainCode(code);
  const remedy = explained === undefined ? '' : html`<br><span class="soft">${explained.remedy}</span>`;
  const looked = Object.entries(facts).map(([name, value]) => formatFact(name, value));
  return html`<tr><td class="nowrap">${scannedOn}</td><td>${formatSubject(subject)}</td><td>${explained?.text ?? code}!${remedy}</td>
<td>${looked.join(' · ')}</td><td><code class="soft">${code}</code></td></tr>`;
}

/** Contradictions between reports; nothing where they agree. */
export function studyFindingsSection(findings: readonly FindingOfStudy[]): Markup {
  if (findings.length === 0) return '';
  return html`<section aria-label="Contradictions"><h2>Contradictions between reports</h2>!${table({
    label: 'Contradictions between reports',
    headings: ['Scan', 'About', 'Finding', 'Facts', 'Code'],
    rows: findings.map(findingRow),
  })}</section>`;
}
