import { openJobQueues } from '../jobs/enqueue.ts';
import { type Intake, openIntake } from '../jobs/intake.ts';
import { openStateLog } from '../jobs/state-log.ts';
import { sweepLostWork } from '../jobs/sweep.ts';
import type { Runtime } from '../runtime.ts';

const INTAKE_CONCURRENCY = 32;

/** Takes files off the drop folder into archive, database and queue, and looks after work that got lost. */
export async function startIntake(runtime: Runtime): Promise<Intake> {
  const { config, log, pool, metrics } = runtime;
  const queues = await openJobQueues(runtime.queues, (error) => log.warn({ err: error }, 'queue connection'));
  runtime.onClose(queues.close);

  const sweep = async (evenIfBusy: boolean) => {
    // First: a queue in which a wrong clock keeps a job waiting would look busy for hours.
    await queues.freeOverdue();
    const result = await sweepLostWork(pool, config.archiveDir, queues, { evenIfBusy });
    if (result.finished + result.filesEnqueued + result.patientsEnqueued > 0) log.info(result, 'lost work found');
  };
  await sweep(true);
  const states = openStateLog(log);
  let sweeping: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    sweeping = sweeping
      .then(() => sweep(false))
      .then(() => states.ends('sweep', 'lost work is looked for again'))
      .catch((error: unknown) => states.begins('sweep', error, 'sweep for lost work failed; it is tried again'));
  }, config.dropSweepMs);
  runtime.onClose(async () => {
    clearInterval(timer);
    await sweeping;
  });

  const intake = await openIntake({
    pool,
    log,
    dropDir: config.dropDir,
    archiveDir: config.archiveDir,
    stableMs: config.dropStableMs,
    holdMs: config.dropHoldMs,
    maxBytes: config.limits.maxBytes,
    sweepMs: config.dropSweepMs,
    concurrency: INTAKE_CONCURRENCY,
    onTaken: async (taken) => {
      metrics.countTaken(taken.outcome);
      if (taken.outcome === 'received') await queues.enqueueIngests([taken.sourceFileId]);
      await queues.enqueueAssessments(taken.patientIds);
    },
  });
  runtime.onClose(intake.close);
  return intake;
}
