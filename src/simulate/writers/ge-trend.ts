import type { DicomElements } from 'dcmjs';
import { fixed } from '../scanner/fixed.ts';
import type { ReportStyle } from '../scanner/style.ts';
import { GE_MEASURES, UCUM } from './ge-vocabulary.ts';
import { type Code, containerItem, numItem } from './sr-elements.ts';

/** A BMD of today beside that of the previous study; thousandths of g/cm2, dates "YYYYMMDD". */
export type GeTrend = {
  readonly label: string;
  readonly now: TrendPoint;
  readonly before: TrendPoint;
};
export type TrendPoint = { readonly date: string; readonly age: number; readonly bmd: number };

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A date "YYYYMMDD" in the local format of the workstation. */
export function localDate(date: string, format: ReportStyle['trend']): string {
  const [year, month, day] = [date.slice(0, 4), date.slice(4, 6), date.slice(6, 8)];
  switch (format) {
    case 'day-first':
      return `${day}/${month}/${year}`;
    case 'month-name':
      return `${day}-${MONTHS[Number(month) - 1]}-${year}`;
    case 'month-first':
    case 'none':
      return `${month}/${day}/${year}`;
    default:
      return format satisfies never;
  }
}

/** Percent of change in tenths, rounded half away from zero. */
export function percentChange({ now, before }: GeTrend): number {
  const exact = (1000 * (now.bmd - before.bmd)) / before.bmd;
  return Math.sign(exact) * Math.round(Math.abs(exact));
}

const ge = (value: string, meaning: string): Code => [value, 'GELUNAR', meaning];

/** "Trend L1-L4" with one container a date, newest first; differences and percentages are called BMD too. */
export function trendItem(trend: GeTrend, style: ReportStyle): DicomElements {
  const exam = (point: TrendPoint, changes: readonly DicomElements[]) =>
    containerItem(ge('3000-1', localDate(point.date, style.trend)), [
      numItem(ge('1', 'AGE'), String(point.age), ['a', 'UCUM', 'year']),
      numItem(GE_MEASURES.bmd, fixed(point.bmd, 3), UCUM.bmd),
      ...changes,
    ]);
  const change = fixed(trend.now.bmd - trend.before.bmd, 3);
  const percent = fixed(percentChange(trend), 1);
  return containerItem(ge('1000-90', `Trend ${trend.label}`), [
    exam(trend.now, [
      containerItem(ge('4000-1', 'CHANGE_VS_PREVIOUS'), [numItem(GE_MEASURES.bmd, change, UCUM.bmd)]),
      containerItem(ge('4000-2', 'PCHANGE_VS_PREVIOUS'), [numItem(GE_MEASURES.bmd, percent, ['%', 'UCUM', '%'])]),
      containerItem(ge('4000-3', 'CHANGE_VS_BASELINE'), [numItem(GE_MEASURES.bmd, change, UCUM.bmd)]),
    ]),
    exam(trend.before, []),
  ]);
}
