import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openPool } from '../src/db/pool.ts';
import { migrate, readMigrations } from '../src/db/schema/migrate.ts';
import { attachEmbedded } from '../src/embedded/attach.ts';
import { openIntake } from '../src/jobs/intake/intake.ts';
import { createLog } from '../src/runtime/log.ts';

// How fast files leave the drop folder: new ones (hash, announce, move, sync) and ones that came before, and what a long
// queue of waiting files costs in memory. Real PostgreSQL, real disk; the queue is left out (npm run bench:ingest).
const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '2000' },
    bytes: { type: 'string', default: '45000' },
    concurrency: { type: 'string', default: '16' },
    json: { type: 'boolean', default: false },
  },
});
const files = Number(values.files);
const bytes = Number(values.bytes);

const embedded = await attachEmbedded(join(import.meta.dirname, '..', '.dxaflow-test'));
const admin = new pg.Client({ connectionString: embedded.databaseUrl });
await admin.connect();
const name = `bench_intake_${process.pid}`;
await admin.query(`create database ${name}`);
const url = new URL(embedded.databaseUrl);
url.pathname = `/${name}`;
const pool = openPool(url.toString(), { max: 24, applicationName: 'bench', onError: () => undefined });
const folder = await mkdtemp(join(tmpdir(), 'dxaflow-bench-'));
const dropDir = join(folder, 'drop');

async function fill(contents: readonly Buffer[] | null): Promise<void> {
  for (let index = 0; index < files; index += 1) {
    const sub = join(dropDir, String(index % 50));
    if (index < 50) await mkdir(sub, { recursive: true });
    await writeFile(join(sub, `${index}.dcm`), contents?.[index % contents.length] ?? randomBytes(bytes));
  }
}

const rss = () => Math.round(process.memoryUsage().rss / 1e6);
const perSecond = (count: number, ms: number) => Math.round((count / ms) * 1000);

try {
  await migrate(pool, await readMigrations());
  const options = {
    pool,
    log: createLog('warn', 'bench'),
    archiveDir: join(folder, 'archive'),
    dropDir,
    stableMs: 0,
    holdMs: 60_000,
    sweepMs: 3_600_000,
    concurrency: Number(values.concurrency),
  };
  await mkdir(dropDir);
  const repeated = Array.from({ length: 20 }, () => randomBytes(bytes));
  await fill(null);
  const memoryBefore = rss();
  let firstAt = 0;
  let memoryPeak = 0;
  let seen = 0;
  const done = Promise.withResolvers<void>();
  const startedAt = performance.now();
  const intake = await openIntake({
    ...options,
    onTaken: async () => {
      seen += 1;
      if (seen === 1) firstAt = performance.now() - startedAt;
      if (seen % 200 === 0) memoryPeak = Math.max(memoryPeak, rss());
      if (seen === files) done.resolve();
    },
  });
  await done.promise;
  const newMs = performance.now() - startedAt;
  await intake.close();

  await fill(repeated);
  seen = 0;
  const again = Promise.withResolvers<void>();
  const againAt = performance.now();
  const second = await openIntake({
    ...options,
    onTaken: async () => {
      seen += 1;
      if (seen === files) again.resolve();
    },
  });
  await again.promise;
  const duplicateMs = performance.now() - againAt;
  await second.close();

  const result = {
    files,
    bytes_per_file: bytes,
    new_files_per_s: perSecond(files, newMs),
    duplicate_files_per_s: perSecond(files, duplicateMs),
    first_file_ms: Math.round(firstAt),
    memory_before_mb: memoryBefore,
    memory_peak_mb: memoryPeak,
  };
  console.log(
    `${files} files of ${bytes} bytes: ${result.new_files_per_s} new files/s, ${result.duplicate_files_per_s} files/s that came before`,
  );
  console.log(
    `first file after ${result.first_file_ms} ms; memory ${result.memory_before_mb} MB before, ${result.memory_peak_mb} MB at most`,
  );
  if (values.json) console.log(JSON.stringify(result));
} finally {
  await pool.end();
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
  await embedded.release();
  await rm(folder, { recursive: true, force: true });
}
