import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { requeueFailures } from '../../src/db/failure.ts';
import { openPool, type Pool } from '../../src/db/pool.ts';
import { importLsc, parseLscCsv } from '../../src/jobs/lsc-import.ts';
import { lscCsv } from '../../src/simulate/lsc-csv.ts';
import type { SimulatedCohort } from '../../src/simulate/simulate-cohort.ts';
import { canonicalDump } from '../../test/support/canonical-dump.ts';
import { type Crew, startCrew } from './crew.ts';
import { type Disk, mountSmallDisk } from './disk.ts';
import { FAULTS, type FaultName, type Scene } from './faults.ts';
import type { Random } from './random.ts';
import type { Faulty } from './servers.ts';

const SETTLE_MS = 180_000;
const ARCHIVE_MB = 24;

export type Place = {
  readonly postgres: Faulty & { readonly admin: string };
  readonly redis: (Faulty & { readonly flush: () => Promise<void> }) | null;
  readonly template: string;
  readonly folder: string;
  readonly cohort: SimulatedCohort;
};

export type RoundResult = {
  readonly dump: string;
  readonly faults: readonly FaultName[];
  readonly skipped: readonly FaultName[];
  readonly restarts: number;
  /** Files and patients that were given up after too many deaths over them, and asked for again. */
  readonly requeued: number;
  readonly seconds: number;
};

const rename = (url: string, database: string) => Object.assign(new URL(url), { pathname: `/${database}` }).toString();

async function makeDatabase(place: Place, name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: place.postgres.admin });
  await admin.connect();
  await admin.query(`create database ${name} template ${place.template}`);
  await admin.end();
  return rename(place.postgres.url, name);
}

/** Drops the cohort's files: in another order, with pauses, and when it storms some of them ten times. */
async function drop(place: Place, dropDir: string, random: Random | null): Promise<void> {
  const files = [...place.cohort.files];
  const order = random === null ? files : random.shuffle(files);
  for (const { name, bytes } of order) {
    const copies = random?.chance(0.05) ? 10 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const target = join(dropDir, `${copy}-${name}`);
      writeFileSync(`${target}.part`, bytes);
      renameSync(`${target}.part`, target);
    }
    if (random?.chance(0.2)) await sleep(random.upTo(120));
  }
}

type Progress = { readonly taken: number; readonly open: number; readonly waiting: number; readonly failed: number };

async function readProgress(pool: Pool): Promise<Progress | null> {
  try {
    const { rows } = await pool.query<Progress>(
      `select (select count(*)::int from source_file) as taken,
              (select count(*)::int from source_file where state in ('arriving', 'received')) as open,
              (select count(*)::int from patient where assessed_revision < revision) as waiting,
              (select count(*)::int from source_file where state = 'failed') +
              (select count(*)::int from failed_assessment f join patient p on p.id = f.patient_id
                where f.revision = p.revision and p.assessed_revision < p.revision) as failed`,
    );
    return rows[0] ?? null;
  } catch {
    return null; // the database is on its way back
  }
}

async function settle(pool: Pool, dropDir: string, distinct: number): Promise<number> {
  const deadline = Date.now() + SETTLE_MS;
  let requeued = 0;
  for (;;) {
    const progress = await readProgress(pool);
    const dropped = readdirSync(dropDir).length;
    if (progress !== null && dropped === 0 && progress.taken === distinct && progress.open === 0) {
      if (progress.failed > 0) {
        const { files, patients } = await requeueFailures(pool, {});
        requeued += files.length + patients.length;
      } else if (progress.waiting === 0) return requeued;
    }
    if (Date.now() > deadline) throw new Error(`did not settle: ${JSON.stringify({ ...progress, dropped, distinct })}`);
    await sleep(100);
  }
}

/** One drop from the first file to the last judgement, with faults at moments that the seed chooses; `random` null: none. */
export async function runRound(place: Place, name: string, random: Random | null): Promise<RoundResult> {
  const startedAt = performance.now();
  const folder = join(place.folder, name);
  const [dropDir, archiveDir] = [join(folder, 'drop'), join(folder, 'archive')];
  for (const path of [dropDir, archiveDir]) mkdirSync(path, { recursive: true });
  const databaseUrl = await makeDatabase(place, name);
  const pool = openPool(databaseUrl, { max: 3, applicationName: 'faults', onError: () => undefined });
  const onRedis = place.redis !== null && (random === null || random.chance(0.5));
  if (onRedis) await place.redis.flush();
  const disk: Disk | null = random === null ? null : mountSmallDisk(archiveDir, ARCHIVE_MB);
  let crew: Crew | undefined;
  try {
    await importLsc(pool, parseLscCsv(lscCsv()), { by: 'faults', note: 'simulated' });
    const withNight = random?.chance(0.5) ?? false;
    crew = startCrew(
      ['assess', 'ingest', 'ingest', 'intake', ...(withNight ? ['nightly'] : [])],
      {
        DATABASE_URL: databaseUrl,
        ...(onRedis ? { QUEUE_URL: place.redis.url } : {}),
        DROP_DIR: dropDir,
        ARCHIVE_DIR: archiveDir,
        DROP_STABLE_MS: '100',
        DROP_SWEEP_MS: '500',
        JOB_LOCK_MS: '2000',
        NIGHTLY_CRON: '*/3 * * * * *',
        NIGHTLY_TZ: 'UTC',
      },
      folder,
    );
    await crew.ready();
    const scene: Scene = { crew, postgres: place.postgres, redis: onRedis ? place.redis : null, pool, disk };
    const dropping = drop(place, dropDir, random);
    const faults: FaultName[] = [];
    const skipped: FaultName[] = [];
    for (let left = random === null ? 0 : 3 + random.upTo(3); left > 0 && random !== null; left -= 1) {
      await sleep(100 + random.upTo(700));
      const fault = random.pick(FAULTS);
      if (await fault.strike(scene, random)) faults.push(fault.name);
      else skipped.push(fault.name);
    }
    await dropping;
    const requeued = await settle(
      pool,
      dropDir,
      new Set([...place.cohort.files].map(({ bytes }) => digest(bytes))).size,
    );
    const dump = await canonicalDump(pool, { places: true });
    const seconds = (performance.now() - startedAt) / 1000;
    return { dump, faults, skipped, restarts: crew.restarts(), requeued, seconds };
  } finally {
    await crew?.stop();
    disk?.unmount();
    await pool.end();
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
