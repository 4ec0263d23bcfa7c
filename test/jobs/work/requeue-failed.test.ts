import { randomBytes } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { listFailures, recordFailedFile } from '../../../src/db/files/failure.ts';
import { openJobQueues } from '../../../src/jobs/work/enqueue.ts';
import { removeSettledJobs } from '../../../src/jobs/work/failed-jobs.ts';
import { enqueueRetries, requeueFailed } from '../../../src/jobs/work/requeue-failed.ts';
import { connectQueues } from '../../../src/queue/connect.ts';
import { INGEST_JOB, INGEST_QUEUE } from '../../../src/queue/job.ts';
import { createTestDatabase } from '../../support/database/database.ts';
import { plantFailedFile } from '../../support/stored/planted-failures.ts';
import { until } from '../../support/until.ts';

describe.each(['postgres', 'redis'] as const)('with the queue on %s', (backend) => {
  it.skipIf(backend === 'redis' && inject('redisUrl') === '')(
    'what is tried again goes behind new scans, and no job counts as failed whose file does not',
    { timeout: 60_000 },
    async () => {
      const database = await createTestDatabase();
      const { pool } = database;
      const namespace = `test_${randomBytes(6).toString('hex')}`;
      const system = connectQueues(backend === 'redis' ? inject('redisUrl') : database.url, namespace);
      const queues = await openJobQueues(system, () => undefined);
      const done: string[] = [];
      const work = async (breaks: boolean) => {
        const worker = await system.openWorker(
          INGEST_QUEUE,
          async (payload) => {
            if (breaks) throw Object.assign(new Error('broken'), { code: '23514' });
            done.push(INGEST_JOB.parse(payload).sourceFileId);
          },
          1,
          {
            onError: () => undefined,
            onFailed: () => undefined,
            onGivenUp: async (payload) =>
              await recordFailedFile(pool, INGEST_JOB.parse(payload).sourceFileId, {
                code: 'PROCESSING_FAILED',
                cause: '23514',
              }),
          },
        );
        worker.run();
        return worker;
      };
      const failedJobs = async () => (await queues.counts())[INGEST_QUEUE]?.['failed'];

      const [one = '', two = '', three = ''] = await Promise.all(
        ['one', 'two', 'three'].map((name) => plantFailedFile(pool, name, 'PROCESSING_FAILED', '23514')),
      );
      await queues.enqueueIngests([one, two, three, '999']);
      const breaking = await work(true);
      await until(async () => (await failedJobs()) === 4, 'four failed jobs');
      await breaking.close();

      const requeued = await requeueFailed(pool, { kind: 'file', id: one }, { by: 'test', note: '' });
      await enqueueRetries(queues, requeued);
      await queues.enqueueIngests(['1000']);
      expect(await failedJobs()).toBe(3);

      await pool.query(`update source_file set state = 'stored', reason_code = null where id = $1`, [two]);
      expect(await removeSettledJobs(pool, queues.failed)).toBe(2); // the one done since, and one of another database
      expect(await failedJobs()).toBe(1);
      expect((await listFailures(pool, { kind: 'file', id: '0' }, 10)).map(({ id }) => id)).toEqual([three]);

      const working = await work(false);
      await until(() => done.length === 2, 'both done');
      expect(done).toEqual(['1000', one]);
      await working.close();
      await queues.close();
      await database.drop();
    },
  );
});
