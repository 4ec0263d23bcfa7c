import { addDays, yearsBetween } from '../../src/simulate/scanner/calendar.ts';
import type { Random } from '../../src/simulate/scanner/random.ts';
import {
  drawHipProfile,
  drawParts,
  drawSpineProfile,
  type Part,
  type Profile,
} from '../../src/simulate/scanner/scan-model.ts';
import { lscOf, SCANNERS, type ScannerId } from '../../src/simulate/scanner/scanners.ts';
import type { Person } from '../../src/simulate/visit/person.ts';
import type { Visit } from '../../src/simulate/visit/visit.ts';
import { uidOf } from '../../src/simulate/writers/part10.ts';

/** What happens to a patient over several visits. */
export const COURSES = [
  /** Nothing changes but the noise of the scanner. */
  'unchanged',
  /** The total hip truly loses 1 % a year; five visits. */
  'slow_loss',
  /** A gain under treatment, then a loss at both sites when it was stopped. */
  'stopped_treatment',
  'gain_then_loss',
  'key_pattern',
  /** The same in two studies of one day, spine and hips apart. */
  'split_visit',
  'mirror_image',
  /** Too little since the previous scan each time, enough since the baseline. */
  'since_baseline',
  'loss_at_both_sites',
  /** The hip loses six tenths of its LSC at each of four follow-ups. */
  'confirmed_loss',
  /** The scanner drifts by -0.5 % a year; the bone does not. */
  'scanner_drift',
  /** The last scan is of another person. */
  'other_person',
  /** The vertebrae of the last scan are labelled one too low. */
  'level_shift',
  /** The key pattern across a renewed LSC. */
  'renewed_lsc',
  'child',
] as const;
export type Course = (typeof COURSES)[number];

/** Per visit: printed BMD in thousandths of g/cm2, and what must be said of it. */
export type CourseVisit = {
  readonly spine: number;
  readonly hip: number;
  /** The other hip, where its error is its own. */
  readonly right?: number;
  /** Codes of rules or remarks that must be there. */
  readonly expected: readonly string[];
};

export type CoursePatient = {
  readonly course: Course;
  readonly person: Person;
  readonly visits: readonly Visit[];
  /** Studies of each visit, with what must be said of it. */
  readonly truth: readonly { readonly studies: readonly string[]; readonly expected: readonly string[] }[];
  /** Bone is truly lost at some visit. */
  readonly trueLoss: boolean;
};

/** The LSC of the scanner `idxa-east` before and from 2019 on, for the courses across a renewed LSC; thousandths of g/cm2. */
export const RENEWED = {
  scannerId: 'idxa-east',
  from: '2019-01-01',
  spine: [25, 28],
  hip: [18, 20],
} as const satisfies { readonly scannerId: ScannerId } & Readonly<Record<string, unknown>>;

const D1 = 'D1_SPINE_UP_HIP_DOWN';
const D1B = 'D1B_SPINE_UP_HIP_DOWN_SINCE_BASELINE';
const D2 = 'D2_SPINE_DOWN_HIP_UP';
const L1 = 'L1_LOSS_AT_BOTH_SITES';
const L2 = 'L2_CONFIRMED_LOSS';
const TRUE_LOSS: readonly Course[] = [
  ...(['slow_loss', 'stopped_treatment', 'gain_then_loss', 'key_pattern', 'split_visit', 'since_baseline'] as const),
  ...(['mirror_image', 'loss_at_both_sites', 'confirmed_loss', 'renewed_lsc'] as const),
];

type Start = { readonly spine: number; readonly hip: number };
type Limits = { readonly spine: number; readonly hip: number };

function series(
  random: Random,
  course: Course,
  start: Start,
  lsc: Limits,
  scannerId: ScannerId,
): readonly CourseVisit[] {
  const { precision } = SCANNERS[scannerId];
  const more = () => random.integer(0, 15);
  const first = { ...start, expected: [] };
  const after = (spine: number, hip: number, ...expected: readonly string[]): CourseVisit => ({
    spine: start.spine + spine,
    hip: start.hip + hip,
    expected,
  });
  const noisy = (count: number, rate: Limits): readonly CourseVisit[] =>
    Array.from({ length: count }, (_, year) => ({
      spine: Math.round(start.spine * (1 + rate.spine * year) + random.normal(0, 1000 * precision.spine)),
      hip: Math.round(start.hip * (1 + rate.hip * year) + random.normal(0, 1000 * precision.hip)),
      right: Math.round(start.hip * (1 + rate.hip * year) + random.normal(0, 1000 * precision.hip)),
      expected: [],
    }));
  const part = { spine: Math.ceil(0.6 * lsc.spine), hip: Math.ceil(0.6 * lsc.hip) };
  switch (course) {
    case 'unchanged':
      return noisy(random.integer(2, 5), { spine: 0, hip: 0 });
    case 'slow_loss':
      return noisy(5, { spine: 0, hip: -0.01 });
    case 'scanner_drift':
      return noisy(5, { spine: -0.005, hip: -0.005 });
    case 'stopped_treatment': {
      const gained = { spine: 2 * part.spine, hip: 2 * part.hip };
      const lost = { spine: gained.spine - lsc.spine - more(), hip: gained.hip - lsc.hip - more() };
      return [first, after(part.spine, part.hip), after(gained.spine, gained.hip), after(lost.spine, lost.hip, L1)];
    }
    case 'gain_then_loss': {
      const [spine, hip] = [lsc.spine + more(), lsc.hip + more()];
      return [first, after(spine, hip), after(spine - lsc.spine - more(), hip - lsc.hip - more(), L1)];
    }
    case 'key_pattern':
    case 'split_visit':
      return [first, after(lsc.spine + more(), -lsc.hip - more(), D1)];
    case 'renewed_lsc':
      // Beyond the larger of the two.
      return [first, after(RENEWED.spine[1] + more(), -RENEWED.hip[1] - more(), D1)];
    case 'mirror_image':
      return [first, after(-lsc.spine - more(), lsc.hip + more(), D2)];
    case 'since_baseline':
      return [first, after(part.spine, -part.hip), after(2 * part.spine, -2 * part.hip, D1B)];
    case 'loss_at_both_sites':
      return [first, after(-lsc.spine - more(), -lsc.hip - more(), L1)];
    case 'confirmed_loss':
      return [0, 1, 2, 3, 4].map((step) =>
        after(random.integer(-2, 2), -step * part.hip, ...(step === 2 || step === 4 ? [L2] : [])),
      );
    case 'other_person':
      return [first, after(random.integer(-60, 60), random.integer(-50, 50), 'MAYBE_OTHER_PERSON')];
    case 'level_shift':
      return [first, after(0, 0, 'LEVEL_SHIFT')];
    case 'child':
      return [0, 1, 2].map((step) =>
        after(step * random.integer(30, 60), step * random.integer(10, 40), ...(step === 0 ? [] : ['GROWING'])),
      );
    default:
      return course satisfies never;
  }
}

/** From T12 to L4, with levels that differ by more than an LSC, so that a wrong label shows. */
const FIVE_LEVELS: Profile = { areas: [1100, 1210, 1320, 1460, 1600], shares: [0.68, 0.8, 0.92, 1.04, 1.16] };

type Body = { readonly spine: Profile; readonly hip: Profile };

function resized({ areas, shares }: Profile, by: number): Profile {
  return { areas: areas.map((area) => Math.round(area * by)), shares };
}

/** Draws one patient of a course; 900 and 800 thousandths are the middle of where a patient starts, less in a child. */
export function drawCourse(random: Random, course: Course, person: Person, key: string): CoursePatient {
  const scannerId: ScannerId =
    course === 'renewed_lsc' ? RENEWED.scannerId : random.pick<ScannerId>(['prodigy', 'idxa']);
  const child = course === 'child';
  const start = child
    ? { spine: random.integer(480, 620), hip: random.integer(560, 700) }
    : { spine: random.integer(820, 1080), hip: random.integer(720, 900) };
  const lsc = {
    spine: lscOf(scannerId, 'spine', 'L1,L2,L3,L4', 'none') ?? RENEWED.spine[1],
    hip: lscOf(scannerId, 'total_hip', '', 'left') ?? RENEWED.hip[1],
  };
  const printed = series(random, course, start, lsc, scannerId);
  const scale = child ? 0.7 : 1;
  const body: Body = {
    spine: resized(drawSpineProfile(random, person.sex), scale),
    hip: resized(drawHipProfile(random, person.sex), scale),
  };
  const bothHips = random.uniform() < 0.5;
  // The first visit lies before 2019 and the last one after it, where the LSC is renewed between them.
  let day = course === 'renewed_lsc' ? '20180305' : addDays('20160101', random.integer(0, 700));
  const visits: Visit[] = [];
  const truth = printed.map(({ spine, hip, right = hip, expected }, index) => {
    if (index > 0) day = addDays(day, course === 'renewed_lsc' ? random.integer(400, 700) : random.integer(350, 380));
    const last = index === printed.length - 1;
    const other = course === 'other_person' && last;
    const shown = other ? { spine: resized(body.spine, 1.18), hip: resized(body.hip, 1.18) } : body;
    const hips = (target: number) => drawParts(random, shown.hip, target);
    const whole = {
      studyDate: day,
      scannerId,
      age: yearsBetween(person.birthDate, day),
      weight: person.weight,
      withoutL2: false,
      femurFiles: 'separate' as const,
      spine: spineOf(random, course, shown.spine, spine, last),
      hips: { left: hips(hip), ...(bothHips ? { right: hips(right) } : {}) },
      ...(other ? { height: person.height + 11 } : {}),
    };
    const pieces =
      course === 'split_visit' && last
        ? [
            { ...whole, hips: {} },
            { ...whole, spine: [] },
          ]
        : [whole];
    return {
      expected,
      studies: pieces.map((piece, place) => {
        const number = visits.length + 1;
        const studyInstanceUid = uidOf(`${key}/${index}/${place}/study`);
        const studyTime = `${String(9 + place).padStart(2, '0')}3000`;
        const accessionNumber = `ZQ${key}V${number}`
          .toUpperCase()
          .replaceAll(/[^A-Z0-9]/g, '')
          .slice(0, 16);
        visits.push({ ...piece, number, studyInstanceUid, accessionNumber, studyTime });
        return studyInstanceUid;
      }),
    };
  });
  return { course, person, visits, truth, trueLoss: TRUE_LOSS.includes(course) };
}

function spineOf(random: Random, course: Course, profile: Profile, target: number, last: boolean): readonly Part[] {
  if (course !== 'level_shift') return drawParts(random, profile, target);
  const levels = drawParts(random, FIVE_LEVELS, target);
  return last ? levels.slice(0, 4) : levels.slice(1);
}
