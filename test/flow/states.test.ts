import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { startOwnRedis } from '../support/process/redis.ts';
import { startWorker, type WorkerProcess } from '../support/process/worker-process.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 180_000 });

const redis = await startOwnRedis();
if (redis === null) console.warn('\n!! SKIPPING what processes say of a Redis that is out of order: no redis-server\n');

type Line = { process: string; msg: string; part?: string; code?: string; level: number };
type Readiness = { status: string; queue: string; database: string; drop: string; reasons: { code: string }[] };

// Real processes, a real Redis and a real PostgreSQL, each put out of order and in order again.
describe.skipIf(redis === null)('processes whose surroundings are out of order', () => {
  const admin = new Redis(redis?.url ?? '', { lazyConnect: true });
  let database: TestDatabase;
  let folder: string;
  let base: string;
  const workers: WorkerProcess[] = [];

  /** What the processes logged after they had logged so much. */
  const linesAfter = (seen: readonly number[]): Line[] =>
    workers.flatMap(
      (worker, index) =>
        worker
          .log()
          .slice(seen[index])
          .split('\n')
          .filter((line) => line !== '' && !line.startsWith('Review page: '))
          .map((line) => JSON.parse(line) as Line), // whatever a library prints is no JSON, and fails here
    );
  const seenSoFar = () => workers.map((worker) => worker.log().length);
  const ready = async () => {
    const answer = await fetch(`${base}readyz`, { signal: AbortSignal.timeout(5000) });
    return (await answer.json()) as Readiness;
  };
  /** Puts something out of order and in order again; returns what the processes logged of it. */
  async function tryOut(disturb: () => unknown, code: string, mend: () => unknown): Promise<Line[]> {
    await until(async () => (await ready()).status === 'ready', 'ready', 40_000);
    const seen = seenSoFar();
    const told = () => linesAfter(seen).filter((line) => line.part !== undefined);
    const count = (msg: string) => told().filter((line) => line.code === code && line.msg === msg).length;
    await disturb();
    try {
      const saysSo = async () => (await ready()).reasons.some((reason) => reason.code === code);
      await until(saysSo, `/readyz says ${code}`, 60_000);
      await until(() => count('out of order') >= workers.length, `all say ${code}`, 60_000);
      // Proves that nothing more is logged. A loop that meets a known state leaves no trace to wait for, so this waits for
      // longer than the longest of them pauses (five seconds).
      await new Promise((resolve) => setTimeout(resolve, 6000));
    } finally {
      await mend();
    }
    await until(async () => (await ready()).status === 'ready', 'ready again', 60_000);
    await until(() => count('works again') >= workers.length, 'all say that it works again', 60_000);
    return told();
  }
  const ofOneState = (told: readonly Line[], code: string) =>
    told
      .filter((line) => line.code === code)
      .map(({ process, msg }) => `${process} ${msg}`)
      .sort();
  const oneEach = ['http', 'ingest', 'intake']
    .flatMap((name) => [`${name} out of order`, `${name} works again`])
    .sort();

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-states-'));
    mkdirSync(join(folder, 'drop'));
    await admin.connect();
    const environment = {
      DATABASE_URL: database.url,
      QUEUE_URL: redis?.url ?? '',
      DROP_DIR: join(folder, 'drop'),
      ARCHIVE_DIR: join(folder, 'archive'),
      DROP_SWEEP_MS: '500',
      HTTP_PORT: '0',
    };
    for (const part of ['http', 'ingest', 'intake']) workers.push(await startWorker(part, environment));
    base = /"url":"([^"]+)"/.exec(workers[0]?.log() ?? '')?.[1] ?? '';
  });
  afterAll(async () => {
    const codes = await Promise.all(workers.map((worker) => worker.stop('SIGTERM')));
    admin.disconnect();
    await database.drop();
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
    expect(codes).toEqual([0, 0, 0]);
  });

  test('say once that Redis is out of memory', async () => {
    const full = async () => {
      await admin.set('somebody-else', Buffer.alloc(3_000_000));
      await admin.config('SET', 'maxmemory', '1mb');
    };
    const told = await tryOut(full, 'QUEUE_MEMORY', async () => {
      await admin.config('SET', 'maxmemory', '0');
      await admin.del('somebody-else');
    });
    expect(ofOneState(told, 'QUEUE_MEMORY')).toEqual(oneEach);
    expect(told).toHaveLength(6);
  });

  test('say once that Redis may evict jobs, and no library prints anything else', async () => {
    const told = await tryOut(
      async () => {
        await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
        // Everybody connects anew, which is when BullMQ looks.
        await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      },
      'QUEUE_EVICTS',
      () => admin.config('SET', 'maxmemory-policy', 'noeviction'),
    );
    expect(ofOneState(told, 'QUEUE_EVICTS')).toEqual(oneEach);
  });

  test('say once that the queue is a replica', async () => {
    const told = await tryOut(
      () => admin.replicaof('127.0.0.1', 1),
      'QUEUE_READ_ONLY',
      () => admin.call('REPLICAOF', 'NO', 'ONE'),
    );
    expect(ofOneState(told, 'QUEUE_READ_ONLY')).toEqual(oneEach);
  });

  test('say once that Redis hangs, and /readyz answers within two seconds meanwhile', async () => {
    let slowest = 0;
    const told = await tryOut(
      async () => {
        process.kill(redis?.pid ?? 0, 'SIGSTOP');
        for (let asked = 0; asked < 5; asked += 1) {
          const startedAt = performance.now();
          await ready();
          slowest = Math.max(slowest, performance.now() - startedAt);
        }
      },
      'QUEUE_SILENT',
      () => process.kill(redis?.pid ?? 0, 'SIGCONT'),
    );
    expect(ofOneState(told, 'QUEUE_SILENT')).toEqual(oneEach);
    expect(slowest).toBeLessThan(4000); // two seconds, on a machine that does other things as well
  });

  test('say once that the database takes no writes', async () => {
    const name = new URL(database.url).pathname.slice(1);
    const told = await tryOut(
      () => database.pool.query(`alter database ${name} set default_transaction_read_only = on`),
      'DATABASE_READ_ONLY',
      async () => {
        const client = await database.pool.connect();
        await client.query('set default_transaction_read_only = off');
        await client.query(`alter database ${name} reset default_transaction_read_only`);
        client.release(true);
      },
    );
    expect(ofOneState(told, 'DATABASE_READ_ONLY')).toEqual(oneEach);
  });

  test('say once that the database accepts no sign-in', async () => {
    const name = new URL(database.url).pathname.slice(1);
    const server = Object.assign(new URL(database.url), { pathname: '/postgres' }).toString();
    const pg = await import('pg');
    const client = new pg.default.Client({ connectionString: server });
    await client.connect();
    const seen = seenSoFar();
    const told = await tryOut(
      async () => {
        await client.query(`alter database ${name} allow_connections false`);
        await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
      },
      'DATABASE_FAILING',
      () => client.query(`alter database ${name} allow_connections true`),
    );
    await client.end();
    expect(ofOneState(told, 'DATABASE_FAILING')).toEqual(oneEach);
    // Nor does any loop say beside it what it runs into, more than once.
    const others = linesAfter(seen).filter((line) => line.level >= 40 && line.part === undefined);
    const phrases = others.map(({ process, msg }) => `${process} ${msg}`);
    expect(phrases).toEqual([...new Set(phrases)]);
  });

  test('say that the drop folder is gone, which only the intake sees', async () => {
    await until(async () => (await ready()).status === 'ready', 'ready', 40_000);
    renameSync(join(folder, 'drop'), join(folder, 'away'));
    const gone = await until(async () => ((await ready()).drop === 'ok' ? null : await ready()), 'not ready', 40_000);
    expect(gone).toMatchObject({ drop: 'gone (ENOENT)', reasons: [{ code: 'DROP_GONE', process: 'intake' }] });
    renameSync(join(folder, 'away'), join(folder, 'drop'));
    await until(async () => (await ready()).status === 'ready', 'ready again', 60_000);
  });
});
