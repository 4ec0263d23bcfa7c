import type { LscEntry } from '../../src/dxa/study/history.ts';
import type { Assessment, DiscordanceCase, RuleTopic } from '../../src/dxa/values/assessment.ts';
import type { Bmd } from '../../src/dxa/values/quantity.ts';
import type { NormalisedReport } from '../../src/dxa/values/report.ts';
import { scannerKey } from '../../src/dxa/values/scanner-key.ts';
import { SCANNERS } from '../../src/simulate/scanner/scanners.ts';
import { assessReports, isNoise, isWork, per1000, readFile, share, simulatedLscs } from './assessed.ts';
import { COURSES, type Course, RENEWED } from './course.ts';
import { MOST_NOISE } from './planted-cohort.ts';
import { type CourseTruth, simulateCourses } from './simulate-courses.ts';

/** The LSCs of the scanner on which they were renewed. */
function renewedLscs(): readonly LscEntry[] {
  const scannerId = scannerKey(SCANNERS[RENEWED.scannerId]).key;
  return ([0, 1] as const).flatMap((age): readonly LscEntry[] => {
    const common = {
      scannerId,
      confidenceLevel: 0.95,
      precisionErrorUpper: null,
      degreesOfFreedom: 30,
      validFrom: age === 0 ? '2015-01-01' : RENEWED.from,
      validTo: age === 0 ? '2018-12-31' : null,
      source: `precision study of ${age === 0 ? 2015 : 2019}`,
    };
    const entry = (lscId: string, milli: number) => ({
      ...common,
      lscId,
      leastSignificantChange: (1000 * milli) as Bmd,
    });
    return [
      {
        ...entry(`renewed spine ${age}`, RENEWED.spine[age]),
        roi: { region: 'spine', vertebrae: ['L1', 'L2', 'L3', 'L4'] },
        laterality: 'none',
      },
      {
        ...entry(`renewed hip ${age}`, RENEWED.hip[age]),
        roi: { region: 'total_hip', vertebrae: [] },
        laterality: 'any',
      },
    ];
  });
}

type Seen = {
  readonly course: Course;
  readonly trueLoss: boolean;
  readonly expected: readonly string[];
  readonly isFollowUp: boolean;
  readonly patientId: string;
  readonly cases: readonly DiscordanceCase[];
  /** Rules that name or support a case, and lines of the visit. */
  readonly codes: ReadonlySet<string>;
};

function seenOf({ course, true_loss, patient_id, visits }: CourseTruth, assessment: Assessment): readonly Seen[] {
  return visits.map(({ study_instance_uids, expected }, index) => {
    const isHere = (studyIds: readonly string[]) => studyIds.some((uid) => study_instance_uids.includes(uid));
    const cases = assessment.cases.filter((one) => isWork(one) && isHere(one.studyIds));
    const remarks = assessment.visits.filter(({ studyIds }) => isHere(studyIds)).flatMap((visit) => visit.remarks);
    const codes = [
      ...cases.flatMap(({ rule, supporting }) => [rule, ...supporting.map((one) => one.rule)]),
      ...remarks.map(({ code }) => code),
    ];
    return {
      course,
      trueLoss: true_loss,
      expected,
      isFollowUp: index > 0,
      patientId: patient_id,
      cases,
      codes: new Set(codes),
    };
  });
}

const topicOf = (topic: RuleTopic) => (one: DiscordanceCase) => one.topic === topic;

/** What a case is right about: a loss where bone is truly lost, another rule where the truth has it. */
const isRight = (visit: Seen, one: DiscordanceCase): boolean =>
  one.topic === 'loss' ? visit.trueLoss : visit.expected.includes(one.rule);

function ruleRow(seen: readonly Seen[], rule: string) {
  const wanted = seen.filter(({ expected }) => expected.includes(rule));
  const found = seen.flatMap((visit) =>
    visit.cases.filter((one) => one.rule === rule).map((one) => isRight(visit, one)),
  );
  return {
    rule,
    planted: wanted.length,
    recall: share(wanted.filter(({ codes }) => codes.has(rule)).length, wanted.length),
    cases: found.length,
    precision: share(found.filter(Boolean).length, found.length),
  };
}

function courseRow(seen: readonly Seen[], course: Course) {
  const followUps = seen.filter((visit) => visit.course === course && visit.isFollowUp);
  const cases = followUps.flatMap((visit) => visit.cases);
  const rate = (keep: (one: DiscordanceCase) => boolean) => per1000(cases.filter(keep).length, followUps.length);
  const patients = new Set(followUps.map(({ patientId }) => patientId));
  const named = new Set(
    followUps.filter(({ codes }) => [...codes].some((code) => /^L\d_/.test(code))).map((one) => one.patientId),
  );
  return {
    course,
    patients: patients.size,
    followUps: followUps.length,
    reviewPer1000FollowUps: rate(({ tier }) => tier === 'review'),
    checkPer1000FollowUps: rate(({ tier }) => tier === 'check'),
    lossPer1000FollowUps: rate(topicOf('loss')),
    discordancePer1000FollowUps: rate(topicOf('discordance')),
    technicalPer1000FollowUps: rate(topicOf('technical')),
    noisePer1000FollowUps: rate(isNoise),
    shareOfPatientsWithNamedLoss: share(named.size, patients.size),
  };
}

const RECALL_ONE = /^(D1_|D2_|D1B_|L1_|L2_|MAYBE_OTHER_PERSON|LEVEL_SHIFT|GROWING)/;

/** Holds what the rules say over several visits against labelled courses: recall and precision by rule and topic. */
export function evaluateCourses(patients: number, seed: number) {
  const { files, truth } = simulateCourses({ patients, seed });
  const onFile = { lscEntries: [...simulatedLscs(), ...renewedLscs()], crossCalibrations: [], scannerEpochs: [] };
  const reports = new Map<string, NormalisedReport[]>();
  let unread = 0;
  for (const { patientId, bytes } of files) {
    const { report } = readFile(bytes);
    if (report === null) unread += 1;
    else reports.set(patientId, [...(reports.get(patientId) ?? []), report]);
  }
  const seen = truth.flatMap((one) =>
    seenOf(one, assessReports(one.patient_id, reports.get(one.patient_id) ?? [], onFile)),
  );
  const rules = [...new Set(seen.flatMap(({ expected, cases }) => [...expected, ...cases.map(({ rule }) => rule)]))]
    .sort()
    .map((rule) => ruleRow(seen, rule));
  const topics = (['loss', 'discordance', 'technical'] as const).map((topic) => {
    const right = seen.flatMap((visit) => visit.cases.filter(topicOf(topic)).map((one) => isRight(visit, one)));
    return { name: topic, cases: right.length, precision: share(right.filter(Boolean).length, right.length) };
  });
  const courses = COURSES.map((course) => courseRow(seen, course));
  const unchanged = courses.find(({ course }) => course === 'unchanged');
  const growing = seen.filter(
    ({ course, cases }) => course === 'child' && cases.some(({ topic }) => topic !== 'technical'),
  );
  return {
    patients,
    visits: seen.length,
    rules,
    topics,
    courses: courses.map(({ course, ...row }) => ({ name: course, ...row })),
    violations: [
      ...rules
        .filter(({ rule, planted, recall }) => RECALL_ONE.test(rule) && planted > 0 && recall !== 1)
        .map(({ rule }) => `a planted ${rule} was missed in a course`),
      ...(unchanged !== undefined && unchanged.noisePer1000FollowUps > MOST_NOISE
        ? [`more than ${MOST_NOISE} check-tier cases per 1 000 follow-ups of unchanged bone`]
        : []),
      ...(growing.length === 0 ? [] : ['a growing person has a case of loss or discordance']),
      ...(unread === 0 ? [] : ['files of the courses were refused']),
    ],
  };
}
