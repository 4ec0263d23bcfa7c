/**
 * npm run evaluate [-- --json] [-- --patients N] [-- --courses N] [-- --floors N] [-- --seed N]
 *
 * Holds what the rules find against labelled truth: a cohort of single planted changes, courses over several visits, and
 * the chance floors of surveillance section 2. Files are written as DICOM bytes and go through the product's reader,
 * adapter and assessment (archive, queue and database are left out); the floors are assessed from built histories.
 * `--json` ends with one flat JSON object on the last line. Exit code 1 when a bar is not met.
 */
import { parseArgs } from 'node:util';
import { WAY } from './evaluate/assessed.ts';
import { evaluateFloors } from './evaluate/chance-floors.ts';
import { evaluateCourses } from './evaluate/courses.ts';
import { evaluateCohort } from './evaluate/planted-cohort.ts';
import { flatJson } from './flat-json.ts';

const { values: options } = parseArgs({
  options: {
    /** Of the cohort of single planted changes. */
    patients: { type: 'string', default: '5000' },
    courses: { type: 'string', default: '1500' },
    /** A floor. */
    floors: { type: 'string', default: '40000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const seed = Number(options.seed);
const seconds = async <T>(work: () => T | Promise<T>) => {
  const startedAt = performance.now();
  const result = await work();
  return [result, Math.round((performance.now() - startedAt) / 100) / 10] as const;
};

const [floors, floorsSeconds] = await seconds(() => evaluateFloors(Number(options.floors), seed));
const [cohort, cohortSeconds] = await seconds(() => evaluateCohort(Number(options.patients), seed));
const [courses, coursesSeconds] = await seconds(() => evaluateCourses(Number(options.courses), seed));
const violations = [cohort, courses, ...floors].flatMap((part) => part.violations);

if (options.json) {
  const without = <T extends { readonly violations: unknown }>({ violations: _violations, ...rest }: T) => rest;
  const result = {
    ...{ seed, way: WAY, cohortSeconds, coursesSeconds, floorsSeconds },
    cohort: without(cohort),
    courses: without(courses),
    floors: floors.map(without),
    ...{ violations: violations.length, violated: violations.join('; ') },
  };
  console.log(flatJson(result));
} else {
  console.log(`Cohort of planted changes, ${cohortSeconds} s: ${WAY}`);
  console.log(cohort.counts);
  console.table(cohort.rules);
  console.log({ recallOfLosses: cohort.recallOfLosses, noisePer1000CleanFollowUps: cohort.noisePer1000CleanFollowUps });
  console.log(`Courses over several visits, ${courses.patients} patients, ${coursesSeconds} s`);
  console.table(courses.rules);
  console.table(courses.topics);
  console.table(courses.courses);
  console.log(`Chance floors, ${options.floors} patients each, ${floorsSeconds} s`);
  for (const { name, rules, violations: _violations, ...row } of floors) {
    console.log(name, row);
    console.table(rules);
  }
  console.log(violations.length === 0 ? 'Every bar is met.' : `VIOLATED: ${violations.join('; ')}.`);
}
if (violations.length > 0) process.exitCode = 1;
