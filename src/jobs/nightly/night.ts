import { addNightChanges, type NightChange } from '../../db/night/change.ts';
import { isNightWaiting, type NightLock, takeNightLock } from '../../db/night/lock.ts';
import { beginNightRun, endNightRun, type NightRun, noteNightFailure } from '../../db/night/run.ts';
import { beginNightStep, type Counts, saveNightStep } from '../../db/night/step.ts';
import { DxaflowError, nameOf } from '../../errors/errors.ts';
import { openFileReading } from '../ingest/read-source-file.ts';
import type { ReadingPool } from '../ingest/reading-pool.ts';
import { VERSIONS } from '../versions.ts';
import type { Stop } from './page-through.ts';
import type { NightContext } from './redo.ts';
import {
  checkArchive,
  reassess,
  rereadReports,
  retain,
  retryFiles,
  type StepResult,
  type StepRun,
  sweep,
} from './steps.ts';

type Step = {
  readonly name: string;
  readonly does: string;
  readonly run: (run: StepRun) => Promise<StepResult>;
  /** Also done by hand and dry: it computes again and writes nothing but that. */
  readonly computes: boolean;
  /** Opens files; left out when only judgements are asked for. */
  readonly reads: boolean;
  /** Notes by itself how far it came. */
  readonly pages: boolean;
};

/** The night, in order. */
export const NIGHT: readonly Step[] = [
  {
    name: 'reread_reports',
    does: 'reprocess results of older versions',
    run: rereadReports,
    computes: true,
    reads: true,
    pages: true,
  },
  {
    name: 'retry_files',
    does: 'retry failed and refused files',
    run: retryFiles,
    computes: true,
    reads: true,
    pages: true,
  },
  {
    name: 'reassess',
    does: 'reassess with new rules or LSCs',
    run: reassess,
    computes: true,
    reads: false,
    pages: true,
  },
  { name: 'sweep', does: 'recover lost work', run: sweep, computes: false, reads: false, pages: false },
  {
    name: 'check_archive',
    does: 'verify part of the archive',
    run: checkArchive,
    computes: false,
    reads: false,
    pages: true,
  },
  { name: 'retain', does: 'remove expired records', run: retain, computes: false, reads: false, pages: false },
];

export type NightOptions = Omit<NightContext, 'run' | 'versions' | 'report' | 'readFile'> & {
  readonly reader: ReadingPool;
  readonly trigger: NightRun['trigger'];
  readonly dryRun: boolean;
  /** Judges again without reading files. */
  readonly recomputeOnly: boolean;
  /** After this the night pauses and goes on the next night; null for no limit. */
  readonly windowSeconds: number | null;
  readonly sample: number;
  readonly stopping: AbortSignal;
  readonly onProgress: (progress: {
    readonly step: string;
    readonly afterId: string;
    readonly endId: string;
    readonly examined: number;
  }) => void;
};

export type NightResult = {
  /** Null for a dry run. */
  readonly runId: string | null;
  readonly outcome: 'done' | 'window' | 'stopping';
  readonly steps: readonly { readonly step: string; readonly does: string; readonly counts: Counts }[];
};

/** The clock that a time window is measured by does not jump when the system time is set. */
function openStop(options: NightOptions, run: NightRun | null, lost: AbortSignal): Stop {
  const left = run?.windowLeftSeconds == null ? Number.POSITIVE_INFINITY : run.windowLeftSeconds * 1000;
  const budget = options.windowSeconds === null ? left : Math.min(left, options.windowSeconds * 1000);
  const endsAt = performance.now() + budget;
  return {
    reason: () => {
      if (lost.aborted || options.stopping.aborted) return 'stopping';
      return performance.now() >= endsAt ? 'window' : null;
    },
  };
}

/** Steps that do not page note their own end, so that a night that goes on does not do them twice. */
async function once(
  run: NightRun | null,
  step: StepRun,
  work: (run: StepRun) => Promise<StepResult>,
): Promise<StepResult> {
  if (run === null) return await work(step);
  const { pool } = step.context;
  const begun = await beginNightStep(pool, run.id, step.step, { afterId: '0', endId: '0' });
  if (begun.finishedAt !== null) return { counts: begun.counts, stopped: null };
  const result = await work(step);
  await saveNightStep(pool, run.id, step.step, { afterId: '0', counts: result.counts, finished: true });
  return result;
}

async function runSteps(context: NightContext, options: NightOptions, stop: Stop): Promise<NightResult> {
  const { run } = context;
  const byNight = options.trigger === 'schedule' && run !== null;
  const wanted = NIGHT.filter(({ computes, reads }) => (computes || byNight) && !(reads && options.recomputeOnly));
  const judged = new Set<string>();
  const steps: { step: string; does: string; counts: Counts }[] = [];
  for (const { name: step, does, run: work, pages } of wanted) {
    const { sample, onProgress } = options;
    const stepRun: StepRun = {
      context,
      stop,
      step,
      sample,
      judged,
      onProgress: (progress) => onProgress({ step, ...progress }),
    };
    const { counts, stopped } = pages ? await work(stepRun) : await once(run, stepRun, work);
    steps.push({ step, does, counts });
    context.log.info({ night: run?.id, step, ...counts, stopped }, 'night step');
    if (stopped !== null) return { runId: run?.id ?? null, outcome: stopped, steps };
  }
  return { runId: run?.id ?? null, outcome: 'done', steps };
}

/**
 * Computes again under a lock that its caller holds, and releases it. `jobId` is the job of the queue that asks for it.
 * A run that breaks keeps the code of its error, and is gone on with.
 */
export async function runLocked(
  lock: NightLock,
  options: NightOptions,
  jobId: string | null = null,
): Promise<NightResult> {
  const { pool, trigger, filters, windowSeconds } = options;
  let run: NightRun | null = null;
  try {
    if (!options.dryRun) {
      run = await beginNightRun(pool, { trigger, filters, versions: VERSIONS, windowSeconds, jobId });
    }
    const runId = run?.id;
    const report = async (change: NightChange) => {
      if (runId !== undefined) await addNightChanges(pool, runId, [change]);
      options.onChange(change);
    };
    const readFile = openFileReading(options);
    const context: NightContext = { ...options, versions: VERSIONS, run, report, readFile };
    const result = await runSteps(context, options, openStop(options, run, lock.lost));
    if (run === null) return result;
    if (result.outcome !== 'stopping') await endNightRun(pool, run.id, result.outcome === 'done' ? 'done' : 'paused');
    // A nightly run that was stopped stays open and resumes when a process is up again. Manual runs are not resumed.
    else if (trigger === 'hand' && !lock.lost.aborted) await endNightRun(pool, run.id, 'given_up');
    return result;
  } catch (error) {
    if (run !== null) {
      await noteNightFailure(pool, run.id, nameOf(error)).catch((lost: unknown) =>
        options.log.warn({ night: run?.id, err: lost }, 'why the night broke off is not on record'),
      );
    }
    throw error;
  } finally {
    await lock.release();
  }
}

/**
 * Computes again whatever is out of date and reports what came out differently. Only one run at a time anywhere, by day
 * or night: throws NIGHT_RUNNING. Killed at any moment it goes on where it was; stopped, it lets the work at hand finish.
 */
export async function runNight(options: NightOptions): Promise<NightResult> {
  const lock = await takeNightLock(options.pool);
  if (lock === null) {
    throw new DxaflowError(
      'NIGHT_RUNNING',
      'A nightly or manual run is already in progress. Wait until it ends (dxaflow night list), then try again.',
    );
  }
  // A night that has waited for one run must not stand behind the next one too.
  if (options.trigger === 'hand' && (await isNightWaiting(options.pool))) {
    await lock.release();
    throw new DxaflowError(
      'NIGHT_RUNNING',
      'A waiting nightly run is about to start. Wait until it ends (dxaflow night list), then try again.',
    );
  }
  return await runLocked(lock, options);
}
