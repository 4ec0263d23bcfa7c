import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { levelOf, type Migration, migrate, readMigrations } from '../../src/db/schema/migrate.ts';
import { openJobQueues } from '../../src/jobs/work/enqueue.ts';
import { connectQueues, QUEUE_NAMESPACE } from '../../src/queue/connect.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { simulatedFiles } from '../support/dicom/simulated.ts';
import { takeRedisDatabase } from '../support/process/redis-database.ts';
import { startWorker, type WorkerProcess } from '../support/process/worker-process.ts';
import { until } from '../support/until.ts';

const PARTS = ['assess', 'ingest', 'intake', 'nightly'] as const;

/** Every statement that stores or finds a file fails from here on. */
const BREAKS = 'alter table source_file rename column attempts to times_tried';
const MENDS = `alter table source_file rename column times_tried to attempts; delete from schema_ledger where version > $level`;

describe.each(['postgres', 'redis'] as const)('processes on a database that moves on, queue on %s', (backend) => {
  describe.skipIf(backend === 'redis' && inject('redisUrl') === '')('while they work', () => {
    let database: TestDatabase;
    let folder: string;
    let environment: Record<string, string>;
    let migrations: readonly Migration[];
    const running: WorkerProcess[] = [];

    beforeEach(async () => {
      database = await createTestDatabase();
      migrations = await readMigrations();
      folder = mkdtempSync(join(tmpdir(), 'dxaflow-moves-on-'));
      mkdirSync(join(folder, 'drop'));
      environment = {
        DATABASE_URL: database.url,
        ...(backend === 'redis' ? { QUEUE_URL: await takeRedisDatabase(inject('redisUrl')) } : {}),
        DROP_DIR: join(folder, 'drop'),
        ARCHIVE_DIR: join(folder, 'archive'),
        DROP_STABLE_MS: '100',
        DROP_SWEEP_MS: '300',
        HTTP_PORT: '0',
      };
    });
    afterEach(async () => {
      await Promise.all(running.splice(0).map((worker) => worker.stop('SIGKILL')));
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    });

    const next = (sql: string, workedWithFrom: number): Migration => {
      const version = levelOf(migrations) + 1;
      return { version, name: `${version}_next.sql`, sql, checksum: `sum ${version}`, workedWithFrom };
    };
    const start = async (part: string) => {
      const worker = await startWorker(part, environment);
      running.push(worker);
      return worker;
    };
    const startAll = async () => {
      const workers: WorkerProcess[] = [];
      for (const part of PARTS) workers.push(await start(part));
      return workers;
    };
    const drop = () => {
      for (const { name, bytes } of simulatedFiles()) {
        writeFileSync(join(folder, 'drop', `${name}.part`), bytes);
        renameSync(join(folder, 'drop', `${name}.part`), join(folder, 'drop', name));
      }
    };
    const count = async (sql: string) => (await database.pool.query<{ count: number }>(sql)).rows[0]?.count ?? 0;
    const stored = () => count(`select count(*)::int as count from source_file where processed_at is not null`);
    const settled = async () =>
      readdirSync(join(folder, 'drop')).length === 0 &&
      (await count(`select count(*)::int as count from source_file where state in ('arriving', 'received')`)) === 0 &&
      (await count('select count(*)::int as count from patient where assessed_revision < revision')) === 0;
    const FAILED = /"msg":"(ingest|assessment|night) failed"/;

    it('continue through a migration that they can work with', { timeout: 180_000 }, async () => {
      const workers = await startAll();
      drop();
      await until(async () => (await stored()) > 3, 'the first files are stored', 60_000);
      const rolling = next('alter table source_file add column brand_new text', levelOf(migrations));
      await migrate(database.pool, [...migrations, rolling]);
      await until(settled, 'everything has an outcome', 120_000);
      expect(await count(`select count(*)::int as count from source_file where state = 'failed'`)).toBe(0);
      const logs = workers.map((worker) => worker.log()).join('');
      expect(logs).not.toMatch(FAILED);
      expect(logs).not.toContain('SCHEMA_MOVED_ON');
      expect(await Promise.all(running.splice(0).map((worker) => worker.stop('SIGTERM')))).toEqual([0, 0, 0, 0]);
    });

    it('stop cleanly before one that they cannot work with, and count no attempt against any file', {
      timeout: 240_000,
    }, async () => {
      const http = await start('http');
      const workers = await startAll();
      const base = /"url":"([^"]+)"/.exec(http.log())?.[1] ?? '';
      drop();
      await until(async () => (await stored()) > 3, 'the first files are stored', 60_000);
      const level = levelOf(migrations);
      await migrate(database.pool, [...migrations, next(BREAKS, level + 1)]);

      // They end by themselves, as a supervisor has to see it; the pages stay to say why.
      const codes = await Promise.all(
        workers.map(async ({ child }) => {
          await until(() => child.exitCode !== null, 'a worker ends by itself', 60_000);
          return child.exitCode;
        }),
      );
      expect(codes).toEqual([78, 78, 78, 78]);
      for (const worker of workers) {
        expect(worker.log()).not.toMatch(FAILED);
        expect(worker.log().match(/"code":"SCHEMA_MOVED_ON"/g)).toHaveLength(1);
      }
      running.splice(1, 4);
      const answer = await fetch(`${base}readyz`);
      expect([answer.status, await answer.json()]).toMatchObject([
        503,
        { status: 'not ready', schema: 'moved on (SCHEMA_MOVED_ON)', database: 'ok', queue: 'ok' },
      ]);
      const page = await fetch(`${base}api/status`);
      expect([page.status, await page.json()]).toMatchObject([503, { code: 'RELEASE_OUTDATED' }]);
      await expect(startWorker('ingest', environment)).rejects.toThrow(/ended with 78.*DATABASE_NEWER/s);
      expect(await http.stop('SIGTERM')).toBe(0);
      running.splice(0);

      // As if nothing had been: what was at work had kept all its attempts.
      await database.pool.query(MENDS.replace('$level', String(level)));
      const failed = await count(
        `select count(*)::int as count from source_file where state = 'failed' or (state = 'received' and attempts > 0)`,
      );
      expect(failed).toBe(0);
      await startAll();
      await until(settled, 'everything has an outcome', 120_000);
      expect(await count(`select count(*)::int as count from source_file where state = 'failed'`)).toBe(0);
      const queues = await openJobQueues(
        connectQueues(environment['QUEUE_URL'] ?? database.url, QUEUE_NAMESPACE),
        () => undefined,
      );
      expect(await queues.counts()).toMatchObject({ ingest: { failed: 0 }, assess: { failed: 0 } });
      await queues.close();
      for (const worker of running) expect(worker.log()).not.toMatch(FAILED);
    });
  });
});
