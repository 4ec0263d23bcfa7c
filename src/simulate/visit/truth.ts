import { fixed } from '../scanner/fixed.ts';
import { type JudgedChange, judgeLosses, judgePair } from './judge-pair.ts';
import type { SimulatedPatient } from './patient.ts';
import type { Situation } from './situation.ts';
import type { Visit } from './visit.ts';

/** What must become of a file: `stored`, `duplicate` of another file, or `refused` with a reason code. */
export type ExpectedState = 'stored' | 'duplicate' | 'refused';

export type FileTruth = {
  readonly name: string;
  readonly situation: Situation;
  readonly sop_instance_uid: string;
  readonly study_instance_uid: string;
  readonly patient_id: string;
  readonly expected_state: ExpectedState;
  readonly expected_code: 'TRUNCATED' | 'NOT_DXA' | null;
  /** Name of the file with the same bytes, for a duplicate. */
  readonly duplicate_of: string | null;
};

export type ChangeTruth = {
  readonly vertebrae: string;
  readonly laterality: string;
  readonly from_g_per_cm2: string;
  readonly to_g_per_cm2: string;
  readonly delta_g_per_cm2: string;
  readonly lsc_g_per_cm2: string;
};

/** Opposite changes of spine and hip in one study against the previous one, with every side of the hip that has them. */
export type CaseTruth = {
  readonly rule_code: 'D1_SPINE_UP_HIP_DOWN' | 'D2_SPINE_DOWN_HIP_UP';
  readonly situation: Situation;
  readonly patient_id: string;
  readonly study_instance_uid: string;
  readonly previous_study_instance_uid: string;
  readonly study_date: string;
  readonly previous_study_date: string;
  readonly spine: ChangeTruth;
  readonly hips: readonly ChangeTruth[];
};

/** A study at which spine or total hip fell by the LSC or more since the previous one: a loss case, or D1 or D2. */
export type LossTruth = {
  readonly situation: Situation;
  readonly patient_id: string;
  readonly study_instance_uid: string;
  /** "spine none", "total_hip mean". */
  readonly sites: readonly string[];
};

export type PatientTruth = {
  readonly patient_id: string;
  readonly situation: Situation;
  readonly style: string;
  readonly study_instance_uids: readonly string[];
  /** Of the last study; null when it opens no D1 or D2 case. */
  readonly expected_rule_code: CaseTruth['rule_code'] | null;
};

export type Truth = {
  readonly seed: number;
  readonly counts: {
    readonly patients: number;
    readonly studies: number;
    readonly files: number;
    readonly stored: number;
    readonly duplicates: number;
    readonly refused: number;
  };
  /** Exactly the D1 cases that must be found, one entry a study. */
  readonly d1_cases: readonly CaseTruth[];
  /** Exactly the D2 cases. */
  readonly d2_cases: readonly CaseTruth[];
  /** Every study with a loss since the previous one; the loss rules, or D1 or D2, must name each of them. */
  readonly loss_cases: readonly LossTruth[];
  readonly patients: readonly PatientTruth[];
  readonly files: readonly FileTruth[];
  /** Names, ids and accession numbers; none of them may appear in a log, a queue or an error message. */
  readonly planted_values: readonly string[];
};

/** Every case of one patient, each study against the previous one. */
export function casesOf(patient: SimulatedPatient): readonly CaseTruth[] {
  return patient.visits.flatMap((visit, index) => {
    const previous = patient.visits[index - 1];
    const pair = previous === undefined ? null : judgePair(previous, visit);
    if (previous === undefined || pair === null) return [];
    return [
      {
        rule_code: pair.direction === 'spine_up_hip_down' ? 'D1_SPINE_UP_HIP_DOWN' : 'D2_SPINE_DOWN_HIP_UP',
        situation: patient.situation,
        patient_id: patient.person.patientId,
        study_instance_uid: visit.studyInstanceUid,
        previous_study_instance_uid: previous.studyInstanceUid,
        study_date: isoDate(visit),
        previous_study_date: isoDate(previous),
        spine: changeTruth(pair.spine),
        hips: pair.hips.map(changeTruth),
      },
    ];
  });
}

/** Every loss of one patient, each study against the previous one. */
export function lossesOf(patient: SimulatedPatient): readonly LossTruth[] {
  return patient.visits.flatMap((visit, index) => {
    const previous = patient.visits[index - 1];
    const losses = previous === undefined ? [] : judgeLosses(previous, visit);
    if (losses.length === 0) return [];
    return [
      {
        situation: patient.situation,
        patient_id: patient.person.patientId,
        study_instance_uid: visit.studyInstanceUid,
        sites: losses.map(({ vertebrae, laterality }) => `${vertebrae === '' ? 'total_hip' : 'spine'} ${laterality}`),
      },
    ];
  });
}

function changeTruth(change: JudgedChange): ChangeTruth {
  return {
    vertebrae: change.vertebrae,
    laterality: change.laterality,
    from_g_per_cm2: fixed(change.from, 3),
    to_g_per_cm2: fixed(change.to, 3),
    delta_g_per_cm2: fixed(change.delta, 3),
    lsc_g_per_cm2: fixed(change.lsc, 3),
  };
}

function isoDate(visit: Visit): string {
  const { studyDate } = visit;
  return `${studyDate.slice(0, 4)}-${studyDate.slice(4, 6)}-${studyDate.slice(6, 8)}`;
}

/** What identifies a person, in the spellings in which it could leak. */
export function plantedValuesOf(patient: SimulatedPatient): readonly string[] {
  const { familyName, givenName, patientId } = patient.person;
  return [
    patientId,
    familyName,
    `${familyName}^${givenName}`,
    `${familyName}, ${givenName}`,
    ...patient.visits.map(({ accessionNumber }) => accessionNumber),
  ];
}
