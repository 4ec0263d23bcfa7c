import type { Finding } from '../values/finding.ts';
import type { Micro } from '../values/quantity.ts';
import { regionKey } from '../values/region.ts';
import type { IsoDate, LocalDateTime } from '../values/report.ts';
import { compareText } from './chronology.ts';
import type { Measurement, StudyOfPatient } from './history.ts';

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

/** A finding about a study; `subject` is a region or a header field, never a value. */
export type StudyFinding = Omit<Finding, 'path'> & { readonly subject: string };

export type AssembledStudy = Omit<StudyOfPatient, 'studyId' | 'studyInstanceUid'> & {
  readonly findings: readonly StudyFinding[];
};

type Analysis = { readonly report: ReportOfStudy; readonly measurement: Measurement };

/**
 * Puts a study together from its reports. Of every region the latest analysis stands; reports that agree with it on the
 * BMD complete it, since a densitometer may send BMD and scores apart. A report without a BMD completes a region only
 * while nothing was analysed again: it is unknown which analysis it belongs to. The result is a function of the set of
 * reports; the order in which they came means nothing.
 */
export function assembleStudy(given: readonly ReportOfStudy[]): AssembledStudy {
  const reports = given.toSorted(
    (a, b) => compareText(a.contentAt, b.contentAt) || compareText(a.sopInstanceUid, b.sopInstanceUid),
  );
  const byRegion = new Map<string, Analysis[]>();
  for (const report of reports) {
    for (const measurement of report.measurements) {
      const key = regionKey(measurement);
      byRegion.set(key, [...(byRegion.get(key) ?? []), { report, measurement }]);
    }
  }
  const regions = [...byRegion].sort(([a], [b]) => compareText(a, b));
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
    measurements: regions.flatMap(([, analyses]) => assembleRegion(analyses) ?? []),
    findings: [...regions.flatMap(([key, analyses]) => disagreements(key, analyses)), ...headerFindings(reports)],
  };
}

/** Reports whose dates can be believed; all of them where none can. */
function believed(reports: readonly ReportOfStudy[]): readonly ReportOfStudy[] {
  const some = reports.filter(({ scanDateDoubted }) => scanDateDoubted !== true);
  return some.length === 0 ? reports : some;
}

/** `analyses` in order, the latest last. */
function assembleRegion(analyses: readonly Analysis[]): Measurement | null {
  const withBmd = analyses.filter(({ measurement }) => measurement.bmd !== null);
  const standing = (withBmd.at(-1) ?? analyses.at(-1))?.measurement;
  if (standing === undefined) return null;
  const agrees = (one: Measurement) =>
    one.bmd !== null && standing.bmd !== null && isSameBmd(one.bmd.value, standing.bmd.value);
  const analysedAgain = withBmd.some(({ measurement }) => !agrees(measurement));
  const agreeing = analyses
    .map(({ measurement }) => measurement)
    .filter((one) => (one.bmd === null ? !analysedAgain : agrees(one)));
  const last = <T>(pick: (one: Measurement) => T | null): T | null =>
    agreeing.reduce<T | null>((found, one) => pick(one) ?? found, null);
  const scores = (pick: (one: Measurement) => Measurement['tScores']) =>
    last((one) => (pick(one).length === 0 ? null : pick(one))) ?? [];
  return {
    ...standing,
    bmd: finest(agreeing.map(({ bmd }) => bmd)),
    bmc: last((one) => one.bmc),
    area: last((one) => one.area),
    tScores: scores((one) => one.tScores),
    zScores: scores((one) => one.zScores),
  };
}

/** Decimal places that a BMD shows; three are always printed. */
function placesOf(bmd: Micro): number {
  return bmd % 1000 === 0 ? 3 : bmd % 100 === 0 ? 4 : bmd % 10 === 0 ? 5 : 6;
}

/**
 * Whether two BMDs of one region are of one analysis: equal, or the finer one rounds to the coarser at its last printed
 * place. A densitometer may print three places on an image and four or more in the report that follows a day later.
 */
function isSameBmd(one: Micro, other: Micro): boolean {
  const places = [placesOf(one), placesOf(other)] as const;
  const coarse = Math.min(...places);
  return one === other || (places[0] !== places[1] && 2 * Math.abs(one - other) <= 10 ** (6 - coarse));
}

/** Of BMDs of one analysis, in order, the one with the most places; the latest of equals. */
function finest(bmds: readonly Measurement['bmd'][]): Measurement['bmd'] {
  return bmds.reduce(
    (best, one) => (one !== null && (best === null || placesOf(one.value) >= placesOf(best.value)) ? one : best),
    null,
  );
}

/** A later analysis with another BMD supersedes; two BMDs of the same moment contradict each other. */
function disagreements(key: string, analyses: readonly Analysis[]): readonly StudyFinding[] {
  const withBmd = analyses.filter(({ measurement }) => measurement.bmd !== null);
  const last = withBmd.at(-1);
  const standing = last?.measurement.bmd?.value;
  const others = withBmd.filter(
    ({ measurement: { bmd } }) => bmd !== null && standing !== undefined && !isSameBmd(bmd.value, standing),
  );
  if (others.length === 0) return [];
  const values = new Set([standing, ...others.map(({ measurement }) => measurement.bmd?.value)]);
  const contradict = others.some(({ report }) => report.contentAt === last?.report.contentAt);
  const code = contradict ? 'REPORTS_CONTRADICT' : 'ANALYSED_AGAIN';
  return [{ code, subject: key, facts: { analyses: values.size, reports: withBmd.length } }];
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
