import type { Redis } from 'ioredis';
import pg from 'pg';
import { codeOf, DxaflowError } from '../errors/errors.ts';

// The locks of dead workers are freed in BullMQ's own tables and keys (overdue.ts), for which it has no call. What is
// relied on there is named here and looked at when a queue is opened: docs/upstream.md asks for a call instead.

/** SQLSTATEs of a statement about tables, columns or states that are not there or of another type. */
const OTHER_TABLES: readonly string[] = ['42P01', '42703', '42846', '22P02', '42883'];

function unknownLayout(found: string): DxaflowError {
  const remedy = 'Run the release of dxaflow that goes with it (docs/upgrading.md).';
  return new DxaflowError(
    'QUEUE_LAYOUT',
    `The queue is kept in a form that this release does not know (${found}). ${remedy}`,
  );
}

/** Throws QUEUE_LAYOUT unless the tables are those that `openPostgresLockWatch` reads and writes. */
export async function checkPostgresLayout(pool: Pick<pg.Pool, 'query'>, schema: string): Promise<void> {
  const of = pg.escapeIdentifier(schema);
  try {
    await pool.query(
      `select j.queue::text, j.id::text, j.locked_until_ms::bigint from ${of}.job j where j.state = 'active' limit 0`,
    );
    await pool.query(`select m.queue::text, m.field::text, m.value::text from ${of}.meta m limit 0`);
  } catch (error) {
    if (OTHER_TABLES.includes(codeOf(error))) throw unknownLayout(`SQLSTATE ${codeOf(error)}`);
    throw error;
  }
}

/** Throws QUEUE_LAYOUT unless the keys are those that `openRedisLockWatch` reads and writes. */
export async function checkRedisLayout(redis: Redis, prefix: string): Promise<void> {
  const active = await redis.type(`${prefix}:active`);
  if (active !== 'list' && active !== 'none') throw unknownLayout(`active jobs as ${active}`);
}
