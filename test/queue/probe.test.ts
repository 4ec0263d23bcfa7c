import { rmSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeQueue } from '../../src/queue/probe.ts';
import { startOwnRedis } from '../support/process/redis.ts';
import { until } from '../support/until.ts';

const redis = await startOwnRedis();
if (redis === null) console.warn('\n!! SKIPPING what is wrong with a Redis: no redis-server\n');

describe.skipIf(redis === null)('the trial of a Redis', () => {
  const url = redis?.url ?? '';
  const admin = new Redis(url, { lazyConnect: true });
  beforeAll(async () => {
    await admin.connect();
  });
  afterAll(async () => {
    admin.disconnect();
    await redis?.stop();
  });
  const probe = (at = url) => probeQueue(at, 'test_probe');

  it('finds nothing wrong with a working queue, and leaves no more than a key that expires shortly', async () => {
    expect(await probe()).toBeNull();
    const keys = await admin.keys('*');
    expect(keys).toHaveLength(1);
    expect(await admin.ttl(keys[0] ?? '')).toBeGreaterThan(0);
  });

  it('says that the password was changed, and what is missing of one', async () => {
    await admin.config('SET', 'requirepass', 'second');
    const withPassword = (password: string) => Object.assign(new URL(url), { password }).toString();
    expect(await probe()).toEqual({ code: 'QUEUE_SIGN_IN', cause: 'NOAUTH' });
    expect(await probe(withPassword('first'))).toEqual({ code: 'QUEUE_SIGN_IN', cause: 'WRONGPASS' });
    expect(await probe(withPassword('second'))).toBeNull();
    await admin.config('SET', 'requirepass', '');
    expect(await probe()).toBeNull();
  });

  it('says that no client is let in any more', async () => {
    const before = ((await admin.config('GET', 'maxclients')) as string[])[1] ?? '';
    await admin.config('SET', 'maxclients', '1');
    // It says why and hangs up; whether that comes through before the first command fails is a matter of luck.
    expect(['QUEUE_CONNECTIONS', 'QUEUE_UNREACHABLE']).toContain((await probe())?.code);
    await admin.config('SET', 'maxclients', before);
    expect(await probe()).toBeNull();
  });

  it('says that Redis cannot save what it takes', async () => {
    const folder = ((await admin.config('GET', 'dir')) as string[])[1] ?? '';
    await admin.config('SET', 'save', '3600 1');
    rmSync(folder, { recursive: true });
    await admin.call('BGSAVE');
    await until(async () => (await admin.info('persistence')).includes('rdb_last_bgsave_status:err'), 'saving failed');
    expect(await probe()).toEqual({ code: 'QUEUE_FULL', cause: 'MISCONF' });
    await admin.config('SET', 'stop-writes-on-bgsave-error', 'no');
    await admin.config('SET', 'save', ''); // it would not end without having saved, either
    await until(async () => (await probe()) === null, 'in order again');
  });

  it('says that no server answers', async () => {
    expect(await probe('redis://127.0.0.1:1')).toEqual({ code: 'QUEUE_UNREACHABLE', cause: 'ECONNREFUSED' });
  });
});
