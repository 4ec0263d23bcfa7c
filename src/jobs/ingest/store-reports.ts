import { lockInstances } from '../../db/locks.ts';
import { BY_KEYS, inTransaction, type Pool } from '../../db/pool.ts';
import { type FileReport, type StoredReport, storeReports } from '../../db/records/report.ts';
import { codeOf } from '../../errors/errors.ts';
import { isOutage } from '../../errors/transient.ts';

export const UNIQUE_VIOLATION = '23505';
/** Half a megabyte of parameters; a process has rarely more files at work. */
const BATCH = 16;
/** How long a report waits for those that are still being read. */
const GATHER_MS = 50;

async function together(pool: Pool, files: readonly FileReport[]): Promise<readonly (StoredReport | null)[]> {
  return await inTransaction(
    pool,
    async (transaction) => {
      await lockInstances(
        transaction,
        files.map(({ report }) => report.sopInstanceUid),
      );
      return await storeReports(transaction, files);
    },
    BY_KEYS,
  );
}

async function alone(pool: Pool, file: FileReport): Promise<StoredReport | null> {
  try {
    return (await together(pool, [file]))[0] ?? null;
  } catch (error) {
    if (codeOf(error) !== UNIQUE_VIOLATION) throw error;
    return null;
  }
}

/**
 * All of them in one statement; where one of them cannot be stored, each is on its own. A unique violation means that a
 * process of an earlier release, which does not lock instances, came in between.
 */
async function storeAll(
  pool: Pool,
  files: readonly FileReport[],
): Promise<readonly PromiseSettledResult<StoredReport | null>[]> {
  try {
    return (await together(pool, files)).map((value) => ({ status: 'fulfilled', value }));
  } catch (error) {
    if (isOutage(error)) return files.map(() => ({ status: 'rejected', reason: error }));
    return await Promise.allSettled(files.map((file) => alone(pool, file)));
  }
}

export type ExpectedReport = {
  /**
   * Stores the report of a file that was not stored before: null, and nothing is written, when the file or its SOP
   * Instance UID is there, or when it was read with site mappings that have changed.
   */
  readonly store: (file: FileReport) => Promise<StoredReport | null>;
  /** It will not come: stops waiting for it. Does nothing after `store`. */
  readonly withdraw: () => void;
};

/**
 * Reports that are read at the same time share their statement and their commit, which halves what storing one costs:
 * a report waits for the files that are on their way, but not for long; a lone one waits for nothing. Gives a function
 * that says that a file is on its way.
 */
export function openReportStore(pool: Pool): () => ExpectedReport {
  type Waiting = PromiseWithResolvers<StoredReport | null> & { readonly file: FileReport };
  let waiting: Waiting[] = [];
  let expected = 0;
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const given = waiting;
    waiting = [];
    // One file an instance; the others then meet its report.
    const first = new Map(given.toReversed().map((entry) => [entry.file.report.sopInstanceUid, entry]));
    const batch = [...first.values()];
    for (const entry of given) if (!batch.includes(entry)) entry.resolve(null);
    const results = await storeAll(
      pool,
      batch.map(({ file }) => file),
    );
    for (const [index, { resolve, reject }] of batch.entries()) {
      const result = results[index];
      if (result?.status === 'fulfilled') resolve(result.value);
      else reject(result?.reason);
    }
  }
  const look = () => {
    if (waiting.length === 0) return;
    if (expected === 0 || waiting.length >= BATCH) void flush();
    else timer ??= setTimeout(flush, GATHER_MS);
  };

  return () => {
    let open = true;
    expected += 1;
    const withdraw = () => {
      if (open) expected -= 1;
      open = false;
      look();
    };
    return {
      withdraw,
      store: async (file) => {
        const entry = { ...Promise.withResolvers<StoredReport | null>(), file };
        waiting.push(entry);
        withdraw();
        return await entry.promise;
      },
    };
  };
}
