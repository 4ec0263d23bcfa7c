import { formatCounts, formatPercent } from '../../codes/night-wording.ts';
import { formatMoment } from '../../codes/wording.ts';
import { CHANGE_KINDS, type ReportFilter, type ReportLine } from '../../db/night/report.ts';
import type { NightStepRow } from '../../db/night/step.ts';
import { NIGHT } from '../../jobs/nightly/night.ts';
import { progressOf } from '../../jobs/nightly/progress.ts';
import { html } from '../answer/html.ts';
import { type Markup, table } from '../view/layout.ts';
import { reportRow } from './night-change.ts';
import {
  CHANGE_LABELS,
  formatDuration,
  NIGHT_STATE_LABELS,
  type NightRow,
  stateHint,
  TRIGGER_LABELS,
} from './nights.ts';

export type NightView = {
  readonly run: NightRow;
  readonly steps: readonly NightStepRow[];
  readonly filter: ReportFilter;
  readonly lines: readonly ReportLine[];
  /** Id of the last line, when more follow. */
  readonly next: string | null;
  readonly now: Date;
};

const doesOf = (name: string) => NIGHT.find((step) => step.name === name)?.does ?? '';

function stepRow(step: NightStepRow, { shown }: NightRow): Markup {
  const progress = progressOf(step);
  const stopped = shown === 'running' ? 'running' : 'stopped';
  const state =
    step.finishedAt !== null ? 'done' : progress === null ? stopped : `${stopped} at ${formatPercent(progress)}`;
  const ended = step.finishedAt === null ? '' : formatDuration(step.startedAt, step.finishedAt);
  return html`<tr><td>${step.step.replaceAll('_', ' ')}<br><span class="soft">${doesOf(step.step)}</span></td><td>${state}</td>
<td>${formatCounts(step.counts)}</td><td class="nowrap" data-label="started">${formatMoment(step.startedAt)}</td><td class="nowrap" data-label="took">${ended}</td></tr>`;
}

const select = (
  name: string,
  label: string,
  any: string,
  options: readonly (readonly [string, string])[],
  chosen: string | null,
): Markup =>
  html`<label>${label}<select name="${name}"><option value="">${any}</option>!${options
    .map(([value, words]) => html`<option value="${value}" !${value === chosen ? 'selected' : ''}>${words}</option>`)
    .join('')}</select></label>`;

function filterForm({ run, filter }: NightView): Markup {
  const kinds = CHANGE_KINDS.map((kind) => [kind, `${CHANGE_LABELS[kind]} (${run.counts[kind]})`] as const);
  const steps = NIGHT.map(({ name }) => [name, name.replaceAll('_', ' ')] as const);
  return html`<form class="filters" method="get" action="/nights/${run.id}" aria-label="Filters">!${select('kind', 'What', 'everything', kinds, filter.kind)}
!${select('step', 'Step', 'any', steps, filter.step)}<button>Show</button> <a href="/nights/${run.id}">Reset</a></form>`;
}

/** What needs attention, before mere differences. */
function trouble({ run: { id, counts } }: NightView): Markup {
  const found = (['archive', 'failure'] as const).flatMap((kind) =>
    counts[kind] === 0
      ? []
      : [
          html`<li><a href="/nights/${id}?kind=${kind}">${
            kind === 'archive'
              ? `${counts[kind]} times an archived file was missing or damaged`
              : `${counts[kind]} files or patients could not be reprocessed`
          }</a></li>`,
        ],
  );
  return found.length === 0 ? '' : html`<div class="problem"><p>Needs attention:</p><ul>!${found.join('')}</ul></div>`;
}

function facts({ run, now }: NightView): Markup {
  const given = Object.entries(run.filters).map(([name, value]) => `${name} ${value}`);
  const { versions, windowEndsAt, startedAt, finishedAt } = run;
  const entries: readonly (readonly [string, string])[] = [
    ['Type', `${TRIGGER_LABELS[run.trigger]}${given.length === 0 ? '' : `, ${given.join(', ')}`}`],
    ['Started', formatMoment(startedAt)],
    finishedAt === null
      ? ['Since', formatDuration(startedAt, now)]
      : ['Ended', `${formatMoment(finishedAt)}, after ${formatDuration(startedAt, finishedAt)}`],
    ...(windowEndsAt === null || finishedAt !== null ? [] : [['Pauses', formatMoment(windowEndsAt)] as const]),
    ...(run.timesResumed === 0 ? [] : [['Resumed', `${run.timesResumed} time(s)`] as const]),
    [
      'Works with',
      `reader ${versions.reader}, rule set ${versions.ruleSet}, adapters ${Object.entries(versions.adapters)
        .map(([vendor, version]) => `${vendor} ${version}`)
        .join(', ')}`,
    ],
  ];
  return html`<dl>!${entries.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>`;
}

/** One run: how far its steps have come, and what it changed and why, case by case. */
export function nightContent(view: NightView): Markup {
  const { run, steps, filter, lines, next } = view;
  const query = new URLSearchParams({ kind: filter.kind ?? '', step: filter.step ?? '', after: next ?? '' });
  const total = CHANGE_KINDS.reduce((sum, kind) => sum + run.counts[kind], 0);
  return html`<p><a href="/nights" data-key="up">← Nights</a></p><h1>Run ${run.id} <span class="tag">${NIGHT_STATE_LABELS[run.shown]}</span></h1>
!${stateHint(run) === '' ? '' : html`<p>!${stateHint(run)}</p>`}!${facts(view)}!${trouble(view)}
<h2>Steps</h2>!${
    steps.length === 0
      ? html`<p>No step has started.</p>`
      : table({
          label: 'Steps',
          name: 'cards',
          headings: ['Step', 'State', 'Counts', 'Started', 'Took'],
          rows: steps.map((step) => stepRow(step, run)),
        })
  }
<h2>Differences, and why</h2>!${total === 0 ? html`<p>Nothing${run.finishedAt === null ? ' so far' : ''}.</p>` : filterForm(view)}
!${
    lines.length === 0
      ? total === 0
        ? ''
        : html`<p>Nothing of this kind.</p>`
      : table({
          label: 'Report',
          name: 'cards',
          headings: ['About', 'Because of', 'What differs'],
          rows: lines.map(reportRow),
        })
  }<nav class="paging" aria-label="Pages">!${next === null ? '' : html`<a rel="next" href="/nights/${run.id}?${query}">Next page</a>`}</nav>`;
}
