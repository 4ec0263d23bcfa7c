import { createPostgresBackend, Queue, type QueueOptions, Worker, type WorkerOptions, withBackend } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import pg from 'pg';
import { type LockWatch, openPostgresLockWatch, openRedisLockWatch } from './overdue.ts';

/** What openQueue and openWorker need of BullMQ; both backends' classes have it. */
export type Classes = {
  readonly newQueue: (name: string) => Promise<Queue>;
  readonly newWorker: (
    name: string,
    processor: ConstructorParameters<typeof Worker>[1],
    options: Omit<WorkerOptions, 'connection'>,
  ) => Promise<Worker>;
  readonly newLockWatch: (name: string, lockMs: number) => LockWatch;
};

/**
 * BullMQ looks at the eviction policy on every connection and prints a raw line for each where it is wrong. That is told
 * once, with code and remedy, by the probe of the queue (probe.ts).
 */
function quiet(redis: Redis): Redis {
  const [info, duplicate] = [redis.info.bind(redis), redis.duplicate.bind(redis)];
  return Object.assign(redis, {
    info: async (...sections: string[]) =>
      (await info(...sections)).replace(/^maxmemory_policy:.*$/m, 'maxmemory_policy:noeviction'),
    duplicate: (override?: Partial<RedisOptions>) => quiet(duplicate(override) as Redis),
  });
}

export function redisClasses(url: string, namespace: string): Classes {
  // BullMQ wants no retry limit on a worker's connection; a producer shares the setting so that adding a job waits for
  // Redis to come back instead of being lost.
  const connection = (options: { readonly lazyConnect?: boolean } = {}) => {
    const redis = quiet(new Redis(url, { maxRetriesPerRequest: null, ...options }));
    redis.on('error', () => undefined); // BullMQ reports the same error on the queue or worker
    return redis;
  };
  const owned = <T extends Queue | Worker>(build: (redis: Redis) => T): T => {
    const redis = connection();
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
    newLockWatch: (name, lockMs) =>
      openRedisLockWatch(connection({ lazyConnect: true }), `${namespace}:${name}`, lockMs),
  };
}

/**
 * BullMQ listens to its idle connections only: one that broke in the middle of a transaction would end the process with
 * an unhandled error event. The next statement on it fails, and BullMQ tells of that.
 */
class HeardClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

export function postgresClasses(url: string, namespace: string): Classes {
  const { Queue: PostgresQueue, Worker: PostgresWorker } = withBackend(createPostgresBackend);
  const connection = {
    connectionString: url,
    schema: namespace,
    migrate: true,
    max: 4,
    Client: HeardClient,
    // Every change of a job notifies, and commits that notify go one after the other: waiting for the disk each time, they
    // would bound the whole queue. What a crash of the server loses of it, the sweep finds by the rows.
    options: '-c synchronous_commit=off',
  };
  // The classes differ from Redis's only in their connection type, which nothing of ours looks at.
  return {
    newQueue: async (name) =>
      new PostgresQueue(name, { connection } as QueueOptions<typeof connection>) as unknown as Queue,
    newWorker: async (name, processor, options) =>
      new PostgresWorker(name, processor, { ...options, connection } as WorkerOptions<
        typeof connection
      >) as unknown as Worker,
    newLockWatch: (name, lockMs) => openPostgresLockWatch(url, namespace, name, lockMs),
  };
}
