import type { SrItem } from '../../dicom/document/sr-document.ts';
import type { Finding } from '../../dxa/values/finding.ts';
import { lookup } from '../../dxa/values/lookup.ts';
import type { Micro } from '../../dxa/values/quantity.ts';
import type { IsoDate, VendorClaim } from '../../dxa/values/report.ts';
import { finding } from '../report/finding.ts';
import { itemText, itemUnit } from '../text/item-text.ts';
import { normaliseLabel, shortLabel } from '../text/label.ts';
import { readNumberText } from '../text/number-text.ts';
import { isPlausible } from '../text/plausible.ts';
import { TREND, type TrendItem } from './scan.ts';
import { readTrendDates, type TrendDate } from './trend-date.ts';

export const CHANGE_KINDS = lookup<VendorClaim['kind']>({
  'change vs previous': 'change_vs_previous',
  'pchange vs previous': 'percent_change_vs_previous',
  'change vs baseline': 'change_vs_baseline',
  'pchange vs baseline': 'percent_change_vs_baseline',
});

export type Claims = { readonly claims: readonly VendorClaim[]; readonly findings: readonly Finding[] };

/**
 * Reads trends as the vendor's claims. The date of a change is that of the exam under which it stands. A BMD under the
 * date of the study itself is today's result once more, not an earlier one, and is left out.
 */
export function readTrends(trends: readonly TrendItem[], studyDate: IsoDate): Claims {
  const exams = trends.flatMap((trend) =>
    trend.item.children.filter(({ valueType }) => valueType === 'CONTAINER').map((item) => ({ trend, item })),
  );
  const texts = exams.map(({ item }) => item.concept?.meaning ?? '');
  const dates = datesByTrend(exams, texts, studyDate);
  const claims: VendorClaim[] = [];
  const findings: Finding[] = [];
  for (const [index, { trend, item }] of exams.entries()) {
    if (trend.region.kind !== 'region') continue;
    const { date, problem } = dates[index] ?? { date: null, problem: 'unreadable' };
    if (problem !== null) {
      findings.push(
        finding(problem === 'ambiguous' ? 'TREND_DATE_AMBIGUOUS' : 'TREND_DATE_UNREADABLE', item.path, {
          length: (texts[index] ?? '').length,
        }),
      );
    }
    const { roi, laterality } = trend.region;
    const about = { scanType: trend.scan.scanType, roi, laterality, date, rawDate: texts[index] ?? '' };
    for (const { kind, bmd } of examResults(item)) {
      if (kind === 'prior_bmd' && date === studyDate) continue;
      claims.push({ kind, ...about, ...claimValue(kind, bmd), path: bmd.path });
    }
  }
  for (const { scan, region, item } of trends) {
    if (region.kind !== 'problem') continue;
    const label = shortLabel((item.concept?.meaning ?? '').replace(TREND, ''));
    findings.push(finding(region.code, item.path, { trend: true, label, scanType: scan.scanType }));
  }
  return { claims, findings };
}

/** All trends of a report share one date format, but each has its own order: read the longest one with all the others. */
function datesByTrend(
  exams: readonly { readonly trend: TrendItem }[],
  texts: readonly string[],
  studyDate: IsoDate,
): readonly TrendDate[] {
  const unique = [...new Set(texts)];
  const byText = new Map(readTrendDates(unique, studyDate).map((read, index) => [unique[index] ?? '', read]));
  return exams.map((_, index) => byText.get(texts[index] ?? '') ?? { date: null, problem: 'unreadable' });
}

function* examResults(exam: SrItem): Generator<{ readonly kind: VendorClaim['kind']; readonly bmd: SrItem }> {
  for (const item of exam.children) {
    const label = normaliseLabel(item.concept?.meaning ?? '');
    if (label === 'bmd') yield { kind: 'prior_bmd', bmd: item };
    const kind = CHANGE_KINDS[label];
    if (kind === undefined) continue;
    for (const bmd of item.children) {
      if (normaliseLabel(bmd.concept?.meaning ?? '') === 'bmd') yield { kind, bmd };
    }
  }
}

type ClaimValue = Pick<VendorClaim, 'value' | 'rawText' | 'rawUnit'>;

function claimValue(kind: VendorClaim['kind'], item: SrItem): ClaimValue {
  const rawText = itemText(item) ?? '';
  return { value: claimNumber(kind, rawText), rawText, rawUnit: itemUnit(item)?.value ?? null };
}

/**
 * A claim is shown beside our own number and never computed with, so a comma is read only as a decimal sign; an earlier
 * BMD that cannot be one keeps its text alone.
 */
export function claimNumber(kind: VendorClaim['kind'], text: string): Micro | null {
  const number = readNumberText(text.trim().replace(/\s*%$/, ''));
  const value = number.kind === 'number' ? number.value : number.kind === 'comma' ? number.decimal : null;
  return value !== null && kind === 'prior_bmd' && !isPlausible('bmd', 'spine', value) ? null : value;
}
