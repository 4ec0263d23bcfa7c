import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { pino } from 'pino';
import { openPool, type Pool } from '../src/db/pool.ts';
import { digestOf, type ReportRow } from '../src/db/records/report-row.ts';
import { migrate, readMigrations } from '../src/db/schema/migrate.ts';
import { READ_LIMITS } from '../src/dicom/encoding/limits.ts';
import { attachEmbedded } from '../src/embedded/attach.ts';
import { archivePathOf } from '../src/jobs/archive/archive.ts';
import { readAndAdapt } from '../src/jobs/ingest/read-thread.ts';
import { openReadingPool, READING } from '../src/jobs/ingest/reading-pool.ts';
import { openReportStore } from '../src/jobs/ingest/store-reports.ts';
import { runNight } from '../src/jobs/nightly/night.ts';
import { openMappingSource } from '../src/jobs/registry/site-mapping.ts';
import { RECEIVED_ON } from '../test/support/dicom/received.ts';
import { treeUse } from './end-to-end/process-use.ts';
import { flatJson } from './flat-json.ts';
import { growPatients, makeScanner } from './grow-patients.ts';
import { largeReports } from './large-report.ts';

// What a night costs: reading reports again from the archive (45 kB each), of which --changed in a hundred say something
// else than what is on record, beside reading alone; and judging again without reading. One
// process, as in production; PostgreSQL with durable commits. A size is a number of reports; the whole table and the whole
// archive are gone through at each, or as much of it as --minutes allow. The long run: --sizes 10000,30000,100000 --reread 10000,30000,100000
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sizes: { type: 'string', default: '2000,6000' }, // judged again
    reread: { type: 'string', default: '500,1500' }, // read again
    changed: { type: 'string', default: '100' }, // in a hundred of those read again
    visits: { type: 'string', default: '4' },
    concurrency: { type: 'string', default: '2' },
    minutes: { type: 'string', default: '0' }, // ends each night after so long, as its window does; 0: never
  },
});
const visits = Number(values.visits);
const changed = Number(values.changed);
const concurrency = Number(values.concurrency);
const minutes = Number(values.minutes);
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

type Night = {
  readonly ms: number;
  /** Share of the patients that it came to before its window ended. */
  readonly share: number;
  readonly residentMb: readonly number[];
  /** Processor milliseconds of this process, its threads included, and of the database server. */
  readonly cpuMs: { readonly night: number; readonly postgres: number };
  /** Lines of its report about files. */
  readonly fileLines: number;
};

const postgresPid = Number(
  readFileSync(join((await admin.query('show data_directory')).rows[0].data_directory, 'postmaster.pid'), 'utf8').split(
    '\n',
  )[0],
);
const ownMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const postgresMs = () => treeUse(postgresPid) * 1000;

/** Runs a whole night; the resident set is noted at every page. */
async function night(pool: Pool, recomputeOnly: boolean): Promise<Night> {
  const reader = openReadingPool({ ...READING, limits: READ_LIMITS, mappings: openMappingSource(pool) });
  const resident: number[] = [];
  let fileLines = 0;
  const [own, postgres, startedAt] = [ownMs(), postgresMs(), performance.now()];
  const { steps, outcome } = await runNight({
    pool,
    log: pino({ level: 'silent' }),
    archiveDir: join(folder, 'archive'),
    reader,
    queues: null,
    limits: READ_LIMITS,
    filters: {},
    trigger: 'hand',
    dryRun: false,
    recomputeOnly,
    concurrency,
    sample: 0,
    windowSeconds: minutes === 0 ? null : minutes * 60,
    stopping: new AbortController().signal,
    onChange: ({ kind }) => {
      fileLines += kind === 'file' ? 1 : 0;
    },
    onProgress: () => resident.push(residentMb()),
  });
  const ms = performance.now() - startedAt;
  await reader.close();
  const cpuMs = { night: ownMs() - own, postgres: postgresMs() - postgres };
  const failed = steps.reduce((sum, { counts }) => sum + (counts['failed'] ?? 0), 0);
  if (failed > 0) throw new Error(`${failed} units failed`);
  const examined = steps.reduce((sum, { counts }) => sum + (counts['examined'] ?? 0), 0);
  const { rows } = await pool.query<{ patients: number }>('select count(*)::int as patients from patient');
  const share = outcome === 'done' ? 1 : examined / (rows[0]?.patients ?? examined);
  return { ms, share, residentMb: resident, cpuMs, fileLines };
}

/** Memory after a tenth of the pages, when everything is warm, and at the most: flat means that the two are close. */
function memory(name: string, { residentMb: resident }: Night): void {
  result[`${name}_early_mb`] = Math.max(0, ...resident.slice(0, Math.ceil(resident.length / 10)));
  result[`${name}_peak_mb`] = Math.max(0, ...resident);
}

const FILLERS = 16;

const BMD = '0.923000';
const OTHER_BMD = '0.913000';

/** As an adapter that took another number for a BMD. */
function otherwise(report: ReportRow): ReportRow {
  const columns = report.columns.map((text) => text?.replace(BMD, OTHER_BMD) ?? null);
  return { ...report, columns, digest: digestOf(columns) };
}

/** Every nth report is one of those that say something else, so that there are `changed` in a hundred. */
const isOther = (index: number) => Math.floor(((index + 1) * changed) / 100) > Math.floor((index * changed) / 100);

/** Puts reports into archive and database as an older adapter would have, and judges everyone. */
async function fill(pool: Pool, count: number): Promise<void> {
  const made = new Set<string>();
  const archive = (path: string, bytes: Uint8Array) => {
    const target = join(folder, 'archive', path);
    if (!made.has(dirname(target))) mkdirSync(dirname(target), { recursive: true });
    made.add(dirname(target));
    writeFileSync(target, bytes);
  };
  const reader = openReadingPool({ ...READING, limits: READ_LIMITS, mappings: openMappingSource(pool) });
  const expectReport = openReportStore(pool);
  const reports = largeReports(count);
  let next = 0;
  const lane = async () => {
    for (const { name, bytes } of reports) {
      const other = isOther(next);
      next += 1;
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      archive(archivePathOf(sha256), bytes);
      const { rows } = await pool.query<{ id: string }>({
        name: 'bench-file',
        text: `insert into source_file (sha256, byte_count, archive_path, drop_name, state)
               values ($1, $2, $3, $4, 'received') returning id::text`,
        values: [sha256, bytes.length, archivePathOf(sha256), name],
      });
      const expected = expectReport();
      const outcome = await reader.read(bytes, RECEIVED_ON);
      if (!outcome.ok) throw new Error('the simulator wrote no report');
      const report = other ? otherwise(outcome.report) : outcome.report;
      const stored = await expected.store({ ...outcome, sourceFileId: rows[0]?.id ?? '', report });
      if (stored === null) throw new Error('stored before');
    }
  };
  await Promise.all(Array.from({ length: FILLERS }, lane));
  await reader.close();
  await night(pool, true);
  await pool.query(`update report set adapter_version = 'older'`);
  await pool.query('vacuum analyze');
}

const READ_ALONE = 2000;

/** Processor milliseconds that reading and adapting one report takes, warm, in this thread. */
function readAloneMs(): number {
  const task = { limits: READ_LIMITS, receivedOn: RECEIVED_ON };
  for (const { bytes } of largeReports(READ_ALONE)) readAndAdapt({ ...task, bytes });
  let ms = 0;
  for (const { bytes } of largeReports(READ_ALONE)) {
    const before = ownMs();
    readAndAdapt({ ...task, bytes });
    ms += ownMs() - before;
  }
  return ms / READ_ALONE;
}

/** Every report is read again; what says something else takes the place of what is there, and its patient is judged. */
async function measureRereading(count: number): Promise<void> {
  await withDatabase(`reread_${count}`, async (pool) => {
    await fill(pool, count);
    const again = await night(pool, false);
    const { rows } = await pool.query<{ kb: number }>(
      `select (pg_total_relation_size('stored_report') + pg_total_relation_size('report_values') + pg_total_relation_size('source_file'))::int8::float8
              / 1000 / $1 as kb`,
      [count],
    );
    result[`reread_${count}_reports_per_second`] = perSecond(count * again.share, again.ms);
    result[`reread_${count}_table_kb_per_report`] = Number((rows[0]?.kb ?? 0).toFixed(1));
    const expected = Array.from({ length: count }, (_, index) => index).filter(isOther).length;
    if (again.share === 1 && again.fileLines !== expected) {
      throw new Error(`${again.fileLines} lines about files, and ${expected} of them say something else`);
    }
    const alone = readAloneMs();
    const { night: own, postgres } = again.cpuMs;
    const each = (ms: number) => Number((ms / (count * again.share)).toFixed(2));
    result[`reread_${count}_changed_lines`] = again.fileLines;
    result[`reread_${count}_night_cpu_ms_per_report`] = each(own);
    result[`reread_${count}_postgres_cpu_ms_per_report`] = each(postgres);
    result[`reread_${count}_read_and_adapt_cpu_ms`] = Number(alone.toFixed(2));
    result[`reread_${count}_cpu_times_read_and_adapt`] = Number((each(own + postgres) / alone).toFixed(2));
    memory(`reread_${count}`, again);
  });
  rmSync(join(folder, 'archive'), { recursive: true, force: true });
}

async function measureRejudging(reports: number): Promise<void> {
  await withDatabase(`judge_${reports}`, async (pool) => {
    await makeScanner(pool);
    await growPatients(pool, Math.ceil(reports / visits), visits);
    await pool.query('vacuum analyze');
    const first = await night(pool, true);
    await pool.query(`update patient set assessed_rule_set = 'older'`);
    const again = await night(pool, true);
    result[`judge_first_${reports}_reports_per_second`] = perSecond(reports * first.share, first.ms);
    result[`judge_again_${reports}_reports_per_second`] = perSecond(reports * again.share, again.ms);
    memory(`judge_again_${reports}`, again);
  });
}

const sizesOf = (list: string) => list.split(',').filter(Boolean).map(Number);
const [sizes, rereads] = [sizesOf(values.sizes), sizesOf(values.reread)];
try {
  for (const size of sizes) {
    await measureRejudging(size);
    console.error(JSON.stringify(result));
  }
  for (const size of rereads) {
    await measureRereading(size);
    console.error(JSON.stringify(result));
  }
} finally {
  await admin.end();
  await embedded.release();
  rmSync(folder, { recursive: true, force: true });
}
const slowest = (name: string, of: readonly number[]) =>
  Math.min(...of.map((size) => result[`${name}_${size}_reports_per_second`] ?? Number.POSITIVE_INFINITY));
const hours = (count: number, rate: number) => Number((count / rate / 3600).toFixed(2));
console.log(
  flatJson({
    ...result,
    ...(sizes.length === 0 ? {} : { extrapolated_judge_1m_reports_hours: hours(1e6, slowest('judge_again', sizes)) }),
    ...(rereads.length === 0 ? {} : { extrapolated_reread_1m_reports_hours: hours(1e6, slowest('reread', rereads)) }),
    concurrency,
    changed_in_a_hundred: changed,
    load_average_1_min: Number((loadavg()[0] ?? 0).toFixed(1)),
  }),
);
process.exit(0);
