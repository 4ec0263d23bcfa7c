import type { DicomDateTime, DocumentHeader } from '../../dicom/document/sr-document.ts';
import { ageOn, dayAfter } from '../../dxa/study/chronology.ts';
import type { Finding } from '../../dxa/values/finding.ts';
import type { IsoDate, LocalDateTime } from '../../dxa/values/report.ts';
import { finding } from './finding.ts';

/** When the patient was scanned and when the results were analysed, as far as a file can be believed. */
export type ScanDates = {
  readonly scannedAt: IsoDate | LocalDateTime;
  /** No date of the file can be the day of the scan: `scannedAt` is the first of them as it stands. */
  readonly scanDateDoubted: boolean;
  readonly contentAt: IsoDate | LocalDateTime;
  readonly findings: readonly Finding[];
};

/** What is known beside the file's dates: whether a day can be that of a scan hangs on it. */
export type Believable = { readonly birthDate: IsoDate | null; readonly receivedOn: IsoDate };

type Doubt = 'before 1987' | 'before birth' | 'after receipt' | 'age over 115' | 'not a whole date';

/** The first densitometer with an X-ray tube, Hologic's QDR-1000, came in 1987. */
const FIRST_DXA = '1987-01-01';
const OLDEST = 115;

/** Why a day cannot be that of a DXA scan; null when it can. One day after receipt may be the zone of the scanner's clock. */
export function doubtOf(day: IsoDate, { birthDate, receivedOn }: Believable): Doubt | null {
  if (day < FIRST_DXA) return 'before 1987';
  if (day > dayAfter(receivedOn)) return 'after receipt';
  if (birthDate === null) return null;
  if (day < birthDate) return 'before birth';
  return ageOn(birthDate, day) > OLDEST ? 'age over 115' : null;
}

/** Not plausible as a birth date: systems write 0001-01-01 or 2099-12-31 where they do not know. */
export function isBirthDate(day: IsoDate, receivedOn: IsoDate): boolean {
  return day <= dayAfter(receivedOn) && ageOn(day, FIRST_DXA) <= OLDEST;
}

type Candidate = {
  readonly name: string;
  readonly path: string;
  readonly raw: string;
  readonly at: IsoDate | LocalDateTime | null;
  readonly doubt: Doubt | null;
};

/**
 * The scan, not the report: acquisition before study before series before content, the first that can be believed. Which
 * of two analyses is the later one is told by the content date alone; where it cannot be believed it is as missing, and
 * the time of the scan stands in. Null when the file holds no whole date at all.
 */
export function chooseDates(header: DocumentHeader, known: Believable): ScanDates | null {
  const { study, series, acquisitionDateTime } = header;
  const content = candidate('ContentDate', '(0008,0023)', header.contentDate, header.contentTime, known);
  const candidates = [
    candidate('AcquisitionDateTime', '(0008,002A)', acquisitionDateTime, acquisitionDateTime, known),
    candidate('AcquisitionDate', '(0008,0022)', header.acquisitionDate, header.acquisitionTime, known),
    candidate('StudyDate', '(0008,0020)', study.studyDate, study.studyTime, known),
    candidate('SeriesDate', '(0008,0021)', series.seriesDate, series.seriesTime, known),
    content,
  ].filter((one) => one !== null);
  const scan = candidates.find(({ doubt }) => doubt === null);
  const scannedAt = scan?.at ?? candidates.find(({ at }) => at !== null)?.at ?? null;
  if (scannedAt === null) return null;
  const all = Object.fromEntries(candidates.map(({ name, raw }) => [name, raw]));
  const findings = candidates.flatMap(({ path, doubt }) =>
    doubt === null ? [] : [finding('IMPOSSIBLE_DATE', path, { reason: doubt, believed: scan?.path ?? null, ...all })],
  );
  const contentAt = content?.doubt === null ? content.at : null;
  if (contentAt === null) findings.push(finding('CONTENT_DATE_MISSING', '(0008,0023)'));
  return { scannedAt, scanDateDoubted: scan === undefined, contentAt: contentAt ?? scannedAt, findings };
}

function candidate(
  name: string,
  path: string,
  date: DicomDateTime | null,
  time: DicomDateTime | null,
  known: Believable,
): Candidate | null {
  if (date === null || date.raw.trim() === '') return null;
  const day = fullDate(date);
  // A date attribute may hold anything that a person typed; what looks like one may be shown.
  const raw = /^[\d.:+-]{1,26}$/.test(date.raw) ? date.raw : 'no date';
  if (day === null) return { name, path, raw, at: null, doubt: 'not a whole date' };
  return { name, path, raw, at: join(day, time), doubt: doubtOf(day, known) };
}

function join(day: IsoDate, time: DicomDateTime | null): LocalDateTime | IsoDate {
  const clock = time?.time;
  if (clock === null || clock === undefined) return day;
  return `${day}T${clock}${clock.length === 2 ? ':00:00' : clock.length === 5 ? ':00' : ''}`;
}

export function fullDate(date: DicomDateTime | null): IsoDate | null {
  return date?.date !== null && date?.date !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(date.date) ? date.date : null;
}
