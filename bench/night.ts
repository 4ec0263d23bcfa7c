import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { pino } from 'pino';
import { migrate, readMigrations } from '../src/db/migrate.ts';
import { openPool, type Pool } from '../src/db/pool.ts';
import { ASSESSMENT_SETTINGS } from '../src/dxa/settings.ts';
import { attachEmbedded } from '../src/embedded/attach.ts';
import { ingestSourceFile } from '../src/jobs/ingest.ts';
import { runNight } from '../src/jobs/nightly/night.ts';
import { openReadingPool, READ_THREAD } from '../src/jobs/reading-pool.ts';
import { openMappingSource } from '../src/jobs/site-mapping.ts';
import { openFileTaker } from '../src/jobs/take-file.ts';
import { growPatients, makeScanner } from './grow-patients.ts';
import { largeReports } from './large-report.ts';

// What a night costs: reading reports again from the archive (45 kB each), and judging again without reading. One
// process, as in production; PostgreSQL with durable commits. A size is a number of reports.
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sizes: { type: 'string', default: '2000,6000' }, // judged again: 10000,30000,100000 in a long run
    reread: { type: 'string', default: '500' }, // read again
    visits: { type: 'string', default: '4' },
    concurrency: { type: 'string', default: '2' },
  },
});
const visits = Number(values.visits);
const concurrency = Number(values.concurrency);
const perSecond = (count: number, ms: number) => Number(((count * 1000) / ms).toFixed(1));
const residentMb = () => Math.round(process.memoryUsage().rss / 1e6);

const embedded = await attachEmbedded(join(import.meta.dirname, '..', '.dxaflow-test'));
const admin = new pg.Client({ connectionString: embedded.databaseUrl });
await admin.connect();
const folder = mkdtempSync(join(tmpdir(), 'dxaflow-night-bench-'));
const result: Record<string, number> = {};

async function withDatabase(name: string, work: (pool: Pool) => Promise<void>): Promise<void> {
  const database = `bench_night_${process.pid}_${name}`;
  await admin.query(`create database ${database}`);
  const url = Object.assign(new URL(embedded.databaseUrl), { pathname: `/${database}` }).toString();
  const pool = openPool(url, { max: 12, applicationName: 'bench', onError: () => undefined });
  try {
    await migrate(pool, await readMigrations());
    await work(pool);
  } finally {
    await pool.end();
    await admin.query(`drop database ${database} with (force)`);
  }
}

async function night(pool: Pool, recomputeOnly: boolean): Promise<{ readonly ms: number; readonly peakMb: number }> {
  const reader = openReadingPool({
    threads: 2,
    deadlineMs: 30_000,
    memoryMb: 512,
    file: READ_THREAD,
    mappings: openMappingSource(pool),
  });
  let peakMb = residentMb();
  const startedAt = performance.now();
  await runNight({
    pool,
    log: pino({ level: 'silent' }),
    archiveDir: join(folder, 'archive'),
    reader,
    queues: null,
    settings: ASSESSMENT_SETTINGS,
    filters: {},
    trigger: 'hand',
    dryRun: false,
    recomputeOnly,
    concurrency,
    sample: 0,
    windowSeconds: null,
    stopping: new AbortController().signal,
    onChange: () => undefined,
    onProgress: () => {
      peakMb = Math.max(peakMb, residentMb());
    },
  });
  const ms = performance.now() - startedAt;
  await reader.close();
  return { ms, peakMb };
}

async function measureRereading(count: number): Promise<void> {
  await withDatabase('reread', async (pool) => {
    const reader = openReadingPool({
      threads: 2,
      deadlineMs: 30_000,
      memoryMb: 512,
      file: READ_THREAD,
      mappings: openMappingSource(pool),
    });
    const take = openFileTaker(pool, join(folder, 'archive'));
    for (const { name, bytes } of largeReports(count)) {
      writeFileSync(join(folder, name), bytes);
      const { sourceFileId } = await take({ path: join(folder, name), dropName: name, keepOriginal: false });
      await ingestSourceFile({ pool, archiveDir: join(folder, 'archive'), reader }, sourceFileId);
    }
    await reader.close();
    await night(pool, true); // judged once, so that only the reading is new below
    await pool.query(`update report set adapter_version = 'older'`);
    await pool.query('vacuum analyze');
    const { ms, peakMb } = await night(pool, false);
    result[`reread_${count}_reports_per_second`] = perSecond(count, ms);
    result[`reread_${count}_peak_mb`] = peakMb;
  });
}

async function measureRejudging(reports: number): Promise<void> {
  await withDatabase(`judge_${reports}`, async (pool) => {
    await makeScanner(pool);
    await growPatients(pool, Math.ceil(reports / visits), visits);
    await pool.query('vacuum analyze');
    const first = await night(pool, true);
    await pool.query(`update patient set assessed_rule_set = 'older'`);
    const again = await night(pool, true);
    result[`judge_first_${reports}_reports_per_second`] = perSecond(reports, first.ms);
    result[`judge_again_${reports}_reports_per_second`] = perSecond(reports, again.ms);
    result[`judge_again_${reports}_peak_mb`] = again.peakMb;
  });
}

try {
  for (const size of values.sizes.split(',')) {
    await measureRejudging(Number(size));
    console.error(JSON.stringify(result));
  }
  await measureRereading(Number(values.reread));
} finally {
  await admin.end();
  await embedded.release();
  rmSync(folder, { recursive: true, force: true });
}
const sizes = values.sizes.split(',');
const slowest = Math.min(...sizes.map((size) => result[`judge_again_${size}_reports_per_second`] ?? 0));
const hours = (count: number, rate: number) => Number((count / rate / 3600).toFixed(2));
console.log(
  JSON.stringify({
    ...result,
    extrapolated_judge_1m_reports_hours: hours(1e6, slowest),
    extrapolated_reread_1m_reports_hours: hours(1e6, result[`reread_${values.reread}_reports_per_second`] ?? 1),
    concurrency,
    load_average_1_min: Number((loadavg()[0] ?? 0).toFixed(1)),
  }),
);
process.exit(0);
