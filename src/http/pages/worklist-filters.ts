import { ruleLabel, STATE_LABELS, TIER_LABELS } from '../../codes/wording.ts';
import { WORKLIST_SORTS, WORKLIST_STATES, type WorklistFilter } from '../../db/qa-list/worklist.ts';
import { html } from '../answer/html.ts';
import type { Markup } from '../view/layout.ts';

/** What is chosen now, and what there is to choose from. */
export type WorklistChoices = {
  readonly filter: WorklistFilter;
  readonly scanners: readonly { readonly id: string; readonly name: string }[];
  readonly rules: readonly string[];
  readonly reviewers: readonly string[];
};

type Option = readonly [value: string, words: string];

const select = (name: string, label: string, options: readonly Option[], chosen: string): Markup =>
  html`<label>${label}<select name="${name}">!${options
    .map(([value, words]) => html`<option value="${value}" !${value === chosen ? 'selected' : ''}>${words}</option>`)
    .join('')}</select></label>`;

const ANY: Option = ['', 'any'];
const SORT_WORDS = {
  strength: 'strongest first',
  oldest: 'longest waiting first',
  newest: 'latest scan first',
} as const;

/** The filters as a form whose fields end up in the URL, so that a view can be kept as a bookmark. */
export function worklistFilters({ filter, scanners, rules, reviewers }: WorklistChoices): Markup {
  const states: readonly Option[] = WORKLIST_STATES.map((state) =>
    state === 'waiting'
      ? ['', 'waiting for review']
      : [state, state === 'all' ? 'all' : (STATE_LABELS[state] ?? state)],
  );
  const people: readonly Option[] = [ANY, ['-', 'not assigned'], ...reviewers.map((name): Option => [name, name])];
  const patient =
    filter.patientKey === null ? '' : html`<input type="hidden" name="patient" value="${filter.patientKey}">`;
  const topic = filter.topic === null ? '' : html`<input type="hidden" name="topic" value="${filter.topic}">`;
  return html`<form class="filters" method="get" action="/" aria-label="Filters">
!${select('state', 'State', states, filter.state === 'waiting' ? '' : filter.state)}
!${select('tier', 'Tier', [ANY, ...Object.entries(TIER_LABELS)], filter.tier ?? '')}
!${select('rule', 'Rule', [ANY, ...rules.map((rule): Option => [rule, ruleLabel(rule)])], filter.rule ?? '')}
!${select('assignee', 'Assigned to', people, filter.assignee === '' ? '-' : (filter.assignee ?? ''))}
!${select('scanner', 'Scanner', [ANY, ...scanners.map(({ id, name }): Option => [id, name])], filter.scannerId ?? '')}
<label>Follow-up from<input type="date" name="from" value="${filter.from ?? ''}"></label>
<label>to<input type="date" name="to" value="${filter.to ?? ''}"></label>
!${select(
    'sort',
    'Order',
    WORKLIST_SORTS.map((sort): Option => [sort, SORT_WORDS[sort]]),
    filter.sort,
  )}
!${topic}!${patient}<button>Show</button> <a href="/">Reset</a></form>`;
}
