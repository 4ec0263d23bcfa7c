import { setTimeout as sleep } from 'node:timers/promises';
import { openReadingPool, READING } from '../jobs/ingest/reading-pool.ts';
import { MOVES } from '../jobs/moves/moves.ts';
import { runMoves } from '../jobs/moves/run-moves.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Processes of an older release may add what has to be changed for as long as they run. */
const LOOK_EVERY_MS = 60_000;
/** A quarter of the time at work: new scans come first. */
const REST_FACTOR = 3;

/** Does what is left of long changes of data, beside everything else; one process is enough, more do no harm. */
export function startDataMoves(runtime: Runtime): void {
  const { config, log, pool, states } = runtime;
  const reader = openReadingPool({ ...READING, limits: config.limits, threads: 1 });
  const stopping = new AbortController();
  const told = new Set<string>();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      try {
        const context = { archiveDir: config.archiveDir, reader };
        await runMoves(
          pool,
          MOVES,
          context,
          { stopping: stopping.signal, restFactor: REST_FACTOR },
          {
            onBatch: (move) => {
              if (!told.has(`begun ${move}`)) log.info({ move }, 'data change goes on');
              told.add(`begun ${move}`);
            },
            onProblem: (move, error) => {
              if (!told.has(move)) log.error({ move, err: error }, 'data change stopped; it is tried again');
              told.add(move);
            },
          },
        );
      } catch (error) {
        states.note('database', error);
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  runtime.onStopWork(async () => {
    stopping.abort();
    await loop;
    await reader.close();
  });
}
