import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { READER_FAILURES } from '../src/db/files/file-outcome.ts';
import { attachEmbedded } from '../src/embedded/attach.ts';
import { openFileTaker } from '../src/jobs/intake/take-file.ts';
import { type JobQueues, openJobQueues } from '../src/jobs/work/enqueue.ts';
import { QUEUE_NAMESPACE } from '../src/queue/connect.ts';
import { readConfig } from '../src/runtime/config.ts';
import { openRuntime, type Runtime } from '../src/runtime/runtime.ts';
import { randomFrom } from '../test/support/dicom/dicom-mutate.ts';
import { findRedis } from '../test/support/process/redis.ts';
import { type Claims, claimsOf } from './faults/claims.ts';
import { startCrew } from './faults/crew.ts';
import { flatJson } from './flat-json.ts';

/**
 * Files that claim one SOP Instance UID at the same moment: every round 2 to 16 of them, some the same content in another
 * encoding, in any order, over several ingest processes; then all of them read again. None may fail, and the latest
 * analysis stands. Ends with 1 when a round comes out otherwise.
 */
const USAGE = `npm run race [-- --rounds 100 --seed 1 --queue postgres|redis|both --processes 3 --json]
  DATABASE_URL, else the embedded PostgreSQL. Redis: TEST_REDIS_URL, else Docker, else a local redis-server.`;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    queue: { type: 'string', default: 'both' },
    processes: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const ROUNDS = Number(options.rounds);
/** Instances under way at the same time. */
const TOGETHER = 10;
const PATIENCE_MS = 300_000;

/** Waits until every file has an outcome; those whose reader a busy machine held up are read again, as a night does. */
async function settled(runtime: Runtime, queues: JobQueues): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const { rows } = await runtime.pool.query<{ n: number }>(
      `select count(*)::int as n from source_file where state in ('arriving', 'received')`,
    );
    if (rows[0]?.n === 0) {
      const { rows: late } = await runtime.pool.query<{ id: string }>(
        `update source_file set state = 'received', reason_code = null
          where state = 'refused' and reason_code = any($1) returning id::text`,
        [READER_FAILURES],
      );
      if (late.length === 0) return;
      await queues.enqueueIngests(late.map(({ id }) => id));
    }
    if (performance.now() > deadline) throw new Error(`${rows[0]?.n} files have no outcome`);
    await sleep(20);
  }
}

/** What is wrong with these instances; nothing when all came out as they must. */
async function faultsOf(runtime: Runtime, claims: readonly Claims[]): Promise<readonly string[]> {
  const { rows } = await runtime.pool.query<{ uid: string; line: string }>(
    `select f.sop_instance_uid as uid, concat_ws(' ', count(*) filter (where f.state = 'stored') || ' stored',
            (count(*) filter (where f.state in ('stored', 'conflicted', 'duplicate'))) || ' of ' || count(*),
            (select v.value::text from report r join measured_value v on v.report_id = r.id
              where r.sop_instance_uid = f.sop_instance_uid)) as line
       from source_file f where f.sop_instance_uid = any($1) group by 1`,
    [claims.map(({ uid }) => uid)],
  );
  const found = new Map(rows.map(({ uid, line }) => [uid, line]));
  const failed = await runtime.pool.query<{ line: string }>(
    `select concat_ws(' ', state, reason_code, reason_facts) as line from source_file where state in ('failed', 'refused')`,
  );
  return [
    ...failed.rows.map(({ line }) => line),
    ...claims.flatMap(({ uid, files, latest }) => {
      const right = `1 stored ${files.length} of ${files.length} ${latest}`;
      return found.get(uid) === right ? [] : [`${uid}: ${found.get(uid)} and not ${right}`];
    }),
  ];
}

async function race(runtime: Runtime, queues: JobQueues, drop: string): Promise<readonly string[]> {
  const { pool, config } = runtime;
  const random = randomFrom(Number(options.seed));
  const take = openFileTaker({ pool, archiveDir: config.archiveDir, folders: null });
  const faults: string[] = [];
  for (let round = 0; round < ROUNDS; round += TOGETHER) {
    const count = Math.min(TOGETHER, ROUNDS - round);
    const claims = Array.from({ length: count }, (_, index) => claimsOf(`2.25.${round + index + 1}`, 16, random));
    const paths = claims.flatMap(({ uid, files }) =>
      files.map((bytes, index) => {
        const path = join(drop, `${uid}-${index}.dcm`);
        writeFileSync(path, bytes);
        return path;
      }),
    );
    const taken = await Promise.all(paths.map((path) => take({ path, dropName: path })));
    for (const path of paths) rmSync(path);
    const ids = taken.map(({ sourceFileId }) => sourceFileId);
    await queues.enqueueIngests(ids);
    await settled(runtime, queues);
    faults.push(...(await faultsOf(runtime, claims)));
    // And once more, as after a new mapping or a new reader.
    await pool.query(
      `update source_file set state = 'received', reason_code = null, duplicate_of_id = null where id = any($1)`,
      [ids],
    );
    await queues.enqueueIngests(ids.toReversed());
    await settled(runtime, queues);
    faults.push(...(await faultsOf(runtime, claims)).map((fault) => `read again: ${fault}`));
  }
  return faults;
}

async function measure(queue: 'postgres' | 'redis') {
  const given = readConfig(process.env);
  const embedded = given.databaseUrl === undefined ? await attachEmbedded(given.homeDir) : null;
  const redis = queue === 'redis' ? await findRedis() : null;
  const folder = mkdtempSync(join(tmpdir(), 'dxaflow-race-'));
  const name = `race_${process.pid}_${queue}`;
  const admin = new pg.Client({ connectionString: given.databaseUrl ?? embedded?.databaseUrl });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const databaseUrl = new URL(given.databaseUrl ?? embedded?.databaseUrl ?? '');
  databaseUrl.pathname = `/${name}`;
  const queueUrl = redis?.url ?? databaseUrl.toString();
  const config = { ...given, databaseUrl: databaseUrl.toString(), queueUrl, archiveDir: join(folder, 'archive') };
  const runtime = await openRuntime({ ...config, logLevel: 'warn' }, 'race', {
    migrates: true,
    queueNamespace: QUEUE_NAMESPACE,
  });
  const drop = join(folder, 'drop');
  mkdirSync(drop);
  const queues = await openJobQueues(runtime.queues, () => undefined);
  const environment = { DATABASE_URL: config.databaseUrl, QUEUE_URL: queueUrl, ARCHIVE_DIR: config.archiveDir };
  const crew = startCrew(
    Array.from({ length: Number(options.processes) }, () => 'ingest'),
    { ...environment, DXAFLOW_HOME: folder, LOG_LEVEL: 'info' },
    { logFolder: folder, clocks: false },
  );
  try {
    await crew.ready();
    const startedAt = performance.now();
    const faults = await race(runtime, queues, drop);
    const { rows } = await runtime.pool.query<{ files: number; processed: number }>(
      'select count(*)::int as files, sum(attempts)::int as processed from source_file',
    );
    return { queue, rounds: ROUNDS, ...rows[0], faults, seconds: Math.round((performance.now() - startedAt) / 1000) };
  } finally {
    await crew.stop();
    await queues.close();
    await runtime.close();
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
    await redis?.stop();
    await embedded?.release();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
const chosen = options.queue === 'both' ? (['postgres', 'redis'] as const) : [options.queue as 'postgres' | 'redis'];
const results = [];
for (const queue of chosen) results.push(await measure(queue));
if (options.json) console.log(flatJson({ seed: options.seed, results }));
else
  for (const { faults, ...result } of results) console.log(result, faults.length === 0 ? 'all as they must' : faults);
process.exit(results.every(({ faults }) => faults.length === 0) ? 0 : 1);
