import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate, readMigrations } from '../../src/db/migrate.ts';
import { openPool } from '../../src/db/pool.ts';
import { attachEmbedded } from '../../src/embedded/attach.ts';
import { findChromium } from './chromium.ts';
import { findRedis } from './redis.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Superuser's URL of the test server; databases are cloned from its template. */
    readonly serverUrl: string;
    readonly redisUrl: string;
    readonly chromium: string;
  }
}

export const TEMPLATE = 'dxaflow_template';

async function makeTemplate(serverUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  // Databases of a run that was killed are in nobody's way but on disk.
  const { rows } = await admin.query<{ datname: string }>(
    `select datname from pg_database where datname like 'test\\_%' or datname = $1`,
    [TEMPLATE],
  );
  for (const { datname } of rows) await admin.query(`drop database ${admin.escapeIdentifier(datname)} with (force)`);
  await admin.query(`create database ${TEMPLATE}`);
  await admin.end();
  const url = new URL(serverUrl);
  url.pathname = `/${TEMPLATE}`;
  const pool = openPool(url.toString(), { max: 1, applicationName: 'test', onError: () => undefined });
  await migrate(pool, await readMigrations());
  await pool.end();
}

/** One real PostgreSQL for the run, with a template that every test file clones; Redis and Chromium where there are any. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = fileURLToPath(new URL('../../.dxaflow-test/', import.meta.url));
  const embedded = await attachEmbedded(home);
  await makeTemplate(embedded.databaseUrl);
  const redis = await findRedis();
  const chromium = findChromium();
  if (redis === null) console.warn('\n!! SKIPPING all Redis tests: no TEST_REDIS_URL, no Docker, no redis-server\n');
  if (chromium === null)
    console.warn('\n!! SKIPPING all browser tests: no chromium (set CHROMIUM_PATH or install it)\n');
  project.provide('serverUrl', embedded.databaseUrl);
  project.provide('redisUrl', redis?.url ?? '');
  project.provide('chromium', chromium ?? '');
  return async () => {
    await redis?.stop();
    await embedded.release();
  };
}
