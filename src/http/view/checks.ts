import { outcomeOf } from '../../dxa/comparability/checks.ts';
import type { ComparabilityCheck } from '../../dxa/values/assessment.ts';
import { COMPARABILITY_CODES } from '../../dxa/values/codes.ts';
import type { CodeEntry } from '../../dxa/values/finding.ts';
import { lookup } from '../../dxa/values/lookup.ts';
import { html } from '../answer/html.ts';
import { type Markup, table } from './layout.ts';

const CODES = lookup<CodeEntry>(COMPARABILITY_CODES);

/** A comparability reason in words; a code of another release stands for itself. */
export const checkLabel = (code: string): string => CODES[code]?.text ?? code;

/** "referenceScannerId" as "reference scanner id". */
const factName = (name: string) => name.replaceAll(/([A-Z])/g, ' $1').toLowerCase();

export function formatFact(name: string, value: string | number | boolean | null): string {
  if (value === null) return `${factName(name)} not known`;
  if (typeof value === 'boolean') return `${factName(name)}: ${value ? 'yes' : 'no'}`;
  if (typeof value === 'number' && /Micro(Kg)?$/.test(name)) {
    const unit = name.endsWith('Kg') ? ' kg' : ' g/cm²';
    return `${factName(name.replace(/Micro(Kg)?$/, ''))} ${(value / 1e6).toFixed(name.endsWith('Kg') ? 1 : 3)}${unit}`;
  }
  // Stored with four decimals, shown with one.
  if (typeof value === 'number' && name.endsWith('Percent')) {
    return `${factName(name.replace(/Percent$/, ''))} ${value.toFixed(1)} %`;
  }
  return `${factName(name)} ${value}`;
}

const OUTCOME_LABELS = { ok: 'passed', unknown: '? not known', warn: '⚠ warning', block: '✖ blocks' } as const;

/** A check with the region it was made for. */
export type PlacedCheck = ComparabilityCheck & { readonly place: string };

function checkRow(check: PlacedCheck): Markup {
  const outcome = outcomeOf(check);
  const facts = Object.entries(check.facts).map(([name, value]) => formatFact(name, value));
  const remedy = CODES[check.code]?.remedy ?? '';
  const advice = outcome === 'ok' || /^Nothing/.test(remedy) ? '' : html`<br><span class="soft">${remedy}</span>`;
  return html`<tr><td class="nowrap">${OUTCOME_LABELS[outcome]}</td><td>${check.place}</td><td>${checkLabel(check.code)}!${advice}</td>
<td>${facts.join(' · ')}</td><td><code class="soft">${check.rule} ${check.code}</code></td></tr>`;
}

const HEADINGS = ['Outcome', 'Region', 'Reason', 'Details', 'Rule'];

/** "3 checks not known": how much could not be told of a pair; empty where everything could. */
export function notKnownText(codes: readonly string[]): string {
  const different = new Set(codes).size;
  return different === 0 ? '' : `${different} ${different === 1 ? 'check' : 'checks'} not known`;
}

const folded = (summary: Markup, label: string, checks: readonly PlacedCheck[]): Markup =>
  html`<details><summary>!${summary}</summary>!${table({ label, headings: HEADINGS, rows: checks.map(checkRow) })}</details>`;

/**
 * Every comparability reason in words: what warns or blocks in sight; what is not known named and counted by itself, and what
 * is in order, folded away.
 */
export function checksSection(checks: readonly PlacedCheck[]): Markup {
  const by = Map.groupBy(checks, outcomeOf);
  const others = [...(by.get('block') ?? []), ...(by.get('warn') ?? [])];
  const unknown = by.get('unknown') ?? [];
  const fine = by.get('ok') ?? [];
  const seen =
    others.length === 0
      ? html`<p class="soft">No comparability warnings.</p>`
      : table({ label: 'Points to consider', headings: HEADINGS, rows: others.map(checkRow) });
  const reasons = [...new Set(unknown.map(({ code }) => checkLabel(code)))].join(' ');
  const notKnown =
    unknown.length === 0
      ? ''
      : folded(html`${String(unknown.length)} comparability checks not known: ${reasons}`, 'Not known', unknown);
  return html`!${seen}!${notKnown}!${folded(html`${String(fine.length)} comparability checks passed`, 'Checks passed', fine)}`;
}
