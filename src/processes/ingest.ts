import { reasonOf } from '../errors/errors.ts';
import { gatherPatients } from '../jobs/ingest/gather-patients.ts';
import { openFileIngest } from '../jobs/ingest/ingest.ts';
import { openReadingPool, READING } from '../jobs/ingest/reading-pool.ts';
import { openMappingSource } from '../jobs/registry/site-mapping.ts';
import { openJobQueues } from '../jobs/work/enqueue.ts';
import { giveUpFile } from '../jobs/work/lost-files.ts';
import { INGEST_JOB, INGEST_QUEUE } from '../queue/job.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Files of one visit mostly come within this time; it does not delay an assessment noticeably. */
const GATHER_MS = 250;
const FLOOD_GATHER_MS = 1000;

/** Reads archived files and stores what they say; then asks for their patients to be judged. */
export async function startIngest(runtime: Runtime): Promise<void> {
  const { config, log, pool, metrics } = runtime;
  const queues = await openJobQueues(runtime.queues, (error) => runtime.states.note('queue', error));
  runtime.onClose(queues.close);
  let atWork = 0;
  const patients = gatherPatients(
    queues.enqueueAssessments,
    { gatherMs: GATHER_MS, floodGatherMs: FLOOD_GATHER_MS, isFlood: () => atWork >= config.ingestConcurrency },
    (error) => runtime.states.note('queue', error), // the sweep finds them
  );
  runtime.onStopWork(patients.close);
  const reader = openReadingPool({ ...READING, limits: config.limits, mappings: openMappingSource(pool) });
  runtime.onClose(reader.close);

  const ingestFile = openFileIngest({ pool, archiveDir: config.archiveDir, reader });
  const worker = await runtime.queues.openWorker(
    INGEST_QUEUE,
    async (payload) => {
      const { sourceFileId } = INGEST_JOB.parse(payload);
      atWork += 1;
      const result = await ingestFile(sourceFileId).finally(() => {
        atWork -= 1;
      });
      metrics.countIngested(result.state, result.code);
      metrics.observeStage('read', result.seconds.read);
      if (result.seconds.store !== null) metrics.observeStage('store', result.seconds.store);
      log.info({ sourceFileId, state: result.state, code: result.code, ...result.trace }, 'file ingested');
      // Committed first, enqueued second: what a crash loses between the two, the sweep finds by the revision.
      if (result.patientId !== null) patients.add(result.patientId);
      for (const loser of result.losers) patients.add(loser);
      if (result.requeued.length > 0) await queues.enqueueIngests(result.requeued);
    },
    config.ingestConcurrency,
    {
      onError: (error) => runtime.states.note('queue', error),
      onGivenUp: async (payload, error) => {
        const { sourceFileId } = INGEST_JOB.parse(payload);
        const requeued = await giveUpFile(pool, sourceFileId, reasonOf(error));
        if (requeued.length > 0) await queues.enqueueIngests(requeued);
      },
      onFailed: ({ jobId, error, final }) => {
        metrics.countFailedJob(INGEST_QUEUE, final);
        log.error({ jobId, final, err: error }, 'ingest failed');
      },
    },
  );
  runtime.onStopWork(worker.close);
  worker.run();
}
