import { explainCode } from '../../codes/codes.ts';
import { formatMoment, formatRegion } from '../../codes/wording.ts';
import type { IntakeProblem } from '../../db/files/intake-problem.ts';
import type { FileRow } from '../../db/files/source-file.ts';
import type { Arrival, ClaimsOfStudy, SourceFileDetail, StoredValue } from '../../db/files/source-file-detail.ts';
import type { ListedNote } from '../../db/rejection/shown.ts';
import type { Finding } from '../../dxa/values/finding.ts';
import { html } from '../answer/html.ts';
import { type Markup, table } from '../view/layout.ts';
import { notesSection } from '../view/rejections.ts';
import { treeAddress } from './value-link.ts';

export type StateCount = { readonly state: string; readonly reasonCode: string | null; readonly count: number };

const codeList = (codes: readonly (string | null)[]) =>
  codes
    .filter((code) => code !== null)
    .map((code) => html`<code title="${explainCode(code)?.text ?? ''}">${code}</code>`)
    .join(', ');

/** An outcome that is not the last word: the sender's file is still watched. */
const openTag = ({ isOpen }: { readonly isOpen: boolean }): Markup =>
  isOpen
    ? html` <span class="tag" title="Its original is still watched; should it go on growing, it is read again.">may still grow</span>`
    : '';

function fileRow(file: FileRow): Markup {
  return html`<tr data-href="/files/${file.id}"><td><a href="/files/${file.id}">${file.dropName}</a></td><td>${file.state}!${openTag(file)}</td>
<td>!${codeList([file.archiveProblem, file.reasonCode, ...file.findingCodes])}</td>
<td class="number">${String(file.timesReceived)}</td><td class="nowrap">${formatMoment(file.receivedAt)}</td></tr>`;
}

export type DuplicateRow = Pick<Arrival, 'fileId' | 'dropName'> & { readonly ofId: string; readonly receivedAt: Date };

const duplicateRow = ({ fileId, dropName, ofId, receivedAt }: DuplicateRow): Markup =>
  html`<tr data-href="/files/${fileId}"><td><a href="/files/${fileId}">${dropName}</a></td><td><a href="/files/${ofId}">file ${ofId}</a></td><td class="nowrap">${formatMoment(receivedAt)}</td></tr>`;

/** Files that did not end as stored values, or about which something was found; and what cannot be taken in at all. */
export function filesContent(
  counts: readonly StateCount[],
  files: readonly FileRow[],
  problems: readonly IntakeProblem[],
  duplicates: readonly DuplicateRow[],
  notes: readonly ListedNote[],
): Markup {
  const totals = counts.map(
    (row) =>
      html`<tr><td>${row.state}</td><td>!${codeList([row.reasonCode])}</td><td class="number">${String(row.count)}</td></tr>`,
  );
  const stuck = problems.map(
    (problem) =>
      html`<tr><td>${problem.dropName}</td><td>!${codeList([problem.code])}</td><td class="number">${String(problem.timesSeen)}</td><td>${formatMoment(problem.firstSeenAt)}</td></tr>`,
  );
  const failed = counts.reduce((sum, { state, count }) => sum + (state === 'failed' ? count : 0), 0);
  return html`<h1>Files</h1>!${failed === 0 ? '' : html`<p><a href="/failed?kind=file">${String(failed)} failed</a>: failures, with retry.</p>`}
!${table({ label: 'Files by outcome', caption: 'All received files by outcome', headings: ['State', 'Reason', '#Files'], rows: totals })}
!${
    stuck.length === 0
      ? ''
      : html`<h2>Stuck in the drop folder</h2>!${table({ label: 'Not taken in', headings: ['Name', 'Reason', '#Tries', 'Since'], rows: stuck })}`
  }
<h2>Refused, conflicting, failed, waiting, or with findings</h2>
!${
    files.length === 0
      ? html`<p>None.</p>`
      : table({
          label: 'Files',
          headings: ['Name in the drop folder', 'State', 'Reason and findings', '#Received', 'First received'],
          rows: files.map(fileRow),
        })
  }!${notesSection(notes)}!${
    duplicates.length === 0
      ? ''
      : html`<h2>Duplicates of the same report</h2><p>Encoded differently, or with another file header: counted as another receipt of the stored file.</p>!${table(
          {
            label: 'Duplicates',
            headings: ['Name in the drop folder', 'Same content as', 'First received'],
            rows: duplicates.map(duplicateRow),
          },
        )}`
  }`;
}

const arrivalRow = ({ fileId, dropName, route, arrivedAt }: Arrival): Markup =>
  html`<tr><td class="nowrap">${formatMoment(arrivedAt)}</td><td>${route}</td><td><a href="/files/${fileId}">${dropName}</a></td></tr>`;

function findingItem(fileId: string, finding: Finding): Markup {
  const entry = explainCode(finding.code);
  const facts = Object.entries(finding.facts ?? {}).map(([name, value]) => `${name} ${value}`);
  const path = finding.path;
  const place =
    path === null
      ? ''
      : /^\d+(\.\d+)*$/.test(path)
        ? html` at <a href="${treeAddress(fileId, path)}"><code>${path}</code></a>`
        : html` at <code>${path}</code>`;
  return html`<li><code>${finding.code}</code>!${place}: ${entry?.text ?? ''} ${facts.length === 0 ? '' : `(${facts.join(', ')})`}<br><span class="soft">${entry?.remedy ?? ''}</span></li>`;
}

const valueRow = (fileId: string, value: StoredValue): Markup =>
  html`<tr><td>${value.scanLabel}</td><td>${formatRegion(value.region, value.vertebrae, value.laterality)}</td><td>${value.quantity}${
    value.referencePopulation === '' ? '' : ` (${value.referencePopulation})`
  }</td><td class="number">${value.value.replace(/\.?0+$/, '')} ${value.unit}</td><td>“${value.rawText}”</td><td>${value.rawLabel}</td>
<td><a href="${treeAddress(fileId, value.treePath)}"><code>${value.treePath}</code></a></td></tr>`;

/** What happened to the file itself: what followed it, and whether the archive still holds it. */
function wayOfFile(file: SourceFileDetail): Markup {
  const { archiveProblem, archiveProblemAt, archiveHealedAt, supersededById, sha256 } = file;
  const entry = archiveProblem === null ? undefined : explainCode(archiveProblem);
  return [
    file.isOpen
      ? html`<p>The original is still being watched: if the sender keeps writing, it is read again, so this outcome is not final.</p>`
      : '',
    supersededById === null
      ? ''
      : html`<p>The sender's file kept growing or was changed. It was read again as <a href="/files/${supersededById}">file ${supersededById}</a>, which replaces it.</p>`,
    sha256 === null
      ? html`<p>It was not read because it is too large. It is stored as <code>${file.archivePath}</code> below the archive folder.</p>`
      : '',
    archiveProblem === null
      ? ''
      : html`<p class="problem"><code>${archiveProblem}</code>: ${entry?.text ?? ''} Found ${archiveProblemAt === null ? '' : formatMoment(archiveProblemAt)}. ${entry?.remedy ?? ''}</p>`,
    archiveHealedAt === null
      ? ''
      : html`<p>The archived copy was lost or damaged; it was replaced by the same bytes, received again, ${formatMoment(archiveHealedAt)}.</p>`,
  ].join('');
}

/** What the report says of the scan: the scanner's words, not ours. */
function claimsOf(claims: ClaimsOfStudy): Markup {
  const procedure = [
    claims.performedProcedure,
    ...claims.performedProcedureCodes.map(({ value, scheme, meaning }) => `${meaning} (${value}, ${scheme})`),
  ].filter((text) => text !== null);
  const factors = [
    claims.acf === null ? null : `ACF ${claims.acf.replace(/0+$/, '')}`,
    claims.bcf === null ? null : `BCF ${claims.bcf.replace(/0+$/, '')}`,
  ].filter((text) => text !== null);
  const step = claims.performedProcedureId;
  return html`<dt>Scanned</dt><dd>${claims.scannedAt.replace('T', ' ')}${claims.scanDateDoubted ? ': not a plausible scan date, not compared' : ''}</dd>
!${procedure.length === 0 && step === null ? '' : html`<dt>Performed procedure</dt><dd>${procedure.join(', ')}${step === null ? '' : ` (step ${step})`}</dd>`}
!${factors.length === 0 ? '' : html`<dt>Calibration factors</dt><dd>${factors.join(', ')}</dd>`}`;
}

/** One file: its outcome with what to do about it, its findings and every value read from it. */
export function fileContent(
  file: SourceFileDetail,
  values: readonly StoredValue[],
  claims: ClaimsOfStudy | null,
  patient: { readonly id: string } | null,
  arrivals: readonly Arrival[],
  use: Markup,
): Markup {
  const reason =
    file.reasonCode === null
      ? ''
      : html`<h2>Why</h2><ul>!${findingItem(file.id, { code: file.reasonCode, path: file.reasonPath, facts: file.reasonFacts })}</ul>`;
  const duplicate =
    file.duplicateOfId === null
      ? ''
      : html`<p>The same content as <a href="/files/${file.duplicateOfId}">file ${file.duplicateOfId}</a>, whose values are used; only the encoding differs.</p>`;
  return html`<p><a href="/files" data-key="up">← Files</a></p><h1>${file.dropName} <span class="tag">${file.state}</span></h1>
!${wayOfFile(file)}
<dl><dt>SHA-256</dt><dd><code>${file.sha256 ?? 'not known'}</code></dd><dt>Size</dt><dd>${file.byteCount} bytes</dd>
<dt>SOP Instance UID</dt><dd><code>${file.sopInstanceUid ?? 'not read'}</code></dd>
<dt>Received</dt><dd>${formatMoment(file.receivedAt)}, ${String(file.timesReceived)} time(s)!${
    file.timesContentReceived === file.timesReceived
      ? ''
      : html`; its content ${String(file.timesContentReceived)} times in all`
  }</dd>
<dt>Processed</dt><dd>${file.processedAt === null ? 'not yet' : formatMoment(file.processedAt)}, ${String(file.attempts)} time(s)</dd>
!${claims === null ? '' : claimsOf(claims)}</dl>
<p><a href="/files/${file.id}/tree">Inspect the file</a>!${patient === null ? '' : html` · <a href="/patients/${patient.id}">Patient</a>`}</p>
!${reason}!${duplicate}!${use}
<h2>Findings</h2>!${
    file.findings.length === 0
      ? html`<p>None.</p>`
      : html`<ul>!${file.findings.map((finding) => findingItem(file.id, finding)).join('')}</ul>`
  }
<h2>Values</h2>!${
    values.length === 0
      ? html`<p>None stored.</p>`
      : table({
          label: 'Values',
          headings: ['Scan', 'Region', 'Quantity', '#Value', 'Raw text', 'Label', 'Tree path'],
          rows: values.map((value) => valueRow(file.id, value)),
        })
  }
<h2>Arrivals</h2>!${
    arrivals.length === 0
      ? html`<p>None noted.</p>`
      : table({ label: 'Arrivals', headings: ['When', 'By', 'As'], rows: arrivals.map(arrivalRow) })
  }`;
}

/** The file as it was read, one line for each item, each with an address of its own. */
export function treeContent(file: SourceFileDetail, lines: readonly string[]): Markup {
  const marked = lines.map((line) => {
    const path = /^(\d+(?:\.\d+)*) /.exec(line)?.[1];
    return path === undefined ? html`<div>${line}</div>` : html`<div id="item-${path}">${line}</div>`;
  });
  return html`<p><a href="/files/${file.id}" data-key="up">← ${file.dropName}</a></p><h1>Inside ${file.dropName}</h1>
<p class="soft">Path, relationship, type, concept and value of every item, as archived.</p>
<div class="tree" role="region" aria-label="Content of the file" tabindex="0">!${marked.join('')}</div>`;
}
