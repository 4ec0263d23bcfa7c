import { explainCode } from '../../codes/codes.ts';
import type { VisitOfPatient } from '../../db/records/visit.ts';
import type { VisitRemark } from '../../dxa/values/assessment.ts';
import { html } from '../answer/html.ts';
import { type Markup, table } from './layout.ts';

function remarkItem({ code, kind, says }: VisitRemark): Markup {
  const remedy = kind === 'finding' ? explainCode(code)?.remedy : undefined;
  return html`<li>!${kind === 'finding' ? html`<span class="tag check">finding</span> ` : ''}${says} <code class="soft">${code}</code>!${
    remedy === undefined ? '' : html`<br><span class="soft">${remedy}</span>`
  }</li>`;
}

/** What is noted of visits beside their cases; only of those with one of these studies, where some are given. */
export function visitsSection(visits: readonly VisitOfPatient[], studyIds: readonly string[] | null): Markup {
  const noted = visits.filter(
    (visit) => visit.remarks.length > 0 && (studyIds === null || visit.studyIds.some((id) => studyIds.includes(id))),
  );
  if (noted.length === 0) return '';
  const rows = noted
    .toReversed()
    .map(
      ({ scannedOn, scanner, remarks }) =>
        html`<tr><th scope="row" class="nowrap">${scannedOn}</th><td>${scanner ?? 'scanner not known'}</td><td><ul class="plain-list">!${remarks.map(remarkItem).join('')}</ul></td></tr>`,
    );
  return html`<section aria-label="Visits"><h2>Noted at the ${studyIds === null ? 'visits' : 'visit'}</h2>!${table({
    label: 'Noted at the visits',
    headings: ['Visit', 'Scanner', 'What was noted'],
    rows,
  })}</section>`;
}
