import { DISPOSITION_LABELS, formatMoment } from '../../codes/wording.ts';
import type { Identity } from '../../db/access/session.ts';
import { dispositionsOf } from '../../db/cases/case-life.ts';
import type { CaseTick, ReviewCase } from '../../db/cases/review-case.ts';
import { isWaiting } from '../../dxa/cases/case-decision.ts';
import { mayDo } from '../access/guard.ts';
import { html, lines } from '../answer/html.ts';
import type { Markup } from '../view/layout.ts';

const version = (found: ReviewCase) => html`<input type="hidden" name="version" value="${String(found.version)}">`;

/** Form input that was submitted after the case had changed; filled in again so that nothing is lost. */
export type Draft = Readonly<Record<string, string>>;

function assignForm(found: ReviewCase, identity: Identity, people: readonly string[]): Markup {
  // The signed-in user comes first; an API token cannot be an assignee.
  const me = people.filter((name) => name === identity.actor);
  const names = [...new Set([...me, ...people])].filter((name) => name !== found.assignee);
  if (names.length === 0 && found.assignee === null) {
    return html`<p class="soft">No active reviewer to assign the case to: <code>dxaflow user add NAME --role reviewer</code>.</p>`;
  }
  const options = names.map(
    (name) => html`<option value="${name}">${name === identity.actor ? `${name} (me)` : name}</option>`,
  );
  const unassign = found.assignee === null ? '' : html`<option value="">not assigned</option>`;
  return html`<form method="post" action="/cases/${found.id}/assign" class="filters">!${version(found)}
<label>Assign to<select name="assignee">!${options.join('')}!${unassign}</select></label>
<button !${found.assignee === identity.actor ? '' : 'data-key="assign"'}>Assign</button></form>`;
}

function resolveForm(found: ReviewCase, draft: Draft): Markup {
  const options = dispositionsOf(found.rule).map(
    (disposition) =>
      html`<option value="${disposition}" !${draft['disposition'] === disposition ? 'selected' : ''}>${DISPOSITION_LABELS[disposition] ?? disposition}</option>`,
  );
  return html`<form method="post" action="/cases/${found.id}/resolve" class="stack">!${version(found)}
<label for="resolve">What was found<select id="resolve" name="disposition" data-key="resolve" required>
<option value="">choose</option>!${options.join('')}</select></label>
<label>Note (required for “other”)<textarea name="note" maxlength="10000">!${lines(draft['note'] ?? '')}</textarea></label>
<button class="main">Resolve</button></form>`;
}

const reopenForm = (found: ReviewCase, draft: Draft): Markup =>
  html`<form method="post" action="/cases/${found.id}/reopen" class="stack">!${version(found)}
<label for="resolve">Reason for reopening<textarea id="resolve" name="note" required maxlength="10000" data-key="resolve">!${lines(draft['note'] ?? '')}</textarea></label>
<button class="main">Reopen</button></form>`;

const commentForm = (found: ReviewCase, draft: Draft): Markup =>
  html`<form method="post" action="/cases/${found.id}/comment" class="stack">!${version(found)}
<label>Comment<textarea name="text" required maxlength="10000" data-key="comment">!${lines(draft['text'] ?? '')}</textarea></label>
<button>Add comment</button></form>`;

/** What a reviewer can do with the case, as forms that need no script. Empty for a viewer. */
export function actionsSection(found: ReviewCase, identity: Identity, people: readonly string[], draft: Draft): Markup {
  if (!mayDo(identity, 'reviewer')) return '';
  const decide = isWaiting(found.state)
    ? html`!${assignForm(found, identity, people)}!${resolveForm(found, draft)}`
    : reopenForm(found, draft);
  return html`<section class="screen" aria-label="Review"><h2>Review</h2><div class="columns"><div>!${decide}</div><div>!${commentForm(found, draft)}</div></div></section>`;
}

function checklistItem(
  found: ReviewCase,
  item: ReviewCase['checklist'][number],
  tick: CaseTick | undefined,
  editable: boolean,
): Markup {
  const box = tick === undefined ? '☐' : '☑';
  const state =
    tick === undefined
      ? ''
      : html` <span class="soft">${tick.tickedBy}, ${formatMoment(tick.tickedAt)}${tick.note === '' ? '' : `: ${tick.note}`}${
          tick.onThisEvidence ? '' : ' (ticked on earlier evidence)'
        }</span>`;
  const form = editable
    ? html`<form method="post" action="/cases/${found.id}/tick" class="filters">!${version(found)}<input type="hidden" name="item" value="${item.code}">
<input type="hidden" name="ticked" value="${tick === undefined ? 'yes' : 'no'}">
!${tick === undefined ? html`<label>Note<input name="note" maxlength="2000" size="24"></label>` : html`<input type="hidden" name="note" value="">`}
<button aria-label="${tick === undefined ? 'Tick' : 'Untick'}: ${item.text}">${tick === undefined ? 'Tick' : 'Untick'}</button></form>`
    : '';
  return html`<li><details><summary>${box} ${item.text}</summary><p class="soft">Known: ${item.known}. Source: ${item.source}.</p>!${form}</details>!${state}</li>`;
}

/** What to check, item by item, with who ticked it and on which evidence. */
export function checklistSection(found: ReviewCase, ticks: readonly CaseTick[], identity: Identity): Markup {
  if (found.checklist.length === 0) return '';
  const byItem = new Map(ticks.map((tick) => [tick.item, tick]));
  const editable = isWaiting(found.state) && mayDo(identity, 'reviewer');
  return html`<section aria-label="Checklist"><h2>Checklist (${String(byItem.size)} of ${String(found.checklist.length)})</h2>
<ul class="checklist">!${found.checklist.map((item) => checklistItem(found, item, byItem.get(item.code), editable)).join('')}</ul></section>`;
}
