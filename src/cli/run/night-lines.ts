import { formatCounts } from '../../codes/night-wording.ts';
import type { NightChange } from '../../db/night/change.ts';
import {
  type CaseLine,
  type Difference,
  detailList,
  type Shown,
  type ValueLine,
} from '../../jobs/nightly/change-detail.ts';
import type { NightResult } from '../../jobs/nightly/night.ts';
import { renderTable } from '../terminal/table.ts';

const causeText = ({ causes }: NightChange): string =>
  causes.length === 0
    ? '-'
    : causes
        .map(({ what, before, after }) =>
          before === null && after === null ? what : `${what} ${before ?? 'none'} -> ${after ?? 'none'}`,
        )
        .join(', ');

const shown = (one: Shown | null): string =>
  one === null ? 'none' : [one['verdict'], one['delta_g_per_cm2'], one['block_code']].filter(Boolean).join(' ');

function detailLines({ kind, detail }: NightChange): readonly string[] {
  if (kind === 'archive' || kind === 'failure') return [String(detail['code'])];
  if (kind === 'file') {
    const values = detailList<ValueLine>(detail, 'values');
    return [
      ...Object.keys(detail).filter((name) => name !== 'values'),
      ...values.map(({ value, before, after }) => `${value}: ${before ?? 'none'} -> ${after ?? 'none'}`),
    ];
  }
  return [
    ...detailList<CaseLine>(detail, 'cases').map(
      ({ rule, event, regionPair }) => `case ${rule} ${regionPair}: ${event}`,
    ),
    ...detailList<Difference>(detail, 'comparisons').map(
      ({ key, before, after }) => `comparison ${key}: ${shown(before)} -> ${shown(after)}`,
    ),
    ...detailList<Difference>(detail, 'trends').map(
      ({ key, before, after }) => `trend ${key}: ${shown(before)} -> ${shown(after)}`,
    ),
  ];
}

/** One change of a run's report: what it is about and why, then what differs, a line each. */
export function renderChange(change: NightChange): string {
  const { sourceFileId, patientId } = change;
  const about =
    sourceFileId === null ? (patientId === null ? 'the queue' : `patient ${patientId}`) : `file ${sourceFileId}`;
  const lines = detailLines(change).map((line) => `    ${line}`);
  return [`${change.step}  ${about}  because: ${causeText(change)}`, ...lines].join('\n');
}

export function renderSteps(result: Pick<NightResult, 'steps'>): string {
  return renderTable(
    ['step', 'does', 'counts'],
    result.steps.map(({ step, does, counts }) => [step, does, formatCounts(counts)]),
  );
}
