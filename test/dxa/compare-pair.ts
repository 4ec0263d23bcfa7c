import { assessPatient } from '../../src/dxa/assess-patient.ts';
import type { OnFile, StudyOfPatient } from '../../src/dxa/study/history.ts';
import type { Comparison } from '../../src/dxa/values/assessment.ts';
import type { Laterality } from '../../src/dxa/values/region.ts';
import { ASSESSMENT_SETTINGS, type AssessmentSettings } from '../../src/dxa/values/settings.ts';
import { hip, history, MH, study } from './build-history.ts';

type Given = Parameters<typeof study>[2][number];

/** What differs from a pair that nothing is wrong with. */
export type Case = {
  readonly before?: Given | readonly Given[];
  readonly after?: Given | readonly Given[];
  /** Which of several comparisons is meant. */
  readonly side?: Laterality;
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
    study('1', beforeOn, [before].flat(), given.studyBefore),
    study('2', '2022-03-01', [after].flat(), given.studyAfter),
  );
  const { comparisons } = assessPatient(
    patient,
    { ...MH, ...given.onFile },
    { ...ASSESSMENT_SETTINGS, ...given.settings },
  );
  const meant = comparisons.filter(({ laterality }) => given.side === undefined || laterality === given.side);
  const [comparison] = meant;
  if (comparison === undefined || meant.length > 1) throw new Error(`${meant.length} comparisons`);
  return comparison;
}
