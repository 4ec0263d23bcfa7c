import { setTimeout as sleep } from 'node:timers/promises';
import type { NightChange } from '../../db/night/change.ts';
import { beginNightStep, type Counts, saveNightStep } from '../../db/night/step.ts';
import { codeOf } from '../../errors/errors.ts';
import { isOutage, isTransient } from '../../errors/transient.ts';
import { within } from '../../errors/within.ts';
import type { JobCounts } from '../../queue/connect.ts';
import { INGEST_QUEUE } from '../../queue/job.ts';
import type { NightContext } from './redo.ts';

/** Why a step stopped before its end: the window is over, or the process or its lock is going. */
export type Stop = { readonly reason: () => 'window' | 'stopping' | null };

/** Where lines of the report are counted by what they are about, beside the rows that were gone through. */
const COUNTED_AS = { file: 'files', patient: 'patients', archive: 'damaged', failure: 'failed' } as const;

const PAGE_PER_WORKER = 8;
/** Units that `confirm` looks at together, and of those so many a page. */
const TOGETHER = 16;
const PAGE_TOGETHER = 2;
const TRIES = 4;
/** How long a page waits for new scans to get through; a drop folder that never rests must not stop the night. */
const GIVE_WAY_MS = 20_000;
const QUEUE_PATIENCE_MS = 2000;
const ASK_AGAIN_MS = 60_000;

const working = (counts: JobCounts | undefined) =>
  ['wait', 'active', 'prioritized'].some((state) => (counts?.[state] ?? 0) > 0);

/**
 * New scans first: gives a function that waits while files are on their way. A queue that is away says nothing of them
 * and must not hold up the night; it is asked again after a while.
 */
function openGiveWay({ queues }: NightContext, stop: Stop): () => Promise<void> {
  let askAt = 0;
  return async () => {
    if (queues === null) return;
    const deadline = performance.now() + GIVE_WAY_MS;
    while (stop.reason() === null && performance.now() < deadline && performance.now() >= askAt) {
      const counts = await within(queues.counts(), QUEUE_PATIENCE_MS, null);
      if (counts === null) askAt = performance.now() + ASK_AGAIN_MS;
      else if (!working(counts[INGEST_QUEUE])) return;
      else await sleep(200);
    }
  };
}

export type Paging<T> = {
  readonly step: string;
  readonly afterId: string;
  readonly endId: string;
  readonly read: (afterId: string, endId: string, limit: number) => Promise<readonly T[]>;
  readonly idOf: (row: T) => string;
  /** Does some rows of a page together in which nothing has changed, and gives those that are left to `work`. */
  readonly confirm?: (rows: readonly T[]) => Promise<readonly T[]>;
  readonly work: (row: T) => Promise<readonly NightChange[]>;
  /** Where a row that cannot be done is noted. */
  readonly concerns: (row: T) => { readonly sourceFileId: string | null; readonly patientId: string | null };
  readonly onProgress: (progress: {
    readonly afterId: string;
    readonly endId: string;
    readonly examined: number;
  }) => void;
};

async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      // With the database away the whole run ends here and is taken up again by its job.
      if (attempt >= TRIES || isOutage(error) || !isTransient(error)) throw error;
      await sleep(100 * 2 ** attempt * (0.5 + Math.random()));
    }
  }
}

/**
 * Pages through rows in the order of their ids up to an end that was fixed when the step began, a few at a time, and
 * notes after every page how far it came. A row that cannot be done is noted and passed. Returns null when the step is
 * done, otherwise why it stopped.
 */
export async function pageThrough<T>(
  context: NightContext,
  stop: Stop,
  paging: Paging<T>,
): Promise<{ readonly counts: Counts; readonly stopped: 'window' | 'stopping' | null }> {
  const { pool, run } = context;
  const begun =
    run === null
      ? { afterId: paging.afterId, endId: paging.endId, counts: {} as Counts, finishedAt: null }
      : await beginNightStep(pool, run.id, paging.step, paging);
  const counts: Record<string, number> & Record<'examined' | 'changed' | 'failed', number> = {
    examined: 0,
    changed: 0,
    failed: 0,
    ...begun.counts,
  };
  if (begun.finishedAt !== null) return { counts, stopped: null };
  let { afterId } = begun;
  const save = async (finished: boolean) => {
    if (run !== null) await saveNightStep(pool, run.id, paging.step, { afterId, counts, finished });
  };

  const giveWay = openGiveWay(context, stop);
  const one = async (row: T) => {
    try {
      const changes = await withRetries(() => paging.work(row));
      counts.changed += changes.length > 0 ? 1 : 0;
      for (const { kind } of changes) counts[COUNTED_AS[kind]] = (counts[COUNTED_AS[kind]] ?? 0) + 1;
    } catch (error) {
      if (isOutage(error)) throw error;
      const code = codeOf(error);
      const failure: NightChange = {
        step: paging.step,
        kind: 'failure',
        ...paging.concerns(row),
        causes: [],
        detail: { code },
      };
      context.log.error({ step: paging.step, id: paging.idOf(row), err: error }, 'cannot be computed again');
      await context.report(failure);
      counts.failed += 1;
    }
    counts.examined += 1;
  };

  /** What confirming breaks on, the work on each row meets as well and notes. */
  const some = async (rows: readonly T[]) => {
    let left = rows;
    try {
      left = (await paging.confirm?.(rows)) ?? rows;
    } catch (error) {
      if (isOutage(error)) throw error;
      context.log.warn({ step: paging.step, err: error }, 'not compared; each is computed again');
    }
    counts.examined += rows.length - left.length;
    for (const row of left) await one(row);
  };
  const together = paging.confirm === undefined ? 1 : TOGETHER;
  const pageSize = context.concurrency * (paging.confirm === undefined ? PAGE_PER_WORKER : TOGETHER * PAGE_TOGETHER);

  for (;;) {
    await giveWay();
    const reason = stop.reason();
    if (reason !== null) {
      await save(false);
      return { counts, stopped: reason };
    }
    const rows = await paging.read(afterId, begun.endId, pageSize);
    const last = rows.at(-1);
    if (last === undefined) break;
    const waiting = [...rows];
    const lane = async () => {
      while (waiting.length > 0) await some(waiting.splice(0, together));
    };
    await Promise.all(Array.from({ length: context.concurrency }, lane));
    afterId = paging.idOf(last);
    await save(false);
    paging.onProgress({ afterId, endId: begun.endId, examined: counts.examined });
  }
  afterId = begun.endId;
  await save(true);
  return { counts, stopped: null };
}
