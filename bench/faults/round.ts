import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { link, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { requeueFailures } from '../../src/db/files/failure.ts';
import { openPool, type Pool } from '../../src/db/pool.ts';
import { importLsc, parseLscCsv } from '../../src/jobs/registry/lsc-import.ts';
import { lscCsv } from '../../src/simulate/cohort/lsc-csv.ts';
import type { SimulatedCohort } from '../../src/simulate/cohort/simulate-cohort.ts';
import { canonicalDump } from '../../test/support/database/canonical-dump.ts';
import { wrongInArchive } from '../../test/support/sending.ts';
import type { Claims } from './claims.ts';
import { type Crew, startCrew } from './crew.ts';
import { type Disk, mountSmallDisk } from './disk.ts';
import type { Fault, FaultName, Scene } from './faults.ts';
import { ageReports, isNightOver, waitUntilIdle, wrongLines } from './night-lines.ts';
import type { Random } from './random.ts';
import type { FaultyPostgres, FaultyRedis } from './servers.ts';

const SETTLE_MS = 180_000;
const ARCHIVE_MB = 24;

export type Place = {
  readonly postgres: FaultyPostgres;
  readonly redis: FaultyRedis | null;
  readonly template: string;
  readonly folder: string;
  readonly cohort: SimulatedCohort;
  /** Instances that several files claim, and the same content in several encodings; dropped all at once. */
  readonly claims: readonly Claims[];
  /** What rounds choose from. */
  readonly faults: readonly (Fault & { readonly name: FaultName })[];
};

export type RoundResult = {
  readonly dump: string;
  readonly faults: readonly FaultName[];
  readonly skipped: readonly FaultName[];
  readonly restarts: number;
  /** What the nights' reports lost or doubled; null for a round without a night. */
  readonly wrongLines: readonly string[] | null;
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

/**
 * A sender that stops in the middle of a file for longer than the intake waits, and keeps another name of it, through which
 * the file is overwritten once it has been released.
 */
async function sendSlowly(target: string, kept: string, bytes: Uint8Array, random: Random): Promise<void> {
  const file = await open(target, 'w', 0o666);
  await link(target, kept);
  const cut = random.upTo(bytes.length);
  await file.write(bytes.subarray(0, cut));
  await sleep(200 + random.upTo(800));
  await file.write(bytes.subarray(cut));
  await file.close();
}

function dropWhole(target: string, bytes: Uint8Array): void {
  writeFileSync(`${target}.part`, bytes);
  renameSync(`${target}.part`, target);
}

/**
 * Drops the cohort's files: in another order, with pauses, some slowly, and when it storms some of them ten times. All files
 * that claim one instance come at once.
 */
async function drop(place: Place, dropDir: string, random: Random | null): Promise<void> {
  const slow: Promise<void>[] = [];
  const single = [...place.cohort.files].map(({ name, bytes }) => async () => {
    if (random?.chance(0.05)) {
      const [target, kept] = [join(dropDir, `slow-${name}`), join(dropDir, '..', `kept-${name}`)];
      slow.push(sendSlowly(target, kept, bytes, random.apart(name)));
      return;
    }
    const copies = random?.chance(0.05) ? 10 : 1;
    for (let copy = 0; copy < copies; copy += 1) dropWhole(join(dropDir, `${copy}-${name}`), bytes);
    if (random?.chance(0.2)) await sleep(random.upTo(120));
  });
  const together = place.claims.map(({ uid, files }) => async () => {
    const ordered = random === null ? files : random.shuffle(files);
    for (const [index, bytes] of ordered.entries()) dropWhole(join(dropDir, `${uid}-${index}.dcm`), bytes);
  });
  const steps = [...single, ...together];
  for (const step of random === null ? steps : random.shuffle(steps)) await step();
  await Promise.all(slow);
}

/** What senders kept of their files is overwritten; the archive must not notice. */
function overwriteKept(folder: string): void {
  for (const name of readdirSync(folder))
    if (name.startsWith('kept-')) writeFileSync(join(folder, name), 'overwritten');
}

type Progress = {
  readonly taken: number;
  readonly held: number;
  readonly open: number;
  readonly waiting: number;
  readonly failed: number;
};

async function readProgress(pool: Pool): Promise<Progress | null> {
  try {
    const { rows } = await pool.query<Progress>(
      `select (select count(*)::int from source_file where superseded_by_id is null) as taken,
              (select count(*)::int from held_original) as held,
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
    const dropped = readdirSync(dropDir).length; // the folder of held originals too
    if (
      progress !== null &&
      dropped === 0 &&
      progress.held === 0 &&
      progress.taken === distinct &&
      progress.open === 0
    ) {
      if (progress.failed > 0) {
        const { files, patients } = await requeueFailures(pool, {});
        requeued += files.length + patients.length;
      } else if (progress.waiting === 0) return requeued;
    }
    if (Date.now() > deadline) throw new Error(`did not settle: ${JSON.stringify({ ...progress, dropped, distinct })}`);
    await sleep(100);
  }
}

type Struck = { readonly faults: FaultName[]; readonly skipped: FaultName[] };

async function strike(scene: Scene, fault: Place['faults'][number], random: Random, struck: Struck): Promise<void> {
  if (await fault.strike(scene, random)) struck.faults.push(fault.name);
  else struck.skipped.push(fault.name);
}

async function strikeSome(place: Place, scene: Scene, count: number, random: Random, struck: Struck): Promise<void> {
  const faults = place.faults.filter(({ before }) => before !== true);
  for (let left = faults.length === 0 ? 0 : count; left > 0; left -= 1) {
    await sleep(100 + random.upTo(700));
    await strike(scene, random.pick(faults), random, struck);
  }
}

/** Has nights read everything again while faults strike; returns what their reports lost or doubled. */
async function strikeNights(
  place: Place,
  scene: Scene,
  queueUrl: string,
  random: Random,
  struck: Struck,
): Promise<readonly string[]> {
  await waitUntilIdle(queueUrl);
  const altered = await ageReports(scene.pool, random);
  await strikeSome(place, scene, 2 + random.upTo(2), random, struck);
  for (const deadline = performance.now() + SETTLE_MS; !(await isNightOver(scene.pool)); await sleep(100)) {
    if (performance.now() > deadline) throw new Error('the nights do not come to their end');
  }
  return await wrongLines(scene.pool, altered);
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
        // A killed process comes up in half the time.
        NODE_COMPILE_CACHE: join(place.folder, 'compile-cache'),
        DATABASE_URL: databaseUrl,
        ...(onRedis ? { QUEUE_URL: place.redis.url } : {}),
        DROP_DIR: dropDir,
        ARCHIVE_DIR: archiveDir,
        DROP_STABLE_MS: '100',
        DROP_HOLD_MS: '2500',
        DROP_SWEEP_MS: '500',
        JOB_LOCK_MS: '2000',
        NIGHTLY_CRON: '*/3 * * * * *',
        NIGHTLY_TZ: 'UTC',
      },
      { logFolder: folder, clocks: true },
    );
    await crew.ready();
    const scene: Scene = { crew, postgres: place.postgres, redis: onRedis ? place.redis : null, pool, disk };
    const struck: Struck = { faults: [], skipped: [] };
    for (const fault of random === null ? [] : place.faults.filter(({ before }) => before === true)) {
      // With nothing else to choose from it strikes every round.
      if (random !== null && (random.chance(0.25) || place.faults.length === 1))
        await strike(scene, fault, random, struck);
    }
    const dropping = drop(place, dropDir, random?.apart('drop') ?? null);
    if (random !== null) await strikeSome(place, scene, 3 + random.upTo(3), random, struck);
    await dropping;
    const sent = [...[...place.cohort.files].map(({ bytes }) => bytes), ...place.claims.flatMap(({ files }) => files)];
    const distinct = new Set(sent.map(digest)).size;
    let requeued = await settle(pool, dropDir, distinct);
    let wrong: readonly string[] | null = null;
    if (random !== null && withNight) {
      wrong = await strikeNights(place, scene, onRedis ? place.redis.url : databaseUrl, random, struck);
      requeued += await settle(pool, dropDir, distinct);
    }
    overwriteKept(folder);
    const wrongFiles = wrongInArchive(archiveDir);
    if (wrongFiles.length > 0) throw new Error(`${wrongFiles.length} archived files are not what their names say`);
    const dump = await canonicalDump(pool, { places: true });
    const seconds = (performance.now() - startedAt) / 1000;
    return { dump, ...struck, restarts: crew.restarts(), wrongLines: wrong, requeued, seconds };
  } finally {
    await crew?.stop();
    disk?.unmount();
    await pool.end();
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
