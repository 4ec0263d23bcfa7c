import type { Finding } from '../../dxa/values/finding.ts';
import type { IsoDate } from '../../dxa/values/report.ts';
import { finding } from '../report/finding.ts';
import { type Believable, doubtOf } from '../report/scan-dates.ts';
import { possibleDays } from './trend-date.ts';

/** The day of the scan as the header tells it; null where nothing in the header can be believed. */
export type ExamDay = { readonly day: IsoDate | null; readonly known: Believable };

export type ExamDayVerdict = 'may be this exam' | 'another exam' | 'impossible';

/**
 * Whether a date in the XML speaks for another exam: it is certainly a date, and whatever the order of its parts, it is
 * not the day of this one. A date that nothing can have been scanned on says nothing.
 */
export function judgeExamDay(text: string, { day, known }: ExamDay): ExamDayVerdict {
  const possible = possibleDays(text);
  if (possible.length === 0 || day === null || possible.includes(day)) return 'may be this exam';
  return possible.every((one) => doubtOf(one, known) !== null) ? 'impossible' : 'another exam';
}

export function impossibleExamDay(text: string, path: string, { day, known }: ExamDay): Finding {
  const [first] = possibleDays(text);
  const reason = first === undefined ? null : doubtOf(first, known);
  return finding('IMPOSSIBLE_DATE', path, { reason, believed: day === null ? null : 'the header', ExamDate: text });
}
