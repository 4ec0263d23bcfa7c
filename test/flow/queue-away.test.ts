import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { listNightChanges } from '../../src/db/night/change.ts';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { watchStates } from '../../src/health/states.ts';
import { buildServer } from '../../src/http/server.ts';
import { type JobQueues, openJobQueues } from '../../src/jobs/work/enqueue.ts';
import { connectQueues, QUEUE_NAMESPACE } from '../../src/queue/connect.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { freePort, startLocalServer } from '../support/process/redis.ts';
import { startWorker } from '../support/process/worker-process.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { runTestNight } from '../support/stored/planted-night.ts';
import { storeVisit } from '../support/stored/stored-visit.ts';
import { signedIn } from '../support/web/sign-in.ts';

vi.setConfig({ testTimeout: 300_000 });

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
/** Much longer than anything here waits for a queue, for a busy machine; shorter than for ever. */
const BOUND_MS = 100_000;

describe('with Redis away', () => {
  let database: TestDatabase;
  let home: string;
  let queueUrl: string;
  let queues: JobQueues;
  let server: FastifyInstance;
  let headers: { readonly cookie: string };
  let fileId: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    home = mkdtempSync(join(tmpdir(), 'dxaflow-queue-away-'));
    const { pool } = database;
    const redis = await startLocalServer();
    queueUrl = redis.url;
    queues = await openJobQueues(connectQueues(queueUrl, QUEUE_NAMESPACE), () => undefined);
    server = await buildServer({
      pool,
      queues,
      log: recordedLog(),
      archiveDir: home,
      dropDir: join(home, 'drop'),
      states: watchStates(recordedLog()),
      limits: READ_LIMITS,
      singleUser: false,
    });
    await server.ready();
    headers = await signedIn(pool, 'administrator', 'm.weber');
    await storeVisit(pool, { patientId: 'away', scannedOn: '2020-03-01', spine: '1.000' });
    const { rows } = await pool.query<{ id: string }>(
      `update report set vendor = 'ge-lunar' returning source_file_id::text as id`,
    );
    fileId = rows[0]?.id ?? '';
    await pool.query(
      `insert into finding (source_file_id, code, path, facts) values ($1, 'UNKNOWN_REGION', '1.3',
         '{"scanType": "hip", "scheme": "99SITE", "value": "COL", "label": "Col"}')`,
      [fileId],
    );
    await redis.stop();
  });
  afterAll(async () => {
    await queues.close();
    await server.close();
    await database.drop();
    rmSync(home, { recursive: true, force: true });
  });

  const stateOf = async () =>
    (await database.pool.query<{ state: string }>('select state from source_file where id = $1', [fileId])).rows[0]
      ?.state;
  const asStored = async () =>
    await database.pool.query(`update source_file set state = 'stored' where id = $1`, [fileId]);

  async function inTime<T>(work: PromiseLike<T>): Promise<T> {
    const begun = performance.now();
    const result = await work;
    expect(performance.now() - begun).toBeLessThan(BOUND_MS);
    return result;
  }
  const ask = async (method: 'GET' | 'POST', url: string, payload: object = {}) =>
    await inTime(server.inject({ method, url, headers, ...(method === 'GET' ? {} : { payload }) }));

  it('a mapping is put on file and taken off again from its page, and the rows say what is to be read', async () => {
    const fields = { vendor: 'ge-lunar', kind: 'region', code_scheme: '99SITE', code_value: 'COL', scan_type: 'hip' };
    const meaning = { region: 'femoral_neck', laterality: 'left', confirm: 'yes' };
    const answer = await ask('POST', '/unmapped', { ...fields, ...meaning });
    expect(answer.statusCode).toBe(303);
    expect(await stateOf()).toBe('received');
    await asStored();
    const { rows } = await database.pool.query<{ id: string }>(
      `update report set site_mapping_ids = array(select id from site_mapping) returning site_mapping_ids[1]::text as id`,
    );
    expect((await ask('POST', `/unmapped/${rows[0]?.id}/retire`, { note: 'was the shaft' })).statusCode).toBe(303);
    expect(await stateOf()).toBe('received');
    await asStored();
  });

  it('what failed is put back to work from its page and by a program', async () => {
    const fail = `update source_file set state = 'failed', reason_code = 'PROCESSING_FAILED' where id = $1`;
    await database.pool.query(fail, [fileId]);
    expect((await ask('POST', '/failed', { all: 'yes' })).statusCode).toBe(303);
    expect(await stateOf()).toBe('received');
    await database.pool.query(fail, [fileId]);
    expect((await ask('POST', '/api/failed/requeue', { all: true })).json()).toMatchObject({ files: 1 });
    expect(await stateOf()).toBe('received');
    await asStored();
  });

  it.each(['/', '/status', '/nights', '/failed', '/unmapped', '/api/nights'])('%s answers', async (url) => {
    expect((await ask('GET', url)).statusCode).toBe(200);
  });

  it('commands say that the work is picked up later, and end', async () => {
    const env = { ...process.env, DATABASE_URL: database.url, QUEUE_URL: queueUrl, DXAFLOW_HOME: home };
    const run = async (...given: readonly string[]) =>
      await inTime(promisify(execFile)(process.execPath, [CLI, ...given], { env, timeout: BOUND_MS }));
    await database.pool.query(
      `update source_file set state = 'failed', reason_code = 'PROCESSING_FAILED' where id = $1`,
      [fileId],
    );
    const requeued = await run('failed', 'requeue', '--all', '--by', 'M. Weber');
    expect(requeued.stdout).toMatch(/^1 file and 0 patients will be retried.*\nThe queue is not responding/);
    expect(await stateOf()).toBe('received');
    await asStored();
    const place = ['--scan-type', 'hip', '--region', 'femoral_neck', '--laterality', 'right'];
    const code = ['--code-scheme', '99SITE', '--code-value', 'COL', '--by', 'M. Weber'];
    const mapped = await run('map', 'add', '--vendor', 'ge-lunar', '--kind', 'region', ...code, ...place);
    expect(mapped.stdout).toMatch(/^1 file will be read again.*The queue is not responding/);
    expect(await stateOf()).toBe('received');
    await asStored();
  });

  it('a nightly run finishes and says that it did not sweep', async () => {
    const result = await inTime(runTestNight(database.pool, home, { queues }));
    expect(result.outcome).toBe('done');
    const changes = await listNightChanges(database.pool, result.runId ?? '', '0', 1000);
    expect(changes.filter(({ step }) => step === 'sweep')).toMatchObject([
      { kind: 'failure', sourceFileId: null, patientId: null, detail: { code: 'QUEUE_UNREACHABLE' } },
    ]);
    expect(result.steps.map(({ step }) => step)).toContain('retain');
  });

  it('the pages are served', async () => {
    const http = await inTime(
      startWorker('http', {
        DATABASE_URL: database.url,
        QUEUE_URL: queueUrl,
        DXAFLOW_HOME: home,
        HTTP_PORT: String(await freePort()),
      }),
    );
    expect(await http.stop('SIGTERM')).toBe(0);
  });
});
