import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { chmod, lstat, unlink } from 'node:fs/promises';
import { endArchiveProblem } from '../../db/files/archive-problem.ts';
import { type Hold, noteHolds } from '../../db/files/held-original.ts';
import { type Announcement, announceSourceFiles, DROP_FOLDER, markReceived } from '../../db/files/source-file.ts';
import { BY_KEYS, inTransaction, type Pool } from '../../db/pool.ts';
import { reviveFiles, supersedeByHash } from '../../db/records/supersede-file.ts';
import { READ_LIMITS } from '../../dicom/encoding/limits.ts';
import { codeOf, DxaflowError } from '../../errors/errors.ts';
import { ARCHIVE_PROBLEMS, archivePathOf, type FilePath, proveArchived } from '../archive/archive.ts';
import { type HeldFolders, type HeldOriginal, putBack } from '../archive/held-original.ts';
import { type StagedCopy, settle, stageCopy } from '../archive/stage-copy.ts';
import { inBatches } from '../batch.ts';

export type TakenFile = {
  readonly sourceFileId: string;
  /** `duplicate`: these bytes came before, and nothing is left to do. */
  readonly outcome: 'received' | 'duplicate';
  /** Whose history lost what an earlier state of the file said. */
  readonly patientIds: readonly string[];
};

export type FileToTake = {
  readonly path: FilePath;
  readonly dropName: string;
  /** The original, taken before, which has changed since. */
  readonly held?: HeldOriginal;
};

export type TakingContext = {
  readonly pool: Pool;
  readonly archiveDir: string;
  /** Null to leave originals where they are: the file was named by a user and belongs to that user. */
  readonly folders: HeldFolders | null;
  /** Larger files are refused unread. */
  readonly maxBytes?: number;
  /** How the files come; DROP_FOLDER by default. */
  readonly route?: string;
};

const BATCH = 100;

/** Whether the archive holds these bytes. A disk that refuses to say throws: nothing is known then. */
async function isSound(archiveDir: string, sha256: string): Promise<boolean> {
  try {
    await proveArchived(archiveDir, archivePathOf(sha256), sha256);
    return true;
  } catch (error) {
    if (ARCHIVE_PROBLEMS.includes(codeOf(error))) return false;
    throw error;
  }
}

const OTHERS = 0o077n;

/** Takes from others what they may do with an original, unless its sender keeps it under another name as well. */
async function closeToOthers(path: FilePath, { mode, nlink }: BigIntStats): Promise<void> {
  if (nlink > 1n || (mode & OTHERS) === 0n) return;
  try {
    await chmod(path, Number(mode & 0o700n));
  } catch (error) {
    if (codeOf(error) !== 'EPERM') throw error; // it belongs to another account; the folder above keeps others out
  }
}

/**
 * Moves the original out of its sender's reach and makes sure that it is the one that was copied. What its sender has
 * written to it since is no matter: the name says what was copied, and the watch over held originals sees the difference.
 */
async function hold(folders: HeldFolders, from: FilePath, copy: StagedCopy, key: string): Promise<void> {
  const { size, mtimeNs, ino } = copy.stats;
  const path = await folders.hold(from, { key, sha256: copy.sha256, size, mtimeNs });
  const moved = await lstat(path, { bigint: true });
  if (moved.ino === ino) return await closeToOthers(path, moved);
  await putBack(path, from);
  throw new DxaflowError('FILE_CHANGED', 'Another file took the place of the one that was copied.', {
    transient: true,
  });
}

/**
 * Gives a function that takes one file: copied, announced in source_file, archived, its original held, received. Whatever
 * moment a crash picks, either the file is still where it was or its row and its bytes are there, and the sweeps go on from
 * that. Calls made at the same time share their statements.
 */
export function openFileTaker(context: TakingContext): (file: FileToTake) => Promise<TakenFile> {
  const { pool, archiveDir, folders, maxBytes = READ_LIMITS.maxBytes, route = DROP_FOLDER } = context;
  const announce = inBatches(
    (files: readonly Announcement[]) => inTransaction(pool, (to) => announceSourceFiles(to, files), BY_KEYS),
    BATCH,
  );
  type Received = { readonly id: string; readonly counts: boolean; readonly hold: Hold | null };
  const receive = inBatches(async (files: readonly Received[]) => {
    await inTransaction(
      pool,
      async (to) => {
        await markReceived(
          to,
          files.filter(({ counts }) => counts).map(({ id }) => id),
          route,
        );
        await noteHolds(
          to,
          files.flatMap((file) => (file.hold === null ? [] : [file.hold])),
        );
      },
      BY_KEYS,
    );
    return files;
  }, BATCH);

  /** The copy becomes the archived file unless the archive has it; returns whether it took the place of a damaged one. */
  async function archive(copy: StagedCopy, isKnown: boolean): Promise<boolean> {
    if (isKnown && (await isSound(archiveDir, copy.sha256))) {
      await unlink(copy.path);
      return false;
    }
    await settle(archiveDir, copy);
    return isKnown;
  }

  async function takeCopy(file: FileToTake, copy: StagedCopy): Promise<TakenFile> {
    const { sha256 } = copy;
    const { held, dropName } = file;
    const archivePath = archivePathOf(sha256);
    const row = await announce({ sha256, byteCount: Number(copy.stats.size), archivePath, dropName });
    const isKnown = !row.fresh && row.state !== 'arriving';
    const healed = await archive(copy, isKnown);
    const readAgain = healed && (await endArchiveProblem(pool, row.id, 'resent'));
    const isRevived = row.supersededById !== null;
    let patientIds: readonly string[] = [];
    if (held !== undefined) {
      patientIds = await inTransaction(pool, (to) => supersedeByHash(to, held.sha256, row.id), BY_KEYS);
    } else if (isRevived) await reviveFiles(pool, [row.id]);
    const key = held?.key ?? randomUUID();
    if (folders !== null) await hold(folders, file.path, copy, key);
    const note = folders === null ? null : { key, sourceFileId: row.id, dropName, isWhole: copy.hasPrefix };
    // A file that changed has not come again.
    await receive({ id: row.id, counts: held === undefined || row.state === 'arriving', hold: note });
    const isDone = isKnown && !readAgain && !isRevived;
    return { sourceFileId: row.id, outcome: isDone ? 'duplicate' : 'received', patientIds };
  }

  return async (file) => {
    const copy = await stageCopy(archiveDir, file.path, maxBytes);
    try {
      return await takeCopy(file, copy);
    } catch (error) {
      await unlink(copy.path).catch(() => undefined); // settled, or the disk refuses: it is found as half a copy
      throw error;
    }
  };
}
