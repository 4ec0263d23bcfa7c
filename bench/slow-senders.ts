import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openPool, type Pool } from '../src/db/pool.ts';
import { migrate, readMigrations } from '../src/db/schema/migrate.ts';
import { READ_LIMITS } from '../src/dicom/encoding/limits.ts';
import { attachEmbedded } from '../src/embedded/attach.ts';
import { openFileIngest } from '../src/jobs/ingest/ingest.ts';
import { openReadingPool, READING } from '../src/jobs/ingest/reading-pool.ts';
import { openIntake } from '../src/jobs/intake/intake.ts';
import { createLog } from '../src/runtime/log.ts';
import { simulateCohort } from '../src/simulate/cohort/simulate-cohort.ts';
import { sendByName, sendSizeFirst, sendSlowly, sha, wrongInArchive } from '../test/support/sending.ts';
import { flatJson } from './flat-json.ts';

// Senders that pause for half a second to half a minute in the middle of a file, on the archive's file system and on
// another: every file must be stored whole, every archived file be what its name says. With the product's own settings; a
// third of the senders keep the file open, a third open it again by its name, a third set the size first. Exit code 1 otherwise.
const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '100' },
    'max-pause-s': { type: 'string', default: '30' },
    elsewhere: { type: 'string', default: '/dev/shm' },
    'hold-ms': { type: 'string', default: '60000' },
    'stable-ms': { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
  },
});
const count = Number(values.files);
const pause = (index: number) => 500 + ((Number(values['max-pause-s']) * 1000 - 500) * index) / Math.max(1, count - 1);

/** Reports of different instances that are stored when they come whole. */
function reports(): readonly Uint8Array[] {
  const byInstance = new Map(
    [...simulateCohort({ patients: count, seed: 9 }).files]
      .filter(({ truth }) => truth.expected_state === 'stored')
      .map(({ bytes, truth }) => [truth.sop_instance_uid, bytes]),
  );
  return [...byInstance.values()].slice(0, count);
}

const SENDERS = [
  (path: string, bytes: Uint8Array, ms: number) => sendSlowly(path, bytes, () => sleep(ms)),
  (path: string, bytes: Uint8Array, ms: number) => sendByName(path, bytes, 2, () => sleep(ms)),
  (path: string, bytes: Uint8Array, ms: number) => sendSizeFirst(path, bytes, () => sleep(ms)),
] as const;

type Row = { sha256: string; state: string; code: string | null; held: boolean };

async function run(pool: Pool, folder: string, dropDir: string): Promise<Readonly<Record<string, number>>> {
  const archiveDir = join(folder, 'archive');
  const reader = openReadingPool({ ...READING, limits: READ_LIMITS });
  const ingest = openFileIngest({ pool, archiveDir, reader });
  const reading = new Set<Promise<unknown>>();
  const intake = await openIntake({
    ...{ pool, log: createLog('warn', 'bench'), archiveDir, dropDir, sweepMs: 10_000, concurrency: 32 },
    ...{ stableMs: Number(values['stable-ms']), holdMs: Number(values['hold-ms']) },
    onTaken: async ({ sourceFileId, outcome }) => {
      if (outcome === 'received') reading.add(ingest(sourceFileId));
    },
  });
  const files = reports();
  const expected = new Set(files.map(sha));
  const list = async () =>
    (
      await pool.query<Row>(
        `select sha256, state, reason_code as code, exists (
           select 1 from held_original h where h.source_file_id = f.id) as held from source_file f`,
      )
    ).rows;
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 100) / 10;
  try {
    await Promise.all(
      files.map((bytes, index) =>
        SENDERS[index % SENDERS.length]?.(join(dropDir, `${index}.dcm`), bytes, pause(index)),
      ),
    );
    const sentAfter = seconds();
    const deadline = performance.now() + 3 * Number(values['hold-ms']) + 120_000;
    let storedAfter = 0;
    let rows = await list();
    for (; performance.now() < deadline; rows = await list()) {
      const stored = rows.filter(({ sha256, state }) => state === 'stored' && expected.has(sha256)).length;
      if (stored === files.length && storedAfter === 0) storedAfter = seconds();
      if (storedAfter > 0 && !rows.some(({ held }) => held)) break;
      await sleep(200);
    }
    await Promise.allSettled(reading);
    const whole = new Set(rows.filter(({ state }) => state === 'stored').map(({ sha256 }) => sha256));
    const lost = files.filter((bytes) => !whole.has(sha(bytes)));
    return {
      files: files.length,
      stored: files.length - lost.length,
      stored_besides: [...whole].filter((sha256) => !expected.has(sha256)).length,
      bytes_lost: lost.reduce((sum, bytes) => sum + bytes.length, 0),
      archived_under_a_wrong_hash: wrongInArchive(archiveDir).length,
      first_readings_superseded: rows.filter(({ code }) => code === 'CHANGED_AFTER_READING').length,
      still_held: rows.filter(({ held }) => held).length,
      last_sent_s: sentAfter,
      last_stored_s: storedAfter,
      last_final_s: seconds(),
    };
  } finally {
    await intake.close();
    await reader.close();
  }
}

const embedded = await attachEmbedded(join(import.meta.dirname, '..', '.dxaflow-test'));
const admin = new pg.Client({ connectionString: embedded.databaseUrl });
await admin.connect();
const results: Record<string, Readonly<Record<string, number>>> = {};
try {
  for (const place of ['same_file_system', 'another_file_system'] as const) {
    const name = `bench_senders_${process.pid}_${place}`;
    const folder = await mkdtemp(join(tmpdir(), 'dxaflow-senders-'));
    const parent = place === 'same_file_system' ? folder : await mkdtemp(join(values.elsewhere, 'dxaflow-senders-'));
    const dropDir = join(parent, 'drop');
    await mkdir(dropDir);
    await admin.query(`create database ${name}`);
    const url = Object.assign(new URL(embedded.databaseUrl), { pathname: `/${name}` }).toString();
    const pool = openPool(url, { max: 16, applicationName: 'bench', onError: () => undefined });
    try {
      await migrate(pool, await readMigrations());
      const result = await run(pool, folder, dropDir);
      results[place] = result;
      console.log(`${place.replaceAll('_', ' ')}: ${result['stored']} of ${result['files']} stored whole`);
      console.log(`  ${JSON.stringify(result)}`);
    } finally {
      await pool.end();
      await admin.query(`drop database ${name} with (force)`);
      for (const path of new Set([folder, parent])) await rm(path, { recursive: true, force: true });
    }
  }
} finally {
  await admin.end();
  await embedded.release();
}
const failed = Object.values(results).some(
  (result) => result['stored'] !== count || result['archived_under_a_wrong_hash'] !== 0 || result['still_held'] !== 0,
);
if (values.json) console.log(flatJson(results));
process.exitCode = failed ? 1 : 0;
