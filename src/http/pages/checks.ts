import { html } from 'ghtml';
import type { ComparabilityCheck } from '../../dxa/assessment.ts';
import { COMPARABILITY_CODES } from '../../dxa/codes.ts';
import type { CodeEntry } from '../../dxa/finding.ts';
import { type Markup, table } from '../layout.ts';

const CODES: Readonly<Record<string, CodeEntry | undefined>> = COMPARABILITY_CODES;

/** A comparability reason in words; a code of another release stands for itself. */
export const checkWords = (code: string): string => CODES[code]?.text ?? code;

/** "referenceScannerId" as "reference scanner id". */
const factName = (name: string) => name.replaceAll(/([A-Z])/g, ' $1').toLowerCase();

function factWords(name: string, value: string | number | boolean | null): string {
  if (value === null) return `${factName(name)} not known`;
  if (typeof value === 'boolean') return `${factName(name)}: ${value ? 'yes' : 'no'}`;
  if (typeof value === 'number' && /Micro(Kg)?$/.test(name)) {
    const unit = name.endsWith('Kg') ? ' kg' : ' g/cm²';
    return `${factName(name.replace(/Micro(Kg)?$/, ''))} ${(value / 1e6).toFixed(name.endsWith('Kg') ? 1 : 3)}${unit}`;
  }
  return `${factName(name)} ${value}`;
}

const OUTCOME_WORDS = { ok: 'in order', warn: '⚠ warning', block: '✖ blocks' } as const;

function checkRow(check: ComparabilityCheck): Markup {
  const facts = Object.entries(check.facts).map(([name, value]) => factWords(name, value));
  const remedy = check.outcome === 'ok' ? '' : html`<br><span class="soft">${CODES[check.code]?.remedy ?? ''}</span>`;
  return html`<tr><td class="nowrap">${OUTCOME_WORDS[check.outcome]}</td><td>${checkWords(check.code)}!${remedy}</td>
<td>${facts.join(' · ')}</td><td><code class="soft">${check.rule} ${check.code}</code></td></tr>`;
}

const HEADINGS = ['Outcome', 'Reason', 'Looked at', 'Rule'];

/** Every comparability reason in words: what warns or blocks in sight, what is in order folded away. */
export function checksSection(checks: readonly ComparabilityCheck[], label: string): Markup {
  const [fine, others] = [
    checks.filter(({ outcome }) => outcome === 'ok'),
    checks.filter(({ outcome }) => outcome !== 'ok'),
  ];
  const rank = { block: 0, warn: 1, ok: 2 } as const;
  const seen =
    others.length === 0
      ? ''
      : table({
          label: `What to keep in mind about ${label}`,
          headings: HEADINGS,
          rows: others.toSorted((a, b) => rank[a.outcome] - rank[b.outcome]).map(checkRow),
        });
  return html`!${seen}<details><summary>${String(fine.length)} comparability checks in order: ${label}</summary>
!${table({ label: `Checks in order: ${label}`, headings: HEADINGS, rows: fine.map(checkRow) })}</details>`;
}
