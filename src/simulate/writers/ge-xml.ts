import { fixed } from '../scanner/fixed.ts';
import { type GeRow, type GeScanContent, rowBmd } from './ge-report.ts';
import { type GeTrend, localDate, percentChange } from './ge-trend.ts';

/** The newer generation of the XML in Image Comments: every region, units that begin with a blank, newest exam first. */
export function newerXml(scans: readonly GeScanContent[], examDate: string): string {
  const body = scans.map(
    ({ name, rows, trends = [] }) =>
      `<SCAN type="${name[2]}" id="${name[0].slice(5)}">${rows.map(roi).join('')}${trends.map(newerTrend).join('')}</SCAN>`,
  );
  const date = localDate(examDate, 'day-first');
  return `<?xml version="1.0"?><DXA_RESULTS><EXAM_DATE time="14:16:15" id="82">${date}</EXAM_DATE>${body.join('')}</DXA_RESULTS>`;
}

function roi(row: GeRow, index: number): string {
  const { scores, part } = row;
  const scored =
    scores === null
      ? ''
      : `<BMD_PYA units=" %" id="7">${scores.youngAdult}</BMD_PYA><BMD_TSCORE id="6">${fixed(scores.t, 1)}</BMD_TSCORE>` +
        `<BMD_PAM units=" %" id="9">${scores.ageMatched}</BMD_PAM><BMD_ZSCORE id="8">${fixed(scores.z, 1)}</BMD_ZSCORE>`;
  return (
    `<ROI region="${row.label}" id="${index}"><BMD units=" g/cm2" id="3">${fixed(rowBmd(row), 3)}</BMD>${scored}` +
    `<BMC units=" g" id="5">${fixed(part.bmc, 2)}</BMC><AREA units=" cm2" id="2">${fixed(part.area, 2)}</AREA></ROI>`
  );
}

function newerTrend(trend: GeTrend): string {
  const { label, now, before } = trend;
  return (
    `<TREND region="${label}"><EXAM date="${localDate(now.date, 'day-first')}"><BMD units=" g/cm2">${fixed(now.bmd, 3)}</BMD>` +
    `<CHANGE type="PCHANGE_VS_PREVIOUS"><BMD units=" %">${fixed(percentChange(trend), 1)}</BMD></CHANGE></EXAM>` +
    `<EXAM date="${localDate(before.date, 'day-first')}"><BMD units=" g/cm2">${fixed(before.bmd, 3)}</BMD></EXAM></TREND>`
  );
}

/** The older generation: a trend a region, exams oldest first, YAT and AMZ for T- and Z-score. It has no units. */
export function olderXml(scans: readonly GeScanContent[], examDate: string): string {
  const body = scans.map(
    ({ name, rows, trends = [] }) =>
      `<SCAN type="${name[2]}">${rows.map((row) => olderTrend(row, trends, examDate)).join('')}</SCAN>`,
  );
  return `<DENSITOMETRY_RESULTS><CURRENT_EXAM>${body.join('')}</CURRENT_EXAM></DENSITOMETRY_RESULTS>`;
}

function olderTrend(row: GeRow, trends: readonly GeTrend[], examDate: string): string {
  const trend = trends.find(({ label }) => label === row.label);
  const exam = (date: string, bmd: number, rest: string) =>
    `<EXAM><EXAM_DATE>${localDate(date, 'month-first')}</EXAM_DATE><BMD>${fixed(bmd, 3)}</BMD>${rest}</EXAM>`;
  const scores = row.scores === null ? '' : `<YAT>${fixed(row.scores.t, 1)}</YAT><AMZ>${fixed(row.scores.z, 1)}</AMZ>`;
  const before = trend === undefined ? '' : exam(trend.before.date, trend.before.bmd, '');
  const change =
    trend === undefined
      ? ''
      : `<BMD_CHANGE><TYPE>ROC_VS_PREVIOUS</TYPE><VALUE>${fixed(percentChange(trend), 1)}</VALUE></BMD_CHANGE>`;
  return `<TREND><TREND_ROI>${row.label}</TREND_ROI>${before}${exam(examDate, rowBmd(row), scores + change)}</TREND>`;
}
