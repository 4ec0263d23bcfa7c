import { setTimeout as sleep } from 'node:timers/promises';
import { readBacklog } from '../db/files/backlog.ts';
import { countFailures } from '../db/files/failure.ts';
import { countSourceFiles } from '../db/files/source-file.ts';
import type { Pool } from '../db/pool.ts';
import { listDataMoves, rateOf } from '../db/schema/data-move.ts';
import type { Metrics } from '../health/metrics.ts';
import type { States } from '../health/states.ts';
import type { JobQueues } from '../jobs/work/enqueue.ts';
import { measureNights } from './night-metrics.ts';

/** A scrape answers within Prometheus's own ten seconds, whatever is away. */
const READ_TIMEOUT_MS = 3000;

async function within(work: Promise<void>): Promise<boolean> {
  const late = new AbortController();
  const done = work.then(
    () => true,
    () => false, // what failed shows as dxaflow_state_up 0; the reason is in the logs of the process that needs it
  );
  try {
    return await Promise.race([done, sleep(READ_TIMEOUT_MS, false, { signal: late.signal })]);
  } finally {
    late.abort();
  }
}

function measureDatabase(metrics: Metrics, pool: Pool): () => Promise<void> {
  const files = metrics.gauge('dxaflow_source_files', 'Files on record, by state and reason code', ['state', 'code']);
  const oldest = metrics.gauge('dxaflow_oldest_file_age_seconds', 'Age of the oldest file without an outcome', []);
  const patients = metrics.gauge(
    'dxaflow_patients_to_assess',
    'Patients whose reports are newer than their assessment',
    [],
  );
  const cases = metrics.gauge('dxaflow_review_cases', 'Review cases, by rule, tier and state', [
    'rule',
    'tier',
    'state',
  ]);
  const failures = metrics.gauge(
    'dxaflow_failures',
    'The dead-letter list: files and patients that failed permanently',
    ['kind', 'code'],
  );
  const problems = metrics.gauge('dxaflow_intake_problems', 'Files stuck in the drop folder', ['code']);
  const held = metrics.gauge(
    'dxaflow_held_originals',
    'Originals watched because their sender may still be writing',
    [],
  );
  const damage = metrics.gauge('dxaflow_archive_problems', 'Files lost or damaged in the archive, until restored', [
    'code',
  ]);
  return async () => {
    const [counts, backlog, failed] = await Promise.all([
      countSourceFiles(pool),
      readBacklog(pool),
      countFailures(pool),
    ]);
    for (const gauge of [files, cases, problems, failures, damage]) gauge.reset();
    for (const { code, count } of backlog.archiveProblems) damage.set({ code }, count);
    for (const { kind, code, count } of failed) failures.set({ kind, code }, count);
    for (const { state, reasonCode, count } of counts) files.set({ state, code: reasonCode ?? '' }, count);
    for (const { rule, tier, state, count } of backlog.cases) cases.set({ rule, tier, state }, count);
    for (const { code, count } of backlog.problems) problems.set({ code }, count);
    oldest.set(backlog.oldestFileSeconds ?? 0);
    held.set(backlog.held);
    patients.set(backlog.patientsToAssess);
  };
}

function measureMoves(metrics: Metrics, pool: Pool): () => Promise<void> {
  const labels = ['move'] as const;
  const remaining = metrics.gauge('dxaflow_data_move_remaining', 'Rows remaining in a long data change', labels);
  const moved = metrics.gauge('dxaflow_data_move_moved', 'Rows that it has changed', labels);
  const rate = metrics.gauge(
    'dxaflow_data_move_rows_per_second',
    'Rows it changed a second while it was at work',
    labels,
  );
  const done = metrics.gauge('dxaflow_data_move_done', '1 when nothing was left at its last look', labels);
  const problem = metrics.gauge('dxaflow_data_move_problem', '1 when its last batch failed', labels);
  return async () => {
    for (const row of await listDataMoves(pool)) {
      const move = { move: row.name };
      remaining.set(move, Number(row.remaining));
      moved.set(move, Number(row.moved));
      rate.set(move, rateOf(row) ?? 0);
      done.set(move, row.finishedAt === null ? 0 : 1);
      problem.set(move, row.problemCode === null ? 0 : 1);
    }
  };
}

function measureQueues(metrics: Metrics, queues: JobQueues): () => Promise<void> {
  const jobs = metrics.gauge('dxaflow_queue_jobs', 'Jobs in a queue, by state', ['queue', 'state']);
  const oldest = metrics.gauge('dxaflow_queue_oldest_job_age_seconds', 'Age of the oldest waiting job', ['queue']);
  return async () => {
    const [counts, since] = await Promise.all([queues.counts(), queues.waitingSince()]);
    for (const [queue, states] of Object.entries(counts)) {
      for (const [state, count] of Object.entries(states)) jobs.set({ queue, state }, count);
      const waitingSince = since[queue] ?? null;
      oldest.set({ queue }, waitingSince === null ? 0 : Math.max(0, Date.now() - waitingSince) / 1000);
    }
  };
}

/** Adds what is wrong with what the process needs, as it was at its last look. */
export function measureStates(metrics: Metrics, states: States): void {
  const condition = metrics.gauge('dxaflow_condition', '1 for each problem with what the process needs', [
    'part',
    'code',
  ]);
  metrics.beforeScrape(async () => {
    condition.reset();
    for (const { part, code } of states.current()) condition.set({ part, code }, 1);
  });
}

/**
 * Adds what the database and the queue hold, read at every scrape. One process is enough for that: the http process,
 * whose /metrics is the place to ask.
 */
export function measureState(metrics: Metrics, pool: Pool, queues: JobQueues): void {
  const up = metrics.gauge('dxaflow_state_up', '1 when the gauges of this source are from this scrape', ['source']);
  const sources = {
    database: measureDatabase(metrics, pool),
    nights: measureNights(metrics, pool),
    moves: measureMoves(metrics, pool),
    queue: measureQueues(metrics, queues),
  };
  for (const [source, read] of Object.entries(sources)) {
    metrics.beforeScrape(async () => up.set({ source }, (await within(read())) ? 1 : 0));
  }
}
