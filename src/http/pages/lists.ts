import { explainCode } from '../../codes/codes.ts';
import { titleLabel } from '../../codes/rejection-wording.ts';
import { formatMoment, formatRegion, roundDecimal } from '../../codes/wording.ts';
import type { Filters, ListDefinition, ListRow } from '../../db/qa-list/definition.ts';
import { QA_LISTS } from '../../db/qa-list/lists.ts';
import type { Count } from '../../db/qa-list/read-list.ts';
import { lookup } from '../../dxa/values/lookup.ts';
import { html } from '../answer/html.ts';
import { type Markup, table } from '../view/layout.ts';

const formatCounts = ({ rows, capped }: Count) => (capped ? `more than ${rows}` : String(rows));

/** All QA lists with how much stands in each. */
export function listsContent(counts: readonly { readonly name: string; readonly count: Count }[]): Markup {
  const rows = counts.map(({ name, count }) => {
    const title = QA_LISTS[name as keyof typeof QA_LISTS].title;
    const href = name === 'unmapped' ? '/unmapped' : name === 'cases' ? '/' : `/lists/${name}`;
    return html`<tr data-href="${href}"><td><a href="${href}">${title}</a></td><td class="number">${formatCounts(count)}</td></tr>`;
  });
  return html`<h1>QA lists</h1>!${table({ label: 'QA lists', headings: ['List', '#Entries'], rows })}`;
}

/** Columns that are shown as a link, or not at all because another column says the same. */
const HIDDEN: readonly string[] = [
  'id',
  'patientKey',
  'sourceFileId',
  'vertebrae',
  'laterality',
  'sha256',
  'evidence',
  'explanations',
  'checklist',
  'compared',
];
const HEADINGS = lookup({
  patientId: 'Patient ID',
  dropName: 'File',
  referenceBmdGramsPerCm2: '#Reference (g/cm²)',
  followUpBmdGramsPerCm2: '#Follow-up (g/cm²)',
  deltaGramsPerCm2: '#Change (g/cm²)',
  modelName: 'Model',
  deviceSerialNumber: 'Serial number',
  studyInstanceUid: 'Study UID',
  sopInstanceUid: 'Instance UID',
  instanceFileId: 'File of the instance',
  findings: 'Codes',
  says: 'What was found',
});

const heading = (name: string) =>
  HEADINGS[name] ??
  name.charAt(0).toUpperCase() + name.slice(1).replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);

function plainText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return formatMoment(value);
  if (Array.isArray(value)) return value.map(String).join(', ');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, one]) => `${name} ${String(one)}`)
      .join(', ');
  return String(value);
}

function cell(list: ListDefinition, row: ListRow, name: string): Markup {
  const value = row[name];
  const text = plainText(value);
  const fileId = list.name === 'files' ? row['id'] : row['sourceFileId'];
  if (name === 'dropName' && typeof fileId === 'string') return html`<td><a href="/files/${fileId}">${text}</a></td>`;
  if (name === 'patientId' && typeof row['patientKey'] === 'string')
    return html`<td><a href="/patients/${row['patientKey']}">${text}</a></td>`;
  if (name === 'reason') return html`<td>${explainCode(text)?.text ?? ''} <code class="soft">${text}</code></td>`;
  if (name === 'path' && typeof row['sourceFileId'] === 'string' && /^\d+(\.\d+)*$/.test(text))
    return html`<td><a href="/files/${row['sourceFileId']}/tree#item-${text}"><code>${text}</code></a></td>`;
  if (name === 'region')
    return html`<td>${formatRegion(text, plainText(row['vertebrae']), plainText(row['laterality']))}</td>`;
  if (name.endsWith('GramsPerCm2')) return html`<td class="number">${text === '' ? '–' : roundDecimal(text, 3)}</td>`;
  if (name === 'studyInstanceUid' || name === 'sopInstanceUid') return html`<td><code class="soft">${text}</code></td>`;
  if (name === 'title') return html`<td>${titleLabel(text)}</td>`;
  if (name === 'instanceFileId' && text !== '') return html`<td><a href="/files/${text}">file ${text}</a></td>`;
  return html`<td>${text}</td>`;
}

export type ListView = {
  readonly list: ListDefinition;
  readonly filters: Filters;
  readonly sort: string;
  readonly rows: readonly ListRow[];
  readonly count: Count;
  /** Query of the next page; null on the last. */
  readonly nextQuery: string | null;
};

function filterForm({ list, filters, sort }: ListView): Markup {
  const names = [...Object.keys(list.filters), ...(list.ofScanner === null ? [] : ['scanner', 'institution'])];
  const fields = names.map((name) => {
    const value = filters[name as keyof Filters] ?? '';
    const type = name === 'from' || name === 'to' ? 'date' : name.endsWith('days') ? 'number' : 'text';
    return html`<label>${heading(name.replaceAll('-', ' '))}<input type="${type}" name="${name}" value="${value}" size="14"></label>`;
  });
  const sorts = Object.keys(list.sorts)
    .flatMap((name) => [`-${name}`, name])
    .map(
      (name) =>
        html`<option value="${name}" !${name === sort ? 'selected' : ''}>${name.replace(/^-/, '')}, ${name.startsWith('-') ? 'highest first' : 'lowest first'}</option>`,
    );
  return html`<form class="filters" method="get" action="/lists/${list.name}" aria-label="Filters">!${fields.join('')}
<label>Order<select name="sort">!${sorts.join('')}</select></label><button>Show</button> <a href="/lists/${list.name}">Reset</a></form>`;
}

/** One QA list. `extra` stands above the table. */
export function listContent(view: ListView, extra: Markup): Markup {
  const { list, rows } = view;
  const names = Object.keys(rows[0] ?? {}).filter((name) => !HIDDEN.includes(name));
  const next =
    view.nextQuery === null ? '' : html`<a rel="next" href="/lists/${list.name}?${view.nextQuery}">Next page</a>`;
  return html`<p><a href="/lists" data-key="up">← QA lists</a></p><h1>${list.title}</h1>!${extra}!${filterForm(view)}
<p class="soft">${formatCounts(view.count)} ${view.count.rows === 1 ? 'entry' : 'entries'}.</p>
!${
    rows.length === 0
      ? html`<p>This list is empty.</p>`
      : table({
          label: list.title,
          headings: names.map(heading),
          rows: rows.map((row) => html`<tr>!${names.map((name) => cell(list, row, name)).join('')}</tr>`),
        })
  }<nav class="paging" aria-label="Pages">!${next}</nav>`;
}
