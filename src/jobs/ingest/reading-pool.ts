import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { ReadLimits } from '../../dicom/encoding/limits.ts';
import type { IsoDate } from '../../dxa/values/report.ts';
import { DxaflowError } from '../../errors/errors.ts';
import type { MappingSet } from '../registry/site-mapping.ts';
import type { ReadOutcome, ReadTask, SameReport } from './read-thread.ts';

export type ReadingSettings = {
  readonly threads: number;
  /** A file that is not read by then is quarantined. */
  readonly deadlineMs: number;
  /** Heap of a reading thread; a file that needs more kills the thread, not the process. */
  readonly memoryMb: number;
  readonly limits: ReadLimits;
  /** Module with `readAndAdapt` and `readAndCompare`. */
  readonly file: string;
  /** Gives the site's mappings in force; absent where nothing is stored, so that nothing is mapped. */
  readonly mappings?: () => Promise<MappingSet>;
};

/** The thread that reads with our own reader and adapters. */
export const READ_THREAD = fileURLToPath(new URL('./read-thread.ts', import.meta.url));

export type ReadingPool = {
  /** What its threads accept. */
  readonly limits: ReadLimits;
  /**
   * Takes the bytes over: they may be gone for the caller afterwards. `receivedOn`: the day on which they first came. With
   * the digest of the report on record it says no more of the same report than that it is the same.
   */
  readonly read: {
    (bytes: Uint8Array, receivedOn: IsoDate): Promise<ReadOutcome>;
    (bytes: Uint8Array, receivedOn: IsoDate, digest: string): Promise<ReadOutcome | SameReport>;
  };
  readonly close: () => Promise<void>;
};

/** By then a thread has started and refused a file without bytes. */
const START_MS = 10_000;
/** Of the file without bytes, which has no dates. */
const NO_DAY: IsoDate = '1970-01-01';

const quarantined = (code: 'READER_TIMEOUT' | 'READER_CRASHED'): ReadOutcome => ({
  ok: false,
  code,
  path: null,
  facts: {},
  sopInstanceUid: null,
  findings: [],
});

/**
 * How every process reads: reading is bounded by processors, storing by the database, so that a few threads feed many
 * transactions.
 */
export const READING = { threads: 2, deadlineMs: 30_000, memoryMb: 512, file: READ_THREAD } as const;

/** Bytes that have a buffer of their own move to the thread instead of being copied; the caller's view is empty then. */
const ownBuffer = ({ buffer, byteLength }: Uint8Array): readonly ArrayBuffer[] =>
  buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];

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
 * that waiting behind a file that hangs does not count against it. `read` throws READER_UNAVAILABLE, which is transient,
 * when no thread can read anything at all.
 */
export function openReadingPool(settings: ReadingSettings): ReadingPool {
  const pool = new Piscina<ReadTask, ReadOutcome | SameReport>({
    filename: settings.file,
    name: 'readAndAdapt',
    minThreads: 1,
    maxThreads: settings.threads,
    idleTimeout: 60_000,
    // A thread that waits on atomics never turns its event loop, and zlib frees what a failed file held only then.
    atomics: 'disabled',
    resourceLimits: { maxOldGenerationSizeMb: settings.memoryMb },
  });
  // A thread that ends with no file in it harms none; whether another one starts, the next file finds out.
  pool.on('error', () => undefined);
  const run = async (task: Omit<ReadTask, 'limits'>, signal: AbortSignal) =>
    await pool.run(
      { ...task, limits: settings.limits },
      {
        name: task.digest === undefined ? 'readAndAdapt' : 'readAndCompare',
        signal,
        transferList: ownBuffer(task.bytes),
      },
    );

  /** A reader that refuses a file without bytes works; one that cannot was not broken by any file. */
  async function proveReader(broken: unknown): Promise<void> {
    // A task waits on behind a thread that ends before it took it; the event is all that is heard of that.
    const ended = new AbortController();
    const end = () => ended.abort();
    pool.once('error', end);
    try {
      const nothing = { bytes: new Uint8Array(), receivedOn: NO_DAY };
      await run(nothing, AbortSignal.any([AbortSignal.timeout(START_MS), ended.signal]));
    } catch {
      throw new DxaflowError(
        'READER_UNAVAILABLE',
        'No reading thread starts, whatever the file. Look at the memory of the host and at the installation.',
        { cause: broken, transient: true },
      );
    } finally {
      pool.off('error', end);
    }
  }

  const gate = openGate(settings.threads);
  let closed = false;
  async function read(bytes: Uint8Array, receivedOn: IsoDate): Promise<ReadOutcome>;
  async function read(bytes: Uint8Array, receivedOn: IsoDate, digest?: string): Promise<ReadOutcome | SameReport>;
  async function read(bytes: Uint8Array, receivedOn: IsoDate, digest?: string): Promise<ReadOutcome | SameReport> {
    const set = await settings.mappings?.();
    const mappingRevision = set?.revision ?? null;
    const task = { bytes, receivedOn, mappings: set?.rules ?? [], ...(digest === undefined ? {} : { digest }) };
    await gate.enter();
    const deadline = AbortSignal.timeout(settings.deadlineMs);
    try {
      return { ...(await run(task, deadline)), mappingRevision };
    } catch (error) {
      if (closed) {
        throw new DxaflowError('READER_CLOSED', 'Reading was cut off by the end of the process.', {
          cause: error,
          transient: true,
        });
      }
      const late = deadline.aborted;
      await proveReader(error);
      // An error of the reader and the death of its thread are the same to a caller: this file cannot be read.
      return { ...quarantined(late ? 'READER_TIMEOUT' : 'READER_CRASHED'), mappingRevision };
    } finally {
      gate.leave();
    }
  }
  return {
    limits: settings.limits,
    read,
    close: async () => {
      closed = true;
      await pool.close({ force: true });
    },
  };
}
