import type { NightRun } from '../../db/night/run.ts';
import type { Counts, NightStepRow } from '../../db/night/step.ts';

/**
 * `cut_off` and `failed`: it says that it runs, and nobody is at work, because its process is gone or an error broke it
 * off. Of a night, the next one goes on with it.
 */
export type ShownState = NightRun['state'] | 'cut_off' | 'failed';

export function shownState(
  { state, failureCode }: Pick<NightRun, 'state' | 'failureCode'>,
  atWork: boolean,
): ShownState {
  // A run that goes on has no failure: one that has broken off is not the one at work.
  if (state === 'running' && failureCode !== null) return 'failed';
  return state === 'running' && !atWork ? 'cut_off' : state;
}

/** How much of a step is done, from 0 to 1; null for one at work that does not go through rows by their ids. */
export function progressOf(step: Pick<NightStepRow, 'fromId' | 'afterId' | 'endId' | 'finishedAt'>): number | null {
  if (step.finishedAt !== null) return 1;
  const [from, after, end] = [Number(step.fromId), Number(step.afterId), Number(step.endId)];
  return end <= from ? null : Math.min(1, Math.max(0, (after - from) / (end - from)));
}

/** The step that a run is at, or stopped at; undefined between two steps. */
export const currentStep = <T extends Pick<NightStepRow, 'finishedAt'>>(steps: readonly T[]): T | undefined =>
  steps.findLast(({ finishedAt }) => finishedAt === null);

/** In the order in which they are told; jsonb keeps none. */
const COUNT_WORDS: Readonly<Record<string, string>> = {
  examined: 'examined',
  changed: 'changed',
  failed: 'not done',
  damaged: 'archive damage',
  files: 'files differ',
  patients: 'patients differ',
  finished: 'moves finished',
  filesEnqueued: 'files queued',
  patientsEnqueued: 'patients queued',
  failedJobsSettled: 'failed jobs settled',
  sessions: 'sessions removed',
  links: 'links removed',
  attempts: 'sign-in counts removed',
};

/** "examined 20, changed 3": what a step counted, without what it never met. */
export function countWords(counts: Counts): string {
  const names = [...new Set([...Object.keys(COUNT_WORDS), ...Object.keys(counts)])];
  const met = names.filter((name) => (counts[name] ?? 0) > 0 || (name === 'examined' && name in counts));
  return met.length === 0 ? 'nothing' : met.map((name) => `${COUNT_WORDS[name] ?? name} ${counts[name]}`).join(', ');
}

/** "43 %"; rounded down, so that 100 % is said of nothing that is not done. */
export const percentWords = (progress: number): string => `${Math.floor(progress * 100)} %`;
