import { setTimeout as sleep } from 'node:timers/promises';
import { UnrecoverableError, WaitingError } from 'bullmq';
import { codeOf, DxaflowError } from '../errors/errors.ts';
import { isOutage, isStalePlan } from '../errors/transient.ts';

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

/** Not the job's fault: the job goes back to where it was, with all its attempts. */
export class HandedBack extends WaitingError {}

export type Bearing = {
  readonly closing: AbortSignal;
  /** Hears of every try that met an outage. */
  readonly onOutage: (error: Error) => void;
  /**
   * Whether this process can no longer work with the database, asked when a job breaks: what a statement then says of a
   * changed table is not the job's fault. Fails as the database does when that is away.
   */
  readonly isOutdated: () => Promise<boolean>;
};

const OUTAGE_WAIT_MS = { first: 250, most: 5000 } as const;

/**
 * Does a job. While the database or the network is away it waits where it is, and no attempt is used up; throws
 * `HandedBack` when the process stops before they are back, or cannot work with the database any more.
 */
export async function bearOutages(work: () => Promise<void>, bearing: Bearing): Promise<void> {
  const { closing, onOutage, isOutdated } = bearing;
  for (let wait: number = OUTAGE_WAIT_MS.first; ; wait = Math.min(wait * 2, OUTAGE_WAIT_MS.most)) {
    let failure: unknown;
    try {
      await work();
      return;
    } catch (error) {
      failure = error;
    }
    try {
      if (!isOutage(failure) && (await isOutdated())) throw new HandedBack();
    } catch (error) {
      if (!isOutage(error)) throw error;
      failure = error;
    }
    if (!isOutage(failure) && !isStalePlan(failure)) throw failure;
    if (closing.aborted) throw new HandedBack();
    onOutage(withoutValues(failure));
    await sleep(wait * (0.5 + Math.random()), undefined, { signal: closing }).catch(() => undefined);
  }
}
