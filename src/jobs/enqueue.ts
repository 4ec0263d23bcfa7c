import type { JobCounts, JobQueue, QueueSystem } from '../queue/connect.ts';
import { ASSESS_QUEUE, type AssessJob, INGEST_QUEUE, type IngestJob } from '../queue/job.ts';

/** Tries of a job whose failure may pass: about a minute in all. Files that fail for good are refused, not retried. */
const RETRY = { attempts: 6, backoff: { type: 'exponential', delay: 1000, jitter: 0.5 } } as const;

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
 * because its job may have read the state before. That saves work; correctness rests on the rows alone.
 */
export async function openJobQueues(system: QueueSystem, onError: (error: Error) => void): Promise<JobQueues> {
  const [ingest, assess]: readonly [JobQueue<IngestJob>, JobQueue<AssessJob>] = await Promise.all([
    system.openQueue<IngestJob>(INGEST_QUEUE, onError),
    system.openQueue<AssessJob>(ASSESS_QUEUE, onError),
  ]);
  const once = (id: string) => ({ ...RETRY, deduplication: { id, keepLastIfActive: true } });
  return {
    enqueueIngests: async (ids) =>
      await ingest.addMany(ids.map((id) => ({ payload: { sourceFileId: id }, options: once(`file-${id}`) }))),
    enqueueAssessments: async (ids) =>
      await assess.addMany(ids.map((id) => ({ payload: { patientId: id }, options: once(`patient-${id}`) }))),
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
