import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { connectQueues, type JobQueue, type QueueSystem } from '../../src/queue/connect.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { until } from '../support/until.ts';

type Payload = { readonly sourceFileId: string };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LOCK_MS = 1000;
const MARK = 'mark';
const support = (name: string) => fileURLToPath(new URL(`../support/process/${name}`, import.meta.url));

const setClock = (time: number) => vi.useFakeTimers({ toFake: ['Date'], now: time, shouldAdvanceTime: true });
const setClockRight = () => vi.useRealTimers();

describe.each(['postgres', 'redis'] as const)('with a clock that jumps, a queue on %s', (backend) => {
  describe.skipIf(backend === 'redis' && inject('redisUrl') === '')('goes on:', () => {
    let database: TestDatabase;
    let url: string;
    let namespace: string;
    let system: QueueSystem;
    let queue: JobQueue<Payload>;
    const closers: (() => Promise<void>)[] = [];
    let marks = 0;

    beforeEach(async () => {
      database = await createTestDatabase({ empty: true });
      url = backend === 'redis' ? inject('redisUrl') : database.url;
      namespace = `test_${randomBytes(6).toString('hex')}`;
      system = connectQueues(url, namespace, { lockMs: LOCK_MS });
      queue = await system.openQueue<Payload>('ingest', () => undefined);
      closers.push(queue.close);
      marks = 0;
    });
    afterEach(async () => {
      setClockRight();
      for (const close of closers.splice(0).reverse()) await close();
      await database.drop();
    });

    async function work(process: (payload: Payload) => Promise<void>): Promise<void> {
      const take = async (payload: unknown) => {
        if ((payload as Payload).sourceFileId === MARK) marks += 1;
        else await process(payload as Payload);
      };
      const worker = await system.openWorker('ingest', take, 2, {
        onError: () => undefined,
        onFailed: () => undefined,
      });
      closers.push(worker.close);
      worker.run();
    }

    /** Looks again and again, as the sweep does, until `condition` holds. */
    const freeing = (condition: () => boolean, what: string) =>
      until(
        async () => {
          await queue.freeOverdue();
          return condition();
        },
        what,
        15_000,
      );

    /** Adds a job that is due after `ms`: once it is done, the worker has met whatever was due by then. */
    const mark = (ms: number) => queue.add({ sourceFileId: MARK }, { delay: ms });
    async function pass(ms: number): Promise<void> {
      const before = marks;
      await mark(ms);
      await until(() => marks > before, `${ms} ms have passed in the queue`);
    }

    it('a retry that a clock ahead put off is done when its backoff is over', { timeout: 30_000 }, async () => {
      let tries = 0;
      await work(async () => {
        tries += 1;
        if (tries > 1) return;
        setClock(Date.now() + 3 * HOUR_MS);
        throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
      });
      await queue.add({ sourceFileId: '1' }, { attempts: 3, backoff: { type: 'fixed', delay: 3000 } });
      await until(async () => (await queue.counts())['delayed'] === 1, 'retry put off');
      setClockRight();
      await pass(4500);
      expect(tries).toBe(1);
      await freeing(() => tries === 2, 'second try');
    });

    it('a retry is not done before its backoff is over', async () => {
      const tries: string[] = [];
      const ahead = Date.now() + 3 * HOUR_MS;
      await work(async ({ sourceFileId }) => {
        tries.push(sourceFileId);
        if (tries.filter((one) => one === sourceFileId).length > 1) return;
        setClock(ahead);
        throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
      });
      await queue.add({ sourceFileId: 'long' }, { attempts: 2, backoff: { type: 'fixed', delay: 60_000 } });
      await queue.add({ sourceFileId: 'short' }, { attempts: 2, backoff: { type: 'fixed', delay: 3000 } });
      await until(async () => (await queue.counts())['delayed'] === 2, 'both retries put off');
      setClockRight();
      await freeing(() => tries.length > 2, 'second try of the one whose backoff is over');
      expect(tries.toSorted()).toEqual(['long', 'short', 'short']);
    });

    it('the job of a worker that died with its clock ahead is taken up again', { timeout: 40_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'dxaflow-clock-'));
      writeFileSync(join(folder, 'clock'), String(3 * HOUR_MS));
      await queue.add({ sourceFileId: '7' }, {});
      const args = ['--import', support('shifted-clock.ts'), support('dying-worker.ts'), url, namespace];
      const child = spawn(process.execPath, args, {
        stdio: 'ignore',
        env: { ...process.env, SHIFTED_CLOCK: join(folder, 'clock') },
      });
      expect(await new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))).toBe('SIGKILL');
      rmSync(folder, { recursive: true });
      if (backend === 'redis') await putOffLocks(url, `${namespace}:ingest`);
      const done: unknown[] = [];
      await work(async (payload) => void done.push(payload));
      await pass(4 * LOCK_MS);
      expect(done).toEqual([]);
      await freeing(() => done.length === 1, 'taken up again');
    });

    it('what a living worker holds is left to it, whatever its clock says', { timeout: 30_000 }, async () => {
      let begun = 0;
      const held = Promise.withResolvers<void>();
      setClock(Date.now() - 3 * HOUR_MS);
      await work(async () => {
        begun += 1;
        await held.promise;
      });
      await queue.add({ sourceFileId: '1' }, {});
      await until(() => begun === 1, 'begun');
      await mark(5 * LOCK_MS);
      await freeing(() => marks === 1, 'five times as long as a lock lasts');
      expect(begun).toBe(1);
      held.resolve();
    });

    it('a schedule that a clock ahead put off runs at its time', async () => {
      const seen: unknown[] = [];
      await work(async (payload) => void seen.push(payload));
      const secondly = { pattern: '* * * * * *', tz: 'UTC' };
      setClock(Date.now() + 30 * DAY_MS);
      await queue.schedule('night', secondly, { sourceFileId: '1' }, { attempts: 2 });
      setClockRight();
      await pass(2500);
      expect(seen).toEqual([]);
      await queue.schedule('night', secondly, { sourceFileId: '1' }, { attempts: 2 });
      await until(() => seen.length >= 2, 'two ticks');
    });

    it('a schedule that fell due while no worker ran is not skipped by scheduling it again', async () => {
      const seen: unknown[] = [];
      const yearly = { pattern: '0 0 1 1 *', tz: 'UTC' };
      // As the night is: had the template not come back as it was given, it would be replaced every time.
      const options = { attempts: 8, backoff: { type: 'exponential', delay: 5000, jitter: 0.5 } };
      setClock(Date.UTC(2030, 11, 31, 23, 59, 59));
      await queue.schedule('night', yearly, { sourceFileId: '1' }, options);
      setClock(Date.UTC(2031, 0, 1, 0, 0, 5));
      await queue.schedule('night', yearly, { sourceFileId: '1' }, options);
      await work(async (payload) => void seen.push(payload));
      await until(() => seen.length === 1, 'the time that had come');
      await pass(0);
      expect(seen).toHaveLength(1);
    });

    it('a schedule that the queue lost is there again when it is scheduled again', async () => {
      const seen: unknown[] = [];
      const secondly = { pattern: '* * * * * *', tz: 'UTC' };
      await queue.schedule('night', secondly, { sourceFileId: '1' }, { attempts: 2 });
      if (backend === 'redis') await forget(url, namespace);
      else await database.pool.query(`delete from ${namespace}.job`);
      await work(async (payload) => void seen.push(payload));
      await pass(1500);
      expect(seen).toEqual([]);
      // Any job on the queue may be the schedule's own, and it is then left alone.
      await until(async () => (await queue.counts())['active'] === 0, 'the mark is off the queue');
      await queue.schedule('night', secondly, { sourceFileId: '1' }, { attempts: 2 });
      await until(() => seen.length >= 1, 'a tick');
    });
  });
});

/** What is left of a lock when somebody sets the clock of Redis back by three hours. */
async function putOffLocks(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url);
  for (const key of [...(await redis.keys(`${prefix}:*:lock`)), `${prefix}:stalled-check`]) {
    if (key.endsWith('stalled-check')) await redis.set(key, '0');
    await redis.pexpire(key, 3 * HOUR_MS);
  }
  redis.disconnect();
}

async function forget(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url);
  const keys = await redis.keys(`${prefix}:*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
}
