import { addDays, daysBetween } from '../study/chronology.ts';
import { coversDay, type TreatmentCourse } from '../study/treatment-course.ts';
import type { IsoDate } from '../values/report.ts';
import { type CaseView, type ExplanationRule, sitesThatFell } from './explanation.ts';
import { switchToTeriparatide } from './treatment.ts';

/** Own: two years after a last dose what denosumab gained is lost (Bone 2011, RECALLED); a scan later on starts below it. */
export const DENOSUMAB_REBOUND_DAYS = 730;

/** Both name vertebral imaging: fractures after denosumab are often several, and a broken vertebra can raise the spine. */
export const DENOSUMAB_EXPLANATIONS: readonly ExplanationRule[] = [
  {
    code: 'DENOSUMAB_STOPPED',
    group: 'treatment',
    basis: 'measured',
    weight: 100,
    source:
      'ECTS 2020 (VERIFIED abstract): rapid loss in most, several vertebral fractures in some; the limit of days is own',
    weigh: (view) => {
      const gap = gapOf(view);
      if (gap === null || (view.fell.length === 0 && view.spine?.verdict !== 'up')) return null;
      const { lastOn, until } = gap;
      const days = daysBetween(lastOn, until ?? view.day);
      const next = view.courses.find(
        ({ agent, startedOn }) => agent !== 'denosumab' && startedOn >= lastOn && startedOn <= view.day,
      );
      const then =
        until === null
          ? `the last dose or day of denosumab on file is ${lastOn}, ${days} days before this scan${next === undefined ? '' : ` (${next.agent} from ${next.startedOn})`}`
          : `denosumab was given on ${lastOn} and then on ${until}, ${days} days later`;
      return {
        says: `Denosumab stopped or was delayed: ${then}. BMD then falls fast at spine and hip, and vertebrae can fracture, which may raise the measured spine; vertebral imaging shows it (${imagingText(view)}).`,
        evidence: { lastOn, until, days },
      };
    },
  },
  {
    code: 'DENOSUMAB_TO_TERIPARATIDE',
    group: 'treatment',
    basis: 'measured',
    weight: 99,
    source:
      'DATA-Switch (Leder 2015, PMC4620731, VERIFIED abstract): transient loss at spine and hip, progressive at the radius',
    weigh: (view) => {
      const change = switchToTeriparatide(view);
      if (change === null || change.before.agent !== 'denosumab' || view.fell.length === 0) return null;
      const { startedOn } = change.teriparatide;
      return {
        says: `Teriparatide was started on ${startedOn} after denosumab: in this sequence BMD falls at spine and hip for a time, and at the radius progressively. Here it fell at ${sitesThatFell(view)}; vertebral imaging shows fractures after denosumab (${imagingText(view)}).`,
        evidence: { from: 'denosumab', to: 'teriparatide', startedOn },
      };
    },
  },
];

type Gap = {
  readonly lastOn: IsoDate;
  /** The next dose; null where there was none up to the scan. */
  readonly until: IsoDate | null;
};

/** The latest time without denosumab after it that could bear on the case; null where there is none. */
function gapOf(view: CaseView): Gap | null {
  const { courses, comparisons, day } = view;
  const references = comparisons.map(({ reference }) => reference.scannedOn).toSorted();
  const [since = day] = references;
  const given = courses.filter(({ agent, startedOn }) => agent === 'denosumab' && startedOn <= day);
  const gaps = given.flatMap((course, index): readonly Gap[] => {
    const { lastOn } = course;
    if (lastOn === null || coversDay(course, day)) return [];
    const until = given[index + 1]?.startedOn ?? null;
    if (until !== null) return until > since ? [{ lastOn, until }] : [];
    if (isSwitch(view, course)) return [];
    return addDays(lastOn, DENOSUMAB_REBOUND_DAYS) >= since ? [{ lastOn, until }] : [];
  });
  return gaps.at(-1) ?? null;
}

/** Teriparatide followed before the dose had worn off: that has a sentence of its own. */
function isSwitch(view: CaseView, { lastOn }: TreatmentCourse): boolean {
  const change = switchToTeriparatide(view);
  return (
    change?.before.agent === 'denosumab' &&
    lastOn !== null &&
    daysBetween(lastOn, change.teriparatide.startedOn) <= view.settings.denosumabGapDays
  );
}

function imagingText({ context: { vertebralFractureAssessment: assessed } }: CaseView): string {
  return assessed === null ? 'whether it was done is not known' : `on file: ${assessed.replaceAll('_', ' ')}`;
}
