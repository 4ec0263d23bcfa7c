import { compareText, daysBetween } from '../study/chronology.ts';
import { type Agent, CLASS_OF_AGENT, MARKERS, type Marker, type MarkerResult } from '../study/context.ts';
import type { TreatmentCourse } from '../study/treatment-course.ts';
import { percentText } from '../values/arithmetic.ts';
import type { IsoDate } from '../values/report.ts';
import type { AssessmentSettings } from '../values/settings.ts';

/**
 * Change from baseline that counts as a response, percent: a fall on an antiresorptive agent (IOF-ECTS 2017, VERIFIED at 3
 * months). That a rise by as much counts on an anabolic agent is our own: both are the least significant change of the marker.
 */
export const RESPONSE_PERCENT: Readonly<Record<Marker, number>> = { P1NP: 38, CTX: 56 };

/** A marker before the start of an agent and after it. */
type MarkerChange = {
  readonly from: MarkerResult;
  readonly to: MarkerResult;
  /** Of the baseline; negative where it fell. */
  readonly percent: number;
};

/**
 * A marker from the last sample before the start of an agent to the first that shows the response; null where one of them
 * is missing. A sample of the day of the start is one before it.
 */
function markerChange(
  results: readonly MarkerResult[],
  marker: Marker,
  startedOn: IsoDate,
  settings: AssessmentSettings,
): MarkerChange | null {
  const own = results
    .filter((result) => result.marker === marker)
    .toSorted((a, b) => compareText(a.takenOn, b.takenOn) || a.value - b.value);
  const since = (result: MarkerResult) => daysBetween(startedOn, result.takenOn);
  const from = own.findLast((one) => since(one) <= 0 && -since(one) <= settings.markerBaselineDays);
  const to = own.find(
    (one) => since(one) >= settings.markerResponseFromDays && since(one) <= settings.markerResponseToDays,
  );
  if (from === undefined || to === undefined || from.value <= 0) return null;
  // Ten decimals: 0.50 to 0.22 is a fall of exactly 56 %, which binary fractions put a hair above it.
  return { from, to, percent: Number(((100 * (to.value - from.value)) / from.value).toFixed(10)) };
}

/** What the markers say of the agent that is going on. */
export function describeMarkers(
  markers: readonly MarkerResult[] | null,
  courses: readonly TreatmentCourse[] | null,
  settings: AssessmentSettings,
): string {
  if (markers === null) return 'not known';
  if (courses === null) return 'samples are on file, but treatment is not known: no response can be told';
  const course = courses.at(-1);
  if (course === undefined) return 'samples are on file, but no treatment at this scan: no response can be told';
  const { agent, startedOn } = course;
  const said = MARKERS.flatMap((marker) => {
    const change = markerChange(markers, marker, startedOn, settings);
    if (change === null) return [];
    return [
      `${marker} ${moved(change, RESPONSE_PERCENT[marker])} (${change.from.takenOn} to ${change.to.takenOn}): ${judged(change, marker, agent)}`,
    ];
  });
  return said.length === 0
    ? `no marker with a sample before and after the start of ${agent} on ${startedOn}`
    : `${said.join('; ')}, on ${agent} from ${startedOn}`;
}

function moved({ percent }: MarkerChange, limit: number): string {
  return `${percent > 0 ? 'rose' : 'fell'} by ${percentText(Math.abs(percent), limit, 0)} %`;
}

/** A rise on an anabolic agent is its response; romosozumab slows resorption as well, so that CTX falls on it. */
function judged({ percent }: MarkerChange, marker: Marker, agent: Agent): string {
  const effect = CLASS_OF_AGENT[agent];
  if (effect === 'other') return 'the response to this agent is not known';
  const rises = effect === 'anabolic' && !(agent === 'romosozumab' && marker === 'CTX');
  const responded = (rises ? percent : -percent) > RESPONSE_PERCENT[marker];
  if (rises) {
    if (marker === 'CTX') return responded ? 'turnover rose, as it does on this agent' : 'no rise above the limit';
    return responded ? 'formation response' : 'no formation response above the limit';
  }
  return responded ? 'above the limit' : 'not above the limit';
}
