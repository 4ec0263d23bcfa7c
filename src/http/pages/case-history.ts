import {
  DISPOSITION_LABELS,
  formatMoment,
  formatRegion,
  roundDecimal,
  signedDecimal,
  verdictLabel,
} from '../../codes/wording.ts';
import type { CaseEvent } from '../../db/cases/review-case.ts';
import type { CaseEvidence } from '../../dxa/cases/case-evidence.ts';
import { lookup } from '../../dxa/values/lookup.ts';
import { html, lines } from '../answer/html.ts';
import { type Markup, table } from '../view/layout.ts';

const EVENT_LABELS = lookup({
  opened: 'opened',
  evidence_changed: 'evidence changed',
  explanations_changed: 'explanations or checklist changed',
  reopened: 'reopened',
  withdrawn: 'withdrawn: the rule no longer applies',
  no_longer_flagged: 'the rule no longer applies; the decision stands',
  flagged_again: 'flagged again',
  moved: 'moved with its study to another patient',
  assigned: 'assigned',
  unassigned: 'unassigned',
  commented: 'comment',
  ticked: 'ticked',
  unticked: 'unticked',
  resolved: 'resolved',
});

const textOf = (detail: CaseEvent['detail'], name: string): string | null => {
  const value = detail[name];
  return typeof value === 'string' && value !== '' ? value : null;
};

function isEvidence(value: unknown): value is CaseEvidence {
  return typeof value === 'object' && value !== null && 'comparisons' in value && Array.isArray(value.comparisons);
}

/** Two evidences side by side, comparison by comparison. */
function evidenceTable(before: CaseEvidence, after: CaseEvidence): Markup {
  const keyOf = (one: CaseEvidence['comparisons'][number]) =>
    [one.region, one.vertebrae, one.laterality, one.kind].join('|');
  const now = new Map(after.comparisons.map((one) => [keyOf(one), one]));
  const was = new Map(before.comparisons.map((one) => [keyOf(one), one]));
  const cell = (one: CaseEvidence['comparisons'][number] | undefined) =>
    one === undefined
      ? html`<td>–</td>`
      : html`<td>${roundDecimal(one.reference.bmdGramsPerCm2, 3)} (${one.reference.scannedOn}) → ${roundDecimal(one.followUp.bmdGramsPerCm2, 3)} (${one.followUp.scannedOn}),
${signedDecimal(one.deltaGramsPerCm2, 3)} g/cm², LSC ${roundDecimal(one.lscGramsPerCm2, 3)}: ${verdictLabel(one.verdict)}</td>`;
  const rows = [...new Set([...was.keys(), ...now.keys()])].map((key) => {
    const one = now.get(key) ?? was.get(key);
    const label = one === undefined ? key : formatRegion(one.region, one.vertebrae, one.laterality);
    return html`<tr><th scope="row">${label}</th>!${cell(was.get(key))}!${cell(now.get(key))}</tr>`;
  });
  return table({ label: 'Evidence before and after', headings: ['Region', 'Before', 'After'], rows });
}

function eventItem(event: CaseEvent): Markup {
  const { detail } = event;
  const disposition = textOf(detail, 'disposition');
  const facts = [
    disposition === null ? null : (DISPOSITION_LABELS[disposition] ?? disposition),
    event.event === 'assigned' ? `to ${textOf(detail, 'to') ?? 'not assigned'}` : null,
    textOf(detail, 'item'),
    textOf(detail, 'text'),
    textOf(detail, 'note'),
    textOf(detail, 'reason')?.replaceAll('_', ' ').toLowerCase() ?? null,
  ].filter((fact) => fact !== null);
  const because = event.event === 'reopened' && event.actorKind === 'system' ? ': the evidence changed' : '';
  const { previousEvidence, evidence } = detail;
  const sideBySide =
    isEvidence(previousEvidence) && isEvidence(evidence)
      ? html`<details !${event.event === 'reopened' ? 'open' : ''}><summary>Evidence before and after</summary>!${evidenceTable(previousEvidence, evidence)}</details>`
      : '';
  return html`<li>${formatMoment(event.happenedAt)}: <strong>${EVENT_LABELS[event.event] ?? event.event}${because}</strong> by ${event.actor}!${
    facts.length === 0 ? '' : lines(`: ${facts.join(' · ')}`)
  }!${sideBySide}</li>`;
}

/** Everything that happened to the case, oldest first. */
export function historySection(events: readonly CaseEvent[]): Markup {
  return html`<section aria-label="History"><h2>Case history</h2><ol>!${events.map(eventItem).join('')}</ol></section>`;
}

/** Events since the case was last viewed. */
export const eventList = (events: readonly CaseEvent[]): Markup => html`<ul>!${events.map(eventItem).join('')}</ul>`;
