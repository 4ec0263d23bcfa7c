import { assembleStudy } from '../src/dxa/study/assembly.ts';
import type { Measurement, PatientHistory, Scanner, StudyOfPatient } from '../src/dxa/study/history.ts';
import { timeOf } from '../src/dxa/study/standing-analysis.ts';
import type { Bmd } from '../src/dxa/values/quantity.ts';
import { vertebraeKey } from '../src/dxa/values/region.ts';
import type { MeasuredValue, NormalisedReport } from '../src/dxa/values/report.ts';
import { scannerKey } from '../src/dxa/values/scanner-key.ts';

/** Puts a patient together from adapted reports without a database, as src/db/records/history.ts does with one. */
export function historyOfReports(patientId: string, reports: readonly NormalisedReport[]): PatientHistory {
  const byStudy = Map.groupBy(reports, ({ study }) => study.studyInstanceUid);
  return { patientId, studies: [...byStudy].map(([uid, ofStudy]) => studyOf(uid, ofStudy)) };
}

function studyOf(uid: string, reports: readonly NormalisedReport[]): StudyOfPatient {
  const { findings: _findings, ...assembled } = assembleStudy(
    reports.map((report) => ({
      sopInstanceUid: report.sopInstanceUid,
      contentAt: report.contentAt,
      scannedAt: report.study.scannedAt,
      sex: report.patient.sex,
      birthDate: report.patient.birthDate,
      ethnicGroup: report.body.ethnicGroup,
      weightKg: report.body.weightKg,
      heightM: report.body.heightM,
      measurements: measurementsOf(report),
    })),
  );
  return { ...assembled, studyId: uid, studyInstanceUid: uid };
}

function measurementsOf(report: NormalisedReport): readonly Measurement[] {
  const { equipment } = report;
  const { key, identified } = scannerKey(equipment);
  const { manufacturer, modelName, deviceSerialNumber, stationName, softwareVersions } = equipment;
  const scanner: Scanner = { scannerId: key, manufacturer, modelName, deviceSerialNumber, stationName, identified };
  const groups = Map.groupBy(report.values, ({ scanType, roi, laterality }) =>
    [scanType, roi.region, vertebraeKey(roi.vertebrae), laterality].join('|'),
  );
  return [...groups.values()].flatMap((values): readonly Measurement[] => {
    const [first] = values;
    if (first === undefined) return [];
    const sourced = ({ path, value }: MeasuredValue) => ({ valueId: `${report.sopInstanceUid}#${path}`, value });
    const of = (quantity: MeasuredValue['quantity']) => values.filter((value) => value.quantity === quantity);
    const single = (quantity: MeasuredValue['quantity']) => of(quantity).map(sourced)[0] ?? null;
    const scores = (quantity: 't_score' | 'z_score') =>
      of(quantity).map((value) => ({ ...sourced(value), referencePopulation: value.referencePopulation }));
    const bmd = single('bmd');
    return [
      {
        scannedAt: timeOf(report.study.scannedAt),
        contentAt: report.contentAt,
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
      },
    ];
  });
}
