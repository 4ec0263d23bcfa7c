import type { IsoDate, LocalDateTime } from '../values/report.ts';
import type { ScannerEpoch, StudyOfPatient } from './history.ts';

const DAY_MS = 86_400_000;

/** The calendar day of a scan in the scanner's own time. */
export function dayOf(scannedAt: IsoDate | LocalDateTime): IsoDate {
  return scannedAt.slice(0, 10);
}

export function daysBetween(from: IsoDate, to: IsoDate): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

/** The next day. Reads no clock. */
export function dayAfter(day: IsoDate): IsoDate {
  return addDays(day, 1);
}

/** The day that many days later; earlier where negative. */
export function addDays(day: IsoDate, days: number): IsoDate {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** days / 365.25 (clinical-rules 4.6); for display, never for a test. */
export function yearsBetween(from: IsoDate, to: IsoDate): number {
  return daysBetween(from, to) / 365.25;
}

/** Orders text by code unit, so that no locale of a machine can change the order. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Orders studies by when the patient was scanned, then by study UID: the order of arrival means nothing. */
export function inScanOrder<T extends StudyOfPatient>(studies: readonly T[]): readonly T[] {
  return studies.toSorted(
    (a, b) =>
      compareText(a.scannedAt, b.scannedAt) ||
      compareText(a.studyInstanceUid, b.studyInstanceUid) ||
      compareText(a.studyId, b.studyId),
  );
}

/** Days on which the scanner became a new one after `from` and not after `to`, in order. */
export function epochsBetween(
  epochs: readonly ScannerEpoch[],
  scannerId: string,
  from: IsoDate,
  to: IsoDate,
): readonly ScannerEpoch[] {
  return epochs
    .filter((epoch) => epoch.scannerId === scannerId && epoch.startsOn > from && epoch.startsOn <= to)
    .sort((a, b) => compareText(a.startsOn, b.startsOn) || compareText(a.epochId, b.epochId));
}

/** Full years of age on a day. */
export function ageOn(birthDate: IsoDate, day: IsoDate | LocalDateTime): number {
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return day.slice(5, 10) < birthDate.slice(5, 10) ? years - 1 : years;
}
