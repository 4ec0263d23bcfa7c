import type { JobCounts, JobQueue, Patience, QueueSystem } from '../../queue/connect.ts';
import { ASSESS_QUEUE, type AssessJob, INGEST_QUEUE, type IngestJob } from '../../queue/job.ts';
import { inBatches } from '../batch.ts';
import { type FailedJobs, removeFailedJobs } from './failed-jobs.ts';

/** Tries of a job whose failure may pass: about a minute in all. Files that fail for good are refused, not retried. */
const RETRY = { attempts: 6, backoff: { type: 'exponential', delay: 1000, jitter: 0.5 } } as const;

const BATCH = 100;

/** BullMQ takes jobs without a priority first, then by rising number. */
const FIRST = 0;
const LAST = 10;

export type JobQueues = {
  /** `behind`: again, after everything that came in by itself; the failed jobs kept of them are taken off. */
  readonly enqueueIngests: (sourceFileIds: readonly string[], behind?: 'behind') => Promise<void>;
  readonly enqueueAssessments: (patientIds: readonly string[], behind?: 'behind') => Promise<void>;
  readonly counts: () => Promise<Readonly<Record<string, JobCounts>>>;
  /** When the oldest waiting job of each queue was added, in milliseconds since 1970. */
  readonly waitingSince: () => Promise<Readonly<Record<string, number | null>>>;
  /** The failed jobs that the queue keeps of files and of patients. */
  readonly failed: Readonly<Record<'file' | 'patient', FailedJobs>>;
  /** Has done what a wrong clock keeps waiting; to be called again and again. */
  readonly freeOverdue: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * Opens both queues. A file or patient that already waits is not queued twice; one that is at work is queued once more,
 * because its job may have read the state before. That saves work; correctness rests on the rows alone. Calls made at the
 * same time share their round trips and commits: on PostgreSQL adding a hundred jobs costs about as much as adding one.
 */
export async function openJobQueues(
  system: QueueSystem,
  onError: (error: Error) => void,
  patience?: Patience,
): Promise<JobQueues> {
  const [ingest, assess]: readonly [JobQueue<IngestJob>, JobQueue<AssessJob>] = await Promise.all([
    system.openQueue<IngestJob>(INGEST_QUEUE, onError, patience),
    system.openQueue<AssessJob>(ASSESS_QUEUE, onError, patience),
  ]);
  const once = (id: string, priority: number) => ({
    ...RETRY,
    priority,
    deduplication: { id, keepLastIfActive: true },
  });
  const adder = <T>(queue: JobQueue<T>, kind: string, payloadOf: (id: string) => T, priority: number) =>
    inBatches(async (ids: readonly string[]) => {
      await queue.addMany(
        [...new Set(ids)].map((id) => ({ payload: payloadOf(id), options: once(`${kind}-${id}`, priority) })),
      );
      return ids;
    }, BATCH);
  const both = <T>(queue: JobQueue<T>, kind: string, payloadOf: (id: string) => T) => {
    const [first, last] = [adder(queue, kind, payloadOf, FIRST), adder(queue, kind, payloadOf, LAST)];
    return async (ids: readonly string[], behind?: 'behind') => {
      if (behind !== undefined && ids.length > 0) await removeFailedJobs(queue, async () => new Set(ids));
      await Promise.all(ids.map(behind === undefined ? first : last));
    };
  };
  return {
    enqueueIngests: both(ingest, 'file', (id): IngestJob => ({ sourceFileId: id })),
    enqueueAssessments: both(assess, 'patient', (id): AssessJob => ({ patientId: id })),
    counts: async () => ({ [INGEST_QUEUE]: await ingest.counts(), [ASSESS_QUEUE]: await assess.counts() }),
    waitingSince: async () => ({
      [INGEST_QUEUE]: await ingest.waitingSince(),
      [ASSESS_QUEUE]: await assess.waitingSince(),
    }),
    failed: { file: ingest, patient: assess },
    freeOverdue: async () => {
      await Promise.all([ingest.freeOverdue(), assess.freeOverdue()]);
    },
    close: async () => {
      await Promise.all([ingest.close(), assess.close()]);
    },
  };
}
