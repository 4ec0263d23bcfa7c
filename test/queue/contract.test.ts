import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { connectQueues, type JobQueue, type QueueSystem, type WorkerEvents } from '../../src/queue/connect.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { until } from '../support/until.ts';

type Payload = { readonly patientId: string };
type Failure = Parameters<WorkerEvents['onFailed']>[0];

const BACKENDS = ['postgres', 'redis'] as const;

// The rest of the product cannot tell which backend it runs on; these tests are why.
describe.each(BACKENDS)('a queue on %s', (backend) => {
  describe.skipIf(backend === 'redis' && inject('redisUrl') === '')('keeps the contract', () => {
    let database: TestDatabase;
    let system: QueueSystem;
    let queue: JobQueue<Payload>;
    const closers: (() => Promise<void>)[] = [];

    beforeEach(async () => {
      database = await createTestDatabase({ empty: true });
      const namespace = `test_${randomBytes(6).toString('hex')}`;
      system = connectQueues(backend === 'redis' ? inject('redisUrl') : database.url, namespace);
      queue = await system.openQueue<Payload>('assess', () => undefined);
      closers.push(queue.close);
    });
    afterEach(async () => {
      for (const close of closers.splice(0).reverse()) await close();
      await database.drop();
    });

    async function work(
      process: (payload: unknown, last: boolean) => Promise<void>,
      concurrency = 4,
      onGivenUp: (payload: unknown) => Promise<void> = async () => undefined,
    ): Promise<Failure[]> {
      const failures: Failure[] = [];
      const worker = await system.openWorker('assess', process, concurrency, {
        onError: () => undefined,
        onGivenUp,
        onFailed: (failure) => failures.push(failure),
      });
      closers.push(worker.close);
      worker.run();
      return failures;
    }

    /** Nothing waits and nothing is at work: what was to come has come. */
    const idle = () =>
      until(async () => {
        const { failed: _failed, ...rest } = await queue.counts();
        return Object.values(rest).every((count) => count === 0);
      }, 'an idle queue');

    it('is chosen by its URL', () => {
      expect(system.backend).toBe(backend);
    });

    it('delivers every payload once', async () => {
      const seen: unknown[] = [];
      await work(async (payload) => void seen.push(payload));
      const jobs = Array.from({ length: 200 }, (_, index) => ({ payload: { patientId: String(index) }, options: {} }));
      await queue.addMany(jobs);
      await until(() => seen.length >= 200, '200 jobs');
      await idle();
      expect(seen.map((payload) => (payload as Payload).patientId).sort()).toEqual(
        jobs.map((job) => job.payload.patientId).sort(),
      );
    });

    it('coalesces what waits and repeats once what arrived while it was at work', async () => {
      let running = 0;
      let runs = 0;
      const release = Promise.withResolvers<void>();
      await queue.add({ patientId: '7' }, { deduplication: { id: 'patient-7', keepLastIfActive: true } });
      await queue.add({ patientId: '7' }, { deduplication: { id: 'patient-7', keepLastIfActive: true } });
      await work(async () => {
        running += 1;
        expect(running).toBe(1);
        await release.promise;
        running -= 1;
        runs += 1;
      });
      await until(() => running === 1, 'the first run');
      for (let more = 0; more < 5; more += 1) {
        await queue.add({ patientId: '7' }, { deduplication: { id: 'patient-7', keepLastIfActive: true } });
      }
      release.resolve();
      await until(() => runs === 2, 'two runs');
      await idle();
      expect(runs).toBe(2);
      // A finished job does not block its successor.
      await queue.add({ patientId: '7' }, { deduplication: { id: 'patient-7', keepLastIfActive: true } });
      await until(() => runs === 3, 'third run');
    });

    it('tries again and says which attempt is the last', async () => {
      const lasts: boolean[] = [];
      const failures = await work(async (_payload, last) => {
        lasts.push(last);
        throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
      });
      await queue.add({ patientId: '1' }, { attempts: 3, backoff: { type: 'fixed', delay: 10 } });
      await until(() => failures.length === 3, 'three failures');
      expect(lasts).toEqual([false, false, true]);
      expect(failures.map((failure) => failure.final)).toEqual([false, false, true]);
      expect((await queue.counts())['failed']).toBe(1);
    });

    it('does not try again what cannot be cured, and lets its owner note it', async () => {
      const given: unknown[] = [];
      const failures = await work(
        async () => {
          throw Object.assign(new Error('invalid input syntax'), { code: '22P02' });
        },
        1,
        async (payload) => void given.push(payload),
      );
      await queue.add({ patientId: '1' }, { attempts: 5, backoff: { type: 'fixed', delay: 10 } });
      await until(() => failures.length === 1, 'failure');
      await idle();
      expect(failures.map((failure) => failure.final)).toEqual([true]);
      expect(given).toEqual([{ patientId: '1' }]);
    });

    it('waits where it is while the database is away, and uses up no attempt', async () => {
      let tries = 0;
      await queue.add({ patientId: '1' }, { attempts: 1 });
      const failures = await work(async () => {
        tries += 1;
        if (tries < 3) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
      });
      await until(() => tries === 3, 'three tries');
      expect(failures).toEqual([]);
    });

    it('keeps no foreign message, which could quote a patient', async () => {
      const failures = await work(async () => {
        throw Object.assign(new Error('invalid input syntax: "DOE^JANE"'), { code: '22P02' });
      });
      await queue.add({ patientId: '1' }, { attempts: 1 });
      await until(() => failures.length === 1, 'failure');
      expect(failures[0]?.error.message).toBe('Error 22P02');
      expect(failures[0]?.error.stack).not.toContain('DOE');
    });

    it('adds by a cron pattern, and replaces the pattern when asked again', async () => {
      const seen: unknown[] = [];
      await work(async (payload) => void seen.push(payload));
      await queue.schedule('tick', { pattern: '0 0 1 1 *', tz: 'Europe/Berlin' }, { patientId: '1' }, { attempts: 2 });
      await queue.schedule(
        'tick',
        { pattern: '* * * * * *', tz: 'Europe/Berlin' },
        { patientId: '2' },
        { attempts: 2 },
      );
      await until(() => seen.length >= 2, 'two ticks');
      expect(seen).not.toContainEqual({ patientId: '1' });
    });

    it('says when a pattern is due next', async () => {
      await queue.schedule('yearly', { pattern: '0 0 1 1 *', tz: 'UTC' }, { patientId: '1' }, { attempts: 2 });
      const due = new Date((await queue.dueAt('yearly')) ?? 0);
      expect(due.toISOString()).toBe(`${new Date().getUTCFullYear() + 1}-01-01T00:00:00.000Z`);
      expect(await queue.dueAt('never')).toBeNull();
    });

    it('takes off the failed jobs that are chosen, and leaves one that waits again to be done once', async () => {
      const again = { deduplication: { id: 'patient-7', keepLastIfActive: true } };
      const failures = await work(async (payload) => {
        if (failures.length < 601) throw Object.assign(new Error('invalid'), { code: '22P02' });
        done.push(payload);
      });
      const done: unknown[] = [];
      const others = Array.from({ length: 600 }, (_, index) => ({
        payload: { patientId: `1${index}` },
        options: {},
      }));
      await queue.addMany([{ payload: { patientId: '7' }, options: again }, ...others]);
      await until(() => failures.length === 601, 'failures');
      await closers.pop()?.();
      await queue.add({ patientId: '7' }, again);

      const seen: unknown[] = [];
      const removed = await queue.removeFailed(async (payloads) => {
        seen.push(...payloads);
        return payloads.flatMap((payload, place) => ((payload as Payload).patientId === '10' ? [] : [place]));
      });
      expect([removed, seen.length]).toEqual([600, 601]);
      expect(await queue.counts()).toMatchObject({ failed: 1, wait: 1 });
      await queue.add({ patientId: '7' }, again);
      expect((await queue.counts())['wait']).toBe(1);
      await work(async (payload) => void done.push(payload));
      await until(() => done.length === 1, 'the one that waits');
      expect(done).toEqual([{ patientId: '7' }]);
    });

    it('finishes the job at work before it closes', async () => {
      let finished = false;
      await queue.add({ patientId: '1' }, {});
      let started = false;
      const release = Promise.withResolvers<void>();
      const worker = await system.openWorker(
        'assess',
        async () => {
          started = true;
          await release.promise;
          finished = true;
        },
        1,
        { onError: () => undefined, onFailed: () => undefined },
      );
      worker.run();
      await until(() => started, 'start');
      const closing = worker.close();
      expect(await Promise.race([closing.then(() => 'closed'), queue.counts().then(() => 'at work')])).toBe('at work');
      release.resolve();
      await closing;
      expect(finished).toBe(true);
    });
  });
});
