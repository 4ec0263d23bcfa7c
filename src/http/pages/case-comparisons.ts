import {
  formatRegion,
  roundDecimal,
  ruleLabel,
  signedDecimal,
  verdictArrow,
  verdictLabel,
} from '../../codes/wording.ts';
import type { CaseEvidence, ComparisonEvidence, TrendEvidence } from '../../dxa/cases/case-evidence.ts';
import { html } from '../answer/html.ts';
import { checksSection } from '../view/checks.ts';
import { type Markup, table } from '../view/layout.ts';
import { type Sources, sourceList, valueLink } from './value-link.ts';

const place = (one: ComparisonEvidence) => formatRegion(one.region, one.vertebrae, one.laterality);

function comparisonRow(one: ComparisonEvidence, sources: Sources): Markup {
  const lsc = one.lscGramsPerCm2 === null ? 'none on file' : roundDecimal(one.lscGramsPerCm2, 3);
  const robust =
    one.robust === null
      ? ''
      : html`<br><span class="soft">${one.robust ? 'also beyond the upper limit of the precision error' : 'not beyond the upper limit of the precision error'}</span>`;
  return html`<tr><th scope="row">${place(one)}<br><span class="soft nowrap">since ${one.kind === 'baseline' ? 'baseline' : 'the previous scan'}</span></th>
<td class="number">!${valueLink(roundDecimal(one.reference.bmdGramsPerCm2, 3), one.reference.sources, sources)}<br><span class="soft">${one.reference.scannedOn}</span></td>
<td class="number">!${valueLink(roundDecimal(one.followUp.bmdGramsPerCm2, 3), one.followUp.sources, sources)}<br><span class="soft">${one.followUp.scannedOn}</span></td>
<td class="nowrap"><span class="${one.verdict}">!${verdictArrow(one.verdict)} ${signedDecimal(one.deltaGramsPerCm2, 3)}</span> g/cm²<br>(${signedDecimal(one.deltaPercent, 1)} %)</td>
<td>${lsc} g/cm² at 95 %<br><span class="soft">${one.lscSource ?? ''}${one.lscId === null ? '' : `, LSC no. ${one.lscId}`}</span></td>
<td class="number">${one.strength === null ? '–' : `${one.strength.toFixed(2)} × LSC`}</td>
<td>${verdictLabel(one.verdict)}!${robust}!${one.rebuilt ? html`<br><span class="soft">rebuilt from BMC and area</span>` : ''}</td></tr>`;
}

/** What the case compared: one table with the figures, then what warns or blocks; the rest folded away. */
export function comparisonsSection(evidence: CaseEvidence, sources: Sources): Markup {
  const { comparisons } = evidence;
  if (comparisons.length === 0) return html`<p>The rule is based on single values, not on changes.</p>`;
  const where = comparisons.map(
    (
      one,
    ) => html`<h3>${place(one)}</h3><p>Reference, ${one.reference.scannedOn}</p>!${sourceList(one.reference.sources, sources)}
<p>Follow-up, ${one.followUp.scannedOn}</p>!${sourceList(one.followUp.sources, sources)}`,
  );
  return html`!${table({
    label: 'Compared values',
    headings: ['Region', '#Reference', '#Follow-up', 'Change', 'Least significant change', '#Strength', 'Verdict'],
    rows: comparisons.map((one) => comparisonRow(one, sources)),
  })}
!${checksSection(comparisons.flatMap((one) => one.checks.map((check) => ({ ...check, place: place(one) }))))}
<details><summary>Where these values come from</summary>!${where.join('')}</details>`;
}

const trendRow = (one: TrendEvidence): Markup =>
  html`<tr><th scope="row">${formatRegion(one.region, one.vertebrae, one.laterality)}</th><td class="number">${String(one.scans)}</td>
<td class="nowrap">${one.firstOn} to ${one.lastOn}</td><td class="number">${signedDecimal(one.gramsPerCm2PerYear, 3)} (${signedDecimal(one.percentPerYear, 1)} %)</td>
<td class="number">${roundDecimal(one.lscGramsPerCm2, 3)}</td><td>${verdictLabel(one.verdict)}</td></tr>`;

/** What supports the case beside its own comparison: lines through the scans, and what other rules saw at the visit. */
export function supportSection({ trends = [], supporting = [] }: CaseEvidence): Markup {
  const lines =
    trends.length === 0
      ? ''
      : table({
          label: 'Lines through the scans',
          caption: 'The rate is for reading; the verdict tests the line.',
          headings: ['Region', '#Scans', 'Period', '#Change a year (g/cm²)', '#LSC', 'Verdict'],
          rows: trends.map(trendRow),
        });
  const items = supporting.map(
    ({ rule, statement }) =>
      html`<li>${statement} <span class="soft">${ruleLabel(rule)} <code>${rule}</code></span></li>`,
  );
  const list =
    items.length === 0
      ? ''
      : html`<section aria-label="Also seen"><h3>Also seen at this visit</h3><ul>!${items.join('')}</ul></section>`;
  return html`!${lines}!${list}`;
}

/** Single values that a rule read beside the comparisons, e.g. T-scores. */
export function measuredSection(evidence: CaseEvidence, sources: Sources): Markup {
  const measured = evidence.measured ?? [];
  if (measured.length === 0) return '';
  const rows = measured.map(
    (
      one,
    ) => html`<tr><td class="nowrap">${one.scannedOn}</td><td>${formatRegion(one.region, one.vertebrae, one.laterality)}</td>
<td>${one.quantity.replace('t_score', 'T-score').replace('bmc', 'BMC').replace('area', 'area')}</td>
<td class="number">!${valueLink(roundDecimal(one.value, one.quantity === 't_score' ? 1 : 2), [one.source], sources)}</td><td>${one.referencePopulation}</td></tr>`,
  );
  return html`<details><summary>Other values used by the rule (${String(measured.length)})</summary>!${table({
    label: 'Other values used by the rule',
    headings: ['Scan', 'Region', 'Quantity', '#Value', 'Reference population'],
    rows,
  })}</details>`;
}
