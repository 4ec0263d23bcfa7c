import { isOutage } from '../errors/transient.ts';
import { openArchiveProbe, openDropProbe } from '../jobs/intake/folder-probe.ts';
import { type Intake, openIntake } from '../jobs/intake/intake.ts';
import { openJobQueues } from '../jobs/work/enqueue.ts';
import { sweepLostWork } from '../jobs/work/sweep.ts';
import type { Runtime } from '../runtime/runtime.ts';

const INTAKE_CONCURRENCY = 32;

/** Takes files off the drop folder into archive, database and queue, and looks after work that got lost. */
export async function startIntake(runtime: Runtime): Promise<Intake> {
  const { config, log, pool, metrics, states } = runtime;
  const queues = await openJobQueues(runtime.queues, (error) => states.note('queue', error));
  runtime.onClose(queues.close);

  const sweep = async (evenIfBusy: boolean) => {
    // First: a queue in which a wrong clock keeps a job waiting would look busy for hours.
    await queues.freeOverdue();
    const result = await sweepLostWork(pool, config.archiveDir, queues, { evenIfBusy });
    if (result.finished + result.filesEnqueued + result.patientsEnqueued > 0) log.info(result, 'lost work found');
  };
  await sweep(true);
  let sweeping: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    sweeping = sweeping
      .then(() => sweep(false))
      .catch((error: unknown) => states.note(isOutage(error) ? 'database' : 'queue', error)); // tried again
  }, config.dropSweepMs);
  runtime.onStopWork(async () => {
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
      // It is safe; where the queue refuses it, the sweep enqueues it.
      const enqueue = async () => {
        if (taken.outcome === 'received') await queues.enqueueIngests([taken.sourceFileId]);
        await queues.enqueueAssessments(taken.patientIds);
      };
      await enqueue().catch((error: unknown) => states.note('queue', error));
    },
  });
  runtime.onStopWork(intake.close);
  states.watch('drop', openDropProbe(config.dropDir));
  states.watch('archive', openArchiveProbe(config.archiveDir));
  return intake;
}
