import type { JobCounts, JobQueue, QueueSystem } from '../queue/connect.ts';
import { ASSESS_QUEUE, type AssessJob, INGEST_QUEUE, type IngestJob } from '../queue/job.ts';
import { inBatches } from './batch.ts';

/** Tries of a job whose failure may pass: about a minute in all. Files that fail for good are refused, not retried. */
const RETRY = { attempts: 6, backoff: { type: 'exponential', delay: 1000, jitter: 0.5 } } as const;

const BATCH = 100;

export type JobQueues = {
  readonly enqueueIngests: (sourceFileIds: readonly string[]) => Promise<void>;
  readonly enqueueAssessments: (patientIds: readonly string[]) => Promise<void>;
  readonly counts: () => Promise<Readonly<Record<string, JobCounts>>>;
  /** When the oldest waiting job of each queue was added, in milliseconds since 1970. */
  readonly waitingSince: () => Promise<Readonly<Record<string, number | null>>>;
  readonly close: () => Promise<void>;
};

/**
 * Opens both queues. A file or patient that already waits is not queued twice; one that is at work is queued once more,
 * because its job may have read the state before. That saves work; correctness rests on the rows alone. Calls made at the
 * same time share their round trips and commits: on PostgreSQL adding a hundred jobs costs about as much as adding one.
 */
export async function openJobQueues(system: QueueSystem, onError: (error: Error) => void): Promise<JobQueues> {
  const [ingest, assess]: readonly [JobQueue<IngestJob>, JobQueue<AssessJob>] = await Promise.all([
    system.openQueue<IngestJob>(INGEST_QUEUE, onError),
    system.openQueue<AssessJob>(ASSESS_QUEUE, onError),
  ]);
  const once = (id: string) => ({ ...RETRY, deduplication: { id, keepLastIfActive: true } });
  const addIngest = inBatches(async (ids: readonly string[]) => {
    await ingest.addMany(
      [...new Set(ids)].map((id) => ({ payload: { sourceFileId: id }, options: once(`file-${id}`) })),
    );
    return ids;
  }, BATCH);
  const addAssessment = inBatches(async (ids: readonly string[]) => {
    await assess.addMany(
      [...new Set(ids)].map((id) => ({ payload: { patientId: id }, options: once(`patient-${id}`) })),
    );
    return ids;
  }, BATCH);
  return {
    enqueueIngests: async (ids) => void (await Promise.all(ids.map(addIngest))),
    enqueueAssessments: async (ids) => void (await Promise.all(ids.map(addAssessment))),
    counts: async () => ({ [INGEST_QUEUE]: await ingest.counts(), [ASSESS_QUEUE]: await assess.counts() }),
    waitingSince: async () => ({
      [INGEST_QUEUE]: await ingest.waitingSince(),
      [ASSESS_QUEUE]: await assess.waitingSince(),
    }),
    close: async () => {
      await Promise.all([ingest.close(), assess.close()]);
    },
  };
}
