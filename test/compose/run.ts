// npm run test:compose - brings docker-compose.yml up, drops files into it, kills two of its containers on the way and
// checks what comes out. Exit code 0 passed, 1 failed, 2 something is missing on this machine.
import assert from 'node:assert/strict';
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lscCsv } from '../../src/simulate/cohort/lsc-csv.ts';
import { type SimulatedFile, simulateCohort } from '../../src/simulate/cohort/simulate-cohort.ts';
import type { Truth } from '../../src/simulate/visit/truth.ts';
import { checkHardening, checkNoLeaks, checkStopped, checkTruth, readMetrics, sumSamples } from './checks.ts';
import { findMissing, prepareStack, type Stack } from './engine.ts';

const AT_LEAST_FILES = 200;
const SEED = 20_261_123;
/** A job whose worker was killed is taken up again when its lock of 60 s has run out. */
const DONE_WITHIN_MS = 240_000;
const REDIS_AWAY_MS = 4000;

const startedAt = Date.now();
const say = (text: string) => console.log(`[${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s] ${text}`);

function smallestCohort() {
  for (let patients = 30; ; patients += 1) {
    const cohort = simulateCohort({ patients, seed: SEED });
    if (cohort.truth.counts.files >= AT_LEAST_FILES) return cohort;
  }
}

function drop(dropDir: string, files: readonly SimulatedFile[]): void {
  for (const { name, bytes } of files) {
    writeFileSync(join(dropDir, `${name}.part`), bytes);
    renameSync(join(dropDir, `${name}.part`), join(dropDir, name));
  }
}

const containerOf = async (stack: Stack, service: string) =>
  (await stack.compose(['ps', '--quiet', service])).trim().split('\n')[0] ?? '';

/** Kills every process of one ingest container but its init, as a crash would; the restart policy starts it again. */
async function crashIngest(stack: Stack): Promise<void> {
  const container = await containerOf(stack, 'ingest');
  await stack.docker(['exec', container, 'sh', '-c', 'kill -9 -1']).catch(() => undefined); // the shell may go as well
  for (let waited = 0; waited < 30_000; waited += 250) {
    const state = await stack.docker(['inspect', '--format', '{{.RestartCount}} {{.State.Running}}', container]);
    if (state.trim() === '1 true') return;
    await sleep(250);
  }
  throw new Error('the ingest container did not come back');
}

async function killRedis(stack: Stack): Promise<void> {
  const container = await containerOf(stack, 'redis');
  await stack.docker(['kill', container]);
  const away = await fetch(`${stack.url}/readyz`);
  assert.equal(away.status, 503, '/readyz without Redis');
  await sleep(REDIS_AWAY_MS); // the length of the outage; waits for nothing
  // Docker takes a kill from outside for the operator's will and starts nothing again.
  await stack.docker(['start', container]);
}

async function waitUntilJudged(stack: Stack, truth: Truth): Promise<void> {
  const wanted = truth.counts.files - truth.counts.duplicates;
  for (const deadline = Date.now() + DONE_WITHIN_MS; Date.now() < deadline; await sleep(500)) {
    const metrics = await readMetrics(stack);
    const sum = (name: string, labels = {}) => sumSamples(metrics, name, labels);
    const settled = (sum('dxaflow_source_files') ?? 0) >= wanted && sum('dxaflow_oldest_file_age_seconds') === 0;
    if (settled && sum('dxaflow_patients_to_assess') === 0 && readdirSync(stack.dropDir).length === 0) return;
  }
  throw new Error(`not everything was judged within ${DONE_WITHIN_MS / 1000} s`);
}

async function runAgainst(stack: Stack): Promise<void> {
  const cohort = smallestCohort();
  const { truth } = cohort;
  const files = [...cohort.files];
  const third = Math.ceil(files.length / 3);
  say('building and starting');
  await stack.compose(['up', '--detach', '--build', '--wait', '--wait-timeout', '180', '--quiet-pull']);
  say(
    `all services are healthy at ${stack.url}; ${await checkHardening(stack)} containers without root or capabilities`,
  );
  const importLsc = ['exec', '-T', 'http', 'dxaflow', 'lsc', 'import', '--by', 'compose-test', '/dev/stdin'];
  say((await stack.compose(importLsc, lscCsv())).trim());

  drop(stack.dropDir, files.slice(0, third));
  say(`dropped ${third} of ${files.length} files; crashing one of two ingest processes`);
  await crashIngest(stack);
  say('it is back by its restart policy');
  drop(stack.dropDir, files.slice(third, 2 * third));
  say(`dropped ${third} more; killing Redis`);
  await killRedis(stack);
  drop(stack.dropDir, files.slice(2 * third));
  say('Redis is started again; dropped the rest');

  await waitUntilJudged(stack, truth);
  say('all files have an outcome, all patients are judged');
  await checkTruth(stack, truth);
  say(`found exactly the ${truth.d1_cases.length} planted D1 and ${truth.d2_cases.length} D2 cases`);
  say(`no patient value in ${await checkNoLeaks(stack, truth)} lines of logs (LOG_LEVEL=trace) and metrics`);
  await stack.compose(['stop']);
  await checkStopped(stack);
  say('every process stopped by itself');
}

const missing = await findMissing();
if (missing !== null) {
  console.error(`npm run test:compose cannot run here. ${missing}`);
  process.exitCode = 2;
} else {
  const stack = await prepareStack();
  try {
    await runAgainst(stack);
    say('passed');
  } catch (error) {
    process.exitCode = 1;
    console.error(error);
    console.error((await stack.compose(['logs', '--no-color', '--tail', '40']).catch(() => 'no logs')).slice(-12_000));
  } finally {
    await stack.remove();
    say('taken down with its volumes');
  }
}
