import { FAILURE_KINDS, type Failure, findFailed } from '../../db/files/failure.ts';
import type { Pool } from '../../db/pool.ts';
import type { JobQueue } from '../../queue/connect.ts';
import { ASSESS_JOB, INGEST_JOB } from '../../queue/job.ts';

/** A queue as to the failed jobs that it keeps. */
export type FailedJobs = Pick<JobQueue<never>, 'removeFailed'>;

const JOB_ID = INGEST_JOB.transform((job) => job.sourceFileId).or(ASSESS_JOB.transform((job) => job.patientId));

/**
 * Takes the failed jobs off a queue that it keeps of certain files or patients: those that `over` picks out of the ids
 * it is given. A job without an id of ours stays.
 */
export async function removeFailedJobs(
  { removeFailed }: FailedJobs,
  over: (ids: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<number> {
  return await removeFailed(async (payloads) => {
    const ids = payloads.map((payload) => JOB_ID.safeParse(payload).data);
    const gone = await over(ids.filter((id) => id !== undefined));
    return ids.flatMap((id, place) => (id !== undefined && gone.has(id) ? [place] : []));
  });
}

/**
 * Takes off the failed jobs kept of files and patients that stand in the list of failures no more: done since by a night,
 * or tried again. The list is of the rows; a job left over would count as a failure for ever.
 */
export async function removeSettledJobs(
  pool: Pool,
  failed: Readonly<Record<Failure['kind'], FailedJobs>>,
): Promise<number> {
  let taken = 0;
  for (const kind of FAILURE_KINDS) {
    taken += await removeFailedJobs(failed[kind], async (ids) => {
      const still = await findFailed(pool, kind, ids);
      return new Set(ids.filter((id) => !still.has(id)));
    });
  }
  return taken;
}
