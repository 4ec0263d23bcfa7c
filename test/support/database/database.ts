import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { openPool, type Pool } from '../../../src/db/pool.ts';
import { dumpQueues } from './leak-scan.ts';

export type TestDatabase = { readonly url: string; readonly pool: Pool; readonly drop: () => Promise<void> };

/** A migrated database of its own, cloned from the template in a few milliseconds; `empty` for one without a schema. */
export async function createTestDatabase(options: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const serverUrl = inject('serverUrl');
  const name = `${inject('runPrefix')}${randomBytes(8).toString('hex')}`;
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  await admin.query(`create database ${name} template ${options.empty ? 'template0' : inject('template')}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const pool = openPool(url.toString(), { max: 8, applicationName: 'test', onError: () => undefined });
  return {
    url: url.toString(),
    pool,
    drop: async () => {
      const queues = await dumpQueues(pool);
      if (queues !== '') writeFileSync(join(inject('runFolder'), `queue-${name}`), queues);
      await pool.end();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}
