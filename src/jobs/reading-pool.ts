import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { READ_LIMITS } from '../dicom/limits.ts';
import { DxaflowError } from '../errors.ts';
import type { MappingRule } from '../vendors/choose-mapping.ts';
import type { ReadOutcome, ReadTask } from './read-thread.ts';

export type ReadingSettings = {
  readonly threads: number;
  /** A file that is not read by then is quarantined. */
  readonly deadlineMs: number;
  /** Heap of a reading thread; a file that needs more kills the thread, not the process. */
  readonly memoryMb: number;
  /** Module with `readAndAdapt`. */
  readonly file: string;
  /** Gives the site's mappings in force; absent where nothing is stored and nobody mapped anything. */
  readonly mappings?: () => Promise<readonly MappingRule[]>;
};

/** The thread that reads with our own reader and adapters. */
export const READ_THREAD = fileURLToPath(new URL('./read-thread.ts', import.meta.url));

export type ReadingPool = {
  readonly read: (bytes: Uint8Array) => Promise<ReadOutcome>;
  readonly close: () => Promise<void>;
};

const quarantined = (code: 'READER_TIMEOUT' | 'READER_CRASHED'): ReadOutcome => ({
  ok: false,
  code,
  path: null,
  facts: {},
  sopInstanceUid: null,
  findings: [],
});

/** Lets `places` callers through at a time, in order. */
function openGate(places: number): { readonly enter: () => Promise<void>; readonly leave: () => void } {
  const waiting: (() => void)[] = [];
  let free = places;
  return {
    enter: async () => {
      if (free > 0) {
        free -= 1;
        return;
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    leave: () => {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}

/**
 * Opens threads that read files apart from the process that runs the jobs: a file that hangs or kills its reader ends
 * as READER_TIMEOUT or READER_CRASHED, and the others go on. The deadline of a file starts when its reading does, so
 * that waiting behind a file that hangs does not count against it.
 */
export function openReadingPool(settings: ReadingSettings): ReadingPool {
  const pool = new Piscina<ReadTask, ReadOutcome>({
    filename: settings.file,
    name: 'readAndAdapt',
    minThreads: 1,
    maxThreads: settings.threads,
    idleTimeout: 60_000,
    // A thread that waits on atomics never turns its event loop, and zlib frees what a failed file held only then.
    atomics: 'disabled',
    resourceLimits: { maxOldGenerationSizeMb: settings.memoryMb },
  });
  const gate = openGate(settings.threads);
  let closed = false;
  return {
    read: async (bytes) => {
      const mappings = (await settings.mappings?.()) ?? [];
      await gate.enter();
      const deadline = AbortSignal.timeout(settings.deadlineMs);
      try {
        return await pool.run({ bytes, limits: READ_LIMITS, mappings }, { signal: deadline });
      } catch (error) {
        if (closed) {
          throw new DxaflowError('READER_CLOSED', 'Reading was cut off by the end of the process.', {
            cause: error,
            transient: true,
          });
        }
        // An error of the reader and the death of its thread are the same to a caller: this file cannot be read.
        return quarantined(deadline.aborted ? 'READER_TIMEOUT' : 'READER_CRASHED');
      } finally {
        gate.leave();
      }
    },
    close: async () => {
      closed = true;
      await pool.close({ force: true });
    },
  };
}
