import {
  decisionLabel,
  formatDay,
  noteLabel,
  statusLabel,
  titleLabel,
  useLabel,
} from '../../codes/rejection-wording.ts';
import { formatMoment } from '../../codes/wording.ts';
import type { ListedNote, NamedByNote, NoteOfFile, RejectedInstance } from '../../db/rejection/shown.ts';
import { html } from '../answer/html.ts';
import { type Markup, table } from './layout.ts';

/** What a page says of instances that notes or people have said something of. */
export type UseOfFile = {
  /** What the file says as a rejection note; null for any other. */
  readonly note: NoteOfFile | null;
  readonly instances: readonly RejectedInstance[];
  /** Precision studies on file that a scan of this file went into. */
  readonly precisionStudies: readonly string[];
};

const namedItem = (one: NamedByNote): Markup =>
  html`<li><a href="/files/${one.noteFileId}">Rejection note</a>: ${noteLabel(one)}. <strong>${statusLabel(one)}</strong>, since ${formatDay(one.since)}</li>`;

function whyItem(instance: RejectedInstance): Markup {
  const decided = decisionLabel(instance);
  return html`<ul>!${instance.notes.map(namedItem).join('')}!${decided === null ? '' : html`<li><strong>${decided}</strong></li>`}</ul>`;
}

const fileLink = ({ fileId, dropName }: RejectedInstance): Markup =>
  fileId === null ? '' : html`<a href="/files/${fileId}">${dropName ?? `file ${fileId}`}</a>`;

function instanceRow(instance: RejectedInstance): Markup {
  return html`<tr><td><code class="soft">${instance.sopInstanceUid}</code><br>!${fileLink(instance)}</td><td class="nowrap">${instance.scannedOn ?? ''}</td>
<td class="nowrap"><strong>${useLabel(instance)}</strong></td><td>!${whyItem(instance)}</td></tr>`;
}

/** Instances with what is said of each. */
const instancesTable = (label: string, instances: readonly RejectedInstance[]): Markup =>
  table({ label, headings: ['Instance', 'Scanned', 'Counts', 'Why'], rows: instances.map(instanceRow) });

/** Puts it back in use, or takes it out; of a note, all that it names. */
function decisionForm(fileId: string, action: 'restore' | 'take-out', label: string): Markup {
  return html`<form class="filters" method="post" action="/files/${fileId}/${action}" aria-label="${label}">
<label>Why<input name="note" required maxlength="500" size="32"></label><button>${label}</button></form>`;
}

function forms(fileId: string, { note, instances }: UseOfFile, hasReport: boolean): Markup {
  const some = (wanted: boolean) => instances.some(({ outOfUse }) => outOfUse === wanted);
  const all = note === null ? '' : ' everything it names';
  const mayRestore =
    some(true) ||
    instances.some(({ notes }) => notes.some(({ status }) => status === 'waiting' || status === 'other_patient'));
  const mayTakeOut = note === null ? hasReport && !some(true) : some(false);
  return [
    mayRestore ? decisionForm(fileId, 'restore', note === null ? 'Put back in use' : `Keep${all} in use`) : '',
    mayTakeOut ? decisionForm(fileId, 'take-out', `Take${all} out of use`) : '',
  ].join('');
}

/** On the page of a file: whether its report counts and why not, or what it says of others as a rejection note. */
export function useSection(fileId: string, use: UseOfFile, hasReport: boolean, mayDecide: boolean): Markup {
  const { note, instances, precisionStudies } = use;
  if (note === null && instances.length === 0 && !(hasReport && mayDecide)) return '';
  const said =
    note === null
      ? ''
      : html`<p>A rejection note, ${note.contentAt === '' ? 'without a date' : note.contentAt.replace('T', ' ')}${note.patientId === null ? ', about no patient' : `, about patient ${note.patientId}${note.issuerOfPatientId === '' ? '' : ` (${note.issuerOfPatientId})`}`}: <strong>${noteLabel(note)}</strong>.</p>`;
  const isOut = note === null && instances.some(({ outOfUse }) => outOfUse === true);
  const out = isOut
    ? html`<p class="problem">Out of use: its values are kept but not used.${precisionStudies.length === 0 ? '' : ` Precision study ${precisionStudies.join(', ')} on file was computed with it, and is unchanged: please check it.`}</p>`
    : '';
  const listed =
    instances.length === 0
      ? ''
      : instancesTable(note === null ? 'This instance' : 'Instances that the note names', instances);
  return html`<section aria-label="Use"><h2>Use</h2>!${said}!${out}!${listed}!${mayDecide ? forms(fileId, use, hasReport) : ''}</section>`;
}

/** On the page of a patient. */
export const patientRejections = (instances: readonly RejectedInstance[]): Markup =>
  instances.length === 0
    ? ''
    : html`<section aria-label="Rejected"><h2>Rejected</h2><p>Reports named by a rejection note or a decision, and instances that notes about this patient are waiting for. Reports out of use are kept but not used.</p>!${instancesTable('Rejected', instances)}</section>`;

/** On the page of a case: values that it looked at, and that count no more. */
export function caseRejections(instances: readonly RejectedInstance[]): Markup {
  const out = instances.filter(({ outOfUse }) => outOfUse === true);
  return out.length === 0
    ? ''
    : html`<section aria-label="Out of use"><p class="problem">This case is based on values that are now out of use.</p>!${instancesTable('Out of use', out)}</section>`;
}

const STATUS_LABELS: readonly (readonly [NamedByNote['status'], string])[] = [
  ['applied', 'out of use'],
  ['confirmed', 'out of use by decision'],
  ['waiting', 'waiting'],
  ['other_patient', 'for another patient'],
  ['overruled', 'put back in use'],
  ['no_values', 'without values'],
  ['note_rejected', 'note rejected'],
  ['no_effect', 'without effect'],
];

/** On the page of files. */
export function notesSection(notes: readonly ListedNote[]): Markup {
  if (notes.length === 0) return '';
  const rows = notes.map(({ fileId, dropName, title, receivedAt, statuses }) => {
    const counts = STATUS_LABELS.flatMap(([status, label]) => {
      const count = statuses[status];
      return count === undefined ? [] : [`${count} ${label}`];
    });
    return html`<tr data-href="/files/${fileId}"><td><a href="/files/${fileId}">${dropName}</a></td><td>${titleLabel(title)}</td><td>${counts.join(', ') || 'names nothing'}</td><td class="nowrap">${formatMoment(receivedAt)}</td></tr>`;
  });
  return html`<h2>Rejection notes</h2><p>The status of each instance is in the <a href="/lists/rejections">list of rejections</a>.</p>!${table({ label: 'Rejection notes', headings: ['Name in the drop folder', 'Title', 'Instances', 'First received'], rows })}`;
}
