import { within } from '../../errors/within.ts';
import { type JobQueues, openJobQueues } from '../../jobs/work/enqueue.ts';
import type { Runtime } from '../../runtime/runtime.ts';

const PATIENCE_MS = 5000;

/**
 * Spares work that is committed in the rows the wait for the sweep. False when the queue does not answer or does not take
 * it; the sweep of a running intake finds it then.
 */
export async function enqueueOrDefer(
  runtime: Runtime,
  enqueue: (queues: JobQueues) => Promise<void>,
): Promise<boolean> {
  const onError = (error: unknown) => runtime.log.debug({ err: error }, 'queue connection');
  try {
    const queues = await openJobQueues(runtime.queues, onError, { ms: PATIENCE_MS, late: 'refuse' });
    try {
      return await within(
        enqueue(queues).then(() => true),
        PATIENCE_MS,
        false,
      );
    } finally {
      await queues.close();
    }
  } catch (error) {
    runtime.log.warn({ err: error }, 'not queued; the sweep will find it');
    return false;
  }
}

/** Said after what was committed, when enqueueOrDefer gave false. */
export const DEFERRED_TO_SWEEP = 'The queue is not responding; the running intake picks up the work once it is back.';
