import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { QUEUE_NAMESPACE } from '../../src/queue/connect.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { dumpRedis, dumpSchema, findLeaks } from '../support/database/leak-scan.ts';
import { SMALL_COHORT, simulatedFiles } from '../support/dicom/simulated.ts';
import { badFiles, obstructArchive, place } from '../support/process/leaky-drop.ts';
import { takeRedisDatabase } from '../support/process/redis-database.ts';
import { startWorker, type WorkerProcess } from '../support/process/worker-process.ts';
import { until } from '../support/until.ts';

const PLANTED = SMALL_COHORT.truth.planted_values;
const NAMES = PLANTED.filter((value) => value.includes('^'));
const REPORTS = simulatedFiles().filter((file) => file.truth.expected_state === 'stored');

// Failures of the database that quote what they fail on, as constraints, triggers and casts do.
const FAILURES = `
  alter table stored_report add constraint not_this_one check (patient_name not like '${PLANTED[1]}%') not valid;
  create function refuse() returns trigger language plpgsql as $$
    declare who text;
    begin
      select patient_id into who from patient where id = new.patient_id;
      if right(who, 1) in ('3', '4', '5') then
        raise exception E'no comparison for %\\n    at %:1:1', who, who using detail = who, hint = who;
      end if;
      return new;
    end $$;
  create trigger refuse before insert on comparison for each row execute function refuse();`;

const MEETS = [
  '"code":"23514"', // a row that a constraint refuses, quoted in the error's detail
  '"code":"P0001"', // an exception that quotes a patient in its message
  '"code":"EISDIR"', // a file that cannot be moved, quoted with its name
  '"57P01"', // connections cut by the operator
  'SOP_INSTANCE_CONFLICT',
  'TRUNCATED',
  'NOT_DICOM',
];

// The whole product as one process at LOG_LEVEL=trace: with everything that can go wrong, ids are all it tells.
describe.each(['postgres', 'redis'] as const)('with its queue on %s', (backend) => {
  describe.skipIf(backend === 'redis' && inject('redisUrl') === '')('no patient value', () => {
    let database: TestDatabase;
    let folder: string;
    let worker: WorkerProcess;
    let queueUrl: string | null;

    beforeEach(async () => {
      database = await createTestDatabase();
      folder = mkdtempSync(join(tmpdir(), 'dxaflow-leaks-'));
      mkdirSync(join(folder, 'drop'));
      queueUrl = backend === 'redis' ? await takeRedisDatabase(inject('redisUrl')) : null;
      worker = await startWorker('all', {
        DATABASE_URL: database.url,
        ...(queueUrl === null ? {} : { QUEUE_URL: queueUrl }),
        DXAFLOW_HOME: folder,
        DROP_STABLE_MS: '50',
        DROP_SWEEP_MS: '300',
        HTTP_PORT: '0',
        LOG_LEVEL: 'trace',
      });
    });
    afterEach(async () => {
      await worker.stop('SIGKILL');
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    });

    const count = async (sql: string) =>
      (await database.pool.query<{ n: number }>(`select count(*)::int as n ${sql}`)).rows[0]?.n ?? 0;

    const dropEverything = () => {
      const drop = join(folder, 'drop');
      for (const { name, bytes } of simulatedFiles()) place(drop, name, bytes);
      const named = Buffer.from('no report at all');
      obstructArchive(join(folder, 'archive'), named);
      place(drop, `${NAMES[1]}.dcm`, named);
    };

    it('reaches a log line, the metrics or the queue', { timeout: 120_000 }, async () => {
      await database.pool.query(FAILURES);
      dropEverything();
      await until(async () => (await count(`from source_file where state = 'stored'`)) > 20, 'files stored');
      await database.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'dxaflow%'`,
      );
      await until(
        async () => (await count(`from source_file where state = 'stored'`)) > 50,
        'more files stored',
        30_000,
      );
      for (const { name, bytes } of badFiles(REPORTS, NAMES)) place(join(folder, 'drop'), name, bytes);
      for (const what of MEETS) await until(() => worker.log().includes(what), `a log line with ${what}`, 30_000);
      const failures = (what: string) => worker.log().split(`"msg":"${what}"`).length - 1;
      await until(
        () => failures('ingest failed') >= 2 && failures('assessment failed') >= 4,
        'failed attempts',
        30_000,
      );

      const url = /Review page: (\S+)/.exec(worker.log())?.[1] ?? '';
      for (const path of [
        `files/${PLANTED[0]}`,
        `?rule=${PLANTED[1]}`,
        `api/cases?patient=${PLANTED[0]}`,
        'files',
        '',
      ]) {
        await (await fetch(new URL(encodeURI(path), url))).text();
      }
      await fetch(new URL('sign-in', url), {
        method: 'POST',
        body: new URLSearchParams({ name: `${PLANTED[1]}`, password: 'x' }),
      });
      const metrics = await (await fetch(new URL('metrics', url))).text();
      const queue =
        backend === 'postgres'
          ? await dumpSchema(database.pool, QUEUE_NAMESPACE)
          : await dumpRedis(queueUrl ?? '', QUEUE_NAMESPACE);
      expect(await worker.stop('SIGTERM')).toBe(0);

      // The scan sees what is there, and there was something to see.
      expect(findLeaks(await dumpSchema(database.pool, 'public'), PLANTED).length).toBeGreaterThan(50);
      expect(queue).toMatch(/23514/);
      expect(queue).toMatch(/P0001/);
      expect(metrics).toMatch(/dxaflow_failed_jobs_total\{.*queue="assess"/);
      expect(metrics).toMatch(/dxaflow_ingest_files_total\{.*state="refused",code="TRUNCATED"/);
      expect(findLeaks(worker.log(), PLANTED)).toEqual([]);
      expect(findLeaks(metrics, PLANTED)).toEqual([]);
      expect(findLeaks(queue, PLANTED)).toEqual([]);
    });
  });
});
