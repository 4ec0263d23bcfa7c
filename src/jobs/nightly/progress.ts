import type { NightRun } from '../../db/night/run.ts';
import type { NightStepRow } from '../../db/night/step.ts';

/**
 * `cut_off` and `failed`: it is marked as running without a process at work, because its process is gone or an error broke it
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
