import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openPool, type Pool } from '../src/db/pool.ts';
import { migrate, readMigrations } from '../src/db/schema/migrate.ts';
import { freePort } from '../test/support/process/redis.ts';
import { judgedAt } from './end-to-end/judged-at.ts';
import { processUse, treeUse } from './end-to-end/process-use.ts';
import { type Crew, startCrew } from './faults/crew.ts';
import { startPostgres, startRedis } from './faults/servers.ts';
import { flatJson } from './flat-json.ts';
import { largeReports } from './large-report.ts';

// From the drop of a file to the judgement that has seen it: the real processes, 45 kB reports, a PostgreSQL with durable
// commits and a Redis of their own. Latency of a file ends with the first judgement of a revision that holds its report.
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    files: { type: 'string', default: '1000' },
    backend: { type: 'string', default: 'both' }, // postgres, redis, both
    ingest: { type: 'string', default: '1' }, // ingest processes; a list measures each
    assess: { type: 'string', default: '1' },
    rate: { type: 'string', default: '0' }, // files/s; 0 drops as fast as the disk takes them
    stable: { type: 'string', default: '' }, // DROP_STABLE_MS; without it 200 for a flood, and the product's own at a rate
  },
});
const count = Number(values.files);
const rate = Number(values.rate);
const stableMs = values.stable === '' && rate === 0 ? '200' : values.stable;
const backends = values.backend === 'both' ? ['postgres', 'redis'] : [values.backend];

const folder = mkdtempSync(join(tmpdir(), 'dxaflow-e2e-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const postgres = await startPostgres(join(folder, 'home'));
const redis = backends.includes('redis') ? await startRedis(folder, await freePort()).catch(() => null) : null;

async function makeDatabase(name: string): Promise<{ readonly url: string; readonly pool: Pool }> {
  const admin = new pg.Client({ connectionString: postgres.admin });
  await admin.connect();
  await admin.query(`create database ${name}`);
  await admin.end();
  const url = Object.assign(new URL(postgres.direct()), { pathname: `/${name}` }).toString();
  const pool = openPool(url, { max: 2, applicationName: 'bench', onError: () => undefined });
  await migrate(pool, await readMigrations());
  return { url, pool };
}

/** Writes the files beside the drop folder beforehand: their senders are other machines. Returns their names. */
function writeFiles(besideDir: string): readonly string[] {
  return Array.from(largeReports(count), ({ name, bytes }) => {
    writeFileSync(join(besideDir, name), bytes);
    return name;
  });
}

async function dropFiles(
  names: readonly string[],
  besideDir: string,
  dropDir: string,
): Promise<ReadonlyMap<string, number>> {
  const droppedAt = new Map<string, number>();
  const startedAt = performance.now();
  for (const name of names) {
    if (rate > 0) await sleep(Math.max(0, startedAt + (droppedAt.size * 1000) / rate - performance.now()));
    renameSync(join(besideDir, name), join(dropDir, name));
    droppedAt.set(name, Date.now());
  }
  return droppedAt;
}

async function waitUntilJudged(pool: Pool): Promise<void> {
  for (let deadline = Date.now() + 900_000; Date.now() < deadline; await sleep(100)) {
    const { rows } = await pool.query<{ done: number; waiting: number }>(
      `select (select count(*)::int from source_file where state = 'stored') as done,
              (select count(*)::int from patient where assessed_revision < revision) as waiting`,
    );
    if (rows[0]?.done === count && rows[0].waiting === 0) return;
  }
  throw new Error('not done in 15 minutes');
}

const percentile = (sorted: readonly number[], share: number) =>
  Number(((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) / 1000).toFixed(2));

function useByPart(crew: Crew): Record<string, number> {
  const result: Record<string, number> = {};
  for (const member of crew.members) {
    const { cpuSeconds, peakMb } = processUse(member.pid());
    const [cpu, peak] = [`${member.name}_cpu_seconds`, `${member.name}_peak_mb`];
    result[cpu] = Number(((result[cpu] ?? 0) + cpuSeconds).toFixed(2));
    result[peak] = Math.max(result[peak] ?? 0, peakMb);
  }
  return result;
}

async function measure(backend: string, ingest: number, assess: number): Promise<Record<string, number | string>> {
  const name = `e2e_${backend}_${ingest}`;
  const { url, pool } = await makeDatabase(name);
  const [besideDir, dropDir, archiveDir] = [
    join(folder, name, 'beside'),
    join(folder, name, 'drop'),
    join(folder, name, 'archive'),
  ];
  for (const path of [besideDir, dropDir, archiveDir]) mkdirSync(path, { recursive: true });
  const names = writeFiles(besideDir);
  const times = (part: string, of: number) => Array.from({ length: of }, () => part);
  const crew = startCrew(
    ['intake', ...times('ingest', ingest), ...times('assess', assess)],
    {
      DATABASE_URL: url,
      ...(backend === 'redis' && redis !== null ? { QUEUE_URL: redis.url } : {}),
      DROP_DIR: dropDir,
      ARCHIVE_DIR: archiveDir,
      ...(stableMs === '' ? {} : { DROP_STABLE_MS: stableMs }),
      ...(rate > 0 ? {} : { DROP_SWEEP_MS: '1000' }),
    },
    { logFolder: join(folder, name), clocks: false },
  );
  try {
    await crew.ready();
    const cpuBefore = useByPart(crew);
    const serverBefore = treeUse(postgres.pid());
    const startedAt = performance.now();
    const droppedAt = await dropFiles(names, besideDir, dropDir);
    await waitUntilJudged(pool);
    const seconds = (performance.now() - startedAt) / 1000;
    const use = useByPart(crew);
    for (const key of Object.keys(use)) {
      if (key.endsWith('_cpu_seconds')) use[key] = Number(((use[key] ?? 0) - (cpuBefore[key] ?? 0)).toFixed(2));
    }
    const { rows } = await pool.query<{ id: string; name: string }>(
      'select id::text, drop_name as name from source_file',
    );
    const logs = crew.logs().map((path) => readFileSync(path, 'utf8'));
    const waits = judgedAt(logs, rows, droppedAt).sort((a, b) => a - b);
    return {
      backend,
      files: count,
      ingest_processes: ingest,
      assess_processes: assess,
      dropped_files_per_second: rate,
      files_per_second: Number((count / seconds).toFixed(1)),
      p50_drop_to_judged_seconds: percentile(waits, 0.5),
      p95_drop_to_judged_seconds: percentile(waits, 0.95),
      p99_drop_to_judged_seconds: percentile(waits, 0.99),
      judged_files_timed: waits.length,
      judgements: logs.reduce((sum, text) => sum + text.split('"patient assessed"').length - 1, 0),
      ...use,
      postgres_cpu_seconds: Number((treeUse(postgres.pid()) - serverBefore).toFixed(2)),
      load_average_1_min: Number((loadavg()[0] ?? 0).toFixed(1)),
      processors: cpus().length,
    };
  } finally {
    await crew.stop();
    await pool.end();
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

const runs: Readonly<Record<string, unknown>>[] = [];
try {
  for (const backend of backends) {
    for (const ingest of values.ingest.split(',').map(Number)) {
      const figures = await measure(backend ?? '', ingest, Number(values.assess));
      runs.push({ name: `${backend} ${ingest}_ingest`, ...figures });
      console.log(flatJson(figures));
    }
  }
} finally {
  await redis?.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
if (values.json) console.log(flatJson({ runs }));
process.exit(0);
