import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { READ_LIMITS } from '../dicom/limits.ts';
import type { ReadOutcome, ReadTask } from './read-thread.ts';

export type ReadingSettings = {
  readonly threads: number;
  /** A file that is not read by then is quarantined. */
  readonly deadlineMs: number;
  /** Heap of a reading thread; a file that needs more kills the thread, not the process. */
  readonly memoryMb: number;
};

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

/**
 * Opens threads that read files apart from the process that runs the jobs: a file that hangs or kills its reader ends
 * as READER_TIMEOUT or READER_CRASHED, and the others go on.
 */
export function openReadingPool(settings: ReadingSettings): ReadingPool {
  const pool = new Piscina<ReadTask, ReadOutcome>({
    filename: fileURLToPath(new URL('./read-thread.ts', import.meta.url)),
    name: 'readAndAdapt',
    minThreads: 1,
    maxThreads: settings.threads,
    idleTimeout: 60_000,
    resourceLimits: { maxOldGenerationSizeMb: settings.memoryMb },
  });
  return {
    read: async (bytes) => {
      const deadline = AbortSignal.timeout(settings.deadlineMs);
      try {
        return await pool.run({ bytes, limits: READ_LIMITS }, { signal: deadline });
      } catch (error) {
        // An error of the reader itself and the death of its thread are the same to a caller: this file cannot be read.
        if (deadline.aborted) return quarantined('READER_TIMEOUT');
        if (error instanceof Error) return quarantined('READER_CRASHED');
        throw error;
      }
    },
    close: async () => await pool.close({ force: true }),
  };
}
