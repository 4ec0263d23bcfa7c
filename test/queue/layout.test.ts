import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { connectQueues } from '../../src/queue/connect.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';

const QUEUE = 'ingest';

describe('a queue on PostgreSQL', () => {
  let database: TestDatabase;
  const open = () => connectQueues(database.url, 'test_layout').openQueue(QUEUE, () => undefined);
  const run = (sql: string) => database.pool.query(sql);

  beforeEach(async () => {
    database = await createTestDatabase({ empty: true });
    const queue = await open();
    await queue.freeOverdue();
    await queue.close();
  });
  afterEach(async () => {
    await database.drop();
  });

  it.each([
    ['a column has another name', 'alter table test_layout.job rename column locked_until_ms to locked_until'],
    ['a column is of another type', 'alter table test_layout.job alter column locked_until_ms type text[] using null'],
    ['jobs at work are called otherwise', `alter type test_layout.job_state rename value 'active' to 'working'`],
    ['its notes are kept otherwise', 'alter table test_layout.meta rename column field to name'],
  ])('is not opened when %s', async (_what, change) => {
    await run(change);
    await expect(open()).rejects.toMatchObject({ code: 'QUEUE_LAYOUT' });
  });

  it('is not written to when that is discovered only after it was opened without an answer', async () => {
    const queue = await connectQueues(database.url, 'test_layout').openQueue(QUEUE, () => undefined, {
      ms: 0,
      late: 'go on',
    });
    await run('alter table test_layout.job rename column locked_until_ms to locked_until');
    await expect(queue.freeOverdue()).rejects.toMatchObject({ code: 'QUEUE_LAYOUT' });
    await queue.close();
  });
});

describe.skipIf(inject('redisUrl') === '')('a queue on Redis', () => {
  const namespace = `test_${randomBytes(6).toString('hex')}`;
  const redis = new Redis(inject('redisUrl'), { lazyConnect: true });
  const open = () => connectQueues(inject('redisUrl'), namespace).openQueue(QUEUE, () => undefined);

  beforeEach(async () => {
    const queue = await open();
    await queue.freeOverdue();
    await queue.close();
  });
  afterEach(async () => {
    const keys = await redis.keys(`${namespace}:*`);
    if (keys.length > 0) await redis.del(keys);
    redis.disconnect();
  });

  it('is not opened when jobs at work are kept otherwise', async () => {
    await redis.zadd(`${namespace}:${QUEUE}:active`, 1, '1');
    await expect(open()).rejects.toMatchObject({ code: 'QUEUE_LAYOUT' });
  });
});
