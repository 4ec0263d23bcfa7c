import { access, constants, lstat } from 'node:fs/promises';
import type { Logger } from 'pino';
import { endHolds, findHeldName } from '../../db/files/held-original.ts';
import {
  clearIntakeProblem,
  forgetGoneProblems,
  listIntakeProblems,
  noteIntakeProblem,
} from '../../db/files/intake-problem.ts';
import { BY_KEYS, inTransaction, type Pool } from '../../db/pool.ts';
import { supersedeByHash } from '../../db/records/supersede-file.ts';
import { keepsEveryFile } from '../../errors/disk.ts';
import { codeOf, DxaflowError } from '../../errors/errors.ts';
import { isOutage } from '../../errors/transient.ts';
import type { FilePath } from '../archive/archive.ts';
import { type HeldFolders, type HeldOriginal, keyOfPath } from '../archive/held-original.ts';
import type { DropEntry, StabilityGate } from './drop-folder.ts';
import { setAside } from './set-aside.ts';
import { openStateLog } from './state-log.ts';
import { openFileTaker, type TakenFile } from './take-file.ts';

/** `stuck`: it lies there and cannot be taken; `unfinished`: its writer may still be at it. */
export type Attempt = 'taken' | 'unfinished' | 'stuck' | 'gone';

export type EntryContext = {
  readonly pool: Pool;
  readonly log: Logger;
  readonly archiveDir: string;
  readonly folders: HeldFolders;
  readonly gate: StabilityGate;
  readonly maxBytes: number;
  readonly onTaken: (taken: TakenFile) => Promise<void>;
};

/** The folder does not let its files go: copying one again and again would change nothing. */
const NOT_LET_GO: readonly string[] = ['EACCES', 'EPERM', 'EROFS'];
/** Files known to be stuck when the process starts; the log says nothing new of them. */
const KNOWN = 10_000;

export type EntryTaker = {
  /** Throws when nothing else can be taken now either: database away, disk full. */
  readonly takeEntry: (entry: DropEntry) => Promise<Attempt>;
  /** Takes a held original again that has changed. Throws FILE_CHANGED (transient) while it still does. */
  readonly takeAgain: (path: FilePath, held: HeldOriginal) => Promise<void>;
  readonly noteProblem: (dropName: string, error: unknown) => Promise<void>;
  /** Forgets problems of files not seen for `seconds`. */
  readonly forgetProblems: (seconds: number) => Promise<void>;
};

/** Gives what takes one file of the drop folder, or says in the lists and once in the log why it cannot be taken. */
export async function openEntryTaker(context: EntryContext): Promise<EntryTaker> {
  const { pool, log, archiveDir, folders, gate, maxBytes, onTaken } = context;
  const takeFile = openFileTaker({ pool, archiveDir, folders, maxBytes });
  const states = openStateLog(log);
  const problems = new Map<string, string>();
  for (const { dropName, code } of await listIntakeProblems(pool, KNOWN)) problems.set(dropName, code);

  async function noteProblem(dropName: string, error: unknown): Promise<void> {
    const code = codeOf(error);
    if (problems.get(dropName) !== code)
      log.warn({ code }, 'something in the drop folder cannot be taken in; Files names it');
    problems.set(dropName, code);
    try {
      await noteIntakeProblem(pool, dropName, code);
      states.ends('problems', 'problems are noted again');
    } catch (noteError) {
      states.begins('problems', noteError, 'problems of files cannot be noted');
    }
  }

  async function endProblem(dropName: string): Promise<void> {
    const code = problems.get(dropName);
    if (code === undefined) return;
    problems.delete(dropName);
    log.info({ code }, 'a file that could not be taken in has been');
    await clearIntakeProblem(pool, dropName);
  }

  async function forgetProblems(seconds: number): Promise<void> {
    for (const dropName of await forgetGoneProblems(pool, seconds)) {
      const code = problems.get(dropName);
      if (problems.delete(dropName)) log.info({ code }, 'what could not be taken in is gone from the drop folder');
    }
  }

  /** A file larger than the limit is moved aside; from another file system it cannot be, and stays. */
  async function putAside(path: FilePath, dropName: string): Promise<string> {
    try {
      const id = await setAside({ pool, archiveDir, maxBytes }, path, dropName);
      log.warn({ sourceFileId: id, code: 'LIMIT_BYTES' }, 'file moved aside unread');
      return id;
    } catch (error) {
      if (codeOf(error) !== 'EXDEV') throw error;
      throw new DxaflowError('LIMIT_BYTES', 'A file is larger than the reader accepts, and stays where it is.', {
        cause: error,
      });
    }
  }

  async function take({ path, dropName }: DropEntry): Promise<Attempt> {
    const key = keyOfPath(path);
    // Before anything is copied: what was not let go the last time is asked for again first.
    if (NOT_LET_GO.includes(problems.get(dropName) ?? ''))
      await access(path.subarray(0, path.lastIndexOf('/')), constants.W_OK);
    const stats = await gate.look(key, path);
    if (stats === null) return 'unfinished';
    if (stats.size > maxBytes) await putAside(path, dropName);
    else {
      const taken = await takeFile({ path, dropName });
      log.info({ sourceFileId: taken.sourceFileId, outcome: taken.outcome }, 'file taken in');
      await onTaken(taken);
    }
    gate.forget(key);
    await endProblem(dropName);
    return 'taken';
  }

  async function takeEntry(entry: DropEntry): Promise<Attempt> {
    try {
      return await take(entry);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'FILE_CHANGED') return 'unfinished';
      gate.forget(keyOfPath(entry.path));
      if (code === 'ENOENT') return 'gone'; // taken by another process, or removed by its sender
      if (isOutage(error)) throw error;
      await noteProblem(entry.dropName, error);
      if (keepsEveryFile(code)) throw error;
      return 'stuck';
    }
  }

  async function takeAgain(path: FilePath, held: HeldOriginal): Promise<void> {
    const dropName = (await findHeldName(pool, held)) ?? 'name not known';
    try {
      if ((await lstat(path, { bigint: true })).size > maxBytes) {
        const id = await putAside(path, dropName);
        await inTransaction(pool, (to) => supersedeByHash(to, held.sha256, id), BY_KEYS);
        await endHolds(pool, [held.key]);
        return;
      }
      const taken = await takeFile({ path, dropName, held });
      if (taken.outcome === 'received')
        log.info({ sourceFileId: taken.sourceFileId }, 'file taken in again: it changed');
      await onTaken(taken);
      await endProblem(dropName);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'FILE_CHANGED' || code === 'ENOENT' || isOutage(error)) throw error;
      await noteProblem(dropName, error);
    }
  }

  return { takeEntry, takeAgain, noteProblem, forgetProblems };
}
