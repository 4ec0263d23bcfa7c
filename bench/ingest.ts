import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { READ_LIMITS } from '../src/dicom/encoding/limits.ts';
import { attachEmbedded } from '../src/embedded/attach.ts';
import { inBatches } from '../src/jobs/batch.ts';
import { readAndAdapt } from '../src/jobs/ingest/read-thread.ts';
import { openFileTaker } from '../src/jobs/intake/take-file.ts';
import { openJobQueues } from '../src/jobs/work/enqueue.ts';
import { startAssess } from '../src/processes/assess.ts';
import { startIngest } from '../src/processes/ingest.ts';
import { readConfig } from '../src/runtime/config.ts';
import { openRuntime, type Runtime } from '../src/runtime/runtime.ts';
import { RECEIVED_ON } from '../test/support/dicom/received.ts';
import { flatJson } from './flat-json.ts';
import { largeReports } from './large-report.ts';

/**
 * Files to committed rows, with the real workers and a real queue: what `dxaflow start` does in one process, minus the
 * wait for files to be whole. The database keeps its default durable commits. Prints files/s of each stage.
 */
const USAGE = `npm run bench:ingest [-- --files 2000 --queue postgres|redis|both --judge --memory --json]
  Redis: QUEUE_URL or --redis redis://127.0.0.1:6379. DATABASE_URL, else the embedded PostgreSQL.
  --judge also judges every patient; --memory samples the resident set while it runs (use with --files 20000).`;

type Result = {
  readonly queue: string;
  readonly files: number;
  readonly takenPerSecond: number;
  readonly storedPerSecond: number;
  readonly wholePerSecond: number;
  readonly judgedPerSecond: number | null;
  readonly processorSeconds: number;
  readonly residentMb: readonly number[];
};

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '2000' },
    queue: { type: 'string', default: 'both' },
    redis: { type: 'string', default: 'redis://127.0.0.1:6379' },
    judge: { type: 'boolean', default: false },
    memory: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const FILES = Number(options.files);
const TAKE_CONCURRENCY = 8;

const rate = (count: number, ms: number) => Math.round((count / ms) * 1000);

function measureReading(): number {
  const files = [...largeReports(200)];
  for (const { bytes } of files) readAndAdapt({ bytes, limits: READ_LIMITS, receivedOn: RECEIVED_ON });
  const startedAt = performance.now();
  for (const { bytes } of files) readAndAdapt({ bytes, limits: READ_LIMITS, receivedOn: RECEIVED_ON });
  return rate(files.length, performance.now() - startedAt);
}

async function writeFiles(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name, bytes } of largeReports(FILES)) await writeFile(join(folder, name), bytes);
}

async function takeAll(runtime: Runtime, folder: string): Promise<void> {
  const queues = await openJobQueues(runtime.queues, () => undefined);
  const take = openFileTaker({ pool: runtime.pool, archiveDir: runtime.config.archiveDir, folders: null });
  const enqueue = inBatches(async (ids: readonly string[]) => {
    await queues.enqueueIngests(ids);
    return ids;
  }, 100);
  let next = 0;
  const taker = async () => {
    for (let index = next++; index < FILES; index = next++) {
      const dropName = `sr-${index}.dcm`;
      const { sourceFileId } = await take({ path: join(folder, dropName), dropName });
      await enqueue(sourceFileId);
    }
  };
  await Promise.all(Array.from({ length: TAKE_CONCURRENCY }, taker));
  await queues.close();
}

async function until(runtime: Runtime, done: string, each: () => void): Promise<void> {
  for (;;) {
    const { rows } = await runtime.pool.query<{ done: boolean }>(done, [FILES]);
    each();
    if (rows[0]?.done === true) return;
    await sleep(50);
  }
}

const STORED = `select count(*) >= $1 as done from source_file where state not in ('arriving', 'received')`;
const JUDGED = `select count(*) = 0 and $1::int > 0 as done from patient where assessed_revision < revision`;

async function measure(queue: 'postgres' | 'redis', folder: string): Promise<Result> {
  const given = readConfig(process.env);
  const run = `bench_${process.pid}_${queue}`;
  const embedded = given.databaseUrl === undefined ? await attachEmbedded(given.homeDir) : null;
  const serverUrl = given.databaseUrl ?? embedded?.databaseUrl ?? '';
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  await admin.query(`create database ${run}`);
  const databaseUrl = new URL(serverUrl);
  databaseUrl.pathname = `/${run}`;
  const config = {
    ...given,
    databaseUrl: databaseUrl.toString(),
    queueUrl: queue === 'redis' ? (given.queueUrl ?? options.redis) : databaseUrl.toString(),
    archiveDir: join(folder, 'archive'),
    logLevel: 'warn' as const,
  };
  const runtime = await openRuntime(config, 'bench', { migrates: true, queueNamespace: run });
  try {
    const drop = join(folder, 'drop');
    await writeFiles(drop);
    // Let the checkpoint of what was just written pass before the clock starts.
    await runtime.pool.query('checkpoint').catch(() => undefined);
    const residentMb: number[] = [];
    let sampledAt = 0;
    const sample = () => {
      if (!options.memory || performance.now() - sampledAt < 5000) return;
      sampledAt = performance.now();
      residentMb.push(Math.round(process.memoryUsage().rss / 1e6));
    };
    const usage = process.cpuUsage();
    const startedAt = performance.now();
    let takenAt = startedAt;
    if (options.judge) await startAssess(runtime);
    await startIngest(runtime);
    await Promise.all([
      takeAll(runtime, drop).then(() => {
        takenAt = performance.now();
      }),
      until(runtime, STORED, sample),
    ]);
    const storedAt = performance.now();
    if (options.judge) await until(runtime, JUDGED, sample);
    const judgedAt = performance.now();
    const { user, system } = process.cpuUsage(usage);
    return {
      queue,
      files: FILES,
      takenPerSecond: rate(FILES, takenAt - startedAt),
      storedPerSecond: rate(FILES, storedAt - startedAt),
      wholePerSecond: rate(FILES, judgedAt - startedAt),
      judgedPerSecond: options.judge ? rate(FILES, judgedAt - startedAt) : null,
      processorSeconds: Math.round((user + system) / 1e5) / 10,
      residentMb,
    };
  } finally {
    await runtime.close();
    await rm(join(folder, 'archive'), { recursive: true, force: true });
    await admin.query(`drop database ${run} with (force)`);
    await admin.end();
    await embedded?.release();
  }
}

if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
const queues = options.queue === 'both' ? (['postgres', 'redis'] as const) : [options.queue as 'postgres' | 'redis'];
const folder = await mkdtemp(join(tmpdir(), 'dxaflow-bench-'));
const readPerSecond = measureReading();
const results: Result[] = [];
try {
  for (const queue of queues) results.push(await measure(queue, folder));
} finally {
  await rm(folder, { recursive: true, force: true });
}
const summary = { cpus: availableParallelism(), readFilesPerSecondAndThread: readPerSecond };
if (options.json) {
  const figures = results.map(
    ({ residentMb, takenPerSecond, storedPerSecond, wholePerSecond, judgedPerSecond, ...row }) => ({
      ...row,
      takenFilesPerSecond: takenPerSecond,
      storedFilesPerSecond: storedPerSecond,
      wholeFilesPerSecond: wholePerSecond,
      judgedFilesPerSecond: judgedPerSecond,
      residentPeakMb: residentMb.length === 0 ? null : Math.max(...residentMb),
    }),
  );
  console.log(flatJson({ ...summary, results: figures }));
} else {
  console.log(`${summary.cpus} processors; reading and adapting alone: ${readPerSecond} files/s a thread`);
  console.table(results.map(({ residentMb, ...row }) => ({ ...row, residentMb: residentMb.join(' ') })));
}
process.exit(0);
