import type { StudyFinding } from '../values/finding.ts';
import type { Micro } from '../values/quantity.ts';
import { regionKey } from '../values/region.ts';
import type { IsoDate, LocalDateTime } from '../values/report.ts';
import { compareText } from './chronology.ts';
import type { Measurement, StudyOfPatient } from './history.ts';
import { assembleRegions, byContent, timeOf } from './standing-analysis.ts';

/** What one report says, as far as putting its study together needs it. */
export type ReportOfStudy = {
  readonly sopInstanceUid: string;
  readonly contentAt: IsoDate | LocalDateTime;
  readonly scannedAt: IsoDate | LocalDateTime;
  /** No date of the report can be the day of a scan; that of another report of the study is. */
  readonly scanDateDoubted?: boolean;
  readonly sex: 'F' | 'M' | 'O' | null;
  readonly birthDate: IsoDate | null;
  readonly ethnicGroup: string | null;
  readonly heightM: Micro | null;
  readonly weightKg: Micro | null;
  /** One a region of interest. */
  readonly measurements: readonly Measurement[];
};

export type AssembledStudy = Omit<StudyOfPatient, 'studyId' | 'studyInstanceUid'> & {
  readonly findings: readonly StudyFinding[];
};

/**
 * Puts a study together from its reports. Of every region the latest analysis stands; reports that agree with it on the
 * BMD complete it, since a densitometer may send BMD and scores apart. A report without a BMD completes a region only
 * while nothing was analysed again: it is unknown which analysis it belongs to. Where a region was scanned more than once,
 * the last scan stands (surveillance 1). The result is a function of the set of reports; the order in which they came
 * means nothing.
 */
export function assembleStudy(reports: readonly ReportOfStudy[]): AssembledStudy {
  const { measurements, repeats, findings } = assembleRegions(
    reports.flatMap(({ contentAt, scannedAt, scanDateDoubted, sopInstanceUid, measurements: ofReport }) =>
      ofReport.map((measurement) => ({
        measurement,
        contentAt,
        scannedAt: scanDateDoubted === true ? null : timeOf(scannedAt),
        sopInstanceUid,
      })),
    ),
  );
  return {
    ...headerOf(reports),
    measurements,
    ...(repeats.length === 0 ? {} : { repeats }),
    findings: [...findings, ...headerFindings(reports)],
  };
}

/** When the patient was scanned and who that was, after the latest report that says so; throws a RangeError without any. */
export function headerOf(
  given: readonly ReportOfStudy[],
): Omit<AssembledStudy, 'findings' | 'measurements' | 'repeats'> {
  const reports = given.toSorted(byContent);
  const latest = <T>(pick: (report: ReportOfStudy) => T | null): T | null =>
    reports.reduce<T | null>((found, report) => pick(report) ?? found, null);
  const scannedAt = believed(reports)
    .map((report) => report.scannedAt)
    .sort(compareText)[0];
  if (scannedAt === undefined) throw new RangeError('a study has at least one report');
  return {
    scannedAt,
    sex: latest((report) => report.sex),
    birthDate: latest((report) => report.birthDate),
    ethnicGroup: latest((report) => report.ethnicGroup),
    weightKg: latest((report) => report.weightKg),
    heightM: latest((report) => report.heightM),
  };
}

/** Reports whose dates can be believed; all of them where none can. */
function believed(reports: readonly ReportOfStudy[]): readonly ReportOfStudy[] {
  const some = reports.filter(({ scanDateDoubted }) => scanDateDoubted !== true);
  return some.length === 0 ? reports : some;
}

function headerFindings(reports: readonly ReportOfStudy[]): readonly StudyFinding[] {
  const findings: StudyFinding[] = [];
  const differ = (code: string, subject: string, pick: (report: ReportOfStudy) => string | null) => {
    const values = new Set(reports.map(pick).filter((value) => value !== null));
    if (values.size > 1) findings.push({ code, subject, facts: { values: values.size } });
  };
  const days = new Set(believed(reports).map(({ scannedAt }) => scannedAt.slice(0, 10)));
  if (days.size > 1) findings.push({ code: 'STUDY_DATES_DIFFER', subject: 'scannedOn', facts: { values: days.size } });
  differ('STUDY_DEMOGRAPHICS_DIFFER', 'sex', (report) => report.sex);
  differ('STUDY_DEMOGRAPHICS_DIFFER', 'birthDate', (report) => report.birthDate);
  differ('STUDY_DEMOGRAPHICS_DIFFER', 'ethnicGroup', (report) => report.ethnicGroup);
  const scanners = new Set(reports.flatMap(({ measurements }) => measurements.map(({ scanner }) => scanner.scannerId)));
  if (scanners.size > 1) {
    findings.push({ code: 'STUDY_SCANNERS_DIFFER', subject: 'scanner', facts: { scanners: scanners.size } });
  }
  const copies = reports.length - new Set(reports.map(contentOf)).size;
  if (copies > 0) findings.push({ code: 'SAME_CONTENT_AGAIN', subject: 'report', facts: { copies } });
  return findings;
}

/** All values of a report without their places; a report without any is not a copy. */
function contentOf({ sopInstanceUid, measurements }: ReportOfStudy): string {
  if (measurements.length === 0) return sopInstanceUid;
  const value = (one: { readonly value: Micro } | null) => one?.value ?? null;
  const scores = (of: Measurement['tScores']) => of.map((one) => [one.referencePopulation, one.value]).sort();
  const rows = measurements.map((one) => [
    regionKey(one),
    value(one.bmd),
    value(one.bmc),
    value(one.area),
    scores(one.tScores),
    scores(one.zScores),
  ]);
  return JSON.stringify(rows.map((row) => JSON.stringify(row)).sort());
}
