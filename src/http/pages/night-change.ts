import { explainCode } from '../../codes/codes.ts';
import { formatMoment, formatRegion, ruleLabel, signedDecimal, verdictLabel } from '../../codes/wording.ts';
import type { Cause, NightChange } from '../../db/night/change.ts';
import type { ReportLine } from '../../db/night/report.ts';
import { lookup } from '../../dxa/values/lookup.ts';
import {
  type CaseLine,
  type Difference,
  detailList,
  type Shown,
  type ValueLine,
} from '../../jobs/nightly/change-detail.ts';
import { html } from '../answer/html.ts';
import type { Markup } from '../view/layout.ts';

const CAUSE_WORDS = lookup({
  site_mapping: 'site mapping',
  rule_set: 'rule set',
  settings: 'settings',
  lsc: 'LSC',
  reports: 'reports received since',
  retry: 'tried again:',
});

function causeWords({ what, before, after }: Cause): string {
  const name = CAUSE_WORDS[what] ?? what;
  if (before === null && after === null) return name;
  return `${name} ${before ?? 'none'} → ${after ?? 'none'}`;
}

const SIDES: readonly string[] = ['left', 'right', 'mean', 'none'];

/** "longitudinal spine/L1,L2,L3,L4/none 1.2.840…" or the same without its kind, as a report would say it. */
function placeWords(key: string): string {
  const place = key.split(' ').find((part) => part.includes('/')) ?? key;
  const [region = '', ...rest] = place.split('/');
  const side = rest.at(-1) ?? 'none';
  const vertebrae = rest.length > 1 ? (rest[0] ?? '') : '';
  return SIDES.includes(side) ? formatRegion(region, vertebrae, side) : place;
}

function formatShown(shown: Shown | null): string {
  if (shown === null) return 'none';
  const { verdict, delta_g_per_cm2: delta, annual_rate_g_per_cm2: rate, block_code: block } = shown;
  const figure = delta ?? rate ?? null;
  return [
    verdictLabel(verdict ?? ''),
    figure === null ? '' : `${signedDecimal(figure, 3)} g/cm²${rate === undefined ? '' : ' a year'}`,
    block ?? '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

const differenceLine = ({ key, before, after }: Difference): Markup =>
  html`${placeWords(key)}: ${formatShown(before)} → <strong>${formatShown(after)}</strong>`;

function caseLine({ caseId, rule, event }: CaseLine): Markup {
  const words = ruleLabel(rule);
  const what = caseId === null ? html`case ${words}` : html`<a href="/cases/${caseId}">case ${caseId}</a>, ${words}`;
  return html`!${what}: ${event.replaceAll('_', ' ')}`;
}

type Pair = { readonly before?: string | null; readonly after?: string | null };
type Lists = { readonly gone: readonly string[]; readonly added: readonly string[] };

function fileLines(detail: NightChange['detail']): readonly Markup[] {
  const outcome = detail['outcome'] as Pair | undefined;
  const lists = (['findings', 'claims'] as const).flatMap((name) => {
    const { gone, added } = (detail[name] ?? { gone: [], added: [] }) as Lists;
    const word = name === 'findings' ? 'finding' : "vendor's own figure";
    return [...gone.map((one) => html`${word} gone: ${one}`), ...added.map((one) => html`${word} added: ${one}`)];
  });
  return [
    ...(outcome === undefined ? [] : [html`${outcome.before ?? 'none'} → <strong>${outcome.after ?? 'none'}</strong>`]),
    ...detailList<ValueLine>(detail, 'values').map(
      ({ value, before, after }) => html`${value}: ${before ?? 'none'} → <strong>${after ?? 'none'}</strong>`,
    ),
    ...lists,
    ...('header' in detail ? ['header data changed'] : []),
    ...('moved' in detail ? ['now belongs to another study or patient'] : []),
  ];
}

function linesOf({ kind, detail }: ReportLine): readonly Markup[] {
  switch (kind) {
    case 'file':
      return fileLines(detail);
    case 'patient':
      return [
        ...detailList<CaseLine>(detail, 'cases').map(caseLine),
        ...detailList<Difference>(detail, 'comparisons').map(differenceLine),
        ...detailList<Difference>(detail, 'trends').map((one) => html`trend of !${differenceLine(one)}`),
      ];
    case 'archive':
    case 'failure': {
      const code = String(detail['code']);
      const entry = explainCode(code);
      return [html`<code>${code}</code> ${entry === undefined ? '' : `${entry.text} ${entry.remedy}`}`];
    }
    default:
      return kind satisfies never;
  }
}

const SHOWN_AT_ONCE = 6;

function differences(line: ReportLine): Markup {
  const lines = linesOf(line).map((one) => html`<li>!${one}</li>`);
  const more = lines.slice(SHOWN_AT_ONCE);
  return html`<ul>!${lines.slice(0, SHOWN_AT_ONCE).join('')}</ul>!${
    more.length === 0
      ? ''
      : html`<details><summary>${String(more.length)} more</summary><ul>!${more.join('')}</ul></details>`
  }`;
}

/** One line of a run's report: which file or patient, why, and what is different now. */
export function reportRow(line: ReportLine): Markup {
  const { sourceFileId, dropName, patientId, namedPatientId, causes } = line;
  const about = [
    ...(sourceFileId === null ? [] : [html`file <a href="/files/${sourceFileId}">${dropName ?? sourceFileId}</a>`]),
    ...(patientId === null ? [] : [html`patient <a href="/patients/${patientId}">${namedPatientId ?? patientId}</a>`]),
  ];
  return html`<tr><td>!${about.join('<br>')}<br><span class="soft">${line.step.replaceAll('_', ' ')}, <span class="nowrap">${formatMoment(line.happenedAt)}</span></span></td>
<td data-label="because of">!${causes.length === 0 ? '–' : causes.map((cause) => html`${causeWords(cause)}`).join('<br>')}</td><td>!${differences(line)}</td></tr>`;
}
