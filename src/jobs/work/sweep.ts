import { endArchiveProblem, listArchiveProblems, someArchiveProblem } from '../../db/files/archive-problem.ts';
import { listPatientsNotJudged } from '../../db/files/failure.ts';
import { forgetAnnouncement } from '../../db/files/held-original.ts';
import { finishArrival, listArrivalsLeftBehind, listSourceFiles, type SourceFile } from '../../db/files/source-file.ts';
import { lockStoring } from '../../db/locks.ts';
import { inTransaction, type Pool } from '../../db/pool.ts';
import { listSupersededStanding, supersedeFile } from '../../db/records/supersede-file.ts';
import { listUnsettled, settleInstances } from '../../db/rejection/settle.ts';
import { codeOf } from '../../errors/errors.ts';
import type { JobCounts } from '../../queue/connect.ts';
import { ASSESS_QUEUE, INGEST_QUEUE } from '../../queue/job.ts';
import { ARCHIVE_PROBLEMS, proveArchived } from '../archive/archive.ts';
import { LEFT_BEHIND_MS } from '../intake/recover-staged.ts';
import type { JobQueues } from './enqueue.ts';

const PAGE = 500;
/** An announcement not repeated for this long belongs to no file any more. */
const FORGOTTEN_MS = 60_000;
/** Damaged files that a sweep proves before it gives up. */
const PROVED = 50;

export type SweepResult = {
  readonly finished: number;
  readonly filesEnqueued: number;
  readonly patientsEnqueued: number;
};

/** Finishes a move that a crash cut off: the bytes are in the archive, only the row does not say so yet. */
async function finishMove(pool: Pool, archiveDir: string, file: SourceFile): Promise<boolean> {
  try {
    await proveArchived(archiveDir, file.archivePath, file.sha256);
  } catch (error) {
    // Not moved yet: the file still lies in the drop folder, whose own sweep takes it, or says why it cannot. Whatever is
    // wrong with one path of the archive must not keep the sweep from the others.
    if (codeOf(error) === 'ARCHIVE_MISSING') await forgetAnnouncement(pool, file.id, FORGOTTEN_MS);
    return false;
  }
  await finishArrival(pool, file.id);
  return true;
}

/** Checks whether files missing from the archive at the last check have been restored; returns how many were. */
async function findRestored(pool: Pool, archiveDir: string): Promise<number> {
  let restored = 0;
  for await (const files of pages(
    (after) => listArchiveProblems(pool, after, PROVED),
    (file) => file.id,
    await someArchiveProblem(pool),
  )) {
    const before = restored;
    for (const file of files) {
      try {
        await proveArchived(archiveDir, file.archivePath, file.sha256);
        await endArchiveProblem(pool, file.id, 'restored');
        restored += 1;
      } catch (error) {
        if (!ARCHIVE_PROBLEMS.includes(codeOf(error))) throw error;
      }
    }
    // A damaged archive is not read from end to end at every sweep; one that was restored is.
    if (restored === before) break;
  }
  return restored;
}

/** A file superseded while it was being read was stored nevertheless. */
async function retireSuperseded(pool: Pool): Promise<void> {
  for (const { id, supersededById } of await listSupersededStanding(pool, PAGE)) {
    await inTransaction(pool, (transaction) => supersedeFile(transaction, id, supersededById));
  }
}

/** A process of an earlier release, which knows no rejection notes, has stored a report that one names. */
async function settleRejections(pool: Pool): Promise<void> {
  const instances = await listUnsettled(pool, PAGE);
  if (instances.length === 0) return;
  await inTransaction(pool, async (transaction) => {
    await lockStoring(transaction);
    await settleInstances(transaction, instances);
  });
}

async function* pages<T>(
  read: (afterId: string) => Promise<readonly T[]>,
  idOf: (row: T) => string,
  start = '0',
): AsyncGenerator<readonly T[]> {
  for (let after = start; ; ) {
    const rows = await read(after);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = idOf(last);
  }
}

const isIdle = (counts: JobCounts) =>
  Object.entries(counts).every(([state, count]) => state === 'failed' || count === 0);

/**
 * Finds what a crash or a lost queue left undone and puts it back to work: arrivals cut off, received files without a
 * result, patients whose reports are newer than their assessment. Harmless at any time and from several processes.
 * What only an older rule set judged is left to the night, which reports what that changes.
 * A queue that still has work is passed over unless `evenIfBusy`: what waits in it would only be offered once more.
 */
export async function sweepLostWork(
  pool: Pool,
  archiveDir: string,
  queues: JobQueues,
  options: { readonly evenIfBusy: boolean },
): Promise<SweepResult> {
  const counts = await queues.counts();
  const passOver = (queue: string) => !(options.evenIfBusy || isIdle(counts[queue] ?? {}));
  let finished = 0;
  let filesEnqueued = 0;
  let patientsEnqueued = 0;
  for await (const files of pages(
    (after) => listArrivalsLeftBehind(pool, LEFT_BEHIND_MS, after, PAGE),
    (file) => file.id,
  )) {
    for (const file of files) if (await finishMove(pool, archiveDir, file)) finished += 1;
  }
  await retireSuperseded(pool);
  await settleRejections(pool);
  await findRestored(pool, archiveDir);
  if (passOver(INGEST_QUEUE)) return { finished, filesEnqueued, patientsEnqueued };
  for await (const files of pages(
    (after) => listSourceFiles(pool, ['received'], after, PAGE),
    (file) => file.id,
  )) {
    await queues.enqueueIngests(files.map((file) => file.id));
    filesEnqueued += files.length;
  }
  // While files are on their way, their patients are about to be enqueued by them.
  if (filesEnqueued > 0 || passOver(ASSESS_QUEUE)) return { finished, filesEnqueued, patientsEnqueued };
  const read = (after: string) => listPatientsNotJudged(pool, after, PAGE);
  for await (const patients of pages(read, (id) => id)) {
    await queues.enqueueAssessments(patients);
    patientsEnqueued += patients.length;
  }
  return { finished, filesEnqueued, patientsEnqueued };
}
