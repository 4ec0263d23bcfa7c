import type { IsoDate } from '../values/report.ts';
import type { AssessmentSettings } from '../values/settings.ts';
import { addDays, compareText, dayAfter } from './chronology.ts';
import type { Agent, Therapy } from './context.ts';

/**
 * Treatment with one agent without a gap: episodes that follow each other, and doses that each came before the one before
 * had worn off.
 */
export type TreatmentCourse = {
  readonly agent: Agent;
  readonly startedOn: IsoDate;
  /** Day of the last dose, or last day of the treatment; null while it goes on. */
  readonly lastOn: IsoDate | null;
  /** Last day on which it counts as going on; null while it goes on. */
  readonly coversUntil: IsoDate | null;
};

/** Own: an infusion of zoledronate is given once a year. */
export const ZOLEDRONATE_DOSE_DAYS = 365;

/**
 * The courses of a patient, in order of their start. An episode of a single day is a dose: of denosumab and zoledronate it
 * lasts until the next is due. An episode of several days ended on its last day, which of denosumab is the day of the last
 * dose: that it ended was recorded.
 */
export function treatmentCourses(
  therapies: readonly Therapy[],
  settings: Pick<AssessmentSettings, 'denosumabGapDays'>,
): readonly TreatmentCourse[] {
  const courses: TreatmentCourse[] = [];
  for (const [agent, episodes] of Map.groupBy(therapies, (therapy) => therapy.agent)) {
    let last: TreatmentCourse | null = null;
    for (const episode of episodes.toSorted(byDays)) {
      const next = courseOf(episode, settings);
      if (last === null) last = next;
      else if (follows(last, next, doseDays(agent, settings))) last = joined(last, next);
      else {
        courses.push(last);
        last = next;
      }
    }
    if (last !== null) courses.push(last);
  }
  return courses.sort((a, b) => compareText(a.startedOn, b.startedOn) || compareText(a.agent, b.agent));
}

const byDays = (a: Therapy, b: Therapy) =>
  compareText(a.startedOn, b.startedOn) || compareText(a.endedOn ?? STILL, b.endedOn ?? STILL);

/** After every day on file. */
const STILL = '~';

/** True on the days on which a course counts as going on. */
export function coversDay({ startedOn, coversUntil }: TreatmentCourse, day: IsoDate): boolean {
  return startedOn <= day && (coversUntil === null || coversUntil >= day);
}

function doseDays(agent: Agent, { denosumabGapDays }: Pick<AssessmentSettings, 'denosumabGapDays'>): number {
  if (agent === 'denosumab') return denosumabGapDays;
  return agent === 'zoledronate' ? ZOLEDRONATE_DOSE_DAYS : 0;
}

function courseOf(
  { agent, startedOn, endedOn }: Therapy,
  settings: Pick<AssessmentSettings, 'denosumabGapDays'>,
): TreatmentCourse {
  const isDose = endedOn === startedOn;
  return {
    agent,
    startedOn,
    lastOn: endedOn,
    coversUntil: endedOn === null || !isDose ? endedOn : addDays(endedOn, doseDays(agent, settings)),
  };
}

/** True where the next course began before the one before had worn off, or on the day after. */
function follows({ lastOn }: TreatmentCourse, next: TreatmentCourse, lasts: number): boolean {
  return lastOn === null || next.startedOn <= (lasts === 0 ? dayAfter(lastOn) : addDays(lastOn, lasts));
}

function joined(first: TreatmentCourse, next: TreatmentCourse): TreatmentCourse {
  const isLater = first.lastOn !== null && (next.lastOn === null || next.lastOn >= first.lastOn);
  const { lastOn, coversUntil } = isLater ? next : first;
  return { ...first, lastOn, coversUntil };
}
