import { formatPercent } from '../../codes/night-wording.ts';
import { formatMoment, ruleLabel, STATE_LABELS } from '../../codes/wording.ts';
import type { Access, AccessFilter } from '../../db/access/access-log.ts';
import type { Backlog } from '../../db/files/backlog.ts';
import type { FailureCount } from '../../db/files/failure.ts';
import { CHANGE_KINDS } from '../../db/night/report.ts';
import type { NightStepRow } from '../../db/night/step.ts';
import { type DataMoveRow, rateOf } from '../../db/schema/data-move.ts';
import { CONDITION_CODES, type Condition } from '../../health/condition.ts';
import { currentStep, progressOf } from '../../jobs/nightly/progress.ts';
import type { JobCounts } from '../../queue/connect.ts';
import { html } from '../answer/html.ts';
import { type Markup, table } from '../view/layout.ts';
import {
  CHANGE_LABELS,
  formatDuration,
  NIGHT_STATE_LABELS,
  type NightRow,
  nextRunText,
  stateHint,
  TRIGGER_LABELS,
} from './nights.ts';

export type NightWithSteps = NightRow & { readonly steps: readonly NightStepRow[] };

export type Status = {
  /** Null when the queue does not answer. */
  readonly queues: Readonly<Record<string, JobCounts>> | null;
  /** What is out of order with what the processes need. */
  readonly conditions: readonly (Condition & { readonly process?: string })[];
  /** Long changes of data that go on beside the running system. */
  readonly moves: readonly DataMoveRow[];
  readonly backlog: Backlog;
  readonly failures: readonly FailureCount[];
  readonly lastIntakeAt: Date | null;
  readonly lastProcessedAt: Date | null;
  readonly lastAssessedAt: Date | null;
  /** The latest run by schedule and the latest by hand, latest first. */
  readonly lastNights: readonly NightWithSteps[];
  readonly nextNightAt: Date | null;
  /** A night's hour has come, and it waits for the run that is at work. */
  readonly nightWaits: boolean;
  readonly dropDir: string;
  readonly now: Date;
};

const moment = (at: Date | null) => (at === null ? 'not yet' : formatMoment(at));

/** How far a run at work has come, or what it came to. */
function nightParagraph(night: NightWithSteps, now: Date): Markup {
  const step = currentStep(night.steps);
  const progress = step === undefined ? null : progressOf(step);
  const at =
    step === undefined
      ? ''
      : ` at ${step.step.replaceAll('_', ' ')}${progress === null ? '' : `, ${formatPercent(progress)}`}`;
  const took =
    night.finishedAt === null
      ? `for ${formatDuration(night.startedAt, now)}`
      : `took ${formatDuration(night.startedAt, night.finishedAt)}`;
  const sofar = night.finishedAt === null ? ' so far' : '';
  const changes = CHANGE_KINDS.filter((kind) => night.counts[kind] > 0).map(
    (kind) =>
      html`<li><a href="/nights/${night.id}?kind=${kind}">${CHANGE_LABELS[kind]}: ${String(night.counts[kind])}</a></li>`,
  );
  return html`<p!${night.shown === 'failed' ? ' class="problem"' : ''}><a href="/nights/${night.id}">Run ${night.id}</a>, ${TRIGGER_LABELS[night.trigger]}: ${NIGHT_STATE_LABELS[night.shown]}${at}; started ${formatMoment(night.startedAt)}, ${took}. !${stateHint(night)}</p>
!${changes.length === 0 ? html`<p>No differences${sofar}.</p>` : html`<p>Differences${sofar}:</p><ul>!${changes.join('')}</ul>`}`;
}

function nightSection({ lastNights, nextNightAt, nightWaits, now }: Status): Markup {
  const due = nextRunText(nextNightAt, nightWaits);
  if (lastNights.length === 0) return html`<p>None yet. ${due}</p>`;
  return html`!${due === '' ? '' : html`<p>${due}</p>`}!${lastNights.map((night) => nightParagraph(night, now)).join('')}`;
}

const conditionLine = ({ code, since, process }: Status['conditions'][number]): Markup =>
  html`<li>${CONDITION_CODES[code].text} ${CONDITION_CODES[code].remedy} <span class="soft">${process === undefined ? '' : `${process}, `}since ${formatMoment(since)} <code>${code}</code></span></li>`;

function moveLine(move: DataMoveRow): Markup {
  const rate = rateOf(move);
  const speed = rate === null ? '' : `, ${rate.toFixed(0)} a second`;
  const state = move.finishedAt === null ? `${move.remaining} to go${speed}` : `done ${formatMoment(move.finishedAt)}`;
  const problem =
    move.problemCode === null ? '' : html` <span class="problem">stopped: <code>${move.problemCode}</code></span>`;
  return html`<li>${move.name.replaceAll('_', ' ')}: ${move.moved} changed, ${state}!${problem}</li>`;
}

/** Whether work moves: queues, what waits in the database, and when something last happened. */
export function statusContent(status: Status): Markup {
  const { backlog, queues } = status;
  const states = [...new Set(Object.values(queues ?? {}).flatMap((counts) => Object.keys(counts)))];
  const queueRows = Object.entries(queues ?? {}).map(
    ([name, counts]) =>
      html`<tr><th scope="row">${name}</th>!${states.map((state) => html`<td class="number">${String(counts[state] ?? 0)}</td>`).join('')}</tr>`,
  );
  const caseRows = backlog.cases.map(
    (row) =>
      html`<tr><td>${ruleLabel(row.rule)}</td><td>${row.tier}</td><td>${STATE_LABELS[row.state] ?? row.state}</td><td class="number">${String(row.count)}</td></tr>`,
  );
  const failed = status.failures.reduce((sum, { count }) => sum + count, 0);
  const problems = backlog.problems.map(({ code, count }) => html`<li><code>${code}</code>: ${String(count)}</li>`);
  const lost = backlog.archiveProblems.map(({ code, count }) => html`<li><code>${code}</code>: ${String(count)}</li>`);
  const troubles = status.conditions.map(conditionLine);
  return html`<h1>Status</h1>
!${troubles.length === 0 ? '' : html`<h2>Problems</h2><ul class="problem">!${troubles.join('')}</ul>`}
<dl><dt>Drop folder</dt><dd><code>${status.dropDir}</code></dd>
<dt>Last file taken in</dt><dd>${moment(status.lastIntakeAt)}</dd><dt>Last file processed</dt><dd>${moment(status.lastProcessedAt)}</dd>
<dt>Last patient assessed</dt><dd>${moment(status.lastAssessedAt)}</dd>
<dt>Oldest file without an outcome</dt><dd>${backlog.oldestFileSeconds === null ? 'none' : `${Math.round(backlog.oldestFileSeconds)} s old`}</dd>
<dt>Files that may still grow</dt><dd>${String(backlog.held)}</dd>
<dt>Patients waiting for assessment</dt><dd>${String(backlog.patientsToAssess)}</dd>
<dt>Failed permanently</dt><dd><a href="/failed">${failed === 0 ? 'nothing' : `${failed} files and patients`}</a></dd></dl>
<h2>Queues</h2>!${
    queues === null
      ? html`<p class="problem">The queue is not responding. Pending work is recorded in the database and will be picked up.</p>`
      : table({ label: 'Queues', headings: ['Queue', ...states.map((state) => `#${state}`)], rows: queueRows })
  }
<h2>Stuck in the drop folder</h2>!${problems.length === 0 ? html`<p>Nothing.</p>` : html`<ul>!${problems.join('')}</ul>`}
!${lost.length === 0 ? '' : html`<h2>Lost or damaged in the archive</h2><p class="problem">Send these files again, or restore the archive: <a href="/files">Files</a> names them.</p><ul>!${lost.join('')}</ul>`}
<h2>Latest nightly and manual runs</h2>!${nightSection(status)}
!${status.moves.length === 0 ? '' : html`<h2>Data changes after an upgrade</h2><ul>!${status.moves.map(moveLine).join('')}</ul>`}
<h2>Cases</h2>!${caseRows.length === 0 ? html`<p>None.</p>` : table({ label: 'Cases by rule', headings: ['Rule', 'Tier', 'State', '#Cases'], rows: caseRows })}`;
}

/** Who looked at which patient and which file. */
export function accessContent(accesses: readonly Access[], { patientId, fileId }: AccessFilter): Markup {
  const links = (name: 'patient' | 'file', ids: readonly string[]) =>
    ids.map((id) => html`<a href="/access?${name}=${id}">${id}</a>`).join(' ');
  const rows = accesses.map(
    (
      one,
    ) => html`<tr><td class="nowrap">${formatMoment(one.happenedAt)}</td><td>${one.actor}</td><td><code>${one.route}</code></td>
<td class="ids">!${links('patient', one.patientIds)}</td><td class="ids">!${links('file', one.fileIds)}</td></tr>`,
  );
  const last = accesses.at(-1);
  const filter = patientId !== null ? `patient=${patientId}&` : fileId !== null ? `file=${fileId}&` : '';
  const asked =
    patientId !== null
      ? html`Of patient <a href="/patients/${patientId}">${patientId}</a> only.`
      : fileId !== null
        ? html`Of file <a href="/files/${fileId}">${fileId}</a> only.`
        : null;
  return html`<h1>Access</h1><p class="soft">Who viewed values of which patient or text of which file, latest first. Both are shown by row number; a line without either is a search without results.
!${asked === null ? '' : html`!${asked} <a href="/access">Show all</a>`}</p>
!${rows.length === 0 ? html`<p>No entries yet.</p>` : table({ label: 'Access log', headings: ['When', 'Who', 'Where', 'Patients', 'Files'], rows })}
!${last === undefined ? '' : html`<nav class="paging" aria-label="Pages"><a rel="next" href="/access?${filter}before=${last.id}">Earlier</a></nav>`}`;
}
