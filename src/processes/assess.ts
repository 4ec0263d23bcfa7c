import { recordFailedAssessment } from '../db/files/failure.ts';
import { readSettings } from '../db/registry/setting.ts';
import { reasonOf } from '../errors/errors.ts';
import { assessStoredPatient } from '../jobs/assess/assess.ts';
import { ASSESS_JOB, ASSESS_QUEUE } from '../queue/job.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Judges patients whose reports changed. */
export async function startAssess(runtime: Runtime): Promise<void> {
  const { config, log, pool, metrics } = runtime;
  const { version, unusable } = await readSettings(pool);
  if (unusable.length > 0) log.warn({ version, unusable }, 'stored settings not understood; their defaults judge');
  const worker = await runtime.queues.openWorker(
    ASSESS_QUEUE,
    async (payload) => {
      const { patientId } = ASSESS_JOB.parse(payload);
      const startedAt = performance.now();
      const assessed = await assessStoredPatient(pool, patientId);
      metrics.observeStage('assess', (performance.now() - startedAt) / 1000);
      for (const { rule, event } of assessed?.cases ?? []) metrics.countCaseChange(rule, event);
      log.info({ patient: patientId, revision: assessed?.revision, cases: assessed?.cases }, 'patient assessed');
    },
    config.assessConcurrency,
    {
      onError: (error) => runtime.states.note('queue', error),
      onGivenUp: async (payload, error) => {
        await recordFailedAssessment(pool, ASSESS_JOB.parse(payload).patientId, reasonOf(error));
      },
      onFailed: ({ jobId, error, final }) => {
        metrics.countFailedJob(ASSESS_QUEUE, final);
        log.error({ jobId, final, err: error }, 'assessment failed');
      },
    },
  );
  runtime.onStopWork(worker.close);
  worker.run();
}
