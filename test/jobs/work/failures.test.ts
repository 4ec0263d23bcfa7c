import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  listFailures,
  listPatientsNotJudged,
  recordFailedAssessment,
  recordFailedFile,
  requeueFailures,
} from '../../../src/db/files/failure.ts';
import { codeOf, DxaflowError } from '../../../src/errors/errors.ts';
import { isOutage, isTransient } from '../../../src/errors/transient.ts';
import { connectQueues } from '../../../src/queue/connect.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { storeVisit } from '../../support/stored/stored-visit.ts';
import { until } from '../../support/until.ts';

const coded = (code: string) => Object.assign(new Error('text that may quote a patient'), { code });

describe('a failure', () => {
  it.each([
    ['ECONNREFUSED', true, true],
    ['57P01', true, true],
    ['08006', true, true],
    ['53100', true, true],
    ['40P01', true, false],
    ['ENOSPC', true, false],
    ['EROFS', true, false],
    ['22P02', false, false],
    ['23514', false, false],
    ['UNKNOWN', false, false],
  ])('with code %s passes: %s, and is an outage: %s', (code, transient, outage) => {
    expect(isTransient(coded(code))).toBe(transient);
    expect(isOutage(coded(code))).toBe(outage);
  });

  it('of ours says itself whether it passes', () => {
    expect(isTransient(new DxaflowError('A', 'a', { transient: true }))).toBe(true);
    expect(isTransient(new DxaflowError('A', 'a'))).toBe(false);
  });
});

describe('the list of failures', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    for (let index = 0; index < 12; index += 1) {
      await database.pool.query(
        `insert into source_file (sha256, byte_count, archive_path, drop_name, state) values ($1, 1, 'x', 'x', 'received')`,
        [randomBytes(32).toString('hex')],
      );
    }
  });
  afterAll(() => database.drop());

  it('holds files in the order of their numbers, with reason, cause and attempts', async () => {
    for (let id = 1; id <= 12; id += 1) {
      await recordFailedFile(database.pool, String(id), {
        code: id % 2 ? 'PROCESSING_FAILED' : 'WORKER_CRASHED',
        cause: 'EX',
      });
    }
    await recordFailedFile(database.pool, '3', { code: 'PROCESSING_FAILED', cause: 'EY' });
    const listed = await listFailures(database.pool, { kind: 'file', id: '0' }, 100);
    expect(listed.map(({ id }) => Number(id))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(listed[2]).toMatchObject({ kind: 'file', id: '3', code: 'PROCESSING_FAILED', cause: 'EY', attempts: 2 });
    expect((await listFailures(database.pool, { kind: 'file', id: '9' }, 100)).map(({ id }) => id)).toEqual([
      '10',
      '11',
      '12',
    ]);
  });

  it('gives back one, all of a reason, or all', async () => {
    expect(await requeueFailures(database.pool, { kind: 'file', id: '1' })).toEqual({ files: ['1'], patients: [] });
    expect((await requeueFailures(database.pool, { code: 'WORKER_CRASHED' })).files).toHaveLength(6);
    expect((await requeueFailures(database.pool, {})).files).toHaveLength(5);
    expect(await listFailures(database.pool, { kind: 'file', id: '0' }, 100)).toEqual([]);
    const { rows } = await database.pool.query(`select 1 from source_file where state <> 'received'`);
    expect(rows).toEqual([]);
  });

  it('does not undo what another attempt has finished', async () => {
    await database.pool.query(`update source_file set state = 'stored' where id = 1`);
    await recordFailedFile(database.pool, '1', { code: 'PROCESSING_FAILED', cause: 'EX' });
    expect(await listFailures(database.pool, { kind: 'file', id: '0' }, 100)).toEqual([]);
  });

  it('keeps a patient who cannot be judged from coming back until something changes', async () => {
    const visit = { patientId: 'P1', scannedOn: '2024-01-01', spine: '1.000' };
    const patientId = await storeVisit(database.pool, visit);
    await database.pool.query('update patient set assessed_revision = 0 where id = $1', [patientId]);
    expect(await listPatientsNotJudged(database.pool, '0', 10)).toEqual([patientId]);
    await recordFailedAssessment(database.pool, patientId, { code: 'PROCESSING_FAILED', cause: 'EX' });
    expect(await listPatientsNotJudged(database.pool, '0', 10)).toEqual([]);
    expect(await listFailures(database.pool, { kind: 'patient', id: '0' }, 10)).toMatchObject([
      { kind: 'patient', id: patientId },
    ]);
    await database.pool.query('update patient set revision = revision + 1 where id = $1', [patientId]);
    expect(await listPatientsNotJudged(database.pool, '0', 10)).toEqual([patientId]);
    await recordFailedAssessment(database.pool, patientId, { code: 'PROCESSING_FAILED', cause: 'EX' });
    expect(await requeueFailures(database.pool, { kind: 'patient', id: patientId })).toMatchObject({
      patients: [patientId],
    });
    expect(await listPatientsNotJudged(database.pool, '0', 10)).toEqual([patientId]);
  });
});

describe.each(['postgres', 'redis'] as const)('a job that kills its workers, with the queue on %s', (backend) => {
  it.skipIf(backend === 'redis' && inject('redisUrl') === '')(
    'is given up after its fourth worker and holds up no other job',
    { timeout: 90_000 },
    async () => {
      const database = await createTestDatabase({ empty: true });
      const url = backend === 'redis' ? inject('redisUrl') : database.url;
      const namespace = `test_${randomBytes(6).toString('hex')}`;
      const system = connectQueues(url, namespace, { lockMs: 1000 });
      const queue = await system.openQueue<{ sourceFileId: string }>('ingest', () => undefined);
      await queue.add({ sourceFileId: '666' }, { attempts: 6 });
      const script = fileURLToPath(new URL('../../support/process/dying-worker.ts', import.meta.url));
      for (let death = 0; death < 4; death += 1) {
        const child = spawn(process.execPath, [script, url, namespace], { stdio: 'ignore' });
        expect(await new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))).toBe('SIGKILL');
      }
      await queue.add({ sourceFileId: '1' }, {});
      const done: unknown[] = [];
      const given: { payload: unknown; code: string }[] = [];
      const worker = await system.openWorker('ingest', async (payload) => void done.push(payload), 2, {
        onError: () => undefined,
        onFailed: () => undefined,
        onGivenUp: async (payload, error) => void given.push({ payload, code: codeOf(error) }),
      });
      worker.run();
      await until(() => given.length === 1 && done.length === 1, 'one given up, one done');
      expect(given).toEqual([{ payload: { sourceFileId: '666' }, code: 'WORKER_CRASHED' }]);
      expect(done).toEqual([{ sourceFileId: '1' }]);
      await worker.close();
      await queue.close();
      await database.drop();
    },
  );
});
