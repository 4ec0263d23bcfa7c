import {
  formatAge,
  formatPersonName,
  ruleLabel,
  STATE_LABELS,
  signedDecimal,
  TIER_LABELS,
  TOPIC_LABELS,
  verdictArrow,
} from '../../codes/wording.ts';
import type { Identity } from '../../db/access/session.ts';
import type { WorklistChange, WorklistRow } from '../../db/qa-list/worklist.ts';
import { isWaiting } from '../../dxa/cases/case-decision.ts';
import type { RuleTopic } from '../../dxa/values/assessment.ts';
import { lookup } from '../../dxa/values/lookup.ts';
import { mayDo } from '../access/guard.ts';
import { html } from '../answer/html.ts';
import { checkLabel, notKnownText } from '../view/checks.ts';
import { type Markup, table } from '../view/layout.ts';
import { type WorklistChoices, worklistFilters } from './worklist-filters.ts';

const SHORT_SIDE = lookup({ left: 'left', right: 'right', mean: 'mean', none: '' });

/**
 * The change to show in a column: what the case itself compared, else the mean of both hips or the largest set of
 * vertebrae.
 */
function chooseChange(row: WorklistRow, regions: readonly string[]): WorklistChange | undefined {
  const pairs = row.regionPair.split('|');
  const weight = (change: WorklistChange) =>
    (pairs.includes(`${change.region}:${change.vertebrae}:${change.laterality}`) ? 1000 : 0) +
    (regions.length - regions.indexOf(change.region)) * 100 +
    (change.laterality === 'mean' ? 50 : 0) +
    change.vertebrae.length +
    Math.min(change.strength ?? 0, 9) / 10;
  return row.changes
    .filter(({ region }) => regions.includes(region))
    .reduce<WorklistChange | undefined>(
      (best, change) => (best === undefined || weight(change) > weight(best) ? change : best),
      undefined,
    );
}

function changeCell(change: WorklistChange | undefined): Markup {
  if (change === undefined) return '<td><span class="soft">no earlier scan</span></td>';
  const levels = change.region === 'spine' ? change.vertebrae.replace(/^(L\d).*(L\d)$/, '$1–$2') : '';
  const place = [change.region === 'femoral_neck' ? 'neck' : '', levels, SHORT_SIDE[change.laterality] ?? '']
    .filter((part) => part !== '')
    .join(' ');
  if (change.deltaGramsPerCm2 === null) return html`<td>not comparable<br><span class="soft">${place}</span></td>`;
  const strength = change.strength === null ? 'no LSC' : `${change.strength.toFixed(2)} × LSC`;
  return html`<td class="nowrap"><span class="${change.verdict}">!${verdictArrow(change.verdict)} ${signedDecimal(change.deltaGramsPerCm2, 3)}</span>
(${signedDecimal(change.deltaPercent, 1)} %)<br><span class="soft">${strength} · ${place}</span></td>`;
}

function takeForm(row: WorklistRow, identity: Identity, back: string): Markup {
  if (!mayDo(identity, 'reviewer') || !isWaiting(row.state)) return '';
  return html`<form class="inline" method="post" action="/cases/${row.id}/assign">
<input type="hidden" name="version" value="${String(row.version)}"><input type="hidden" name="back" value="${back}">
<input type="hidden" name="assignee" value="${identity.actor}">
<button class="link" data-key="assign" aria-label="take case ${row.id}">take</button></form>
<a data-key="resolve" href="/cases/${row.id}#resolve" aria-label="resolve case ${row.id}">resolve</a>`;
}

function caseRow(row: WorklistRow, identity: Identity, back: string, now: Date): Markup {
  const spine = chooseChange(row, ['spine']);
  const hip = chooseChange(row, ['total_hip', 'femoral_neck']);
  const reference = spine?.referenceOn ?? hip?.referenceOn;
  // The two likeliest kinds of explanation; the case page has them all with their evidence.
  const reasons = [...new Set(row.reasons)].slice(0, 2).map((group) => group.replaceAll('_', ' '));
  // That a region counts as secondary is plain from its name.
  const warnings = row.warnings
    .filter((code) => code !== 'SECONDARY_REGION')
    .map((code) => html`<li>${checkLabel(code)}</li>`);
  const unknown =
    row.notKnown.length === 0
      ? ''
      : html`<br><span class="soft" title="${row.notKnown.map(checkLabel).join(' ')}">${notKnownText(row.notKnown)}</span>`;
  return html`<tr data-href="/cases/${row.id}">
<td class="case"><a href="/cases/${row.id}">${ruleLabel(row.rule)}</a><br><span class="tag ${row.tier}">${TIER_LABELS[row.tier] ?? row.tier}</span>
<span class="tag">${STATE_LABELS[row.state]}</span></td>
<td class="person"><a href="/patients/${row.patientKey}">${formatPersonName(row.patientName)}</a><br><span class="soft">${row.patientId}</span></td>
<td class="nowrap">${row.followUpOn}<br><span class="soft">${reference === undefined ? '' : `since ${reference}`}</span></td>
!${changeCell(spine)}!${changeCell(hip)}
<td class="number">${row.strength.toFixed(2)}</td>
<td class="reasons">${reasons.join(', ')}!${warnings.length === 0 ? '' : html`<ul class="soft">!${warnings.join('')}</ul>`}!${unknown}</td>
<td>${formatAge(row.openedAt, now)} · <span class="soft">${row.assignee ?? 'not assigned'}</span><br>!${row.assignee === identity.actor ? '' : takeForm(row, identity, back)}</td>
</tr>`;
}

export type Worklist = WorklistChoices & {
  readonly rows: readonly WorklistRow[];
  /** The query that leads to this page, and the one to the page after it; null on the last. */
  readonly query: string;
  readonly nextQuery: string | null;
  readonly count: number;
  readonly countedTo: number;
  /** A tab a topic, and one for all. */
  readonly tabs: readonly { readonly topic: RuleTopic | null; readonly query: string; readonly count: number | null }[];
  readonly now: Date;
};

/** The topics as tabs, each with its own address. */
function topicTabs({ tabs, filter, countedTo }: Worklist): Markup {
  const items = tabs.map(({ topic, query, count }) => {
    const shown = count === null ? '' : ` (${count >= countedTo ? `more than ${countedTo - 1}` : count})`;
    const current = topic === filter.topic ? 'aria-current="page"' : '';
    return html`<li><a href="/${query}" !${current}>${topic === null ? 'All topics' : (TOPIC_LABELS[topic] ?? topic)}${shown}</a></li>`;
  });
  return html`<nav class="tabs" aria-label="Topics"><ul class="tabs-list">!${items.join('')}</ul></nav>`;
}

/** The list of cases that wait for a person. */
export function worklistContent(list: Worklist, identity: Identity): Markup {
  const count = list.count >= list.countedTo ? `more than ${list.countedTo - 1}` : String(list.count);
  const back = `/${list.query}`;
  const cases =
    list.rows.length === 0
      ? html`<p>No cases waiting for review match these filters.</p>`
      : table({
          label: 'Review cases',
          name: 'worklist',
          caption:
            'Strength is the smaller of the changes that the rule looked at, each divided by its least significant change (LSC).',
          headings: ['Case', 'Patient', 'Follow-up', 'Spine', 'Hip', '#Strength', 'Reasons', 'Age, reader'],
          rows: list.rows.map((row) => caseRow(row, identity, back, list.now)),
        });
  const next = list.nextQuery === null ? '' : html`<a href="/${list.nextQuery}" rel="next">Next page</a>`;
  return html`<h1>Review cases</h1>
!${topicTabs(list)}
!${worklistFilters(list)}
<p class="soft">${count} ${list.count === 1 ? 'case' : 'cases'}.
<span class="keys"><kbd>j</kbd> <kbd>k</kbd> down and up · <kbd>Enter</kbd> open · <kbd>a</kbd> assign to me · <kbd>r</kbd> resolve</span></p>
!${cases}<nav class="paging" aria-label="Pages">!${next}</nav>`;
}
