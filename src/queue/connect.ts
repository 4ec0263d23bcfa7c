import {
  createPostgresBackend,
  type Job,
  type JobsOptions,
  Queue,
  type QueueOptions,
  Worker,
  type WorkerOptions,
  withBackend,
} from 'bullmq';
import { Redis } from 'ioredis';
import { codeOf, DxaflowError } from '../errors.ts';

/** Namespace of our queues: a key prefix on Redis, a schema on PostgreSQL. */
export const QUEUE_NAMESPACE = 'dxaflow_queue';

export type JobCounts = Readonly<Record<string, number>>;

/** The part of a BullMQ queue that the product uses; the same on Redis and on PostgreSQL. */
export type JobQueue<T> = {
  readonly add: (payload: T, options: JobsOptions) => Promise<void>;
  readonly addMany: (jobs: readonly { readonly payload: T; readonly options: JobsOptions }[]) => Promise<void>;
  readonly counts: () => Promise<JobCounts>;
  /** When the oldest waiting job was added, in milliseconds since 1970; null when none waits. */
  readonly waitingSince: () => Promise<number | null>;
  readonly close: () => Promise<void>;
};

export type JobWorker = {
  readonly run: () => void;
  /** Stops taking jobs and waits for those at work. */
  readonly close: () => Promise<void>;
};

export type WorkerEvents = {
  readonly onError: (error: Error) => void;
  /** A job failed: `final` when no attempt is left. */
  readonly onFailed: (failure: {
    readonly jobId: string | undefined;
    readonly error: Error;
    readonly final: boolean;
  }) => void;
};

export type QueueSystem = {
  readonly backend: 'postgres' | 'redis';
  readonly openQueue: <T>(name: string, onError: (error: Error) => void) => Promise<JobQueue<T>>;
  readonly openWorker: (
    name: string,
    work: (payload: unknown, isLastAttempt: boolean) => Promise<void>,
    concurrency: number,
    events: WorkerEvents,
  ) => Promise<JobWorker>;
};

/** What openQueue and openWorker need of BullMQ; both backends' classes have it. */
type Classes = {
  readonly newQueue: (name: string) => Promise<Queue>;
  readonly newWorker: (
    name: string,
    processor: ConstructorParameters<typeof Worker>[1],
    options: Omit<WorkerOptions, 'connection'>,
  ) => Promise<Worker>;
};

function redisClasses(url: string, namespace: string): Classes {
  // BullMQ wants no retry limit on a worker's connection; a producer shares the setting so that adding a job waits for
  // Redis to come back instead of being lost.
  const connection = () => new Redis(url, { maxRetriesPerRequest: null });
  const owned = <T extends Queue | Worker>(build: (redis: Redis) => T): T => {
    const redis = connection();
    redis.on('error', () => undefined); // BullMQ reports the same error on the queue or worker
    const thing = build(redis);
    const close = thing.close.bind(thing);
    thing.close = async (...args: Parameters<typeof close>) => {
      await close(...args);
      redis.disconnect();
    };
    return thing;
  };
  return {
    newQueue: async (name) => owned((redis) => new Queue(name, { connection: redis, prefix: namespace })),
    newWorker: async (name, processor, options) =>
      owned((redis) => new Worker(name, processor, { ...options, connection: redis, prefix: namespace })),
  };
}

function postgresClasses(url: string, namespace: string): Classes {
  const { Queue: PostgresQueue, Worker: PostgresWorker } = withBackend(createPostgresBackend);
  const connection = { connectionString: url, schema: namespace, migrate: true, max: 4 };
  // The classes differ from Redis's only in their connection type, which nothing of ours looks at.
  return {
    newQueue: async (name) =>
      new PostgresQueue(name, { connection } as QueueOptions<typeof connection>) as unknown as Queue,
    newWorker: async (name, processor, options) =>
      new PostgresWorker(name, processor, { ...options, connection } as WorkerOptions<
        typeof connection
      >) as unknown as Worker,
  };
}

/**
 * What the queue keeps of a failure: BullMQ stores message and stack, and a database's message may quote a value. The
 * error itself stays reachable as the cause, for the log of this process only.
 */
function withoutValues(error: unknown): Error {
  if (error instanceof DxaflowError) return error;
  const name = error instanceof Error ? error.name : typeof error;
  return new Error(`${name} ${codeOf(error)}`, { cause: error });
}

const attemptsOf = (job: Job) => job.opts.attempts ?? 1;
/** `attemptsMade` counts the attempts before this one while a job is at work. */
const isLast = (job: Job) => job.attemptsMade + 1 >= attemptsOf(job);

/** Chooses the queue's backend by the URL: redis:// or rediss:// for Redis, postgres:// for PostgreSQL. */
export function connectQueues(url: string, namespace: string): QueueSystem {
  const backend = /^rediss?:/.test(url) ? 'redis' : 'postgres';
  const classes = backend === 'redis' ? redisClasses(url, namespace) : postgresClasses(url, namespace);
  return {
    backend,
    openQueue: async <T>(name: string, onError: (error: Error) => void): Promise<JobQueue<T>> => {
      const queue = await classes.newQueue(name);
      queue.on('error', onError);
      await queue.waitUntilReady();
      // The rows say what is done. Keeping completed jobs doubles what one costs on PostgreSQL (2.2 against 1.1 ms).
      const kept = { removeOnComplete: true, removeOnFail: false };
      return {
        add: async (payload, options) => {
          await queue.add(name, payload, { ...kept, ...options });
        },
        addMany: async (jobs) => {
          await queue.addBulk(jobs.map((job) => ({ name, data: job.payload, opts: { ...kept, ...job.options } })));
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
        close: () => queue.close(),
      };
    },
    openWorker: async (name, work, concurrency, events) => {
      const worker = await classes.newWorker(
        name,
        async (job) => {
          try {
            await work(job.data, isLast(job));
          } catch (error) {
            throw withoutValues(error);
          }
        },
        {
          concurrency,
          autorun: false,
          // Renewed while the job runs; what a killed worker held is taken up again after this time.
        lockDuration: 15_000,
        stalledInterval: 5000,
          maxStalledCount: 3,
        },
      );
      worker.on('error', events.onError);
      worker.on('failed', (job, error) => {
        events.onFailed({ jobId: job?.id, error, final: job === undefined || job.attemptsMade >= attemptsOf(job) });
      });
      await worker.waitUntilReady();
      return {
        run: () => {
          worker.run().catch(events.onError);
        },
        close: () => worker.close(),
      };
    },
  };
}
