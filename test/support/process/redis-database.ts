import { Redis } from 'ioredis';

/** What a Redis has unless it is told otherwise; number 0 is for tests that bring a namespace of their own. */
const DATABASES = 16;

/**
 * The URL of a database of the tests' Redis that no other test uses at the moment: they are given out in turn, emptied.
 * For processes, whose queue always has the same name.
 */
export async function takeRedisDatabase(redisUrl: string): Promise<string> {
  const redis = new Redis(redisUrl);
  try {
    const number = 1 + ((await redis.incr('tests:databases-given-out')) % (DATABASES - 1));
    await redis.select(number);
    await redis.flushdb();
    return Object.assign(new URL(redisUrl), { pathname: `/${number}` }).toString();
  } finally {
    redis.disconnect();
  }
}
