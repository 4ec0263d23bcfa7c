import { openRandom } from '../../src/simulate/scanner/random.ts';
import { USUAL_STYLE } from '../../src/simulate/scanner/style.ts';
import type { SimulatedPatient } from '../../src/simulate/visit/patient.ts';
import { drawPerson, type Person } from '../../src/simulate/visit/person.ts';
import { reportFiles, writeReport } from '../../src/simulate/visit/visit-report.ts';
import { COURSES, type Course, type CoursePatient, drawCourse } from './course.ts';

export type CourseTruth = {
  readonly patient_id: string;
  readonly course: Course;
  /** Bone is truly lost at some visit. */
  readonly true_loss: boolean;
  /** In order; the codes that must be said of each, a rule that names its case or supports it, or a line of the visit. */
  readonly visits: readonly { readonly study_instance_uids: readonly string[]; readonly expected: readonly string[] }[];
};

export type SimulatedCourses = {
  /** Writes each file when it is asked for. */
  readonly files: Iterable<{ readonly patientId: string; readonly bytes: Uint8Array }>;
  readonly truth: readonly CourseTruth[];
};

/** Every course once, slow loss twice and unchanged bone five times: these two are measured as rates. */
const TURNS: readonly Course[] = [...COURSES, 'slow_loss', ...Array.from({ length: 4 }, () => 'unchanged' as const)];

/** Simulates patients over several visits, the courses in turn, as reports of GE Lunar. The same options give the same bytes. */
export function simulateCourses({
  patients,
  seed,
}: {
  readonly patients: number;
  readonly seed: number;
}): SimulatedCourses {
  const drawn = Array.from({ length: patients }, (_, index) => {
    const course = TURNS[index % TURNS.length] ?? 'unchanged';
    const random = openRandom(seed, `course ${index}`);
    return drawCourse(random, course, personOf(seed, index, course), `${seed}C${index}`);
  });
  return {
    truth: drawn.map(({ course, person, trueLoss, truth }) => ({
      patient_id: person.patientId,
      course,
      true_loss: trueLoss,
      visits: truth.map(({ studies, expected }) => ({ study_instance_uids: studies, expected })),
    })),
    files: {
      *[Symbol.iterator]() {
        for (const [index, patient] of drawn.entries()) yield* filesOf(patient, index);
      },
    },
  };
}

function* filesOf({ person, visits }: CoursePatient, index: number) {
  const patient: SimulatedPatient = { index, situation: 'clean', person, style: USUAL_STYLE, visits };
  for (const visit of visits) {
    for (const file of reportFiles(patient, visit)) {
      yield { patientId: person.patientId, bytes: writeReport(patient, visit, file) };
    }
  }
}

function personOf(seed: number, index: number, course: Course): Person {
  const random = openRandom(seed, `course person ${index}`);
  const person = drawPerson(random, seed, index);
  if (course !== 'child') return person;
  return {
    ...person,
    birthDate: `${random.integer(2006, 2008)}0610`,
    height: random.integer(128, 150),
    weight: random.integer(280, 420),
  };
}
