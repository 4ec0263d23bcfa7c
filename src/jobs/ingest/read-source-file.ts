import { noteArchiveProblem } from '../../db/files/archive-problem.ts';
import { beginReading, beginReadingAgain, endReading } from '../../db/files/file-reading.ts';
import type { SourceFile } from '../../db/files/source-file.ts';
import type { Pool } from '../../db/pool.ts';
import type { ReadLimits } from '../../dicom/encoding/limits.ts';
import { codeOf, DxaflowError } from '../../errors/errors.ts';
import { ARCHIVE_PROBLEMS, readArchived, sizeOfArchived } from '../archive/archive.ts';
import { inBatches } from '../batch.ts';
import { READING_VERSION, readingOf } from '../versions.ts';
import { openByteBudget } from './byte-budget.ts';
import type { ReadOutcome, SameReport } from './read-thread.ts';
import type { ReadingPool } from './reading-pool.ts';

/** Processes that may die over a file before it waits for a person. */
export const MAX_DEATHS = 3;
/** Bytes of files in memory at a time, beside what the reading threads hold. */
const BUDGET_BYTES = 64 * 1024 * 1024;
const BATCH = 100;

/** What reading a file needs to know of it. */
type FileToRead = Pick<SourceFile, 'id' | 'archivePath' | 'sha256' | 'receivedOn'>;

export type FileReading = {
  (file: FileToRead): Promise<ReadOutcome>;
  /** `digest`: of its report on record; the same report is only said to be the same. */
  (file: FileToRead, digest: string): Promise<ReadOutcome | SameReport>;
};

export type FileReadingContext = {
  readonly pool: Pool;
  readonly archiveDir: string;
  readonly reader: ReadingPool;
};

const tooLarge = (bytes: number, limits: ReadLimits): ReadOutcome => ({
  ok: false,
  code: 'LIMIT_BYTES',
  reading: readingOf('LIMIT_BYTES', limits),
  path: null,
  facts: { bytes, limit: limits.maxBytes },
  sopInstanceUid: null,
  findings: [],
});

const deadly = () =>
  new DxaflowError(
    'WORKER_CRASHED',
    `${MAX_DEATHS} processes died while reading this file. Check why they ended, then: dxaflow failed requeue`,
  );

/**
 * Gives a function that reads one archived file. That it is being read is written down before its bytes are: a process
 * that dies leaves it written, and after three deaths the file is not touched again until a person asks for it. A file that
 * a process died over is read while no other such file is, so that only the one to blame is counted again. Throws
 * ARCHIVE_MISSING or ARCHIVE_DAMAGED, which then stands in the lists, and WORKER_CRASHED.
 */
export function openFileReading(context: FileReadingContext): FileReading {
  const { pool, archiveDir, reader } = context;
  const { limits } = reader;
  const { maxBytes } = limits;
  const budget = openByteBudget(BUDGET_BYTES);
  const begin = inBatches(async (ids: readonly string[]) => {
    const begun = await beginReading(pool, ids, READING_VERSION);
    return ids.map((id) => begun.has(id));
  }, BATCH);
  const end = inBatches(async (ids: readonly string[]) => {
    await endReading(pool, ids);
    return ids;
  }, BATCH);
  let suspect: Promise<unknown> = Promise.resolve();

  async function readBytes(file: FileToRead, digest?: string): Promise<ReadOutcome | SameReport> {
    const { archivePath, sha256 } = file;
    const size = await sizeOfArchived(archiveDir, archivePath);
    if (size > maxBytes) return tooLarge(size, limits);
    const leave = await budget(size);
    try {
      const bytes = await readArchived(archiveDir, archivePath, sha256, maxBytes);
      if (digest === undefined) return await reader.read(bytes, file.receivedOn);
      return await reader.read(bytes, file.receivedOn, digest);
    } finally {
      leave();
    }
  }

  async function readNoted(file: FileToRead, digest?: string): Promise<ReadOutcome | SameReport> {
    try {
      return await readBytes(file, digest);
    } catch (error) {
      const code = codeOf(error);
      if (ARCHIVE_PROBLEMS.includes(code)) await noteArchiveProblem(pool, file.id, code);
      throw error;
    } finally {
      // With the database away the mark stays, and the file is a suspect that the next reading clears.
      await end(file.id).catch(() => undefined);
    }
  }

  async function readSuspect(file: FileToRead, digest?: string): Promise<ReadOutcome | SameReport> {
    if ((await beginReadingAgain(pool, file.id, READING_VERSION)) > MAX_DEATHS) throw deadly();
    return await readNoted(file, digest);
  }

  async function read(file: FileToRead): Promise<ReadOutcome>;
  async function read(file: FileToRead, digest?: string): Promise<ReadOutcome | SameReport>;
  async function read(file: FileToRead, digest?: string): Promise<ReadOutcome | SameReport> {
    if (await begin(file.id)) return await readNoted(file, digest);
    const turn = suspect.then(() => readSuspect(file, digest));
    suspect = turn.catch(() => undefined);
    return await turn;
  }
  return read;
}
