import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { isNightAtWork, isNightWaiting, takeNightLock } from '../../src/db/night/lock.ts';
import { listNightRuns } from '../../src/db/night/run.ts';
import { NIGHT_RETRY } from '../../src/processes/nightly.ts';
import { connectQueues, QUEUE_NAMESPACE } from '../../src/queue/connect.ts';
import { NIGHT_QUEUE, type NightJob } from '../../src/queue/job.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { takeRedisDatabase } from '../support/process/redis-database.ts';
import { startWorker, type WorkerProcess } from '../support/process/worker-process.ts';
import { runTestNight } from '../support/stored/planted-night.ts';
import { until } from '../support/until.ts';

const BACKENDS = inject('redisUrl') === '' ? (['postgres'] as const) : (['postgres', 'redis'] as const);

describe.each(BACKENDS)('a night whose hour comes while somebody computes again by hand, on %s', (backend) => {
  let database: TestDatabase;
  let home: string;
  let queueUrl: string;
  const running: WorkerProcess[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
    home = mkdtempSync(join(tmpdir(), 'dxaflow-night-waits-'));
    queueUrl = backend === 'redis' ? await takeRedisDatabase(inject('redisUrl')) : database.url;
  });
  afterEach(async () => {
    for (const worker of running.splice(0)) await worker.stop('SIGTERM');
    await database.drop();
    rmSync(home, { recursive: true, force: true });
  });

  async function startNightly(): Promise<WorkerProcess> {
    const worker = await startWorker('nightly', {
      DATABASE_URL: database.url,
      QUEUE_URL: queueUrl,
      DXAFLOW_HOME: home,
      NIGHTLY_CRON: '0 2 29 2 *',
      NIGHTLY_TZ: 'UTC',
      JOB_LOCK_MS: '2000',
    });
    running.push(worker);
    return worker;
  }

  /** What the schedule adds at its hour. */
  async function hourComes(): Promise<void> {
    const nights = await connectQueues(queueUrl, QUEUE_NAMESPACE).openQueue<NightJob>(NIGHT_QUEUE, () => undefined);
    await nights.add({ why: 'schedule' }, NIGHT_RETRY);
    await nights.close();
  }

  const nightIsDone = async () =>
    (await listNightRuns(database.pool, 5)).some(({ trigger, state }) => trigger === 'schedule' && state === 'done');

  it('waits where everyone can see it and starts when that run ends', { timeout: 120_000 }, async () => {
    const byHand = await takeNightLock(database.pool);
    await startNightly();
    await hourComes();
    await until(() => isNightWaiting(database.pool), 'a night that waits', 30_000);
    expect(await listNightRuns(database.pool, 5)).toEqual([]);
    await byHand?.release();
    await until(nightIsDone, 'the night', 60_000);
    expect(await listNightRuns(database.pool, 5)).toHaveLength(1);
    await until(async () => !(await isNightAtWork(database.pool)), 'the lock is free', 30_000);
    expect(await isNightWaiting(database.pool)).toBe(false);
  });

  it('goes before the next manual run', { timeout: 120_000 }, async () => {
    const byHand = await takeNightLock(database.pool);
    await startNightly();
    await hourComes();
    await until(() => isNightWaiting(database.pool), 'a night that waits', 30_000);
    await byHand?.release();
    // At every moment one of three: the night waits, is at work, or has been.
    const next = runTestNight(database.pool, home, { trigger: 'hand' });
    const outcome = await next.then(
      () => 'done',
      (error: { code?: string }) => error.code,
    );
    if (outcome === 'done') expect(await nightIsDone()).toBe(true);
    else expect(outcome).toBe('NIGHT_RUNNING');
    await until(nightIsDone, 'the night', 60_000);
  });

  it('is not lost when its process stops meanwhile', { timeout: 120_000 }, async () => {
    const byHand = await takeNightLock(database.pool);
    const first = await startNightly();
    await hourComes();
    await until(() => isNightWaiting(database.pool), 'a night that waits', 30_000);
    expect(await first.stop('SIGTERM')).toBe(0);
    running.splice(0);
    expect(await isNightWaiting(database.pool)).toBe(false);
    await byHand?.release();
    await startNightly();
    await until(nightIsDone, 'the night', 60_000);
  });

  it('is not lost when its process is killed meanwhile', { timeout: 120_000 }, async () => {
    const byHand = await takeNightLock(database.pool);
    const first = await startNightly();
    await hourComes();
    await until(() => isNightWaiting(database.pool), 'a night that waits', 30_000);
    await first.stop('SIGKILL');
    running.splice(0);
    await byHand?.release();
    await startNightly();
    await until(nightIsDone, 'the night', 60_000);
  });
});
