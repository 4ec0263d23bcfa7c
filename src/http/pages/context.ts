import type { PatientContext } from '../../dxa/study/context.ts';
import { html } from '../answer/html.ts';
import { type Markup, table } from '../view/layout.ts';

const NOT_KNOWN = html`<p>Not known.</p>`;

function therapyRows(therapies: NonNullable<PatientContext['therapies']>, scans: readonly string[]): readonly Markup[] {
  const entries = [
    ...therapies.map(({ agent, startedOn, endedOn }) => ({
      on: startedOn,
      row: html`<tr><td class="nowrap">${startedOn}</td><td class="nowrap">${endedOn ?? 'goes on'}</td><td>${agent}</td></tr>`,
    })),
    ...scans.map((scan) => ({
      on: scan,
      row: html`<tr><td class="nowrap">${scan}</td><td></td><td class="soft">scan</td></tr>`,
    })),
  ];
  return entries.toSorted((a, b) => (a.on < b.on ? -1 : 1)).map(({ row }) => row);
}

/** Therapy against the scans in time, and what else is known of the patient. Absent is "not known", never "none". */
export function contextSection(context: PatientContext, scans: readonly string[]): Markup {
  const therapy =
    context.therapies === null
      ? NOT_KNOWN
      : context.therapies.length === 0
        ? html`<p>None (as recorded).</p>`
        : table({
            label: 'Therapy and scans',
            headings: ['From', 'To', 'What'],
            rows: therapyRows(context.therapies, scans),
          });
  const markers =
    context.markers === null
      ? 'not known'
      : context.markers.map(({ marker, takenOn, value }) => `${marker} ${value} (${takenOn})`).join(' · ') || 'none';
  const causes = context.secondaryCauses === null ? 'not known' : context.secondaryCauses.join(', ') || 'none';
  return html`<section aria-label="Therapy"><h2>Therapy and clinical context</h2>!${therapy}
<dl><dt>Turnover markers</dt><dd>${markers}</dd>
<dt>Adherence</dt><dd>${context.adherence?.replaceAll('_', ' ') ?? 'not known'}</dd>
<dt>Secondary causes</dt><dd>${causes}</dd>
<dt>Falls in the last year</dt><dd>${context.fallsInLastYear === null ? 'not known' : String(context.fallsInLastYear)}</dd>
<dt>Vertebral fracture assessment</dt><dd>${context.vertebralFractureAssessment?.replaceAll('_', ' ') ?? 'not known'}</dd></dl></section>`;
}
