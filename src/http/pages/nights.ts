import { formatMoment } from '../../codes/wording.ts';
import type { NightChange } from '../../db/night/change.ts';
import type { NightRun } from '../../db/night/run.ts';
import type { ShownState } from '../../jobs/nightly/progress.ts';
import { html } from '../answer/html.ts';
import { type Markup, table } from '../view/layout.ts';

export type KindCounts = Readonly<Record<NightChange['kind'], number>>;

export type NightRow = NightRun & {
  readonly shown: ShownState;
  /** Lines of its report. */
  readonly counts: KindCounts;
};

export const TRIGGER_LABELS: Readonly<Record<NightRun['trigger'], string>> = { schedule: 'scheduled', hand: 'manual' };

export const NIGHT_STATE_LABELS: Readonly<Record<ShownState, string>> = {
  running: 'running',
  cut_off: 'interrupted',
  failed: 'failed',
  paused: 'paused',
  done: 'done',
  given_up: 'abandoned',
};

const HINTS: Readonly<Record<ShownState, string>> = {
  running: '',
  cut_off:
    'Its process ended unexpectedly; a nightly run resumes when a nightly process is up, a manual run has to be restarted.',
  failed:
    'See the log of its process. A nightly run is retried for some minutes and then the next night; a manual run has to be restarted.',
  paused: 'Its time window ended; it resumes the next night.',
  done: '',
  given_up: 'It was stopped early, or a new run replaced it.',
};

/** What became of a run that has not come to its end; empty for others. */
export const stateHint = ({ shown, failureCode, failedAt }: NightRow): Markup =>
  shown !== 'failed'
    ? HINTS[shown]
    : html`It failed with <code>${failureCode ?? ''}</code>, ${failedAt === null ? '' : formatMoment(failedAt)}. ${HINTS.failed}`;

export const CHANGE_LABELS: Readonly<Record<NightChange['kind'], string>> = {
  file: 'files',
  patient: 'patients',
  archive: 'archive damage',
  failure: 'failed',
};

/** How long a run took in the largest unit that tells something: "3 h 20 min". */
export function formatDuration(from: Date, to: Date): string {
  const seconds = Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}

const troubled = (count: number): Markup => (count === 0 ? '0' : html`<strong>${String(count)}</strong>`);

function nightRow(row: NightRow): Markup {
  const { id, trigger, shown, failureCode, startedAt, finishedAt, timesResumed, counts } = row;
  return html`<tr data-href="/nights/${id}"><td class="nowrap"><a href="/nights/${id}">Run ${id}</a></td><td>${TRIGGER_LABELS[trigger]}</td><td>${NIGHT_STATE_LABELS[shown]}!${failureCode === null ? '' : html` <code>${failureCode}</code>`}</td>
<td class="nowrap" data-label="started">${formatMoment(startedAt)}</td><td class="nowrap" data-label="ended">${finishedAt === null ? '' : `${formatMoment(finishedAt)}, ${formatDuration(startedAt, finishedAt)}`}</td>
<td class="number" data-label="resumed">${String(timesResumed)}</td><td class="number" data-label="files differ">${String(counts.file)}</td><td class="number" data-label="patients differ">${String(counts.patient)}</td>
<td class="number" data-label="not done">!${troubled(counts.failure)}</td><td class="number" data-label="archive damage">!${troubled(counts.archive)}</td></tr>`;
}

/** When the next night is due, where the queue says so, and whether one is waiting already. */
export const nextRunText = (due: Date | null, waits: boolean): string =>
  [
    ...(waits ? ['A nightly run is waiting for the current run and starts when that ends.'] : []),
    ...(due === null ? [] : [`The next night is due ${formatMoment(due)}.`]),
  ].join(' ');

/** What was computed again: the runs of the night and those by hand, latest first. */
export function nightsContent(rows: readonly NightRow[], next: string | null, due: string): Markup {
  const intro = html`<h1>Nights</h1><p class="soft">What was reprocessed because a reader, adapter, mapping, rule set or LSC
changed, and the resulting differences. To run manually: <code>dxaflow reprocess</code>. ${due}</p>`;
  if (rows.length === 0) return html`!${intro}<p>No runs yet.</p>`;
  return html`!${intro}!${table({
    label: 'Runs',
    name: 'cards',
    headings: [
      'Run',
      'Started',
      'State',
      'Started',
      'Ended',
      '#Resumed',
      '#Files differ',
      '#Patients differ',
      '#Not done',
      '#Archive damage',
    ],
    rows: rows.map(nightRow),
  })}<nav class="paging" aria-label="Pages">!${next === null ? '' : html`<a rel="next" href="/nights?before=${next}">Earlier</a>`}</nav>`;
}
