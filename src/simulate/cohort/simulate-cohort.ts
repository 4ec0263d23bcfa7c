import { createHash } from 'node:crypto';
import { openRandom } from '../scanner/random.ts';
import type { Variety } from '../scanner/style.ts';
import { writeDoseReport } from '../visit/dose-report.ts';
import { drawPatient, type SimulatedPatient } from '../visit/patient.ts';
import { assignSituations } from '../visit/situation.ts';
import { casesOf, type FileTruth, lossesOf, plantedValuesOf, type Truth } from '../visit/truth.ts';
import type { Visit } from '../visit/visit.ts';
import { type ReportFile, reportFiles, reportUid, writeReport } from '../visit/visit-report.ts';

export type SimulateOptions = {
  readonly patients: number;
  readonly seed: number;
  /** `every`: each patient's reports in one of all known styles of GE Lunar and Hologic; absent, all in the usual one. */
  readonly variety?: Variety;
};

export type SimulatedFile = { readonly name: string; readonly bytes: Uint8Array; readonly truth: FileTruth };

export type SimulatedCohort = {
  /** Writes each file when it is asked for; can be walked again and gives the same bytes. */
  readonly files: Iterable<SimulatedFile>;
  readonly truth: Truth;
  readonly variety: Variety;
};

type Planned = { readonly truth: FileTruth; readonly write: () => Uint8Array };

/**
 * Simulates a cohort of reports (of GE Lunar enCORE unless `variety` says otherwise) with labelled situations. The same options give the same bytes. Files
 * come in random order, as a PACS may send them, except that a resent copy follows its original.
 */
export function simulateCohort({ patients: count, seed, variety = 'usual' }: SimulateOptions): SimulatedCohort {
  const situations = assignSituations(count, seed);
  const [firstKey, firstMirror] = [situations.indexOf('key_pattern'), situations.indexOf('mirror_image')];
  const patients = situations.map((situation, index) =>
    // One of each is planted at exactly the LSC: "must equal or exceed" (ISCD precision calculator glossary).
    drawPatient(seed, index, { situation, variety, exact: index === firstKey || index === firstMirror }),
  );
  const planned = inRandomOrder(
    patients.flatMap((patient) => planPatient(patient, patient.index === firstKey)),
    seed,
  );
  return {
    variety,
    truth: tellTruth(seed, patients, planned),
    files: {
      *[Symbol.iterator]() {
        for (const { truth, write } of planned) yield { name: truth.name, bytes: write(), truth };
      },
    },
  };
}

function planPatient(patient: SimulatedPatient, resendOne: boolean): readonly Planned[] {
  return patient.visits.flatMap((visit, index) => {
    const last = index === patient.visits.length - 1;
    const reports = reportFiles(patient, visit).map((file) => planReport(patient, visit, file));
    if (!last) return reports;
    const resent = patient.situation === 'duplicate' ? reports : resendOne ? reports.slice(-1) : [];
    const extra = resent.map(resend);
    if (patient.situation === 'other_kind') return [...reports, planDoseReport(patient, visit)];
    if (patient.situation === 'cut_off') return [...reports.slice(0, -1), ...reports.slice(-1).map(cutOff)];
    return [...reports, ...extra];
  });
}

function planReport(patient: SimulatedPatient, visit: Visit, file: ReportFile): Planned {
  const uid = reportUid(visit, file.id);
  return { truth: fileTruth(patient, visit, uid, {}), write: () => writeReport(patient, visit, file) };
}

function planDoseReport(patient: SimulatedPatient, visit: Visit): Planned {
  const uid = reportUid(visit, 'dose');
  const truth = fileTruth(patient, visit, uid, { expected_state: 'refused', expected_code: 'NOT_DXA' });
  return { truth, write: () => writeDoseReport(patient, visit) };
}

function resend(original: Planned): Planned {
  const { truth, write } = original;
  const name = fileName(`${truth.sop_instance_uid}/resent`);
  return { truth: { ...truth, name, expected_state: 'duplicate', duplicate_of: truth.name }, write };
}

/** Sixty per cent of the bytes, as a copy that was interrupted leaves them. */
function cutOff({ truth, write }: Planned): Planned {
  const cut = () => {
    const bytes = write();
    return bytes.slice(0, Math.floor(bytes.length * 0.6));
  };
  return { truth: { ...truth, expected_state: 'refused', expected_code: 'TRUNCATED' }, write: cut };
}

function fileTruth(patient: SimulatedPatient, visit: Visit, uid: string, rest: Partial<FileTruth>): FileTruth {
  return {
    name: fileName(uid),
    situation: patient.situation,
    sop_instance_uid: uid,
    study_instance_uid: visit.studyInstanceUid,
    patient_id: patient.person.patientId,
    expected_state: 'stored',
    expected_code: null,
    duplicate_of: null,
    ...rest,
  };
}

/** File names reach logs, so they tell nothing about the patient. */
function fileName(uid: string): string {
  return `sr-${createHash('sha256').update(uid).digest('hex').slice(0, 16)}.dcm`;
}

function inRandomOrder(files: readonly Planned[], seed: number): readonly Planned[] {
  const order = [...files];
  const random = openRandom(seed, 'order');
  for (let index = order.length - 1; index > 0; index -= 1) {
    const other = random.integer(0, index);
    const [a, b] = [order[index], order[other]];
    if (a !== undefined && b !== undefined) [order[index], order[other]] = [b, a];
  }
  const resent = order.filter(({ truth }) => truth.duplicate_of !== null);
  return [...order.filter(({ truth }) => truth.duplicate_of === null), ...resent];
}

function tellTruth(seed: number, patients: readonly SimulatedPatient[], planned: readonly Planned[]): Truth {
  const files = planned.map(({ truth }) => truth);
  const cases = patients.flatMap(casesOf);
  const inState = (state: FileTruth['expected_state']) =>
    files.filter(({ expected_state }) => expected_state === state).length;
  return {
    seed,
    counts: {
      patients: patients.length,
      studies: patients.reduce((total, { visits }) => total + visits.length, 0),
      files: files.length,
      stored: inState('stored'),
      duplicates: inState('duplicate'),
      refused: inState('refused'),
    },
    d1_cases: cases.filter(({ rule_code }) => rule_code === 'D1_SPINE_UP_HIP_DOWN'),
    d2_cases: cases.filter(({ rule_code }) => rule_code === 'D2_SPINE_DOWN_HIP_UP'),
    loss_cases: patients.flatMap(lossesOf),
    patients: patients.map((patient) => ({
      patient_id: patient.person.patientId,
      situation: patient.situation,
      style: patient.style.name,
      study_instance_uids: patient.visits.map(({ studyInstanceUid }) => studyInstanceUid),
      expected_rule_code: casesOf(patient).at(-1)?.rule_code ?? null,
    })),
    files,
    planted_values: patients.flatMap(plantedValuesOf),
  };
}
