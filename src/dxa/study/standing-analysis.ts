import type { StudyFinding } from '../values/finding.ts';
import type { Micro } from '../values/quantity.ts';
import { regionKey } from '../values/region.ts';
import type { IsoDate, LocalDateTime } from '../values/report.ts';
import { compareText } from './chronology.ts';
import type { Measurement, RepeatedScan } from './history.ts';

/** One region of one report, or of one study where studies of a visit are put together. */
export type Analysis = {
  readonly measurement: Measurement;
  readonly contentAt: IsoDate | LocalDateTime;
  /** With a time of day; null where that is not known. */
  readonly scannedAt: LocalDateTime | null;
  /** Decides between analyses of one moment: arbitrary, but the same in whatever order they came. */
  readonly sopInstanceUid: string;
};

/** What the analyses of one visit come to. */
export type AssembledRegions = {
  /** One a region of interest, in order of its key. */
  readonly measurements: readonly Measurement[];
  readonly repeats: readonly RepeatedScan[];
  readonly findings: readonly StudyFinding[];
};

/** Chooses of every region the analysis that stands. */
export function assembleRegions(given: readonly Analysis[]): AssembledRegions {
  const sites = Map.groupBy(given, ({ measurement: { scanType, roi, laterality } }) =>
    [scanType, roi.region, laterality].join('|'),
  );
  const assembled = [...sites.values()].map(assembleSite);
  return {
    measurements: assembled.flatMap(({ measurements }) => measurements).sort(byRegion),
    repeats: assembled.flatMap(({ repeats }) => repeats),
    findings: assembled
      .flatMap(({ findings }) => findings)
      .sort((a, b) => compareText(a.subject, b.subject) || compareText(a.code, b.code)),
  };
}

const byRegion = (a: Measurement, b: Measurement) => compareText(regionKey(a), regionKey(b));

/** The later analysis last. */
export const byContent = (
  a: Pick<Analysis, 'contentAt' | 'sopInstanceUid'>,
  b: Pick<Analysis, 'contentAt' | 'sopInstanceUid'>,
) => compareText(a.contentAt, b.contentAt) || compareText(a.sopInstanceUid, b.sopInstanceUid);

/** Of one report that gives a region twice: arbitrary, but the same in whatever order its values are read. */
const byPlace = ({ measurement: a }: Analysis, { measurement: b }: Analysis) =>
  compareText(a.scanLabel, b.scanLabel) ||
  compareText(a.bmd?.valueId ?? '', b.bmd?.valueId ?? '') ||
  (a.bmd?.value ?? 0) - (b.bmd?.value ?? 0);

/** The moment of a scan, where it has a time of day. */
export const timeOf = (at: IsoDate | LocalDateTime): LocalDateTime | null => (at.length > 10 ? at : null);

/**
 * Scans of one region and side with different times are repeats, and the last one stands. With equal times, or where one
 * is missing, they are analyses of one scan (surveillance 1).
 */
function assembleSite(given: readonly Analysis[]): AssembledRegions {
  const times = given.filter(({ measurement }) => measurement.bmd !== null).map(({ scannedAt }) => scannedAt);
  const last = times.every((time) => time !== null) ? (times.toSorted(compareText).at(-1) ?? null) : null;
  const ofLast = ({ scannedAt, measurement }: Analysis) => measurement.bmd !== null && scannedAt === last;
  const analyses = given.toSorted(
    (a, b) => (last === null ? 0 : Number(ofLast(a)) - Number(ofLast(b))) || byContent(a, b) || byPlace(a, b),
  );
  const regions = [...Map.groupBy(analyses, ({ measurement }) => regionKey(measurement)).values()];
  const stands = regions.filter((ofRegion) => last === null || !ofRegion.some(isScan) || ofRegion.some(ofLast));
  const measurements = stands.flatMap((ofRegion) => assembleRegion(ofRegion) ?? []);
  const ofOneScan = (ofRegion: readonly Analysis[]) => (last === null ? ofRegion : ofRegion.filter(ofLast));
  return {
    measurements,
    repeats:
      last === null
        ? []
        : analyses.filter((one) => isScan(one) && !ofLast(one)).map((one) => heldAgainst(measurements, repeatOf(one))),
    findings: stands.flatMap((ofRegion) => disagreements(ofOneScan(ofRegion))),
  };
}

const isScan = ({ measurement }: Analysis) => measurement.bmd !== null;

function repeatOf({ measurement, scannedAt }: Analysis): Omit<RepeatedScan, 'standing'> {
  const { bmd, scanType, roi, laterality, scanner, studyId } = measurement;
  if (bmd === null || scannedAt === null) throw new RangeError('a repeat has a BMD and a time');
  return {
    ...(studyId === undefined ? {} : { studyId }),
    scanType,
    roi,
    laterality,
    scannerId: scanner.scannerId,
    scannedAt,
    bmd,
  };
}

/** The repeat beside the scan that stands among these measurements. */
export function heldAgainst(
  measurements: readonly Measurement[],
  repeat: Omit<RepeatedScan, 'standing'>,
): RepeatedScan {
  const key = regionKey(repeat);
  return { ...repeat, standing: measurements.find((one) => regionKey(one) === key)?.bmd ?? null };
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
function disagreements(analyses: readonly Analysis[]): readonly StudyFinding[] {
  const withBmd = analyses.filter(isScan);
  const last = withBmd.at(-1);
  const standing = last?.measurement.bmd?.value;
  const others = withBmd.filter(
    ({ measurement: { bmd } }) => bmd !== null && standing !== undefined && !isSameBmd(bmd.value, standing),
  );
  if (last === undefined || others.length === 0) return [];
  const values = new Set([standing, ...others.map(({ measurement }) => measurement.bmd?.value)]);
  const contradict = others.some(({ contentAt }) => contentAt === last.contentAt);
  const code = contradict ? 'REPORTS_CONTRADICT' : 'ANALYSED_AGAIN';
  return [{ code, subject: regionKey(last.measurement), facts: { analyses: values.size, reports: withBmd.length } }];
}
