import { reaches } from '../change/judge-change.ts';
import { lscAt95, lscOfDay } from '../precision/lsc.ts';
import { compareText, dayOf } from '../study/chronology.ts';
import type { RepeatedScan } from '../study/history.ts';
import type { VisitRemark } from '../values/assessment.ts';
import { formatMicro, type Micro } from '../values/quantity.ts';
import { REGIONS, type RegionOfInterest, regionKey } from '../values/region.ts';
import { listed, siteKey, siteName } from '../values/wording.ts';
import type { VisitCheck, VisitView } from './visit-view.ts';

/** The region that names a scan: the spine with most vertebrae, the total hip before the neck. */
const byRegion = ({ roi: a }: { readonly roi: RegionOfInterest }, { roi: b }: { readonly roi: RegionOfInterest }) =>
  REGIONS.indexOf(a.region) - REGIONS.indexOf(b.region) || b.vertebrae.length - a.vertebrae.length;

/**
 * A scan was repeated on one day: the last one stands. Where the two differ by the LSC, neither is a change (surveillance 1).
 * One remark a scan: of the region that differs, else of the first that both measured.
 */
export const sameDayRepeat: VisitCheck = (view) => {
  const { repeats = [] } = view.visit;
  const scans = Map.groupBy(repeats, ({ scanType, laterality, scannedAt }) =>
    [scanType, laterality, scannedAt].join('|'),
  );
  return [...scans]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([, ofScan]) => {
      const regions = ofScan.toSorted(byRegion);
      const differing = regions.find((repeat) => disagrees(view, repeat));
      const named = differing ?? regions.find(({ standing }) => standing !== null) ?? regions[0];
      return named === undefined ? [] : [remarkOf(named, differing !== undefined)];
    });
};

function disagrees({ visit, onFile, settings }: VisitView, repeat: RepeatedScan): boolean {
  const { roi, laterality, scannerId, standing, bmd } = repeat;
  if (standing === null) return false;
  const place = { scannerId, roi, laterality };
  const lsc = lscOfDay(place, dayOf(visit.scannedAt), onFile.lscEntries, onFile.scannerEpochs, settings);
  const delta = (standing.value - bmd.value) as Micro;
  return lsc !== null && reaches(delta, lscAt95(lsc.entry, settings), settings.significanceOperator);
}

function remarkOf(repeat: RepeatedScan, differs: boolean): VisitRemark {
  const { standing, bmd, scannedAt } = repeat;
  const first = `${formatMicro(bmd.value, 3)} g/cm² at ${scannedAt.slice(11, 16)}`;
  const values =
    standing === null
      ? `${first}; the last scan, which measured other vertebrae, is used`
      : `${first} and ${formatMicro(standing.value, 3)} g/cm² later; the last scan is used`;
  return {
    code: differs ? 'SAME_DAY_REPEAT_DISAGREES' : 'SAME_DAY_REPEAT',
    kind: differs ? 'finding' : 'information',
    subject: siteKey(repeat),
    says: `The ${siteName(repeat)} was scanned more than once: ${values}${differs ? ', and the two differ by the least significant change or more' : ''}.`,
    facts: {
      scannedAt,
      bmdGramsPerCm2: formatMicro(bmd.value, 6),
      standingBmdGramsPerCm2: standing === null ? null : formatMicro(standing.value, 6),
    },
  };
}

/** Two studies of a visit give different BMDs of one scan; within a study the study itself says so. */
export const analysesDiffer: VisitCheck = ({ visit }) => {
  const differing = new Set(visit.analysesDiffer);
  const regions = visit.measurements.filter((one) => differing.has(regionKey(one))).toSorted(byRegion);
  const [first] = regions;
  if (first === undefined) return [];
  return [
    {
      code: 'STUDIES_CONTRADICT',
      kind: 'finding',
      subject: siteKey(first),
      says: `Two studies of the visit give different values of one scan, of the ${listed(regions.map(siteName))}; the later analysis is used.`,
      facts: { regions: regions.length },
    },
  ];
};
