import type { IsoDate } from '../../dxa/values/report.ts';

/** The day of a moment in UTC, as that of a file's receipt is kept. */
export function utcDay(moment: Date): IsoDate {
  return moment.toISOString().slice(0, 10);
}
