import { deleteExpiredAccess } from '../../db/access/retention.ts';
import { noteArchiveProblem } from '../../db/files/archive-problem.ts';
import {
  lastId,
  listFilesToCheck,
  listFilesToReread,
  listFilesToRetry,
  listPatientsToReassess,
  listPatientsToReread,
} from '../../db/night/selection.ts';
import type { Counts } from '../../db/night/step.ts';
import { lastCheckedFile } from '../../db/night/step.ts';
import { codeOf, nameOf } from '../../errors/errors.ts';
import { isOutage } from '../../errors/transient.ts';
import { within } from '../../errors/within.ts';
import { ARCHIVE_PROBLEMS, proveArchived } from '../archive/archive.ts';
import { READING_VERSION, readingUnder } from '../versions.ts';
import type { JobQueues } from '../work/enqueue.ts';
import { removeSettledJobs } from '../work/failed-jobs.ts';
import { noteArchiveLoss } from '../work/lost-files.ts';
import { sweepLostWork } from '../work/sweep.ts';
import { confirmUnchanged, type Outcomes, readingOnce } from './confirm-unchanged.ts';
import { type Paging, pageThrough, type Stop } from './page-through.ts';
import { enqueueFiles, type NightContext, redoFiles, redoPatient } from './redo.ts';

const QUEUE_PATIENCE_MS = 5000;

export type StepResult = { readonly counts: Counts; readonly stopped: 'window' | 'stopping' | null };

export type StepRun = {
  readonly context: NightContext;
  readonly stop: Stop;
  readonly step: string;
  /** Archived files that one night proves. */
  readonly sample: number;
  /** Patients that a dry run already assessed in an earlier step and rolled back. */
  readonly judged: Set<string>;
  readonly onProgress: Paging<unknown>['onProgress'];
};

/**
 * Reads again what an older reader, adapter or site mapping made, patient by patient. Reports that came out the same are
 * confirmed; a patient with one that did not has all of them stored again and is judged.
 */
export async function rereadReports({ context, stop, step, judged, onProgress }: StepRun): Promise<StepResult> {
  const { pool } = context;
  const outcomes: Outcomes = new Map();
  return await pageThrough(context, stop, {
    step,
    afterId: '0',
    endId: await lastId(pool, 'patient'),
    read: (afterId, endId, limit) => listPatientsToReread(pool, { afterId, endId, limit }, context),
    idOf: (id) => id,
    concerns: (patientId) => ({ sourceFileId: null, patientId }),
    confirm: async (patientIds) => {
      const confirmed = await confirmUnchanged(context, patientIds, outcomes);
      return patientIds.filter((id) => !confirmed.has(id));
    },
    work: async (patientId) => {
      judged.add(patientId);
      const files = await listFilesToReread(pool, patientId, context);
      return await redoFiles(readingOnce(context, outcomes), step, files, patientId);
    },
    onProgress,
  });
}

/** Tries again what failed, and what an older reader or adapter refused, or other limits. */
export async function retryFiles({ context, stop, step, judged, onProgress }: StepRun): Promise<StepResult> {
  const { pool, filters, limits } = context;
  const limited = readingUnder(limits);
  return await pageThrough(context, stop, {
    step,
    afterId: '0',
    endId: await lastId(pool, 'source_file'),
    read: (afterId, endId, limit) =>
      listFilesToRetry(pool, { afterId, endId, limit }, READING_VERSION, filters, limited),
    idOf: (file) => file.id,
    concerns: (file) => ({ sourceFileId: file.id, patientId: null }),
    work: async (file) => {
      const changes = await redoFiles(context, step, [file], null);
      for (const { patientId } of changes) if (patientId !== null) judged.add(patientId);
      return changes;
    },
    onProgress,
  });
}

/** Judges again, without reading a file, whom an older rule set or an LSC that has changed since judged. */
export async function reassess({ context, stop, step, judged, onProgress }: StepRun): Promise<StepResult> {
  const { pool, versions } = context;
  return await pageThrough(context, stop, {
    step,
    afterId: '0',
    endId: await lastId(pool, 'patient'),
    read: (afterId, endId, limit) => listPatientsToReassess(pool, { afterId, endId, limit }, versions.ruleSet),
    idOf: (id) => id,
    concerns: (patientId) => ({ sourceFileId: null, patientId }),
    work: async (patientId) =>
      context.run === null && judged.has(patientId) ? [] : await redoPatient(context, step, patientId),
    onProgress,
  });
}

/** The result of work with the queue; null once the queue no longer responds, and later results are ignored. */
async function whileAnswering<T>({ counts }: JobQueues, work: Promise<T>): Promise<T | null> {
  for (;;) {
    const result = await within(work, QUEUE_PATIENCE_MS, null);
    if (result !== null || (await within(counts(), QUEUE_PATIENCE_MS, null)) === null) return result;
  }
}

async function putBackToWork({ pool, archiveDir }: NightContext, queues: JobQueues): Promise<Counts> {
  const settled = await removeSettledJobs(pool, queues.failed);
  const found = await sweepLostWork(pool, archiveDir, queues, { evenIfBusy: true });
  return { ...found, ...(settled === 0 ? {} : { failedJobsSettled: settled }) };
}

/**
 * Puts back to work what a crash or a flushed queue lost. Half-moved files are put back by the intake itself, and what is
 * not found here because the queue is in trouble the intake's own sweep finds: it is noted and passed.
 */
export async function sweep({ context, step }: StepRun): Promise<StepResult> {
  const { queues } = context;
  if (queues === null) return { counts: { finished: 0, filesEnqueued: 0, patientsEnqueued: 0 }, stopped: null };
  let code = 'QUEUE_UNREACHABLE';
  try {
    const counts = await whileAnswering(queues, putBackToWork(context, queues));
    if (counts !== null) return { counts, stopped: null };
  } catch (error) {
    if (isOutage(error)) throw error;
    code = nameOf(error);
    context.log.error({ step, err: error }, 'lost work not put back; the intake does so');
  }
  await context.report({ step, kind: 'failure', sourceFileId: null, patientId: null, causes: [], detail: { code } });
  return { counts: { failed: 1 }, stopped: null };
}

/** Proves by its hash that the archive still holds what was received: every night a stretch, then round again. */
export async function checkArchive({ context, stop, step, sample, onProgress }: StepRun): Promise<StepResult> {
  const { pool, archiveDir } = context;
  const last = await lastCheckedFile(pool, step);
  const rest = await listFilesToCheck(pool, { afterId: last, endId: MAX_ID, limit: sample });
  const start = rest.length === 0 ? '0' : last;
  const stretch =
    rest.length === 0 ? await listFilesToCheck(pool, { afterId: '0', endId: MAX_ID, limit: sample }) : rest;
  return await pageThrough(context, stop, {
    step,
    afterId: start,
    endId: stretch.at(-1)?.id ?? start,
    read: (afterId, endId, limit) => listFilesToCheck(pool, { afterId, endId, limit }),
    idOf: (file) => file.id,
    concerns: (file) => ({ sourceFileId: file.id, patientId: null }),
    work: async (file) => {
      try {
        await proveArchived(archiveDir, file.archivePath, file.sha256);
        return [];
      } catch (error) {
        const code = codeOf(error);
        if (!ARCHIVE_PROBLEMS.includes(code)) throw error;
        if (context.run !== null) await noteArchiveProblem(pool, file.id, code);
        const change = {
          step,
          kind: 'archive',
          sourceFileId: file.id,
          patientId: null,
          causes: [],
          detail: { code },
        } as const;
        context.log.error({ sourceFileId: file.id, code }, 'archived file is not what was received');
        await context.report(change);
        await enqueueFiles(context, await noteArchiveLoss(pool, file.id, code));
        return [change];
      }
    },
    onProgress,
  });
}

const MAX_ID = '9223372036854775807';

/** Removes expired sessions and links. Results, audit and failures are never removed. */
export async function retain({ context }: StepRun): Promise<StepResult> {
  return { counts: await deleteExpiredAccess(context.pool), stopped: null };
}
