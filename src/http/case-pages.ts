import { html } from 'ghtml';
import type { ComparisonEvidence } from '../db/case-evidence.ts';
import type { CaseEvent, ReviewCase, ValueSource } from '../db/review-case.ts';
import { COMPARABILITY_CODES } from '../dxa/codes.ts';
import { type Markup, page } from './layout.ts';
import {
  momentWords,
  nameWords,
  regionWords,
  roundDecimal,
  ruleWords,
  signedDecimal,
  verdictWords,
} from './wording.ts';

const STATE_WORDS: Readonly<Record<ReviewCase['state'], string>> = {
  open: 'open',
  in_review: 'in review',
  resolved: 'resolved',
  withdrawn: 'withdrawn',
  reopened: 'reopened',
};

function changeCell(comparison: ComparisonEvidence): Markup {
  const arrow = comparison.verdict === 'up' ? '▲' : comparison.verdict === 'down' ? '▼' : '';
  return html`<span class="${comparison.verdict}">${arrow} ${signedDecimal(comparison.deltaGramsPerCm2, 3)}</span>
    g/cm² (${signedDecimal(comparison.deltaPercent, 1)} %)<br>
    <span class="soft">${regionWords(comparison.region, comparison.vertebrae, comparison.laterality)}</span>`;
}

function caseRow(found: ReviewCase): Markup {
  const [first, second] = found.evidence.comparisons;
  return html`<tr>
  <td><a href="/cases/${found.id}">${ruleWords(found.rule)}</a><br><span class="tag">${STATE_WORDS[found.state]}</span></td>
  <td>${nameWords(found.patientName)}<br><span class="soft">${found.patientId}</span></td>
  <td>${found.followUpOn}</td>
  <td>!${first === undefined ? '' : changeCell(first)}</td>
  <td>!${second === undefined ? '' : changeCell(second)}</td>
  <td class="number">${found.strength.toFixed(2)}</td>
</tr>`;
}

/** The list of cases that wait for a person. */
export function caseListPage(cases: readonly ReviewCase[], all: boolean): Markup {
  const filter = all ? html`<a href="/">Show open cases only</a>` : html`<a href="/?all=1">Show all cases</a>`;
  const table =
    cases.length === 0
      ? html`<p>No case waits for a review.</p>`
      : html`<div class="scroll" tabindex="0" role="region" aria-label="Review cases"><table>
<caption>Strongest first. Strength is the smaller of the changes, each divided by its least significant change.</caption>
<thead><tr><th scope="col">Case</th><th scope="col">Patient</th><th scope="col">Follow-up</th><th scope="col">First change</th>
<th scope="col">Second change</th><th scope="col" class="number">Strength</th></tr></thead>
<tbody>!${cases.map(caseRow).join('')}</tbody></table></div>`;
  return page(
    'Review cases',
    html`<h1>Review cases</h1><p class="soft">${cases.length} ${cases.length === 1 ? 'case' : 'cases'}. !${filter}</p>!${table}`,
  );
}

function sourceList(sources: readonly string[], found: ReadonlyMap<string, ValueSource>): Markup {
  const items = sources.map((source) => {
    const value = found.get(source);
    if (value === undefined) return html`<li>the file was read anew since; this value is history</li>`;
    return html`<li>“${value.rawText}” ${value.rawUnit ?? ''} at ${value.scanLabel} / ${value.rawLabel}, item <code>${value.treePath}</code>
of file <a href="/files/${value.sourceFileId}">${value.dropName}</a>, read by ${value.adapterVersion};
scanner ${value.scanner}, software ${value.softwareVersions.join(', ')}</li>`;
  });
  return html`<ul>!${items.join('')}</ul>`;
}

function checkRow(check: ComparisonEvidence['checks'][number]): Markup {
  const words =
    (COMPARABILITY_CODES as Readonly<Record<string, { readonly text: string }>>)[check.code]?.text ?? check.code;
  const facts = Object.entries(check.facts).map(([name, value]) => `${name} ${value ?? 'not known'}`);
  return html`<tr><td>${check.outcome}</td><td>${words}<br><code class="soft">${check.rule} ${check.code}</code></td><td>${facts.join(' · ')}</td></tr>`;
}

function comparisonSection(comparison: ComparisonEvidence, sources: ReadonlyMap<string, ValueSource>): Markup {
  const region = regionWords(comparison.region, comparison.vertebrae, comparison.laterality);
  const strength = comparison.strength === null ? '–' : comparison.strength.toFixed(2);
  return html`<section aria-label="${region}">
<h2>${region}: ${verdictWords(comparison.verdict)}</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Values of ${region}"><table>
<thead><tr><th scope="col">Scan</th><th scope="col">Date</th><th scope="col" class="number">BMD (g/cm²)</th><th scope="col">Where it stands</th></tr></thead>
<tbody>
<tr><th scope="row">Reference${comparison.rebuilt ? ', rebuilt from BMC and area' : ''}</th><td>${comparison.reference.scannedOn}</td>
<td class="number">${roundDecimal(comparison.reference.bmdGramsPerCm2, 3)}</td><td>!${sourceList(comparison.reference.sources, sources)}</td></tr>
<tr><th scope="row">Follow-up${comparison.rebuilt ? ', rebuilt from BMC and area' : ''}</th><td>${comparison.followUp.scannedOn}</td>
<td class="number">${roundDecimal(comparison.followUp.bmdGramsPerCm2, 3)}</td><td>!${sourceList(comparison.followUp.sources, sources)}</td></tr>
</tbody></table></div>
<dl>
<dt>Change</dt><dd>${signedDecimal(comparison.deltaGramsPerCm2, 3)} g/cm² (${signedDecimal(comparison.deltaPercent, 1)} %)</dd>
<dt>Least significant change</dt><dd>${roundDecimal(comparison.lscGramsPerCm2, 3)} g/cm² at 95 % (${comparison.lscSource ?? 'none on file'}${
    comparison.lscId === null ? '' : `, LSC no. ${comparison.lscId}`
  })</dd>
<dt>Strength</dt><dd>${strength} times the LSC</dd>
</dl>
<details open><summary>Why these scans may be compared</summary><div class="scroll"><table>
<thead><tr><th scope="col">Outcome</th><th scope="col">Rule</th><th scope="col">Looked at</th></tr></thead>
<tbody>!${comparison.checks.map(checkRow).join('')}</tbody></table></div></details>
</section>`;
}

const EVENT_WORDS: Readonly<Record<string, string>> = {
  opened: 'opened',
  evidence_changed: 'evidence changed',
  reopened: 'reopened: the evidence changed',
  withdrawn: 'withdrawn: the rule no longer applies',
};

/** One case with its evidence, down to the raw text of each value. */
export function casePage(found: ReviewCase, events: readonly CaseEvent[], sources: readonly ValueSource[]): Markup {
  const bySource = new Map(sources.map((source) => [source.source, source]));
  const history = events.map(
    (event) =>
      html`<li>${momentWords(event.happenedAt)}: ${EVENT_WORDS[event.event] ?? event.event} by ${event.actor}</li>`,
  );
  return page(
    `Case ${found.id}`,
    html`<p><a href="/">← All cases</a></p>
<h1>${ruleWords(found.rule)} <span class="tag">${STATE_WORDS[found.state]}</span></h1>
<dl><dt>Patient</dt><dd>${nameWords(found.patientName)}, ${found.patientId}${
      found.issuerOfPatientId === '' ? '' : ` (${found.issuerOfPatientId})`
    }, born ${found.birthDate ?? 'not known'}, ${found.sex ?? 'sex not known'}</dd>
<dt>Follow-up study</dt><dd>${found.followUpOn}, accession ${found.accessionNumber ?? 'not given'}<br><code class="soft">${found.studyInstanceUid}</code></dd>
<dt>Rule</dt><dd><code>${found.rule}</code>, rule set ${found.ruleSetVersion}, strength ${found.strength.toFixed(2)}</dd></dl>
<p class="statement">${found.statement}</p>
!${found.evidence.comparisons.map((comparison) => comparisonSection(comparison, bySource)).join('')}
<h2>What happened to this case</h2><ul>!${history.join('')}</ul>`,
  );
}
