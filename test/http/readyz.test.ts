import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, test, vi } from 'vitest';
import { noteIntakeProblem } from '../../src/db/intake-problem.ts';
import { READ_LIMITS } from '../../src/dicom/limits.ts';
import { buildServer } from '../../src/http/server.ts';
import { openJobQueues } from '../../src/jobs/enqueue.ts';
import { openIntake } from '../../src/jobs/intake.ts';
import { createLog } from '../../src/log.ts';
import { connectQueues } from '../../src/queue/connect.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { createTestServer } from './test-server.ts';

vi.setConfig({ testTimeout: 60_000 });

type Readiness = { status: string; database: string; queue: string; archive: string };

describe('/readyz', () => {
  test('says that the disk is full or read-only, until the intake can take the file again', async () => {
    const site = await createTestServer({ singleUser: false });
    const { pool } = site.database;
    const ask = async () => {
      const answer = await site.server.inject({ url: '/readyz' });
      return { code: answer.statusCode, ...answer.json<Readiness>() };
    };
    const ready = { code: 200, status: 'ready', database: 'ok', queue: 'ok', archive: 'ok' };
    expect(await ask()).toEqual(ready);
    await noteIntakeProblem(pool, 'one.dcm', 'EISDIR'); // of this one file
    expect(await ask()).toEqual(ready);
    await noteIntakeProblem(pool, 'one.dcm', 'EROFS');
    expect(await ask()).toEqual({ ...ready, code: 503, status: 'not ready', archive: 'read-only (EROFS)' });
    await noteIntakeProblem(pool, 'one.dcm', 'ENOSPC');
    expect(await ask()).toMatchObject({ code: 503, archive: 'disk full (ENOSPC)' });

    const dropDir = join(site.archiveDir, 'drop');
    mkdirSync(dropDir, { recursive: true });
    writeFileSync(join(dropDir, 'one.dcm'), 'one');
    const intake = await openIntake({
      pool,
      log: pino({ level: 'silent' }),
      dropDir,
      archiveDir: join(site.archiveDir, 'archive'),
      stableMs: 0,
      holdMs: 1000,
      sweepMs: 200,
      concurrency: 1,
      onTaken: async () => undefined,
    });
    await until(async () => (await ask()).code === 200, 'ready again');

    await noteIntakeProblem(pool, 'gone.dcm', 'ENOSPC');
    expect((await ask()).code).toBe(503);
    await until(async () => (await ask()).code === 200, 'the file that could not be taken is gone');
    await intake.close();

    await noteIntakeProblem(pool, 'two.dcm', 'ENOSPC');
    await pool.query(`update intake_problem set last_seen_at = now() - interval '2 minutes'`);
    expect(await ask()).toEqual(ready); // nobody has met it since: the intake is down, and its own check says so
    await site.close();
  });

  test('says which of database and queue is away, within seconds', async () => {
    const [database, other] = await Promise.all([createTestDatabase(), createTestDatabase({ empty: true })]);
    const queues = await openJobQueues(connectQueues(other.url, 'test_ready'), () => undefined);
    const server = await buildServer({
      pool: database.pool,

      log: createLog('silent', 'test'),
      queues,
      archiveDir: '/nowhere',
      dropDir: '/nowhere',
      limits: READ_LIMITS,
      singleUser: false,
    });
    const ask = async () => (await server.inject({ url: '/readyz' })).json<Readiness>();
    expect(await ask()).toMatchObject({ status: 'ready' });
    await other.drop();
    const startedAt = performance.now();
    expect(await ask()).toEqual({ status: 'not ready', database: 'ok', queue: 'unreachable', archive: 'ok' });
    await database.drop();
    expect(await ask()).toEqual({
      status: 'not ready',
      database: 'unreachable',
      queue: 'unreachable',
      archive: 'unknown',
    });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await server.close();
    await queues.close().catch(() => undefined);
  });
});
