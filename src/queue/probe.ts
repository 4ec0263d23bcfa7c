import { hostname } from 'node:os';
import { Redis } from 'ioredis';
import pg from 'pg';
import { checkWritable, kindOfFailure, TRIAL_MS, tryPostgres } from '../db/health/trial.ts';
import { codeOf } from '../errors/errors.ts';
import { type Trouble, troubleOf } from '../health/condition.ts';

/** The first word of an error is Redis's code for it. */
const KINDS: Readonly<Record<string, string>> = {
  OOM: 'MEMORY',
  READONLY: 'READ_ONLY',
  MASTERDOWN: 'READ_ONLY',
  NOREPLICAS: 'READ_ONLY',
  LOADING: 'STARTING',
  BUSY: 'SILENT',
  MISCONF: 'FULL',
  NOAUTH: 'SIGN_IN',
  WRONGPASS: 'SIGN_IN',
  NOPERM: 'RIGHTS',
  CLUSTERDOWN: 'CLUSTER',
  MOVED: 'CLUSTER',
  CROSSSLOT: 'CLUSTER',
};
/** Has no word of its own. */
const NO_CLIENT_LEFT = /^ERR max number of clients/;
const REPLY = /^[A-Z]+(?= )/;
const TIMED_OUT = /timed? ?out/i;

function redisTrouble(error: unknown): Trouble {
  const text = error instanceof Error ? error.message : '';
  if (NO_CLIENT_LEFT.test(text)) return troubleOf('queue', 'CONNECTIONS', 'ERR');
  const word = REPLY.exec(text)?.[0];
  if (word !== undefined) return troubleOf('queue', KINDS[word] ?? 'FAILING', word);
  return troubleOf('queue', TIMED_OUT.test(text) ? 'SILENT' : 'UNREACHABLE', codeOf(error));
}

/** Whether Redis lets a process in that starts now, takes a key, and keeps what it takes. */
async function probeRedis(url: string, namespace: string): Promise<Trouble | null> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: TRIAL_MS,
    commandTimeout: TRIAL_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    // It would wait for a Redis that loads, which is what is to be told.
    enableReadyCheck: false,
  });
  let told: unknown;
  redis.on('error', (error) => {
    told ??= error;
  });
  try {
    await redis.connect();
    const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1] ?? 'noeviction';
    await redis.set(`${namespace}:probe:${hostname()}:${process.pid}`, '1', 'EX', 60);
    return policy === 'noeviction' ? null : troubleOf('queue', 'EVICTS', policy);
  } catch (error) {
    // A connection that ends says less than why it ended.
    return redisTrouble(told ?? error);
  } finally {
    redis.disconnect();
  }
}

/** Whether the tables of the queue are there and take a row; nothing stays of it. */
async function probePostgres(url: string, schema: string): Promise<Trouble | null> {
  const meta = `${pg.escapeIdentifier(schema)}.meta`;
  try {
    const kind = await tryPostgres(url, async (client) => {
      const found = await checkWritable(client);
      if (found !== null) return found;
      await client.query(`begin; insert into ${meta} (queue, field, value) values ('probe', 'probe', '1'); rollback`);
      return null;
    });
    return kind === null ? null : troubleOf('queue', kind, '25006');
  } catch (error) {
    return troubleOf('queue', kindOfFailure(error), codeOf(error));
  }
}

/** What is wrong with the queue at `url`; over in about `TRIAL_MS`, whatever it does. */
export async function probeQueue(url: string, namespace: string): Promise<Trouble | null> {
  return /^rediss?:/.test(url) ? await probeRedis(url, namespace) : await probePostgres(url, namespace);
}
