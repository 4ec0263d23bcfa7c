import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { readLedger } from '../../src/db/schema/ledger.ts';
import { readMigrations } from '../../src/db/schema/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { lostRows, readKept, restoreReleased, unpackReleased } from '../support/database/released.ts';
import { simulatedFiles } from '../support/dicom/simulated.ts';
import { takeRedisDatabase } from '../support/process/redis-database.ts';
import { startWorker, type WorkerProcess } from '../support/process/worker-process.ts';
import { until } from '../support/until.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const run = promisify(execFile);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const PARTS = ['assess', 'ingest', 'intake'] as const;

// A site that has worked with release 0.1.0 is upgraded while its processes work: the fixture holds its database, its
// archive and its program, so that the old processes are the real ones.
describe.each(['postgres', 'redis'] as const)('an upgrade of release 0.1.0 with its queue on %s', (backend) => {
  describe.skipIf(backend === 'redis' && inject('redisUrl') === '')('while its processes work', () => {
    let database: TestDatabase;
    let folder: string;
    let environment: Record<string, string>;
    const running: WorkerProcess[] = [];
    const started: WorkerProcess[] = [];

    beforeEach(async () => {
      database = await createTestDatabase({ empty: true });
      folder = mkdtempSync(join(tmpdir(), 'dxaflow-upgrade-'));
      mkdirSync(join(folder, 'drop'));
      unpackReleased(join(folder, 'released'));
      await restoreReleased(database.pool, join(folder, 'released'), join(folder, 'archive'));
      environment = {
        DATABASE_URL: database.url,
        ...(backend === 'redis' ? { QUEUE_URL: await takeRedisDatabase(inject('redisUrl')) } : {}),
        DROP_DIR: join(folder, 'drop'),
        ARCHIVE_DIR: join(folder, 'archive'),
        DROP_STABLE_MS: '100',
        DROP_SWEEP_MS: '300',
        HTTP_PORT: '0',
      };
    }, 120_000);
    afterEach(async () => {
      await Promise.all(running.splice(0).map((worker) => worker.stop('SIGKILL')));
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    });

    async function start(part: string, release?: 'released'): Promise<WorkerProcess> {
      const worker = await startWorker(part, environment, release && join(folder, release));
      running.push(worker);
      started.push(worker);
      return worker;
    }

    const files = simulatedFiles();
    const drop = async (from: number, to: number) => {
      for (const { name, bytes } of files.slice(from, to)) {
        writeFileSync(join(folder, 'drop', `${name}.part`), bytes);
        renameSync(join(folder, 'drop', `${name}.part`), join(folder, 'drop', name));
        await sleep(20); // the pace of a sender, so that files keep coming while processes are replaced
      }
    };
    const count = async (sql: string) => (await database.pool.query<{ count: number }>(sql)).rows[0]?.count ?? 0;
    const waiting = (name: string) => (existsSync(join(folder, name)) ? readdirSync(join(folder, name)).length : 0);
    const settled = async () =>
      waiting('drop') === 0 &&
      (await count(`select count(*)::int as count from source_file where state in ('arriving', 'received')`)) === 0 &&
      (await count('select count(*)::int as count from patient where assessed_revision < revision')) === 0;
    const processed = (more: number) => async () =>
      (await count(`select count(*)::int as count from source_file where processed_at is not null`)) >= more;

    it('fails no file, keeps every decision, case and link, and lets old and new work side by side', {
      timeout: 300_000,
    }, async () => {
      const before = await readKept(database.pool);
      expect(before['review_case_event']?.length).toBeGreaterThan(5);
      const filesBefore = await count('select count(*)::int as count from source_file');
      for (const part of PARTS) await start(part, 'released');
      const dropping = drop(0, Math.floor(files.length / 2));
      await until(processed(filesBefore - 8), 'the old processes are at work', 60_000);

      const { stdout } = await run(process.execPath, [CLI, 'migrate'], { env: { ...process.env, ...environment } });
      const migrations = await readMigrations();
      expect(stdout).toContain(`applied ${migrations[17]?.name}`);
      expect((await readLedger(database.pool)).length).toBe(migrations.length);
      await dropping;

      // An old process that dies comes up again on the newer database.
      const victim = running.splice(1, 1)[0];
      await victim?.stop('SIGKILL');
      await start('ingest', 'released');
      // The new ones come one by one, and work beside the old.
      for (const part of [...PARTS, 'http', 'nightly']) await start(part);
      await drop(Math.floor(files.length / 2), files.length - 10);
      for (const old of running.splice(0, 3)) expect(await old.stop('SIGTERM')).toBe(0);
      await drop(files.length - 10, files.length);
      await until(settled, 'everything has an outcome and is judged', 120_000);

      expect(await count(`select count(*)::int as count from source_file where state = 'failed'`)).toBe(0);
      expect(await count('select count(*)::int as count from failed_assessment')).toBe(0);
      expect(lostRows(before, await readKept(database.pool))).toEqual([]);
      // What 0.1.0 stored is brought up to what this release knows of files, beside all of that.
      const unidentified = () =>
        count(`select count(*)::int as count from source_file where state = 'stored' and content_identity is null`);
      await until(async () => (await unidentified()) === 0, 'the content of every stored file is known', 90_000);
      const status = await run(process.execPath, [CLI, 'migrate', '--status', '--json'], {
        env: { ...process.env, ...environment },
      });
      expect(JSON.parse(status.stdout)).toMatchObject({
        works: true,
        missing: [],
        needed: 17,
        level: migrations.length,
      });

      const logs = started.map((worker) => worker.log()).join('');
      expect(logs).not.toMatch(/"msg":"(ingest|assessment) failed"/);
      const whole = files.filter(({ truth }) => truth.expected_state === 'stored').map(({ bytes }) => sha256(bytes));
      const { rows } = await database.pool.query(
        'select sha256 from source_file where sha256 = any($1) and state = $2',
        [whole, 'stored'],
      );
      expect(rows.length).toBe(new Set(whole).size);
      expect(await Promise.all(running.splice(0).map((worker) => worker.stop('SIGTERM')))).toEqual([0, 0, 0, 0, 0]);
    });
  });
});
