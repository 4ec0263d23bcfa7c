import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { announceSourceFiles, markReceived } from '../../../src/db/files/source-file.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { archivePathOf } from '../../../src/jobs/archive/archive.ts';
import { openFileIngest } from '../../../src/jobs/ingest/ingest.ts';
import { openReadingPool } from '../../../src/jobs/ingest/reading-pool.ts';
import { openJobQueues } from '../../../src/jobs/work/enqueue.ts';
import { connectQueues } from '../../../src/queue/connect.ts';
import { INGEST_JOB, INGEST_QUEUE } from '../../../src/queue/job.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { until } from '../../support/until.ts';

const BREAKING = fileURLToPath(new URL('../../support/process/breaking-thread.ts', import.meta.url));
const POISON = ['exit', 'hang', 'throw'] as const;

describe.each(['postgres', 'redis'] as const)('files that break their reader, with the queue on %s', (backend) => {
  describe.skipIf(backend === 'redis' && inject('redisUrl') === '')('are refused', () => {
    let database: TestDatabase;
    let archiveDir: string;
    const closers: (() => Promise<void>)[] = [];

    beforeEach(async () => {
      database = await createTestDatabase();
      archiveDir = mkdtempSync(join(tmpdir(), 'dxaflow-poison-'));
    });
    afterEach(async () => {
      for (const close of closers.splice(0).reverse()) await close();
      await database.drop();
      rmSync(archiveDir, { recursive: true, force: true });
    });

    async function receive(bytes: string): Promise<string> {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const archivePath = archivePathOf(sha256);
      mkdirSync(join(archiveDir, dirname(archivePath)), { recursive: true });
      writeFileSync(join(archiveDir, archivePath), bytes);
      const [row] = await announceSourceFiles(database.pool, [
        { sha256, byteCount: bytes.length, archivePath, dropName: 'x.dcm' },
      ]);
      await markReceived(database.pool, [row?.id ?? '']);
      return row?.id ?? '';
    }

    it('and the files behind them get through', { timeout: 60_000 }, async () => {
      const url = backend === 'redis' ? inject('redisUrl') : database.url;
      const system = connectQueues(url, `test_${randomBytes(6).toString('hex')}`, { lockMs: 1000 });
      const queues = await openJobQueues(system, () => undefined);
      closers.push(queues.close);
      const reader = openReadingPool({
        threads: 2,
        deadlineMs: 5000,
        memoryMb: 64,
        limits: READ_LIMITS,
        file: BREAKING,
      });
      closers.push(reader.close);
      const poison = await Promise.all(POISON.map(receive));
      const good = await Promise.all(Array.from({ length: 8 }, (_, index) => receive(`good ${index}`)));
      await queues.enqueueIngests([...poison, ...good]);
      const worker = await system.openWorker(
        INGEST_QUEUE,
        async (payload) => {
          const { sourceFileId } = INGEST_JOB.parse(payload);
          await openFileIngest({ pool: database.pool, archiveDir, reader })(sourceFileId);
        },
        2,
        { onError: () => undefined, onFailed: () => undefined },
      );
      closers.push(worker.close);
      worker.run();
      const outcomes = async () => {
        const { rows } = await database.pool.query<{ id: string; code: string }>(
          `select id::text, reason_code as code from source_file where state = 'refused'`,
        );
        return new Map(rows.map(({ id, code }) => [id, code]));
      };
      await until(async () => (await outcomes()).size === poison.length + good.length, 'all refused', 50_000);
      const codes = await outcomes();
      expect(poison.map((id) => codes.get(id))).toEqual(['READER_CRASHED', 'READER_TIMEOUT', 'READER_CRASHED']);
      expect(good.map((id) => codes.get(id))).toEqual(good.map(() => 'FINE'));
      const left = async () => (await queues.counts())[INGEST_QUEUE];
      await until(async () => (await left())?.['active'] === 0, 'the last job over');
      expect(await left()).toMatchObject({ wait: 0, active: 0, delayed: 0, failed: 0 });
    });
  });
});
