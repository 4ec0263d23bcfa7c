import { describeResponse, EXPECTED_RESPONSES } from '../change/expected-response.ts';
import { compareText, daysBetween, yearsBetween } from '../study/chronology.ts';
import { type Agent, CLASS_OF_AGENT } from '../study/context.ts';
import { coversDay, type TreatmentCourse } from '../study/treatment-course.ts';
import { type CaseView, type ExplanationRule, isKeyPattern, sitesThatFell } from './explanation.ts';

const BISPHOSPHONATES: readonly Agent[] = ['alendronate', 'risedronate', 'ibandronate', 'zoledronate'];

export const TREATMENT_EXPLANATIONS: readonly ExplanationRule[] = [
  {
    code: 'TREATMENT_STOPPED',
    group: 'treatment',
    basis: 'measured',
    weight: 87,
    source: 'clinical-rules 4.4 (RECALLED)',
    weigh: (view) => {
      if (view.fell.length === 0 || current(view).length > 0) return null;
      const since = view.fell.map(({ reference }) => reference.scannedOn).toSorted(compareText)[0] ?? view.day;
      const stopped = view.courses.findLast(
        ({ agent, lastOn, startedOn }) =>
          agent !== 'denosumab' &&
          CLASS_OF_AGENT[agent] !== 'other' &&
          startedOn <= view.day &&
          lastOn !== null &&
          lastOn >= since,
      );
      if (stopped === undefined) return null;
      const slow = BISPHOSPHONATES.includes(stopped.agent) ? '; after a bisphosphonate that is slow' : '';
      return {
        says: `${stopped.agent} ended on ${stopped.lastOn} between the scans, and nothing else is on file since; BMD can then fall, at the spine as well${slow}.`,
        evidence: { agent: stopped.agent, endedOn: stopped.lastOn },
      };
    },
  },
  {
    code: 'SWITCH_TO_TERIPARATIDE',
    group: 'treatment',
    basis: 'measured',
    weight: 68,
    source:
      'Lyu 2019 (VERIFIED): transient loss at the hip in the first year after a bisphosphonate; clinical-rules 4.4',
    weigh: (view) => {
      const change = switchToTeriparatide(view);
      if (change === null || !BISPHOSPHONATES.includes(change.before.agent)) return null;
      const { startedOn } = change.teriparatide;
      if (daysBetween(startedOn, view.day) > view.settings.anabolicDays) return null;
      if (view.hip?.verdict !== 'down' || view.spine?.verdict === 'down') return null;
      return {
        says: `Teriparatide was started on ${startedOn}, ${monthsText(startedOn, view.day)} before the scan, after ${change.before.agent}; in the first year after this sequence hip BMD falls while the spine rises.`,
        evidence: { from: change.before.agent, to: 'teriparatide', startedOn },
      };
    },
  },
  {
    code: 'EXPECTED_ON_ANABOLIC',
    group: 'treatment',
    basis: 'measured',
    weight: 66,
    source:
      'FPT (Watts 2009, VERIFIED): 10 % lose more than 4 % at the neck while the spine rises; ACTIVE (VERIFIED) for the 1/3 radius; clinical-rules 4.4',
    weigh: (view) => {
      const { day, radius, spine, settings } = view;
      const anabolic = current(view).find(
        ({ agent, startedOn }) =>
          (agent === 'teriparatide' || agent === 'abaloparatide') &&
          daysBetween(startedOn, day) <= settings.anabolicDays,
      );
      const ofRadius = radius?.verdict === 'down' && spine?.verdict !== 'down';
      if (anabolic === undefined || !(isKeyPattern(view) || ofRadius)) return null;
      const known = isKeyPattern(view)
        ? 'a rising spine with a falling hip is known in the first 18 months'
        : 'a falling 33 % radius is known on it';
      return {
        says: `The scan lies ${monthsText(anabolic.startedOn, day)} after the start of ${anabolic.agent}; ${known}. Published: ${published(anabolic.agent)}.`,
        evidence: { agent: anabolic.agent, startedOn: anabolic.startedOn },
      };
    },
  },
  {
    code: 'NOT_EXPECTED_ON_ANTIRESORPTIVE',
    group: 'treatment',
    basis: 'measured',
    weight: 56,
    source: 'clinical-rules 4.4',
    weigh: (view) => {
      const therapies = current(view);
      const [long] = therapies.filter(
        ({ agent, startedOn }) =>
          CLASS_OF_AGENT[agent] === 'antiresorptive' &&
          daysBetween(startedOn, view.day) > view.settings.antiresorptiveDays,
      );
      const anabolic = therapies.some(({ agent }) => CLASS_OF_AGENT[agent] === 'anabolic');
      if (long === undefined || anabolic || view.fell.length === 0) return null;
      return {
        says: `${long.agent} has been on file for ${monthsText(long.startedOn, view.day)}; a loss at ${sitesThatFell(view)} is not expected then, which leaves adherence, turnover markers and secondary causes to look at. Published: ${published(long.agent)}.`,
        evidence: { agent: long.agent, startedOn: long.startedOn, adherence: view.context.adherence },
      };
    },
  },
];

/** Teriparatide that goes on, and the antiresorptive agent it came after within a year; null without such a switch. */
export function switchToTeriparatide(
  view: CaseView,
): { readonly before: TreatmentCourse; readonly teriparatide: TreatmentCourse } | null {
  const teriparatide = current(view).find(({ agent }) => agent === 'teriparatide');
  if (teriparatide === undefined) return null;
  const { startedOn } = teriparatide;
  // Of several the one begun last: the others had been left for it.
  const before = view.courses.findLast(
    (course) =>
      CLASS_OF_AGENT[course.agent] === 'antiresorptive' &&
      course.startedOn < startedOn &&
      (course.lastOn === null || daysBetween(course.lastOn, startedOn) <= view.settings.antiresorptiveDays),
  );
  return before === undefined ? null : { before, teriparatide };
}

/** Treatment that was going on at the follow-up. */
function current({ courses, day }: CaseView): readonly TreatmentCourse[] {
  return courses.filter((course) => coversDay(course, day));
}

function published(agent: Agent): string {
  const responses = EXPECTED_RESPONSES.filter((response) => response.agent === agent).map(describeResponse);
  return responses.length === 0 ? 'nothing on file' : responses.join('; ');
}

function monthsText(from: string, to: string): string {
  return `${Math.round(12 * yearsBetween(from, to))} months`;
}
