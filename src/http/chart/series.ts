import type { PatientComparison, PatientTrend } from '../../db/records/patient.ts';
import { type RegionScan, regionScans } from '../../dxa/scan/region-scan.ts';
import { dayOf, inScanOrder } from '../../dxa/study/chronology.ts';
import type { PatientHistory } from '../../dxa/study/history.ts';
import { type Bmd, parseMicro } from '../../dxa/values/quantity.ts';
import { describeVertebrae, vertebraeKey } from '../../dxa/values/region.ts';
import { checkLabel } from '../view/checks.ts';

export type Mark = 'reference' | 'follow_up' | 'scan' | 'other_scanner' | 'excluded';

export type SeriesPoint = {
  readonly studyId: string;
  readonly scannedOn: string;
  readonly bmd: Bmd;
  readonly scanner: string;
  readonly scannerId: string;
  readonly mark: Mark;
  /** Why the point is marked, in words; empty for an ordinary scan. */
  readonly note: string;
  /** "SOP Instance UID#tree path" of every value that went into the number. */
  readonly sources: readonly string[];
};

export type Series = {
  readonly region: string;
  readonly vertebrae: string;
  readonly laterality: string;
  readonly points: readonly SeriesPoint[];
  /** Where a scan does not differ significantly from the reference; null without an LSC on file. */
  readonly band: { readonly reference: Bmd; readonly lsc: Bmd; readonly from: string } | null;
  readonly scannerChanges: readonly string[];
  /** The straight line through the comparable scans; null below three of them. */
  readonly trend: PatientTrend | null;
};

/** What a chart is drawn of. */
export type Site = { readonly region: string; readonly vertebrae: string; readonly laterality: string };

/** A pair whose numbers stand fixed, as the evidence of a case: its values win over those of the history. */
export type FixedPair = {
  readonly reference: {
    readonly studyId: string;
    readonly bmdGramsPerCm2: string | null;
    readonly sources: readonly string[];
  };
  readonly followUp: {
    readonly studyId: string;
    readonly bmdGramsPerCm2: string | null;
    readonly sources: readonly string[];
  };
  readonly lscGramsPerCm2: string | null;
  readonly rebuilt: boolean;
};

const scannerName = ({ scanner }: RegionScan) =>
  [scanner.modelName, scanner.deviceSerialNumber ?? scanner.stationName ?? ''].join(' ').trim();

const bmdOf = (text: string | null | undefined): Bmd | null =>
  text === null || text === undefined ? null : (parseMicro(text) as Bmd | null);

/** Why a scan stands outside of the series, or null. */
function exclusion(scan: RegionScan, site: Site, comparisons: readonly PatientComparison[]): string | null {
  const own = comparisons.filter(
    (one) =>
      one.followUpStudyId === scan.study.studyId && one.region === site.region && one.laterality === site.laterality,
  );
  if (own.length === 0 || own.some(({ verdict }) => verdict !== 'not_comparable')) return null;
  const code = own.find(({ blockCode }) => blockCode !== null)?.blockCode ?? null;
  return code === null ? 'not comparable with an earlier scan' : checkLabel(code);
}

/** The BMD of one region over time, with what marks each scan. */
export function seriesOf(
  history: PatientHistory,
  site: Site,
  judged: { readonly comparisons: readonly PatientComparison[]; readonly trends: readonly PatientTrend[] },
  pair: FixedPair | null,
): Series {
  const scans = inScanOrder(history.studies).flatMap((study) =>
    regionScans(study).filter((scan) => scan.region === site.region && scan.laterality === site.laterality),
  );
  const { comparisons, trends } = judged;
  const referenceId = pair?.reference.studyId ?? scans[0]?.study.studyId;
  const reference = scans.find(({ study }) => study.studyId === referenceId);
  const points = scans.map((scan): SeriesPoint => {
    const { studyId } = scan.study;
    const same = scan.densities.find(({ vertebrae }) => vertebraeKey(vertebrae) === site.vertebrae);
    const fixed =
      studyId === pair?.reference.studyId ? pair.reference : studyId === pair?.followUp.studyId ? pair.followUp : null;
    const [largest] = scan.densities;
    const bmd = bmdOf(fixed?.bmdGramsPerCm2) ?? (same ?? largest).bmd;
    const place = {
      studyId,
      scannedOn: dayOf(scan.scannedOn),
      bmd,
      scanner: scannerName(scan),
      scannerId: scan.scanner.scannerId,
      sources: fixed?.sources ?? (same ?? largest).sourceValueIds,
    };
    const rebuilt = pair?.rebuilt === true ? ', rebuilt from BMC and area' : '';
    if (studyId === referenceId) return { ...place, mark: 'reference', note: `reference${rebuilt}` };
    if (fixed !== null) return { ...place, mark: 'follow_up', note: `this follow-up${rebuilt}` };
    if (same === undefined)
      return {
        ...place,
        mark: 'excluded',
        note: `excluded: other vertebrae (${describeVertebrae(largest.vertebrae)})`,
      };
    const why = exclusion(scan, site, comparisons);
    if (why !== null) return { ...place, mark: 'excluded', note: `excluded: ${why}` };
    if (reference !== undefined && scan.scanner.scannerId !== reference.scanner.scannerId)
      return { ...place, mark: 'other_scanner', note: 'another scanner' };
    return { ...place, mark: 'scan', note: '' };
  });
  const judging = comparisons.find(
    (one) =>
      one.referenceStudyId === referenceId &&
      one.region === site.region &&
      one.laterality === site.laterality &&
      one.vertebrae === site.vertebrae &&
      one.lscGramsPerCm2 !== null,
  );
  const lsc = bmdOf(pair === null ? judging?.lscGramsPerCm2 : pair.lscGramsPerCm2);
  const start = points.find(({ mark }) => mark === 'reference');
  return {
    ...site,
    points,
    trend:
      trends.find(
        (one) => one.region === site.region && one.laterality === site.laterality && one.vertebrae === site.vertebrae,
      ) ?? null,
    band: lsc === null || start === undefined ? null : { reference: start.bmd, lsc, from: start.scannedOn },
    scannerChanges: points
      .filter((point, index) => index > 0 && points[index - 1]?.scannerId !== point.scannerId)
      .map(({ scannedOn }) => scannedOn),
  };
}
