import type { VisitOfPatient } from '../../db/records/visit.ts';
import { html, lines } from '../answer/html.ts';
import type { Markup } from './layout.ts';

const HEADING = 'Draft of the follow-up report';

/** Lines to be copied as they are; long ones wrap. */
const draft = ({ scannedOn, report }: VisitOfPatient): Markup =>
  html`<pre class="draft" tabindex="0" aria-label="Draft of the visit of ${scannedOn}">!${lines(report)}</pre>`;

/** The drafts of visits in order of scan: the latest open, those before folded. Nothing where there is none. */
export function reportsSection(visits: readonly VisitOfPatient[]): Markup {
  const [latest, ...earlier] = visits.filter(({ report }) => report !== '').toReversed();
  if (latest === undefined) return '';
  const folded = earlier.map(
    (one) => html`<details><summary>Visit of ${one.scannedOn}</summary>!${draft(one)}</details>`,
  );
  return html`<section aria-label="${HEADING}"><h2>${HEADING}</h2><p>Visit of ${latest.scannedOn}</p>!${draft(latest)}!${folded.join('')}</section>`;
}
