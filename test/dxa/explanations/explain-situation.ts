import { assessPatient } from '../../../src/dxa/assess-patient.ts';
import { explainCase } from '../../../src/dxa/explanations/explain-case.ts';
import type { Agent, PatientContext } from '../../../src/dxa/study/context.ts';
import type { OnFile, StudyOfPatient } from '../../../src/dxa/study/history.ts';
import type { Vertebra } from '../../../src/dxa/values/region.ts';
import { ASSESSMENT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { hip, history, L1_L4, MH, spine, study } from '../build-history.ts';
import { NOTHING_KNOWN } from '../nothing-known.ts';

type Given = Parameters<typeof study>[2];

export type Situation = {
  readonly before?: Given;
  readonly after?: Given;
  readonly studyBefore?: Partial<StudyOfPatient>;
  readonly studyAfter?: Partial<StudyOfPatient>;
  readonly onFile?: Partial<OnFile>;
  readonly context?: Partial<PatientContext>;
  readonly more?: readonly StudyOfPatient[];
  /** Of the case that is explained; D1 or D2 where none is named. */
  readonly rule?: string;
};

export const HIP_BEFORE = hip('left', '0.800', { bmc: '24', area: '30' });
export const HIP_AFTER = hip('left', '0.770', { bmc: '23.1', area: '30' });

/** A woman of 57, both changes far beyond the LSC, nothing else known: nothing to explain it by. */
export function explain(situation: Situation) {
  const visit = { birthDate: situation.studyAfter?.birthDate ?? '1965-01-01' };
  const patient = history(
    ...(situation.more ?? []),
    study('1', '2020-03-01', situation.before ?? [spine('0.850'), HIP_BEFORE], { ...visit, ...situation.studyBefore }),
    study('2', '2022-03-01', situation.after ?? [spine('0.910'), HIP_AFTER], { ...visit, ...situation.studyAfter }),
  );
  const assessment = assessPatient(patient, { ...MH, ...situation.onFile }, ASSESSMENT_SETTINGS);
  const found = assessment.cases.find(
    ({ rule, followUpStudyId }) =>
      followUpStudyId === '2' && (situation.rule === undefined ? /^D[12]_/.test(rule) : rule === situation.rule),
  );
  if (found === undefined) throw new Error('no case');
  return explainCase(found, assessment, patient, { ...NOTHING_KNOWN, ...situation.context }, ASSESSMENT_SETTINGS);
}

/** Four vertebrae of the same area each, unless areas are given, and their set. */
export function spineOf(
  bmds: readonly [number, number, number, number],
  tScores: readonly string[] = [],
  areas: readonly number[] = [14, 14, 14, 14],
): Given {
  const parts = bmds.map((value, index) => ({ value, area: areas[index] ?? 14, tScore: tScores[index] }));
  const singles = parts.map(({ value, area, tScore }, index) =>
    spine(value.toFixed(3), {
      vertebrae: [L1_L4[index] as Vertebra],
      bmc: (area * value).toFixed(4),
      area: area.toFixed(2),
      ...(tScore === undefined ? {} : { tScore }),
    }),
  );
  const bmc = parts.reduce((total, { value, area }) => total + value * area, 0);
  const area = parts.reduce((total, part) => total + part.area, 0);
  return [...singles, spine((bmc / area).toFixed(6))];
}

export const therapy = (agent: Agent, startedOn: string, endedOn: string | null = null) => ({
  agent,
  startedOn,
  endedOn,
});

export const modes = (before: string, after: string): Situation => ({
  before: [spine('0.850', { scanMode: before }), HIP_BEFORE],
  after: [spine('0.910', { scanMode: after }), HIP_AFTER],
});

export const mirror = { before: [spine('0.910'), HIP_AFTER], after: [spine('0.850'), HIP_BEFORE] };

export const L2_L4: readonly Vertebra[] = ['L2', 'L3', 'L4'];

/** A slow loss at the hip, 1.8 % in two years, beside a spine that rose. */
export const SLOW: Situation = {
  before: [spine('0.850'), hip('left', '1.200')],
  after: [spine('0.910'), hip('left', '1.178')],
};
