import { regionKey } from '../values/region.ts';
import { headerOf } from './assembly.ts';
import { compareText, dayOf, inScanOrder } from './chronology.ts';
import type { Measurement, StudyOfPatient } from './history.ts';
import { type Analysis, assembleRegions, heldAgainst, timeOf } from './standing-analysis.ts';

/**
 * What one patient was scanned for on one day and one scanner, however many studies, accession numbers and reports it came
 * in (surveillance 1). `studyId` names the first of its studies; numbers name the study they are of.
 */
export type Visit = StudyOfPatient & {
  readonly studyIds: readonly string[];
  /** Regions, as `regionKey` writes them, of one scan that two studies of the visit give different BMDs of. */
  readonly analysesDiffer?: readonly string[];
};

/** The visits of a patient, in order. A scanner that cannot be identified makes each study a visit of its own. */
export function visitsOf(studies: readonly StudyOfPatient[]): readonly Visit[] {
  const groups = Map.groupBy(inScanOrder(studies), visitKey);
  return [...groups.values()].map((group) => {
    const [first, ...others] = group;
    if (first === undefined) throw new RangeError('a visit has at least one study');
    return others.length === 0 ? alone(first) : joined(first, group);
  });
}

/** Visits by the id of each of their studies. */
export function visitsByStudy(visits: readonly Visit[]): ReadonlyMap<string, Visit> {
  return new Map(visits.flatMap((visit) => visit.studyIds.map((studyId) => [studyId, visit] as const)));
}

/** A study of several scanners is left as it came: which of them the visit was on cannot be told. */
function visitKey({ studyId, scannedAt, measurements }: StudyOfPatient): string {
  const [first] = measurements;
  const one = measurements.every(({ scanner }) => scanner.scannerId === first?.scanner.scannerId);
  return first === undefined || !one || !first.scanner.identified
    ? `study ${studyId}`
    : `${dayOf(scannedAt)} ${first.scanner.scannerId}`;
}

/** Its numbers in one order, whatever order they were given in. */
function alone(study: StudyOfPatient): Visit {
  const measurements = study.measurements.toSorted(
    (a, b) =>
      compareText(regionKey(a), regionKey(b)) ||
      compareText(a.scanner.scannerId, b.scanner.scannerId) ||
      compareText(a.scanLabel, b.scanLabel) ||
      compareText(a.bmd?.valueId ?? '', b.bmd?.valueId ?? '') ||
      (a.bmd?.value ?? 0) - (b.bmd?.value ?? 0),
  );
  return { ...study, measurements, studyIds: [study.studyId] };
}

function joined(first: StudyOfPatient, studies: readonly StudyOfPatient[]): Visit {
  const inStudy = (study: StudyOfPatient): readonly Analysis[] => study.measurements.map(analysisOf(study));
  const { measurements, repeats, findings } = assembleRegions(studies.flatMap(inStudy));
  // What stands of the visit may be of another study than the repeat.
  const earlier = studies.flatMap(({ studyId, repeats: ofStudy }) =>
    (ofStudy ?? []).map((repeat) => heldAgainst(measurements, { ...repeat, studyId })),
  );
  const header = headerOf(
    studies.map(({ studyInstanceUid, ...study }) => ({
      ...study,
      sopInstanceUid: studyInstanceUid,
      contentAt: study.scannedAt,
      measurements: [],
    })),
  );
  return {
    ...header,
    studyId: first.studyId,
    studyInstanceUid: first.studyInstanceUid,
    studyIds: studies.map(({ studyId }) => studyId),
    measurements,
    repeats: [...earlier, ...repeats],
    analysesDiffer: findings.map(({ subject }) => subject),
  };
}

function analysisOf({ studyId, studyInstanceUid, scannedAt }: StudyOfPatient) {
  return (measurement: Measurement): Analysis => ({
    measurement: { ...measurement, studyId },
    contentAt: measurement.contentAt ?? scannedAt,
    scannedAt: measurement.scannedAt === undefined ? timeOf(scannedAt) : measurement.scannedAt,
    sopInstanceUid: studyInstanceUid,
  });
}
