import { describeResponse, EXPECTED_RESPONSES } from '../change/expected-response.ts';
import { dayOf, daysBetween, yearsBetween } from '../study/chronology.ts';
import { type Agent, CLASS_OF_AGENT, type Therapy } from '../study/context.ts';
import { type CaseView, type ExplanationRule, isKeyPattern } from './explanation.ts';

/** Spine up and hip down is known in the first 12-18 months on teriparatide (clinical-rules 4.4; Watts 2009, VERIFIED for the neck). */
export const ANABOLIC_DAYS = 548;

const BISPHOSPHONATES: readonly Agent[] = ['alendronate', 'risedronate', 'ibandronate', 'zoledronate'];

export const TREATMENT_EXPLANATIONS: readonly ExplanationRule[] = [
  {
    code: 'SWITCH_TO_TERIPARATIDE',
    group: 'treatment',
    weight: 86,
    source:
      'Lyu 2019 (VERIFIED): transient loss at the hip in the first year after a bisphosphonate; clinical-rules 4.4',
    weigh: (view) => {
      const teriparatide = current(view).find(({ agent }) => agent === 'teriparatide');
      if (teriparatide === undefined || !isKeyPattern(view)) return null;
      const before = (view.context.therapies ?? []).find(
        (therapy) =>
          (BISPHOSPHONATES.includes(therapy.agent) || therapy.agent === 'denosumab') &&
          therapy.startedOn < teriparatide.startedOn &&
          (therapy.endedOn === null ||
            daysBetween(therapy.endedOn, teriparatide.startedOn) <= view.settings.antiresorptiveDays),
      );
      if (before === undefined) return null;
      return {
        says: `Teriparatide was started on ${teriparatide.startedOn} after ${before.agent}; in the first year after this sequence hip BMD falls while the spine rises.`,
        evidence: { from: before.agent, to: 'teriparatide', startedOn: teriparatide.startedOn },
      };
    },
  },
  {
    code: 'EXPECTED_ON_ANABOLIC',
    group: 'treatment',
    weight: 84,
    source: 'FPT (Watts 2009, VERIFIED): 10 % lose more than 4 % at the neck while the spine rises; clinical-rules 4.4',
    weigh: (view) => {
      const day = dayOf(view.followUp.scannedAt);
      const anabolic = current(view).find(
        ({ agent, startedOn }) =>
          (agent === 'teriparatide' || agent === 'abaloparatide') && daysBetween(startedOn, day) <= ANABOLIC_DAYS,
      );
      if (anabolic === undefined || !isKeyPattern(view)) return null;
      return {
        says: `The scan lies ${monthsText(anabolic.startedOn, day)} after the start of ${anabolic.agent}; a rising spine with a falling hip is known in the first 18 months. Published: ${published(anabolic.agent)}.`,
        evidence: { agent: anabolic.agent, startedOn: anabolic.startedOn },
      };
    },
  },
  {
    code: 'NOT_EXPECTED_ON_ANTIRESORPTIVE',
    group: 'treatment',
    weight: 56,
    source: 'clinical-rules 4.4',
    weigh: (view) => {
      const day = dayOf(view.followUp.scannedAt);
      const therapies = current(view);
      const [long] = therapies.filter(
        ({ agent, startedOn }) =>
          CLASS_OF_AGENT[agent] === 'antiresorptive' && daysBetween(startedOn, day) > view.settings.antiresorptiveDays,
      );
      const anabolic = therapies.some(({ agent }) => CLASS_OF_AGENT[agent] === 'anabolic');
      if (long === undefined || anabolic || !isKeyPattern(view)) return null;
      return {
        says: `${long.agent} has been on file for ${monthsText(long.startedOn, day)}; a falling hip is not expected then, which leaves adherence, turnover markers and secondary causes to look at. Published: ${published(long.agent)}.`,
        evidence: { agent: long.agent, startedOn: long.startedOn, adherence: view.context.adherence },
      };
    },
  },
  {
    code: 'TREATMENT_STOPPED',
    group: 'treatment',
    weight: 57,
    source: 'clinical-rules 4.4 (RECALLED)',
    weigh: (view) => {
      const stopped = therapiesInInterval(view).find(
        ({ agent, endedOn }) => endedOn !== null && CLASS_OF_AGENT[agent] === 'antiresorptive',
      );
      if (stopped === undefined || view.hip?.verdict !== 'down' || current(view).length > 0) return null;
      return {
        says: `${stopped.agent} ended on ${stopped.endedOn} between the scans, and nothing else is on file since; loss is then expected, at the spine as well.`,
        evidence: { agent: stopped.agent, endedOn: stopped.endedOn },
      };
    },
  },
];

/** Therapies that were going on at the follow-up. */
function current({ context, followUp }: CaseView): readonly Therapy[] {
  const day = dayOf(followUp.scannedAt);
  return (context.therapies ?? []).filter(
    ({ startedOn, endedOn }) => startedOn <= day && (endedOn === null || endedOn >= day),
  );
}

/** Therapies that were going on at some time between the scans. */
function therapiesInInterval({ context, followUp, spine, hip }: CaseView): readonly Therapy[] {
  const from = (hip ?? spine)?.reference.scannedOn;
  if (from === undefined) return [];
  const to = dayOf(followUp.scannedAt);
  return (context.therapies ?? []).filter(
    ({ startedOn, endedOn }) => startedOn <= to && (endedOn === null || endedOn >= from),
  );
}

function published(agent: Agent): string {
  const responses = EXPECTED_RESPONSES.filter((response) => response.agent === agent).map(describeResponse);
  return responses.length === 0 ? 'nothing on file' : responses.join('; ');
}

function monthsText(from: string, to: string): string {
  return `${Math.round(12 * yearsBetween(from, to))} months`;
}
