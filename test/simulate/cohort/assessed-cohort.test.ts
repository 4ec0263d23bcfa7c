import { describe, expect, it } from 'vitest';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { readReport } from '../../../src/dicom/read-report.ts';
import { assessPatient } from '../../../src/dxa/assess-patient.ts';
import type {
  LscEntry,
  Measurement,
  PatientHistory,
  SourcedValue,
  StudyOfPatient,
} from '../../../src/dxa/study/history.ts';
import type { Bmd, Micro, Quantity } from '../../../src/dxa/values/quantity.ts';
import { parseVertebraeKey } from '../../../src/dxa/values/region.ts';
import type { MeasuredValue, NormalisedReport } from '../../../src/dxa/values/report.ts';
import { ASSESSMENT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { simulateCohort } from '../../../src/simulate/cohort/simulate-cohort.ts';
import { LSC_ROWS, SCANNERS } from '../../../src/simulate/scanner/scanners.ts';
import { adaptImage } from '../../../src/vendors/adapt-image.ts';
import { adaptReport } from '../../../src/vendors/adapt-report.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';

const lscEntries: readonly LscEntry[] = LSC_ROWS.map((row, index) => ({
  lscId: `lsc ${index}`,
  scannerId: SCANNERS[row.scannerId].deviceSerialNumber,
  roi: { region: row.region, vertebrae: parseVertebraeKey(row.vertebrae) },
  laterality: row.laterality,
  leastSignificantChange: (row.lsc * 1000) as Bmd,
  confidenceLevel: 0.95,
  precisionErrorUpper: null,
  degreesOfFreedom: 30,
  validFrom: '2015-01-01',
  validTo: null,
  source: 'simulated',
}));

/** Assembles studies as plainly as can be: no database, no files twice. */
function assemble(patientId: string, reports: readonly NormalisedReport[]): PatientHistory {
  const studies = [...Map.groupBy(reports, ({ study }) => study.studyInstanceUid)].map(([uid, parts]) =>
    study(uid, parts),
  );
  return { patientId, studies };
}

function study(studyInstanceUid: string, parts: readonly NormalisedReport[]): StudyOfPatient {
  const [first] = parts;
  if (first === undefined) throw new Error('no report');
  return {
    studyId: studyInstanceUid,
    studyInstanceUid,
    scannedAt: first.study.scannedAt,
    sex: first.patient.sex,
    birthDate: first.patient.birthDate,
    ethnicGroup: first.body.ethnicGroup,
    weightKg: first.body.weightKg,
    heightM: first.body.heightM,
    measurements: parts.flatMap((report) => measurements(report)),
  };
}

function measurements({ values, equipment, sopInstanceUid }: NormalisedReport): readonly Measurement[] {
  const key = ({ scanLabel, roi, laterality }: MeasuredValue) => JSON.stringify([scanLabel, roi, laterality]);
  return [...Map.groupBy(values, key).values()].flatMap((group): readonly Measurement[] => {
    const [first] = group;
    if (first === undefined) return [];
    const sourced = <T extends Micro>(quantity: Quantity): SourcedValue<T> | null => {
      const found = group.find((value) => value.quantity === quantity);
      return found === undefined ? null : { valueId: `${sopInstanceUid} ${found.path}`, value: found.value as T };
    };
    const { manufacturer, modelName, deviceSerialNumber, stationName, softwareVersions } = equipment;
    const scannerId = deviceSerialNumber ?? '';
    return [
      {
        scanType: first.scanType,
        scanLabel: first.scanLabel,
        roi: first.roi,
        laterality: first.laterality,
        scanner: { scannerId, manufacturer, modelName, deviceSerialNumber, stationName, identified: true },
        softwareVersions,
        scanMode: null,
        bmd: sourced<Bmd>('bmd'),
        bmc: sourced('bmc'),
        area: sourced('area'),
        tScores: [],
        zScores: [],
      },
    ];
  });
}

describe('a simulated cohort, assessed', () => {
  it.each([
    [1, 'usual'],
    [2, 'usual'],
    [3, 'every'],
    [4, 'every'],
  ] as const)(
    'opens D1 and D2 cases in exactly the planted studies (seed %i, %s style)',
    { timeout: 120_000 },
    (seed, variety) => {
      const { files, truth } = simulateCohort({ patients: 40, seed, variety });
      const reports = [...files].flatMap(({ bytes, truth: { expected_state } }) => {
        if (expected_state !== 'stored') return [];
        const read = readReport(bytes, READ_LIMITS);
        const adapted = read.ok ? adaptReport(read.document, RECEIVED_ON) : adaptImage(bytes, READ_LIMITS, RECEIVED_ON);
        expect(adapted.ok).toBe(true);
        return adapted.ok ? [adapted.report] : [];
      });
      const found = [...Map.groupBy(reports, ({ patient }) => patient.patientId)].flatMap(
        ([patientId, parts]) =>
          assessPatient(
            assemble(patientId, parts),
            { lscEntries, crossCalibrations: [], scannerEpochs: [] },
            ASSESSMENT_SETTINGS,
          ).cases,
      );
      const studies = (rule: string) =>
        [...new Set(found.filter((one) => one.rule === rule).map((one) => one.followUpStudyId))].sort();
      const planted = (cases: typeof truth.d1_cases) => cases.map((one) => one.study_instance_uid).sort();
      expect(studies('D1_SPINE_UP_HIP_DOWN')).toEqual(planted(truth.d1_cases));
      expect(studies('D2_SPINE_DOWN_HIP_UP')).toEqual(planted(truth.d2_cases));
    },
  );
});
