import { explainCode } from '../../codes/codes.ts';
import { formatMoment, requeuedMessage } from '../../codes/wording.ts';
import type { Identity } from '../../db/access/session.ts';
import { FAILURE_KINDS, type Failure, type FailureCount, type FailureFilter } from '../../db/files/failure.ts';
import { mayDo } from '../access/guard.ts';
import { html } from '../answer/html.ts';
import { type Markup, table } from '../view/layout.ts';

export type FailedView = {
  readonly rows: readonly Failure[];
  readonly next: string | null;
  /** Of everything that failed, whatever the filter. */
  readonly counts: readonly FailureCount[];
  readonly filter: FailureFilter;
  /** What a form just put back to work; null when the page was only looked at. */
  readonly done: { readonly files: number; readonly patients: number } | null;
};

const KIND_LABELS: Readonly<Record<Failure['kind'], string>> = { file: 'Files', patient: 'Patients' };

const isChosen = ({ kind, code }: FailureFilter, one: FailureFilter) =>
  (kind === undefined || kind === one.kind) && (code === undefined || code === one.code);

const sum = (counts: readonly FailureCount[]) => counts.reduce((total, { count }) => total + count, 0);

const hidden = (fields: Readonly<Record<string, string>>): Markup =>
  Object.entries(fields)
    .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)
    .join('');

function filterForm({ counts, filter }: FailedView): Markup {
  const option = (value: string, label: string, chosen: boolean) =>
    html`<option value="${value}" !${chosen ? 'selected' : ''}>${label}</option>`;
  const codes = [...new Set([...counts.map(({ code }) => code), ...(filter.code === undefined ? [] : [filter.code])])];
  return html`<form class="filters" method="get" action="/failed" aria-label="Filters">
<label>Kind<select name="kind"><option value="">files and patients</option>!${FAILURE_KINDS.map((kind) => option(kind, KIND_LABELS[kind].toLowerCase(), filter.kind === kind)).join('')}</select></label>
<label>Reason<select name="code"><option value="">any</option>!${codes.map((code) => option(code, code, filter.code === code)).join('')}</select></label>
<button>Show</button> <a href="/failed">Reset</a></form>`;
}

/** Everything that the filter chooses, with how many that is: on this page and on those after it. */
function requeueForm({ counts, filter }: FailedView): Markup {
  const chosen = sum(counts.filter((one) => isChosen(filter, one)));
  const isFiltered = filter.kind !== undefined || filter.code !== undefined;
  if (chosen === 0) return '';
  const label = isFiltered ? `Retry the ${chosen} matching this filter` : `Retry all ${chosen}`;
  return html`<form class="filters" method="post" action="/failed" aria-label="Retry">!${hidden(isFiltered ? filter : { all: 'yes' })}
<label>Note for the audit log<input name="note" maxlength="500" size="24"></label><button class="main">${label}</button></form>`;
}

function failureRow({ kind, id, code, cause, attempts, lastFailedAt, name }: Failure, editable: boolean): Markup {
  const entry = explainCode(code);
  const again = editable
    ? html`<td class="nowrap"><form class="inline"method="post" action="/failed">!${hidden({ kind, id })}<button aria-label="Retry: ${kind} ${id}">Retry</button></form></td>`
    : '';
  return html`<tr><td class="nowrap">${kind} ${id}</td><td><a href="/${kind}s/${id}">${name}</a></td>
<td><code>${code}</code>!${cause === '' || cause === code ? '' : html` <span class="soft">because of <code>${cause}</code></span>`}
<details><summary>What to do</summary>${entry === undefined ? 'This release does not know the code; see the log of the process.' : `${entry.text} ${entry.remedy}`}</details></td>
<td class="number" data-label="attempts">${String(attempts)}</td><td class="nowrap" data-label="last failure">${formatMoment(lastFailedAt)}</td>!${again}</tr>`;
}

function totals(counts: readonly FailureCount[]): Markup {
  const rows = counts.map(
    ({ kind, code, count }) =>
      html`<tr><td><a href="/failed?kind=${kind}&code=${code}">${KIND_LABELS[kind]}</a></td><td><code>${code}</code></td><td class="number">${String(count)}</td></tr>`,
  );
  return table({ label: 'Failed by reason', headings: ['Kind', 'Reason', '#Number'], rows });
}

/** Files and patients whose processing failed permanently: reason, attempts, remedy and a retry. */
export function failedContent(view: FailedView, identity: Identity): Markup {
  const { rows, next, counts, filter, done } = view;
  const editable = mayDo(identity, 'administrator');
  const total = sum(counts);
  const notice =
    done === null ? '' : html`<p class="notice" role="status">${requeuedMessage(done.files, done.patients)}</p>`;
  const intro = html`<h1>Failed</h1>!${notice}
<p class="soft">Files and patients whose processing failed at every attempt. An entry is cleared only when its processing
succeeds: every nightly run retries it, or retry it here once the cause is fixed. Refused files are listed under <a href="/files">Files</a>.</p>`;
  if (total === 0) return html`!${intro}<p>No failures.</p>`;
  const query = new URLSearchParams({ ...filter, after: next ?? '' });
  return html`!${intro}!${totals(counts)}!${filterForm(view)}!${editable ? requeueForm(view) : ''}
!${
    rows.length === 0
      ? html`<p>No failures of this kind with this reason.</p>`
      : table({
          label: 'Failed',
          name: 'cards',
          headings: ['Number', 'Name', 'Reason', '#Attempts', 'Last failure', ...(editable ? ['Again'] : [])],
          rows: rows.map((row) => failureRow(row, editable)),
        })
  }<nav class="paging" aria-label="Pages">!${next === null ? '' : html`<a rel="next" href="/failed?${query}">Next page</a>`}</nav>`;
}
