import type { IsoDate } from '../../dxa/values/report.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WITH_MONTH_NAME = /^(\d{1,2})[-\s/.]([a-z]{3})[a-z]*\.?[-\s/.](\d{4})$/i;
const YEAR_FIRST = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/;
const DOTTED = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/;
const SLASHED = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/;

/** The dates that a text can mean: none, one, or month first and day first. */
type Readings = {
  readonly fixed: IsoDate | null;
  readonly monthFirst: IsoDate | null;
  readonly dayFirst: IsoDate | null;
};

export type TrendDate = { readonly date: IsoDate | null; readonly problem: 'ambiguous' | 'unreadable' | null };

/**
 * Reads the dates of one report's trend together, because enCORE writes them in the workstation's local format: of month
 * first and day first, the order of the parts that fits every date, none after the study, one on the day of the study,
 * and all in chronological order (either way) is taken. What stays open is not guessed.
 */
export function readTrendDates(texts: readonly string[], studyDate: IsoDate): readonly TrendDate[] {
  const readings = texts.map(readText);
  const slashed = readings.filter(
    ({ fixed, monthFirst, dayFirst }) => fixed === null && (monthFirst ?? dayFirst) !== null,
  );
  const order = slashed.length === 0 ? null : decideOrder(readings, studyDate);
  return readings.map(({ fixed, monthFirst, dayFirst }) => {
    if (fixed !== null) return { date: fixed, problem: null };
    if (monthFirst === null && dayFirst === null) return { date: null, problem: 'unreadable' };
    if (monthFirst === dayFirst) return { date: monthFirst, problem: null };
    const date = order === 'monthFirst' ? monthFirst : order === 'dayFirst' ? dayFirst : null;
    return date === null ? { date, problem: 'ambiguous' } : { date, problem: null };
  });
}

type Order = 'monthFirst' | 'dayFirst';

function decideOrder(readings: readonly Readings[], studyDate: IsoDate): Order | null {
  const sequences = (['monthFirst', 'dayFirst'] as const).map((order) => ({
    order,
    dates: readings.map((reading) => reading.fixed ?? reading[order]),
  }));
  const tests: readonly ((dates: readonly (IsoDate | null)[]) => boolean)[] = [
    (dates) => dates.every((date, index) => date !== null || isUnreadable(readings[index])),
    (dates) => dates.every((date) => date === null || date <= studyDate),
    (dates) => dates.includes(studyDate),
    (dates) => isChronological(dates.filter((date) => date !== null)),
  ];
  let left = sequences;
  for (const test of tests) {
    const passing = left.filter(({ dates }) => test(dates));
    if (passing.length > 0) left = passing;
    if (left.length === 1) return left[0]?.order ?? null;
  }
  return null;
}

function isUnreadable(reading: Readings | undefined): boolean {
  return reading === undefined || (reading.fixed === null && reading.monthFirst === null && reading.dayFirst === null);
}

function isChronological(dates: readonly IsoDate[]): boolean {
  const rising = dates.every((date, index) => index === 0 || date >= (dates[index - 1] ?? ''));
  const falling = dates.every((date, index) => index === 0 || date <= (dates[index - 1] ?? ''));
  return rising || falling;
}

function readText(raw: string): Readings {
  const text = raw.trim();
  const none = { fixed: null, monthFirst: null, dayFirst: null };
  const named = WITH_MONTH_NAME.exec(text);
  if (named !== null) {
    const month = MONTHS.indexOf((named[2] ?? '').toLowerCase()) + 1;
    return { ...none, fixed: isoDate(named[3], month, named[1]) };
  }
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst !== null) return { ...none, fixed: isoDate(yearFirst[1], yearFirst[2], yearFirst[3]) };
  const dotted = DOTTED.exec(text);
  if (dotted !== null) return { ...none, fixed: isoDate(dotted[3], dotted[2], dotted[1]) };
  const slashed = SLASHED.exec(text);
  if (slashed === null) return none;
  const [, first, second, year] = slashed;
  return { fixed: null, monthFirst: isoDate(year, first, second), dayFirst: isoDate(year, second, first) };
}

type Part = string | number | undefined;

function isoDate(year: Part, month: Part, day: Part): IsoDate | null {
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const leap = y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0);
  const last = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][m - 1];
  if (last === undefined || !(d >= 1 && d <= last)) return null;
  return `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`;
}

/** Every day that a text can mean by itself, in either order of its parts. */
export function possibleDays(text: string): readonly IsoDate[] {
  const { fixed, monthFirst, dayFirst } = readText(text);
  return [...new Set([fixed, monthFirst, dayFirst].filter((day) => day !== null))];
}
