import type { Logger } from 'pino';
import type { SourceFile } from '../../db/files/source-file.ts';
import { tryLockPatient } from '../../db/locks.ts';
import { addNightChanges, type Cause, type NightChange } from '../../db/night/change.ts';
import type { NightFilters, NightRun, Versions } from '../../db/night/run.ts';
import { type FileSnapshot, readPatientDifference, snapshotFiles } from '../../db/night/snapshot.ts';
import { inTransaction, type Pool, type Queryable, TO_JUDGE } from '../../db/pool.ts';
import { rolledBack } from '../../db/rolled-back.ts';
import type { ReadLimits } from '../../dicom/encoding/limits.ts';
import { codeOf } from '../../errors/errors.ts';
import { within } from '../../errors/within.ts';
import { ARCHIVE_PROBLEMS } from '../archive/archive.ts';
import { assessInTransaction } from '../assess/assess.ts';
import { identifyClaimants } from '../ingest/identify-claimants.ts';
import type { FileReading } from '../ingest/read-source-file.ts';
import { storeOutcome } from '../ingest/store-outcome.ts';
import type { JobQueues } from '../work/enqueue.ts';
import { noteArchiveLoss } from '../work/lost-files.ts';
import { causesOfFile, causesOfPatient, differenceOfFile, isEmpty } from './difference.ts';
import { lockForRedoing, type ReadFile } from './lock-for-redoing.ts';

export type NightContext = {
  readonly pool: Pool;
  readonly log: Logger;
  readonly archiveDir: string;
  readonly readFile: FileReading;
  readonly versions: Versions;
  readonly filters: NightFilters;
  /** Limits of the reader: what met others may be read now. */
  readonly limits: ReadLimits;
  /** Files or patients at work at the same time. */
  readonly concurrency: number;
  /** Null for a run without a queue: it neither sweeps nor yields to new scans. */
  readonly queues: JobQueues | null;
  /** Null for a dry run: everything is computed and rolled back. */
  readonly run: NightRun | null;
  readonly onChange: (change: NightChange) => void;
  /** Adds a line to the run's report that belongs to no transaction. */
  readonly report: (change: NightChange) => Promise<void>;
};

/** Runs `work` and keeps it, or in a dry run only what it returned. */
async function keepOrRollBack<T>(context: NightContext, work: (transaction: Queryable) => Promise<T>): Promise<T> {
  return await (context.run === null ? rolledBack : inTransaction)(context.pool, work, TO_JUDGE);
}

async function readFiles(
  context: NightContext,
  step: string,
  files: readonly SourceFile[],
): Promise<{ readonly read: readonly ReadFile[]; readonly missing: readonly NightChange[] }> {
  const read: ReadFile[] = [];
  const missing: NightChange[] = [];
  for (const file of files) {
    try {
      if (file.supersededById === null) read.push({ file, outcome: await context.readFile(file) });
    } catch (error) {
      const code = codeOf(error);
      const isArchive = ARCHIVE_PROBLEMS.includes(code);
      if (!isArchive && code !== 'WORKER_CRASHED') throw error;
      if (isArchive && context.run !== null) {
        await enqueueFiles(context, await noteArchiveLoss(context.pool, file.id, code));
      }
      missing.push({
        step,
        kind: code === 'WORKER_CRASHED' ? 'failure' : 'archive',
        sourceFileId: file.id,
        patientId: null,
        causes: [],
        detail: { code },
      });
    }
  }
  return { read, missing };
}

async function judge(
  context: NightContext,
  transaction: Queryable,
  step: string,
  patientId: string,
  reread: readonly Cause[] | null,
): Promise<readonly NightChange[]> {
  const assessed = await assessInTransaction(transaction, patientId, null);
  if (assessed?.changed !== true) return [];
  const difference = await readPatientDifference(transaction, patientId);
  if (isEmpty(difference)) return [];
  const causes = [...(reread ?? []), ...causesOfPatient(assessed, difference, context.versions, reread !== null)];
  return [{ step, kind: 'patient', sourceFileId: null, patientId, causes, detail: difference }];
}

const scannerOf = ({ outcome }: ReadFile) => (outcome.ok ? outcome.report.scannerKey : '');
/** A scanner whose spelling changes is locked by its key, as everywhere that several reports are stored. */
const byScanner = (a: ReadFile, b: ReadFile) =>
  scannerOf(a) === scannerOf(b) ? 0 : scannerOf(a) < scannerOf(b) ? -1 : 1;

/**
 * Does one patient's files again, or one file that had no report, and assesses all patients concerned: all in one
 * transaction with the lines of the run's report, so that a crash leaves either all of it or nothing.
 */
export async function redoFiles(
  context: NightContext,
  step: string,
  files: readonly SourceFile[],
  patientId: string | null,
): Promise<readonly NightChange[]> {
  const { read, missing } = await readFiles(context, step, files);
  for (const { file, outcome } of context.run === null ? [] : read) {
    if (outcome.ok) await identifyClaimants(context, outcome.report.sopInstanceUid, file.id);
  }
  const ids = read.map(({ file }) => file.id);
  let requeued: readonly string[] = [];
  const changes = await keepOrRollBack(context, async (transaction) => {
    const locked = await lockForRedoing(transaction, read, patientId);
    const before = await snapshotFiles(transaction, ids);
    const concerned = new Set<string>(patientId === null ? [] : [patientId]);
    requeued = [];
    for (const { file, outcome } of read.toSorted(byScanner)) {
      const stored = await storeOutcome(transaction, file, outcome);
      for (const id of [stored.patientId ?? [], stored.losers].flat()) concerned.add(id);
      requeued = [...requeued, ...stored.requeued];
    }
    const after = await snapshotFiles(transaction, ids);
    const changed: NightChange[] = [...missing];
    const causes = new Map<string, Cause>();
    for (const id of ids) {
      const [old, now] = [before.get(id), after.get(id)];
      if (old === undefined || now === undefined) continue;
      for (const cause of causesOfFile(old, now)) causes.set(JSON.stringify(cause), cause);
      changed.push(...fileChange(step, old, now));
    }
    for (const id of [...concerned].sort((a, b) => Number(a) - Number(b))) {
      // Who came into it meanwhile must not be waited for: the sweep has that patient judged.
      if (!locked.has(id) && !(await tryLockPatient(transaction, id))) continue;
      changed.push(...(await judge(context, transaction, step, id, [...causes.values()])));
    }
    if (context.run !== null) await addNightChanges(transaction, context.run.id, changed);
    return changed;
  });
  if (context.run !== null) await enqueueFiles(context, requeued);
  for (const change of changes) context.onChange(change);
  return changes;
}

const QUEUE_PATIENCE_MS = 2000;

/**
 * Queues files whose turn it is now. Committed first: what gets lost here, the sweep finds, so that a queue that is away
 * does not hold up the run.
 */
export async function enqueueFiles({ queues, log }: NightContext, sourceFileIds: readonly string[]): Promise<void> {
  if (queues === null || sourceFileIds.length === 0) return;
  const requeued = queues.enqueueIngests(sourceFileIds).catch((error: unknown) => {
    log.warn({ err: error }, 'not queued; the sweep will find it');
  });
  await within(requeued, QUEUE_PATIENCE_MS, undefined);
}

function fileChange(step: string, before: FileSnapshot, after: FileSnapshot): readonly NightChange[] {
  const detail = differenceOfFile(before, after);
  if (detail === null) return [];
  return [
    {
      step,
      kind: 'file',
      sourceFileId: after.id,
      patientId: after.patientId ?? before.patientId,
      causes: causesOfFile(before, after),
      detail,
    },
  ];
}

/** Judges one patient again from what is stored, without reading any file. */
export async function redoPatient(
  context: NightContext,
  step: string,
  patientId: string,
): Promise<readonly NightChange[]> {
  const changes = await keepOrRollBack(context, async (transaction) => {
    const changed = await judge(context, transaction, step, patientId, null);
    if (context.run !== null) await addNightChanges(transaction, context.run.id, changed);
    return changed;
  });
  for (const change of changes) context.onChange(change);
  return changes;
}
