import type { DicomDateTime } from '../document/sr-document.ts';

// The dotted and coloned forms are those of ACR-NEMA, still met in old archives (PS3.5 6.2, DA and TM notes).
const DATE = /^(\d{4})(?:(\d{2})(\d{2})|\.(\d{2})\.(\d{2}))$/;
const TIME = /^(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.(\d{1,6}))?)?)?$/;
const DATE_TIME = /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?))?)?)?([+-]\d{4})?$/;
const OFFSET = /^([+-])(\d{2})(\d{2})$/;

/** Reads a DA value; what is not a calendar date keeps its raw text only. */
export function readDate(raw: string): DicomDateTime {
  const match = DATE.exec(raw);
  const date = match === null ? null : calendarDate(match[1], match[2] ?? match[4], match[3] ?? match[5]);
  return { raw, date, time: null, offsetMinutes: null };
}

/** Reads a TM value, to the precision it was written with. */
export function readTime(raw: string): DicomDateTime {
  return { raw, date: null, time: clockTime(raw), offsetMinutes: null };
}

/**
 * Reads a DT value, which may stop after the year, month, day, hour, minute or second and may carry its offset from
 * UTC. The offset is that of the value itself; Timezone Offset From UTC of the document is in the header.
 */
export function readDateTime(raw: string): DicomDateTime {
  const nothing = { raw, date: null, time: null, offsetMinutes: null };
  const match = DATE_TIME.exec(raw);
  if (match === null) return nothing;
  const date = calendarDate(match[1], match[2], match[3]);
  const time = match[4] === undefined ? null : clockTime(match[4]);
  const offsetMinutes = match[5] === undefined ? null : readUtcOffset(match[5]);
  const unreadable =
    date === null || (match[4] !== undefined && time === null) || (match[5] !== undefined && offsetMinutes === null);
  return unreadable ? nothing : { raw, date, time, offsetMinutes };
}

/** "+0100" gives 60. Null outside -1200..+1400 and for "-0000", which PS3.5 6.2 forbids. */
export function readUtcOffset(raw: string): number | null {
  const match = OFFSET.exec(raw);
  if (match === null) return null;
  const minutes = Number(match[3]);
  const total = Number(match[2]) * 60 + minutes;
  if (minutes > 59 || (match[1] === '-' && total === 0)) return null;
  const offset = match[1] === '-' ? -total : total;
  return offset < -720 || offset > 840 ? null : offset;
}

/** True when a value was there but nothing could be read of it. */
export function isUnreadable(value: DicomDateTime): boolean {
  return value.date === null && value.time === null;
}

function calendarDate(year: string | undefined, month: string | undefined, day: string | undefined): string | null {
  if (year === undefined || year === '0000') return null;
  if (month === undefined) return year;
  if (Number(month) < 1 || Number(month) > 12) return null;
  if (day === undefined) return `${year}-${month}`;
  if (Number(day) < 1 || Number(day) > daysInMonth(Number(year), Number(month))) return null;
  return `${year}-${month}-${day}`;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Second 60 is a leap second (PS3.5 6.2, TM). */
function clockTime(raw: string): string | null {
  const match = TIME.exec(raw);
  if (match === null) return null;
  const [, hour, minute, second, fraction] = match;
  if (Number(hour) > 23 || Number(minute ?? 0) > 59 || Number(second ?? 0) > 60) return null;
  const clock = [hour, minute, second].filter((part) => part !== undefined).join(':');
  return fraction === undefined ? clock : `${clock}.${fraction}`;
}
