import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, Queryable } from '../../db/pool.ts';
import { type Batch, beginDataMove, listDataMoves, noteMoveProblem, runBatch } from '../../db/schema/data-move.ts';
import { codeOf } from '../../errors/errors.ts';
import { isTransient } from '../../errors/transient.ts';

/**
 * A long data change that goes on beside the running system. It follows a table by its ids: what an older process adds
 * while it is at work, or after its end, has a greater id and is found at the next look.
 */
export type DataMove<C> = {
  /** Stable: progress is kept under it. */
  readonly name: string;
  /** For people. */
  readonly does: string;
  /** How much there is to do; an estimate is good enough. */
  readonly count: (database: Queryable) => Promise<number>;
  /** Moves some rows with greater ids, in the transaction of the batch; doing it again changes nothing. */
  readonly batch: (transaction: Queryable, afterId: string, context: C) => Promise<Batch>;
};

export type MoveEvents = {
  readonly onBatch: (name: string) => void;
  /** A batch failed for a reason that will not pass: the move stops until it is started again. */
  readonly onProblem: (name: string, error: unknown) => void;
};

export type MovePace = {
  readonly stopping: AbortSignal;
  /** Rests after every batch for as long as it took, this many times; 0 where nothing else is running. */
  readonly restFactor: number;
};

/** Does one move to its end; resolves with whether it came there. Another process at it means there is nothing to do. */
async function runMove<C>(
  pool: Pool,
  move: DataMove<C>,
  context: C,
  pace: MovePace,
  events: MoveEvents,
): Promise<boolean> {
  while (!pace.stopping.aborted) {
    const startedAt = performance.now();
    const result = await runBatch(pool, move.name, (transaction, afterId) => move.batch(transaction, afterId, context));
    if (result !== 'moved') return result === 'finished';
    events.onBatch(move.name);
    const rest = (performance.now() - startedAt) * pace.restFactor;
    await sleep(rest, undefined, { signal: pace.stopping }).catch(() => undefined);
  }
  return false;
}

/**
 * Does what is left of the moves, one after the other. Killed at any moment it goes on where it was; several processes take
 * turns batch by batch, or leave a move to the process working on it. Throws only for what passes: a database that is away.
 */
export async function runMoves<C>(
  pool: Pool,
  moves: readonly DataMove<C>[],
  context: C,
  pace: MovePace,
  events: MoveEvents,
): Promise<boolean> {
  let finished = true;
  const known = new Set((await listDataMoves(pool)).map(({ name }) => name));
  for (const move of moves) {
    if (!known.has(move.name)) await beginDataMove(pool, move.name, await move.count(pool));
    try {
      finished = (await runMove(pool, move, context, pace, events)) && finished;
    } catch (error) {
      if (isTransient(error)) throw error;
      await noteMoveProblem(pool, move.name, codeOf(error));
      events.onProblem(move.name, error);
      finished = false;
    }
  }
  return finished;
}
