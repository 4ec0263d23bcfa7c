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
  return `${factName(name)} ${value}`;
}

const OUTCOME_LABELS = { ok: 'passed', warn: '⚠ warning', block: '✖ blocks' } as const;

/** A check with the region it was made for. */
export type PlacedCheck = ComparabilityCheck & { readonly place: string };

function checkRow(check: PlacedCheck): Markup {
  const facts = Object.entries(check.facts).map(([name, value]) => formatFact(name, value));
  const remedy = CODES[check.code]?.remedy ?? '';
  const advice = check.outcome === 'ok' || /^Nothing/.test(remedy) ? '' : html`<br><span class="soft">${remedy}</span>`;
  return html`<tr><td class="nowrap">${OUTCOME_LABELS[check.outcome]}</td><td>${check.place}</td><td>${checkLabel(check.code)}!${advice}</td>
<td>${facts.join(' · ')}</td><td><code class="soft">${check.rule} ${check.code}</code></td></tr>`;
}

const HEADINGS = ['Outcome', 'Region', 'Reason', 'Details', 'Rule'];

/** Every comparability reason in words: what warns or blocks in sight, what is in order folded away. */
export function checksSection(checks: readonly PlacedCheck[]): Markup {
  const fine = checks.filter(({ outcome }) => outcome === 'ok');
  const rank = { block: 0, warn: 1, ok: 2 } as const;
  const others = checks.filter(({ outcome }) => outcome !== 'ok').toSorted((a, b) => rank[a.outcome] - rank[b.outcome]);
  const seen =
    others.length === 0
      ? html`<p class="soft">No comparability warnings.</p>`
      : table({ label: 'Points to consider', headings: HEADINGS, rows: others.map(checkRow) });
  return html`!${seen}<details><summary>${String(fine.length)} comparability checks passed</summary>
!${table({ label: 'Checks passed', headings: HEADINGS, rows: fine.map(checkRow) })}</details>`;
}
