import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openPool } from '../src/db/pool.ts';
import { migrate, readMigrations } from '../src/db/schema/migrate.ts';
import { simulateCohort } from '../src/simulate/cohort/simulate-cohort.ts';
import { freePort } from '../test/support/process/redis.ts';
import { claimsOf } from './faults/claims.ts';
import { FAULTS } from './faults/faults.ts';
import { openSeed } from './faults/random.ts';
import { type Place, type RoundResult, runRound } from './faults/round.ts';
import { startPostgres, startRedis } from './faults/servers.ts';
import { flatJson } from './flat-json.ts';

// The real processes on a simulated drop, with a PostgreSQL and a Redis of their own, while things go wrong. After every
// round the database must say what it says after a run that nobody disturbed: byte for byte, apart from ids, times and
// how often a file was received; and what nights report must be what they changed, no line lost and none doubled. Senders that
// pause or keep a hard link, storms of copies, several files of one instance and one content in several encodings are part of
// every round. Exit code 1 when one round differs or does not come to its end.
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    patients: { type: 'string', default: '20' },
    only: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
const unknown = values.only.filter((name) => !FAULTS.some((fault) => fault.name === name));
if (unknown.length > 0) {
  console.error(`no such fault: ${unknown.join(', ')}. There are: ${FAULTS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const faults = FAULTS.filter(({ name }) => values.only.length === 0 || values.only.includes(name));

/** Instances that several files claim at the same moment, in every round. */
const CLAIMED = 8;

const folder = mkdtempSync(join(tmpdir(), 'dxaflow-faults-'));
const say = (line: string) => console.error(line);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const postgres = await startPostgres(join(folder, 'home'));
const redis = await startRedis(folder, await freePort()).catch(() => null);
if (redis === null) say('!! NO redis-server: rounds run with the queue on PostgreSQL only');

async function makeTemplate(): Promise<string> {
  const admin = new pg.Client({ connectionString: postgres.admin });
  await admin.connect();
  await admin.query('create database faults_template');
  await admin.end();
  const url = new URL(postgres.url);
  url.pathname = '/faults_template';
  const pool = openPool(url.toString(), { max: 1, applicationName: 'faults', onError: () => undefined });
  await migrate(pool, await readMigrations());
  await pool.end();
  return 'faults_template';
}

type Tally = { struck: number; survived: number };
const tally = new Map<string, Tally>(faults.map(({ name }) => [name, { struck: 0, survived: 0 }]));
let survivedRounds = 0;
let restarts = 0;
let requeued = 0;
let nightRounds = 0;
let nightRoundsExact = 0;
const seconds: number[] = [];

function count(result: RoundResult, survived: boolean): void {
  for (const name of result.faults) {
    const row = tally.get(name);
    if (row === undefined) continue;
    row.struck += 1;
    row.survived += survived ? 1 : 0;
  }
  survivedRounds += survived ? 1 : 0;
  restarts += result.restarts;
  requeued += result.requeued;
  nightRounds += result.wrongLines === null ? 0 : 1;
  nightRoundsExact += result.wrongLines?.length === 0 ? 1 : 0;
  seconds.push(result.seconds);
}

let failed = false;
try {
  const cohort = simulateCohort({ patients: Number(values.patients), seed });
  const random = openSeed(seed, 0).apart('claims');
  const claims = Array.from({ length: CLAIMED }, (_, index) =>
    claimsOf(`2.25.${index + 1}`, 5, (below) => random.upTo(below - 1)),
  );
  const place: Place = { postgres, redis, template: await makeTemplate(), folder, cohort, claims, faults };
  const undisturbed = await runRound(place, 'undisturbed', null);
  say(`undisturbed: ${undisturbed.seconds.toFixed(1)} s, ${undisturbed.dump.split('\n').length} lines of content`);
  for (let round = 1; round <= rounds; round += 1) {
    const name = `round_${round}`;
    try {
      const result = await runRound(place, name, openSeed(seed, round));
      for (const line of result.wrongLines ?? []) say(`${name}: night: ${line}`);
      const same = result.dump === undisturbed.dump && (result.wrongLines ?? []).length === 0;
      count(result, same);
      say(`${name}: ${same ? 'same' : 'DIFFERS'} in ${result.seconds.toFixed(1)} s after ${result.faults.join(', ')}`);
      if (same) rmSync(join(folder, name), { recursive: true, force: true });
      else {
        failed = true;
        writeFileSync(join(folder, `${name}.dump`), result.dump);
        writeFileSync(join(folder, 'undisturbed.dump'), undisturbed.dump);
      }
    } catch (error) {
      failed = true;
      say(`${name}: BROKEN ${error instanceof Error ? error.message : String(error)}; logs in ${join(folder, name)}`);
      // A server that was down when the round broke must not break the next one too.
      await Promise.allSettled([postgres.start(), redis?.start()]);
    }
  }
} finally {
  await redis?.stop();
  await postgres.stop();
  if (!failed) rmSync(folder, { recursive: true, force: true });
}

console.log(`fault${' '.repeat(29)}struck  survived`);
for (const [name, row] of tally) {
  const note = row.struck === 0 ? '  (not struck)' : '';
  console.log(`${name.padEnd(34)}${String(row.struck).padStart(6)}${String(row.survived).padStart(10)}${note}`);
}
console.log(
  `rounds ${rounds}, same as undisturbed ${survivedRounds}, process restarts ${restarts}, given up and asked for again ${requeued}`,
);
console.log('compared: everything but ids, times, times received and attempts (files storm in tenfold)');
console.log(`rounds with a night ${nightRounds}, whose report holds every change once ${nightRoundsExact}`);
const mean = seconds.reduce((sum, one) => sum + one, 0) / Math.max(1, seconds.length);
if (values.json) {
  console.log(
    flatJson({
      rounds,
      rounds_same: survivedRounds,
      seed,
      process_restarts: restarts,
      requeued,
      night_rounds: nightRounds,
      night_rounds_exact: nightRoundsExact,
      mean_round_seconds: Number(mean.toFixed(1)),
      longest_round_seconds: Number(Math.max(0, ...seconds).toFixed(1)),
      ...Object.fromEntries(
        [...tally].map(([name, { struck, survived }]) => [name, { struckCount: struck, survivedCount: survived }]),
      ),
    }),
  );
}
process.exit(failed ? 1 : 0);
