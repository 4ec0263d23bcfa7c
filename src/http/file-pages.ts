import { html } from 'ghtml';
import { explainCode } from '../codes.ts';
import type { IntakeProblem } from '../db/intake-problem.ts';
import type { FileRow } from '../db/source-file.ts';
import type { SourceFileDetail, StoredValue } from '../db/source-file-detail.ts';
import type { Finding } from '../dxa/finding.ts';
import { type Markup, page } from './layout.ts';
import { momentWords, regionWords } from './wording.ts';

export type StateCount = { readonly state: string; readonly reasonCode: string | null; readonly count: number };

function fileRow(file: FileRow): Markup {
  return html`<tr><td><a href="/files/${file.id}">${file.dropName}</a></td><td>${file.state}</td>
<td>${[file.reasonCode, ...file.findingCodes].filter((code) => code !== null).join(', ')}</td>
<td class="number">${String(file.timesReceived)}</td><td>${momentWords(file.receivedAt)}</td></tr>`;
}

/** Files that did not end as stored values, or about which something was found; and what cannot be taken in at all. */
export function fileListPage(
  counts: readonly StateCount[],
  files: readonly FileRow[],
  problems: readonly IntakeProblem[],
): Markup {
  const totals = counts.map(
    (row) =>
      html`<tr><td>${row.state}</td><td>${row.reasonCode ?? ''}</td><td class="number">${String(row.count)}</td></tr>`,
  );
  const stuck = problems.map(
    (problem) =>
      html`<tr><td>${problem.dropName}</td><td>${problem.code}</td><td class="number">${String(problem.timesSeen)}</td><td>${momentWords(problem.firstSeenAt)}</td></tr>`,
  );
  return page(
    'Files',
    html`<h1>Files</h1>
<table><caption>All received files by outcome</caption><thead><tr><th scope="col">State</th><th scope="col">Reason</th><th scope="col" class="number">Files</th></tr></thead>
<tbody>!${totals.join('')}</tbody></table>
!${
      problems.length === 0
        ? ''
        : html`<h2>In the drop folder, cannot be taken in</h2><table><thead><tr><th scope="col">Name</th><th scope="col">Reason</th><th scope="col" class="number">Tries</th><th scope="col">Since</th></tr></thead><tbody>!${stuck.join('')}</tbody></table>`
    }
<h2>Refused, conflicting, failed, waiting, or with findings</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Files"><table><thead><tr><th scope="col">Name in the drop folder</th><th scope="col">State</th><th scope="col">Reason and findings</th>
<th scope="col" class="number">Received</th><th scope="col">First received</th></tr></thead><tbody>!${files.map(fileRow).join('')}</tbody></table></div>`,
  );
}

function findingItem(finding: Finding): Markup {
  const entry = explainCode(finding.code);
  const facts = Object.entries(finding.facts ?? {}).map(([name, value]) => `${name} ${value}`);
  return html`<li><code>${finding.code}</code>${finding.path === null ? '' : html` at <code>${finding.path}</code>`}:
${entry?.text ?? ''} ${facts.length === 0 ? '' : `(${facts.join(', ')})`}<br><span class="soft">${entry?.remedy ?? ''}</span></li>`;
}

const valueRow = (value: StoredValue): Markup =>
  html`<tr><td>${value.scanLabel}</td><td>${regionWords(value.region, value.vertebrae, value.laterality)}</td><td>${value.quantity}${
    value.referencePopulation === '' ? '' : ` (${value.referencePopulation})`
  }</td><td class="number">${value.value.replace(/\.?0+$/, '')} ${value.unit}</td><td>“${value.rawText}”</td><td>${value.rawLabel}</td><td><code>${value.treePath}</code></td></tr>`;

/** One file: its outcome with what to do about it, its findings and every value read from it. */
export function filePage(file: SourceFileDetail, values: readonly StoredValue[]): Markup {
  const reason =
    file.reasonCode === null
      ? ''
      : html`<h2>Why</h2><ul>!${findingItem({ code: file.reasonCode, path: file.reasonPath, facts: file.reasonFacts })}</ul>`;
  return page(
    `File ${file.id}`,
    html`<p><a href="/files">← Files</a></p><h1>${file.dropName} <span class="tag">${file.state}</span></h1>
<dl><dt>SHA-256</dt><dd><code>${file.sha256}</code></dd><dt>Size</dt><dd>${file.byteCount} bytes</dd>
<dt>SOP Instance UID</dt><dd><code>${file.sopInstanceUid ?? 'not read'}</code></dd>
<dt>Received</dt><dd>${momentWords(file.receivedAt)}, ${String(file.timesReceived)} time(s)</dd>
<dt>Processed</dt><dd>${file.processedAt === null ? 'not yet' : momentWords(file.processedAt)}, ${String(file.attempts)} time(s)</dd></dl>
!${reason}
<h2>Findings</h2>!${file.findings.length === 0 ? html`<p>None.</p>` : html`<ul>!${file.findings.map(findingItem).join('')}</ul>`}
<h2>Values</h2>!${
      values.length === 0
        ? html`<p>None stored.</p>`
        : html`<div class="scroll" tabindex="0" role="region" aria-label="Values"><table><thead><tr><th scope="col">Scan</th><th scope="col">Region</th><th scope="col">Quantity</th><th scope="col" class="number">Value</th><th scope="col">Raw text</th><th scope="col">Label</th><th scope="col">Tree path</th></tr></thead><tbody>!${values.map(valueRow).join('')}</tbody></table></div>`
    }`,
  );
}
