import { Redis } from 'ioredis';
import type { Queryable } from '../../../src/db/pool.ts';

/** Lines that hold one of the values, as they stand or in hexadecimal, cut to what a failure message needs. */
export function findLeaks(text: string, values: readonly string[]): readonly string[] {
  const spellings = values.flatMap((value) => [value, Buffer.from(value).toString('hex')]);
  return text
    .split('\n')
    .filter((line) => spellings.some((spelling) => line.includes(spelling)))
    .map((line) => line.slice(0, 400));
}

/** Every row of every table of a schema, a line each. */
export async function dumpSchema(database: Queryable, schema: string): Promise<string> {
  const { rows: tables } = await database.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_schema = $1`,
    [schema],
  );
  const lines: string[] = [];
  for (const { name } of tables) {
    const { rows } = await database.query<{ line: string }>(`select to_jsonb(t)::text as line from ${name} t`);
    lines.push(...rows.map(({ line }) => `${name} ${line}`));
  }
  return lines.join('\n');
}

/** What the queues of a database hold, whatever their schemas are called. */
export async function dumpQueues(database: Queryable): Promise<string> {
  const { rows } = await database.query<{ schema: string }>(
    `select n.nspname as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relname = 'job' and c.relkind = 'r' order by 1`,
  );
  const dumps: string[] = [];
  for (const { schema } of rows) dumps.push(await dumpSchema(database, schema));
  return dumps.join('\n');
}

async function readKey(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return await redis.get(key);
    case 'list':
      return await redis.lrange(key, 0, -1);
    case 'set':
      return await redis.smembers(key);
    case 'zset':
      return await redis.zrange(key, '0', '-1');
    case 'none': // expired meanwhile
      return null;
    case 'hash':
      return await redis.hgetall(key);
    case 'stream':
      return await redis.xrange(key, '-', '+');
    default:
      throw new Error(`${key} is a ${type}, which this scan cannot read`);
  }
}

/** Every key with this prefix ("" for all) and what it holds, a line each. */
export async function dumpRedis(url: string, prefix: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const lines: string[] = [];
    for await (const keys of redis.scanStream({ match: prefix === '' ? '*' : `${prefix}:*`, count: 500 })) {
      for (const key of keys as string[]) lines.push(`${key} ${JSON.stringify(await readKey(redis, key))}`);
    }
    return lines.join('\n');
  } finally {
    redis.disconnect();
  }
}
