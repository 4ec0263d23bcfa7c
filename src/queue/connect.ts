import { type Job, type JobsOptions, type Queue, UnrecoverableError } from 'bullmq';
import { DxaflowError } from '../errors/errors.ts';
import { isTransient } from '../errors/transient.ts';
import { within } from '../errors/within.ts';
import { postgresClasses, redisClasses } from './backends.ts';
import {
  type Bearing,
  bearOutages,
  HandedBack,
  MAX_STALLED,
  unrecoverable,
  withoutValues,
  workerCrashed,
} from './failing.ts';
import { openDelayWatch } from './overdue.ts';
import { removeFailed } from './remove-failed.ts';
import { type Cron, isScheduled } from './schedule.ts';

/** Namespace of our queues: a key prefix on Redis, a schema on PostgreSQL. */
export const QUEUE_NAMESPACE = 'dxaflow_queue';

export type JobCounts = Readonly<Record<string, number>>;

/** The part of a BullMQ queue that the product uses; the same on Redis and on PostgreSQL. */
export type JobQueue<T> = {
  readonly add: (payload: T, options: JobsOptions) => Promise<void>;
  readonly addMany: (jobs: readonly { readonly payload: T; readonly options: JobsOptions }[]) => Promise<void>;
  /**
   * Adds the payload by a cron pattern in a time zone; again with the same id, it replaces the pattern. The same again
   * changes nothing unless the next time got lost, or was worked out by a clock that ran ahead.
   */
  readonly schedule: (id: string, when: Cron, payload: T, options: JobsOptions) => Promise<void>;
  /** Has done what a wrong clock keeps waiting; it must be called again and again, for it sees what stands still. */
  readonly freeOverdue: () => Promise<void>;
  readonly counts: () => Promise<JobCounts>;
  /** When the oldest waiting job was added, in milliseconds since 1970; null when none waits. */
  readonly waitingSince: () => Promise<number | null>;
  /** When a pattern is due next, in milliseconds since 1970; null when there is none under the id. */
  readonly dueAt: (scheduleId: string) => Promise<number | null>;
  /**
   * Takes off those of the kept failed jobs that `chosen` names by their place among the payloads it is given, and
   * returns how many. What stands in the queue is a copy: the rows say what failed.
   */
  readonly removeFailed: (chosen: (payloads: readonly unknown[]) => Promise<readonly number[]>) => Promise<number>;
  readonly close: () => Promise<void>;
};

export type JobWorker = {
  readonly run: () => void;
  /** Stops taking jobs and waits for those at work. */
  readonly close: () => Promise<void>;
};

export type WorkerEvents = {
  readonly onError: (error: Error) => void;
  /**
   * A job is given up: its last attempt failed, trying again cannot help, or it took its worker down three times. What
   * is noted here is what people see; when noting fails, the sweep finds the work again.
   */
  readonly onGivenUp?: (payload: unknown, error: unknown) => Promise<void>;
  /** A job failed: `final` when no attempt is left. */
  readonly onFailed: (failure: {
    readonly jobId: string | undefined;
    readonly error: Error;
    readonly final: boolean;
  }) => void;
};

/**
 * How long opening a queue waits for one that does not answer. `refuse`: throws QUEUE_UNREACHABLE then; `go on`: gives the
 * queue all the same, whose commands wait until it is there.
 */
export type Patience = { readonly ms: number; readonly late: 'refuse' | 'go on' };

export type QueueSystem = {
  readonly backend: 'postgres' | 'redis';
  /**
   * Without patience it waits until the queue answers. Throws QUEUE_LAYOUT when another version of BullMQ keeps it in a
   * form that this release does not know.
   */
  readonly openQueue: <T>(name: string, onError: (error: Error) => void, patience?: Patience) => Promise<JobQueue<T>>;
  readonly openWorker: (
    name: string,
    work: (payload: unknown, isLastAttempt: boolean, jobId: string) => Promise<void>,
    concurrency: number,
    events: WorkerEvents,
  ) => Promise<JobWorker>;
};

const attemptsOf = (job: Job) => job.opts.attempts ?? 1;
/** `attemptsMade` counts the attempts before this one while a job is at work. */
const isLast = (job: Job) => job.attemptsMade + 1 >= attemptsOf(job);

/** False when it goes on without the queue, which does not answer yet. */
async function untilReady(queue: Queue, patience: Patience | undefined): Promise<boolean> {
  const ready = queue.waitUntilReady().then(() => true);
  const inTime = patience === undefined ? await ready : await within(ready, patience.ms, false);
  if (inTime || patience?.late === 'go on') return inTime;
  await queue.close();
  throw new DxaflowError('QUEUE_UNREACHABLE', 'The queue does not answer. Look at QUEUE_URL and at its server.', {
    transient: true,
  });
}

/** Chooses the queue's backend by the URL: redis:// or rediss:// for Redis, postgres:// for PostgreSQL. */
export function connectQueues(
  url: string,
  namespace: string,
  {
    lockMs = 15_000,
    onOutage = () => undefined,
    isOutdated = async () => false,
  }: { readonly lockMs?: number } & Partial<Omit<Bearing, 'closing'>> = {},
): QueueSystem {
  const backend = /^rediss?:/.test(url) ? 'redis' : 'postgres';
  const classes = backend === 'redis' ? redisClasses(url, namespace) : postgresClasses(url, namespace);
  return {
    backend,
    openQueue: async <T>(name: string, onError: (error: Error) => void, patience?: Patience): Promise<JobQueue<T>> => {
      const queue = await classes.newQueue(name);
      queue.on('error', onError);
      const isReady = await untilReady(queue, patience);
      // The rows say what is done. Keeping completed jobs doubles what one costs on PostgreSQL (2.2 against 1.1 ms).
      const kept = { removeOnComplete: true, removeOnFail: false };
      const promoteOverdue = openDelayWatch(queue);
      const locks = classes.newLockWatch(name, lockMs);
      let layoutKnown = false;
      const checkLayout = async () => {
        if (!layoutKnown) await locks.check();
        layoutKnown = true;
      };
      const close = async () => {
        await locks.close();
        await queue.close();
      };
      if (isReady) {
        await checkLayout().catch(async (error: unknown) => {
          await close();
          throw error;
        });
      }
      return {
        add: async (payload, options) => {
          await queue.add(name, payload, { ...kept, ...options });
        },
        addMany: async (jobs) => {
          await queue.addBulk(jobs.map((job) => ({ name, data: job.payload, opts: { ...kept, ...job.options } })));
        },
        schedule: async (id, when, payload, options) => {
          const template = { data: payload, opts: { ...kept, ...options } };
          if (await isScheduled(queue, id, when, template)) return;
          await queue.upsertJobScheduler(id, when, { name, ...template });
        },
        freeOverdue: async () => {
          await promoteOverdue();
          await checkLayout();
          await locks.look();
        },
        counts: async () => await queue.getJobCounts('wait', 'active', 'delayed', 'failed', 'prioritized'),
        waitingSince: async () => {
          // The first in line of each: within a priority, jobs go in the order in which they came.
          const first = await Promise.all(
            (['wait', 'prioritized'] as const).map((state) => queue.getJobs(state, 0, 0, true)),
          );
          const times = first.flat().map((job) => job.timestamp);
          return times.length === 0 ? null : Math.min(...times);
        },
        dueAt: async (scheduleId) => (await queue.getJobScheduler(scheduleId))?.next ?? null,
        removeFailed: async (chosen) => await removeFailed(queue, chosen),
        close,
      };
    },
    openWorker: async (name, work, concurrency, events) => {
      const closing = new AbortController();
      const noted = new Set<string | undefined>();
      const giveUp = async (job: Job, error: unknown) => {
        noted.add(job.id);
        await events.onGivenUp?.(job.data, error);
      };
      const worker = await classes.newWorker(
        name,
        async (job, token) => {
          try {
            const bearing = { closing: closing.signal, onOutage, isOutdated };
            await bearOutages(() => work(job.data, isLast(job), job.id ?? ''), bearing);
          } catch (error) {
            if (error instanceof HandedBack) {
              await job.moveToWait(token);
              throw error;
            }
            const permanent = !isTransient(error);
            if (permanent || isLast(job)) await giveUp(job, error);
            throw permanent ? unrecoverable(withoutValues(error)) : withoutValues(error);
          }
        },
        {
          concurrency,
          autorun: false,
          // Renewed while the job runs; what a killed worker held is taken up again after this time.
          lockDuration: lockMs,
          stalledInterval: Math.ceil(lockMs / 3),
          maxStalledCount: MAX_STALLED,
        },
      );
      worker.on('error', events.onError);
      worker.on('failed', (job, error) => {
        const final = job === undefined || error instanceof UnrecoverableError || job.attemptsMade >= attemptsOf(job);
        events.onFailed({ jobId: job?.id, error, final });
        // BullMQ itself fails a job whose workers died over it: it never came back to the code above.
        if (job !== undefined && error instanceof UnrecoverableError && !noted.delete(job.id)) {
          giveUp(job, workerCrashed()).catch(events.onError);
        }
        noted.delete(job?.id);
      });
      await worker.waitUntilReady();
      return {
        run: () => {
          worker.run().catch(events.onError);
        },
        close: async () => {
          closing.abort();
          await worker.close();
        },
      };
    },
  };
}
