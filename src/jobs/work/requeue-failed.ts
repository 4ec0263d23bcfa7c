import type { Signature } from '../../db/audit.ts';
import {
  type Failure,
  type FailureChoice,
  type FailureFilter,
  type Requeued,
  requeueFailures,
} from '../../db/files/failure.ts';
import { inTransaction, type Pool } from '../../db/pool.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import type { JobQueues } from './enqueue.ts';

export type GivenChoice = {
  readonly kind?: Failure['kind'] | undefined;
  readonly id?: string | undefined;
  readonly code?: string | undefined;
  readonly all?: boolean | undefined;
};

/** The filter without what was left open. */
export function failureFilter({ kind, code }: GivenChoice): FailureFilter {
  return { ...(kind === undefined ? {} : { kind }), ...(code === undefined ? {} : { code }) };
}

/**
 * One failure by kind and id, those of a code or kind, or all; everything is never chosen by leaving something out.
 * Throws REQUEUE_CHOICE.
 */
export function chosenFailures(given: GivenChoice): FailureChoice {
  const { kind, id, code, all } = given;
  const one = id !== undefined && kind !== undefined && code === undefined && all !== true;
  const some = id === undefined && (kind !== undefined || code !== undefined) && all !== true;
  const every = all === true && id === undefined && kind === undefined && code === undefined;
  if (!(one || some || every)) {
    throw new DxaflowError('REQUEUE_CHOICE', 'Choose one failure by kind and id, or those of a code or kind, or all.', {
      exitCode: EXIT.usage,
    });
  }
  return { ...failureFilter(given), ...(id === undefined ? {} : { id }) };
}

/** Puts failures back to work in the rows, signed; enqueueRetries then spares them the wait for the sweep. */
export async function requeueFailed(pool: Pool, choice: FailureChoice, signature: Signature): Promise<Requeued> {
  return await inTransaction(pool, (transaction) => requeueFailures(transaction, choice, signature));
}

/** Queues again behind everything that came in by itself. Committed first: what gets lost here, the sweep finds. */
export async function enqueueRetries(
  queues: Pick<JobQueues, 'enqueueIngests' | 'enqueueAssessments'>,
  { files, patients }: Requeued,
): Promise<void> {
  await queues.enqueueIngests(files, 'behind');
  await queues.enqueueAssessments(patients, 'behind');
}
