import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openPool } from '../../src/db/pool.ts';
import { migrate, readMigrations } from '../../src/db/schema/migrate.ts';
import { attachEmbedded } from '../../src/embedded/attach.ts';
import { dumpRedis } from './database/leak-scan.ts';
import { scanFolder } from './database/planted-values.ts';
import { findRedis, type TestRedis } from './process/redis.ts';
import { findChromium } from './web/chromium.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Superuser's URL of the test server; databases are cloned from its template. */
    readonly serverUrl: string;
    readonly template: string;
    readonly runPrefix: string;
    readonly redisUrl: string;
    readonly chromium: string;
    /** Where everything goes that the run logs, throws and queues. */
    readonly runFolder: string;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Names of this run's databases begin with this, so that two runs at the same time keep out of each other's way. */
const RUN_PREFIX = `test_${process.pid}_`;

async function makeTemplate(serverUrl: string): Promise<string> {
  const template = `${RUN_PREFIX}template`;
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  // Databases of a run that was killed are in nobody's way but on disk.
  const { rows } = await admin.query<{ datname: string }>(
    `select datname from pg_database where datname like 'test\\_%'`,
  );
  for (const { datname } of rows) {
    const pid = Number(datname.split('_')[1]);
    if (!isAlive(pid) || pid === process.pid)
      await admin.query(`drop database if exists ${admin.escapeIdentifier(datname)} with (force)`);
  }
  await admin.query(`create database ${template}`);
  await admin.end();
  const url = new URL(serverUrl);
  url.pathname = `/${template}`;
  const pool = openPool(url.toString(), { max: 1, applicationName: 'test', onError: () => undefined });
  await migrate(pool, await readMigrations());
  await pool.end();
  return template;
}

const REDIS_DATABASES = 16;

/**
 * Looks for patient values in everything that the run logged, threw and left in its queues, and fails it when there are
 * any. A Redis that is not ours alone may hold what others put there.
 */
async function searchRun(folder: string, redis: TestRedis | null): Promise<void> {
  if (redis !== null && redis.how !== 'TEST_REDIS_URL') {
    for (let number = 0; number < REDIS_DATABASES; number += 1) {
      const url = Object.assign(new URL(redis.url), { pathname: `/${number}` }).toString();
      writeFileSync(join(folder, `queue-redis-${number}`), await dumpRedis(url, ''));
    }
  }
  const leaks = scanFolder(folder);
  for (const { file, line, text } of leaks) console.error(`!! PATIENT VALUE in ${file}:${line}: ${text}`);
  if (leaks.length === 0) rmSync(folder, { recursive: true, force: true });
  else process.exitCode = 1;
}

/** One real PostgreSQL for the run, with a template that every test file clones; Redis and Chromium where there are any. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = fileURLToPath(new URL('../../.dxaflow-test/', import.meta.url));
  const embedded = await attachEmbedded(home);
  const template = await makeTemplate(embedded.databaseUrl);
  const redis = await findRedis();
  const chromium = findChromium();
  if (redis === null) console.warn('\n!! SKIPPING all Redis tests: no TEST_REDIS_URL, no Docker, no redis-server\n');
  else console.info(`Redis: ${redis.how}`);
  if (chromium === null)
    console.warn('\n!! SKIPPING all browser tests: no chromium (set CHROMIUM_PATH or install it)\n');
  project.provide('serverUrl', embedded.databaseUrl);
  project.provide('template', template);
  project.provide('runPrefix', RUN_PREFIX);
  project.provide('redisUrl', redis?.url ?? '');
  project.provide('chromium', chromium ?? '');
  const runFolder = mkdtempSync(join(tmpdir(), 'dxaflow-run-'));
  project.provide('runFolder', runFolder);
  return async () => {
    await searchRun(runFolder, redis);
    await redis?.stop();
    await embedded.release();
  };
}
