import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { agrees, compareWithTruth } from '../../src/cli/run/demo-check.ts';
import { importLsc, parseLscCsv } from '../../src/jobs/registry/lsc-import.ts';
import { lscCsv } from '../../src/simulate/cohort/lsc-csv.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { SMALL_COHORT, simulatedFiles } from '../support/dicom/simulated.ts';
import { takeRedisDatabase } from '../support/process/redis-database.ts';
import { startWorker, type WorkerProcess } from '../support/process/worker-process.ts';
import { until } from '../support/until.ts';

const PARTS = ['assess', 'ingest', 'intake'] as const;

// The real process entry points, as an operator starts them, on both queue backends.
describe.each(['postgres', 'redis'] as const)('the workers with their queue on %s', (backend) => {
  describe.skipIf(backend === 'redis' && inject('redisUrl') === '')('as processes of their own', () => {
    let database: TestDatabase;
    let folder: string;
    let environment: Record<string, string>;
    const running: WorkerProcess[] = [];

    beforeEach(async () => {
      database = await createTestDatabase();
      folder = mkdtempSync(join(tmpdir(), 'dxaflow-flow-'));
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
      const lsc = parseLscCsv(lscCsv());
      await importLsc(database.pool, lsc, { by: 'test', note: 'flow test' });
    });
    afterEach(async () => {
      await Promise.all(running.splice(0).map((worker) => worker.stop('SIGKILL')));
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    });

    async function start(part: string): Promise<WorkerProcess> {
      const worker = await startWorker(part, environment);
      running.push(worker);
      return worker;
    }

    const drop = () => {
      for (const { name, bytes } of simulatedFiles()) {
        writeFileSync(join(folder, 'drop', `${name}.part`), bytes);
        renameSync(join(folder, 'drop', `${name}.part`), join(folder, 'drop', name));
      }
    };

    const waiting = (folderName: string) =>
      existsSync(join(folder, folderName)) ? readdirSync(join(folder, folderName)).length : 0;

    /** Nothing lies in a folder, no file is without an outcome and no patient waits to be judged. */
    async function settled(): Promise<void> {
      await until(
        async () => {
          const { rows } = await database.pool.query<{ files: number; patients: number; came: number }>(
            `select count(*) filter (where state in ('arriving', 'received'))::int as files, count(*)::int as came,
                    (select count(*)::int from patient where assessed_revision < revision) as patients from source_file`,
          );
          const inFolders = waiting('drop') + waiting('archive/incoming');
          return inFolders === 0 && rows[0]?.files === 0 && rows[0].patients === 0 && rows[0].came > 0;
        },
        'every file has an outcome and every patient is judged',
        90_000,
      );
    }

    it('find everything that was planted and nothing else, and stop cleanly', { timeout: 120_000 }, async () => {
      for (const part of [...PARTS, 'http']) await start(part);
      drop();
      await settled();
      // A copy is counted after it was removed, so the last count may still be on its way.
      await until(async () => agrees(await compareWithTruth(database.pool, SMALL_COHORT.truth)), 'counts', 5000).catch(
        () => false,
      );
      const rows = await compareWithTruth(database.pool, SMALL_COHORT.truth);
      expect(rows.filter((row) => row.planted !== row.found || row.extra !== 0)).toEqual([]);
      expect(agrees(rows)).toBe(true);
      expect(readdirSync(join(folder, 'drop'))).toEqual([]);
      const codes = await Promise.all(running.splice(0).map((worker) => worker.stop('SIGTERM')));
      expect(codes).toEqual([0, 0, 0, 0]);
    });

    it('lose nothing when each of them is killed in the middle of its work', { timeout: 120_000 }, async () => {
      for (const part of PARTS) await start(part);
      drop();
      for (const [index, part] of PARTS.entries()) {
        await until(async () => {
          const { rows } = await database.pool.query<{ count: number }>(
            'select count(*)::int as count from source_file',
          );
          return (rows[0]?.count ?? 0) >= 8 * (index + 1);
        }, 'some files taken');
        const victim = running.shift();
        expect(await victim?.stop('SIGKILL')).toBeNull();
        await start(part);
      }
      await settled();
      // How often a copy came is counted after it was removed; a kill in between leaves it uncounted.
      const found = (await compareWithTruth(database.pool, SMALL_COHORT.truth)).filter(
        ({ what }) => !what.startsWith('resent'),
      );
      expect(found.filter((row) => row.planted !== row.found || row.extra !== 0)).toEqual([]);
    });
  });
});

describe('a worker', () => {
  it('refuses an old schema and says which command helps', async () => {
    const database = await createTestDatabase({ empty: true });
    await expect(startWorker('assess', { DATABASE_URL: database.url })).rejects.toThrow(
      /ended with 1.*SCHEMA_OLD.*dxaflow migrate/s,
    );
    await database.drop();
  });

  it('refuses a broken configuration with exit code 78 and without the value', async () => {
    const failure = await startWorker('http', { HTTP_PORT: 'hunter2' }).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(failure).toMatch(/ended with 78.*HTTP_PORT must be a whole number/s);
    expect(failure).not.toContain('hunter2');
  });
});
