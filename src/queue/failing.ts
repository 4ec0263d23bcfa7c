import { setTimeout as sleep } from 'node:timers/promises';
import { UnrecoverableError } from 'bullmq';
import { codeOf, DxaflowError } from '../errors.ts';
import { isOutage } from '../transient.ts';

/**
 * What the queue keeps of a failure: BullMQ stores message and stack, and a database's message may quote a value. The
 * error itself stays reachable as the cause, for the log of this process only.
 */
export function withoutValues(error: unknown): Error {
  if (error instanceof DxaflowError) return error;
  const name = error instanceof Error ? error.name : typeof error;
  return new Error(`${name} ${codeOf(error)}`, { cause: error });
}

/** Workers that may die over one job before it is given up. */
export const MAX_STALLED = 3;

export const workerCrashed = () =>
  new DxaflowError(
    'WORKER_CRASHED',
    `Its worker died or hung over it ${MAX_STALLED + 1} times. Look at the worker's log, then: dxaflow failed requeue`,
  );

/** Keeps class, code and cause, and tells BullMQ not to try again. */
export function unrecoverable(error: Error): Error {
  return Object.assign(new UnrecoverableError(error.message), { cause: error, code: codeOf(error) });
}

const OUTAGE_WAIT_MS = { first: 250, most: 5000 } as const;

/** While the database or the network is away a job waits where it is, and no attempt of any job is used up. */
export async function waitOutOutages(
  work: () => Promise<void>,
  closing: AbortSignal,
  onError: (error: Error) => void,
): Promise<void> {
  for (let wait: number = OUTAGE_WAIT_MS.first; ; wait = Math.min(wait * 2, OUTAGE_WAIT_MS.most)) {
    try {
      await work();
      return;
    } catch (error) {
      if (!isOutage(error) || closing.aborted) throw error;
      onError(withoutValues(error));
      await sleep(wait * (0.5 + Math.random()), undefined, { signal: closing }).catch(() => undefined);
    }
  }
}
