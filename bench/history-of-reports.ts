import type { Measurement, PatientHistory, Scanner, StudyOfPatient } from '../src/dxa/study/history.ts';
import type { Bmd } from '../src/dxa/values/quantity.ts';
import { vertebraeKey } from '../src/dxa/values/region.ts';
import type { MeasuredValue, NormalisedReport } from '../src/dxa/values/report.ts';
import { scannerKey } from '../src/dxa/values/scanner-key.ts';

/** Puts a patient together from adapted reports without a database; the latest analysis of a region holds. */
export function historyOfReports(patientId: string, reports: readonly NormalisedReport[]): PatientHistory {
  const byStudy = Map.groupBy(reports, ({ study }) => study.studyInstanceUid);
  return { patientId, studies: [...byStudy].map(([uid, ofStudy]) => studyOf(uid, ofStudy)) };
}

function studyOf(uid: string, reports: readonly NormalisedReport[]): StudyOfPatient {
  const ordered = reports.toSorted((a, b) => (a.contentAt < b.contentAt ? -1 : a.contentAt > b.contentAt ? 1 : 0));
  const chosen = new Map<string, Measurement>();
  for (const report of ordered) {
    for (const [key, measurement] of measurementsOf(report)) {
      if (measurement.bmd !== null || !chosen.has(key)) chosen.set(key, measurement);
    }
  }
  const latest = <T>(pick: (report: NormalisedReport) => T | null) =>
    ordered.reduce<T | null>((found, report) => pick(report) ?? found, null);
  return {
    studyId: uid,
    studyInstanceUid: uid,
    scannedAt: ordered.map(({ study }) => study.scannedAt).sort()[0] ?? '',
    sex: latest(({ patient }) => patient.sex),
    birthDate: latest(({ patient }) => patient.birthDate),
    ethnicGroup: latest(({ body }) => body.ethnicGroup),
    weightKg: latest(({ body }) => body.weightKg),
    heightM: latest(({ body }) => body.heightM),
    measurements: [...chosen.values()],
  };
}

function measurementsOf(report: NormalisedReport): readonly (readonly [string, Measurement])[] {
  const { equipment } = report;
  const { key, identified } = scannerKey(equipment);
  const { manufacturer, modelName, deviceSerialNumber, stationName, softwareVersions } = equipment;
  const scanner: Scanner = { scannerId: key, manufacturer, modelName, deviceSerialNumber, stationName, identified };
  const groups = Map.groupBy(report.values, ({ scanType, roi, laterality }) =>
    [scanType, roi.region, vertebraeKey(roi.vertebrae), laterality].join('|'),
  );
  return [...groups].flatMap(([group, values]) => {
    const [first] = values;
    if (first === undefined) return [];
    const sourced = ({ path, value }: MeasuredValue) => ({ valueId: `${report.sopInstanceUid}#${path}`, value });
    const of = (quantity: MeasuredValue['quantity']) => values.filter((value) => value.quantity === quantity);
    const single = (quantity: MeasuredValue['quantity']) => of(quantity).map(sourced)[0] ?? null;
    const scores = (quantity: 't_score' | 'z_score') =>
      of(quantity).map((value) => ({ ...sourced(value), referencePopulation: value.referencePopulation }));
    const bmd = single('bmd');
    const measurement: Measurement = {
      scanType: first.scanType,
      scanLabel: first.scanLabel,
      roi: first.roi,
      laterality: first.laterality,
      scanner,
      softwareVersions,
      scanMode: null,
      bmd: bmd === null ? null : { valueId: bmd.valueId, value: bmd.value as Bmd },
      bmc: single('bmc'),
      area: single('area'),
      tScores: scores('t_score'),
      zScores: scores('z_score'),
    };
    return [[group, measurement] as const];
  });
}
