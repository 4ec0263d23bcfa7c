import { isNightAtWork } from '../db/night/lock.ts';
import { findLatestNights } from '../db/night/run.ts';
import { countArchiveDamage, listNightSteps } from '../db/night/step.ts';
import type { Pool } from '../db/pool.ts';
import type { Metrics } from '../health/metrics.ts';
import { progressOf, shownState } from '../jobs/nightly/progress.ts';

/** What steps count, and the lines of the report that they counted: `night_step` is small, whatever a night changed. */
const LINES = { files: 'file', patients: 'patient', damaged: 'archive', failed: 'failure' } as const;

const seconds = (moment: Date) => moment.getTime() / 1000;

/** Adds gauges of the latest run by schedule and by hand; read at every scrape from the rows that the run itself keeps. */
export function measureNights(metrics: Metrics, pool: Pool): () => Promise<void> {
  const state = metrics.gauge('dxaflow_night_state', 'State of the latest run: 1 for the one it is in', [
    'trigger',
    'state',
  ]);
  const begun = metrics.gauge('dxaflow_night_begun_timestamp_seconds', 'When the latest run started', ['trigger']);
  const done = metrics.gauge('dxaflow_night_done_timestamp_seconds', 'When a run last completed', ['trigger']);
  const duration = metrics.gauge('dxaflow_night_duration_seconds', 'Duration of that run, pauses included', [
    'trigger',
  ]);
  const progress = metrics.gauge('dxaflow_night_step_progress_ratio', 'Steps of the latest run, 0 to 1', [
    'trigger',
    'step',
  ]);
  const units = metrics.gauge('dxaflow_night_step_units', 'What the steps of the latest run counted', [
    'trigger',
    'step',
    'count',
  ]);
  const changes = metrics.gauge('dxaflow_night_changes', 'Lines in the report of the latest run, by kind', [
    'trigger',
    'kind',
  ]);
  const damage = metrics.gauge(
    'dxaflow_archive_damage_found',
    'How often nightly runs found an archived file missing or damaged; never decreases',
    [],
  );
  return async () => {
    const [{ latest, done: ended }, atWork, found] = await Promise.all([
      findLatestNights(pool),
      isNightAtWork(pool),
      countArchiveDamage(pool),
    ]);
    const steps = await listNightSteps(pool, ...latest.map(({ id }) => id));
    for (const gauge of [state, begun, done, duration, progress, units, changes]) gauge.reset();
    damage.set(found);
    for (const run of latest) {
      const { trigger } = run;
      state.set({ trigger, state: shownState(run, atWork) }, 1);
      begun.set({ trigger }, seconds(run.startedAt));
      for (const kind of Object.values(LINES)) changes.set({ trigger, kind }, 0);
      for (const step of steps.filter(({ runId }) => runId === run.id)) {
        progress.set({ trigger, step: step.step }, progressOf(step) ?? 0);
        for (const [count, value] of Object.entries(step.counts)) {
          units.set({ trigger, step: step.step, count }, value);
          const kind = LINES[count as keyof typeof LINES] as (typeof LINES)[keyof typeof LINES] | undefined;
          if (kind !== undefined) changes.inc({ trigger, kind }, value);
        }
      }
    }
    for (const { trigger, startedAt, finishedAt } of ended) {
      if (finishedAt === null) continue;
      done.set({ trigger }, seconds(finishedAt));
      duration.set({ trigger }, seconds(finishedAt) - seconds(startedAt));
    }
  };
}
