import { assessPatient } from '../../src/dxa/assess-patient.ts';
import type { Comparison } from '../../src/dxa/assessment.ts';
import type { OnFile, StudyOfPatient } from '../../src/dxa/history.ts';
import { ASSESSMENT_SETTINGS, type AssessmentSettings } from '../../src/dxa/settings.ts';
import { hip, history, MH, study } from './build-history.ts';

type Given = Parameters<typeof study>[2][number];

/** What differs from a pair that nothing is wrong with. */
export type Case = {
  readonly before?: Given;
  readonly after?: Given;
  readonly beforeOn?: string;
  readonly studyBefore?: Partial<StudyOfPatient>;
  readonly studyAfter?: Partial<StudyOfPatient>;
  readonly onFile?: Partial<OnFile>;
  readonly settings?: Partial<AssessmentSettings>;
};

/** Compares two hips, two years apart, that are the same but for what is given. */
export function compare(given: Case): Comparison {
  const { before = hip('left', '0.800'), after = hip('left', '0.780'), beforeOn = '2020-03-01' } = given;
  const patient = history(
    study('1', beforeOn, [before], given.studyBefore),
    study('2', '2022-03-01', [after], given.studyAfter),
  );
  const { comparisons } = assessPatient(
    patient,
    { ...MH, ...given.onFile },
    { ...ASSESSMENT_SETTINGS, ...given.settings },
  );
  const [comparison] = comparisons;
  if (comparison === undefined || comparisons.length > 1) throw new Error(`${comparisons.length} comparisons`);
  return comparison;
}
