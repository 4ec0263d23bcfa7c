import { compareText, dayOf } from '../study/chronology.ts';
import type { Measurement, RepeatedScan, Scanner, StudyOfPatient } from '../study/history.ts';
import type { Bmd, Micro } from '../values/quantity.ts';
import {
  LATERALITIES,
  type Laterality,
  REGIONS,
  type Region,
  type ScanType,
  type Vertebra,
  vertebraeKey,
} from '../values/region.ts';
import type { IsoDate } from '../values/report.ts';

/** One BMD that can be compared, and every row it was computed from. */
export type Density = {
  /** Empty unless the region is `spine`. */
  readonly vertebrae: readonly Vertebra[];
  readonly bmd: Bmd;
  readonly bmdValueId: string | null;
  readonly sourceValueIds: readonly string[];
  readonly bmc: Micro | null;
  readonly area: Micro | null;
};

/** BMC and area of one vertebra, from which sets can be rebuilt (R2.3). */
export type VertebraPart = {
  readonly vertebra: Vertebra;
  readonly bmc: Micro;
  readonly area: Micro;
  readonly sourceValueIds: readonly string[];
};

/** One region on one side in one study, with every set of vertebrae that was measured of a spine. */
export type RegionScan = {
  /** The study, or the visit where several studies make one. */
  readonly study: StudyOfPatient;
  /** The study that the numbers are of. */
  readonly studyId: string;
  readonly scannedOn: IsoDate;
  readonly scanType: ScanType;
  readonly region: Region;
  readonly laterality: Laterality;
  readonly scanner: Scanner;
  readonly softwareVersions: readonly string[];
  readonly scanMode: string | null;
  /** Never empty; the largest set first. */
  readonly densities: readonly [Density, ...Density[]];
  readonly parts: readonly VertebraPart[];
  /** More than 1 when the study measured this region in several scans, of which one was taken. */
  readonly scansInStudy: number;
};

/** Every region with a BMD in a study, in a fixed order: region, then side. */
export function regionScans(study: StudyOfPatient): readonly RegionScan[] {
  const bySite = Map.groupBy(study.measurements, (m) => `${m.scanType} ${m.roi.region} ${m.laterality}`);
  const scans: RegionScan[] = [];
  for (const measurements of bySite.values()) {
    const byScan = Map.groupBy(measurements, (m) => `${m.scanLabel} ${m.scanner.scannerId}`);
    const candidates = [...byScan.values()].map((group) => scanOf(study, group)).filter((scan) => scan !== null);
    const [chosen] = candidates.sort(byVertebraeThenLabel);
    if (chosen === undefined) continue;
    const [{ vertebrae }] = chosen.scan.densities;
    const repeats = chosen.scan.densities.filter(
      (density) => vertebraeKey(density.vertebrae) === vertebraeKey(vertebrae),
    );
    const repeated = new Set((study.repeats ?? []).filter(isOfSite(chosen.scan)).map(({ scannedAt }) => scannedAt))
      .size;
    scans.push({ ...chosen.scan, scansInStudy: candidates.length + repeats.length - 1 + repeated });
  }
  return scans.sort(
    (a, b) =>
      REGIONS.indexOf(a.region) - REGIONS.indexOf(b.region) ||
      LATERALITIES.indexOf(a.laterality) - LATERALITIES.indexOf(b.laterality) ||
      compareText(a.scanType, b.scanType),
  );
}

const isOfSite =
  ({ scanType, region, laterality }: RegionScan) =>
  (repeat: RepeatedScan) =>
    repeat.scanType === scanType && repeat.roi.region === region && repeat.laterality === laterality;

type Candidate = { readonly label: string; readonly scan: RegionScan };

function byVertebraeThenLabel(a: Candidate, b: Candidate): number {
  return (
    b.scan.densities[0].vertebrae.length - a.scan.densities[0].vertebrae.length ||
    compareText(a.label, b.label) ||
    compareText(a.scan.scanner.scannerId, b.scan.scanner.scannerId)
  );
}

function scanOf(study: StudyOfPatient, group: readonly Measurement[]): Candidate | null {
  const measurements = group.toSorted(compareMeasurements);
  const [first, ...rest] = measurements.flatMap((measurement) => densityOf(measurement) ?? []);
  const origin = measurements.find((measurement) => measurement.bmd !== null);
  if (first === undefined || origin === undefined) return null;
  const scan: RegionScan = {
    study,
    studyId: origin.studyId ?? study.studyId,
    scannedOn: dayOf(study.scannedAt),
    scanType: origin.scanType,
    region: origin.roi.region,
    laterality: origin.laterality,
    scanner: origin.scanner,
    softwareVersions: origin.softwareVersions,
    scanMode: origin.scanMode,
    densities: [first, ...rest],
    parts: measurements.flatMap((measurement) => partOf(measurement) ?? []),
    scansInStudy: 1,
  };
  return { label: origin.scanLabel, scan };
}

function compareMeasurements(a: Measurement, b: Measurement): number {
  return (
    b.roi.vertebrae.length - a.roi.vertebrae.length ||
    compareText(vertebraeKey(a.roi.vertebrae), vertebraeKey(b.roi.vertebrae)) ||
    compareText(a.bmd?.valueId ?? '', b.bmd?.valueId ?? '') ||
    (a.bmd?.value ?? 0) - (b.bmd?.value ?? 0)
  );
}

function densityOf({ roi, bmd, bmc, area }: Measurement): Density | null {
  // A BMD of zero or less is no measurement of bone, and a percent of it does not exist.
  if (bmd === null || bmd.value <= 0) return null;
  return {
    vertebrae: roi.vertebrae,
    bmd: bmd.value,
    bmdValueId: bmd.valueId,
    sourceValueIds: [bmd.valueId],
    bmc: bmc?.value ?? null,
    area: area?.value ?? null,
  };
}

function partOf({ roi, bmc, area }: Measurement): VertebraPart | null {
  const [vertebra] = roi.vertebrae;
  if (roi.vertebrae.length !== 1 || vertebra === undefined || bmc === null || area === null) return null;
  if (bmc.value <= 0 || area.value <= 0) return null;
  return { vertebra, bmc: bmc.value, area: area.value, sourceValueIds: [bmc.valueId, area.valueId] };
}
