import { wasNightCutOff } from '../db/night/run.ts';
import { openReadingPool, READING } from '../jobs/ingest/reading-pool.ts';
import { runScheduledNight } from '../jobs/nightly/scheduled-night.ts';
import { openMappingSource } from '../jobs/registry/site-mapping.ts';
import { openJobQueues } from '../jobs/work/enqueue.ts';
import { NIGHT_JOB, NIGHT_QUEUE, NIGHT_SCHEDULE, type NightJob } from '../queue/job.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { startDataMoves } from './data-moves.ts';

export const NIGHT_CONCURRENCY = 2;
/** Archived files that one night proves: a million in less than half a year. */
export const NIGHT_SAMPLE = 10_000;

/** A night's job that failed is not kept: its run says how far it came, and the next night goes on with it. */
export const NIGHT_RETRY = {
  attempts: 8,
  backoff: { type: 'exponential', delay: 5000, jitter: 0.5 },
  removeOnFail: true,
} as const;
const PROGRESS_EVERY_MS = 30_000;
/** How soon a schedule is put right that a flushed queue lost, or that a clock which ran ahead put off for days. */
const SCHEDULE_CHECK_MS = 15_000;

/** Runs the night by its schedule, and goes on with one that a crash or a restart cut off. */
export async function startNightly(runtime: Runtime): Promise<void> {
  const { config, log, pool, metrics } = runtime;
  const onError = (error: Error) => runtime.states.note('queue', error);
  const queues = await openJobQueues(runtime.queues, onError);
  runtime.onClose(queues.close);
  const nights = await runtime.queues.openQueue<NightJob>(NIGHT_QUEUE, onError);
  runtime.onClose(nights.close);
  const stopping = new AbortController();

  const worker = await runtime.queues.openWorker(
    NIGHT_QUEUE,
    async (payload, _isLastAttempt, jobId) => {
      const { why } = NIGHT_JOB.parse(payload);
      const reader = openReadingPool({ ...READING, limits: config.limits, mappings: openMappingSource(pool) });
      let toldAt = performance.now();
      try {
        const result = await runScheduledNight({
          why,
          jobId,
          pool,
          log,
          archiveDir: config.archiveDir,
          reader,
          queues,
          limits: config.limits,
          concurrency: NIGHT_CONCURRENCY,
          sample: NIGHT_SAMPLE,
          windowSeconds: config.nightlyWindowMinutes * 60,
          stopping: stopping.signal,
          onWait: () => log.info({ why, jobId }, 'night waits for the run that is at work'),
          onChange: () => undefined,
          onProgress: (progress) => {
            if (performance.now() - toldAt < PROGRESS_EVERY_MS) return;
            toldAt = performance.now();
            log.info(progress, 'night goes on');
          },
        });
        if (result === null) log.info({ why, jobId }, 'night has been already');
        else log.info({ why, night: result.runId, outcome: result.outcome }, 'night ended');
      } finally {
        await reader.close();
      }
    },
    1,
    {
      onError,
      onFailed: ({ jobId, error, final }) => {
        metrics.countFailedJob(NIGHT_QUEUE, final);
        log.error({ jobId, final, err: error }, 'night failed');
      },
    },
  );
  runtime.onStopWork(async () => {
    stopping.abort();
    await worker.close();
  });
  const when = { pattern: config.nightlyCron, tz: config.nightlyTimeZone };
  const schedule = () => nights.schedule(NIGHT_SCHEDULE, when, { why: 'schedule' }, NIGHT_RETRY);
  await schedule();
  if (await wasNightCutOff(pool)) {
    await nights.add({ why: 'cut_off' }, { ...NIGHT_RETRY, deduplication: { id: 'cut-off' } });
  }
  let checking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    checking = checking
      .then(async () => {
        await schedule();
        await nights.freeOverdue();
      })
      .catch(onError); // tried again
  }, SCHEDULE_CHECK_MS);
  runtime.onStopWork(async () => {
    clearInterval(timer);
    await checking;
  });
  worker.run();
  startDataMoves(runtime);
}
