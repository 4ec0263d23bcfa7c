import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { copyFile, type FileHandle, mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, DxaflowError } from '../errors.ts';

/** A file name of any bytes: a drop folder filled over a network mount need not hold valid UTF-8. */
export type FilePath = string | Buffer;

const CHUNK_BYTES = 1 << 16;

/** Where bytes with this hash lie, below the archive folder. */
export function archivePathOf(sha256: string): string {
  return join(sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.dcm`);
}

async function digest(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}

const sameFile = (a: BigIntStats, b: BigIntStats) => a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;

export type HashedFile = { readonly sha256: string; readonly stats: BigIntStats };

/** Hashes a file; null when it changed meanwhile, which means that its writer is not done. */
export async function hashFile(path: FilePath): Promise<HashedFile | null> {
  const file = await open(path, 'r');
  try {
    const before = await file.stat({ bigint: true });
    const sha256 = await digest(file);
    const after = await file.stat({ bigint: true });
    return sameFile(before, after) ? { sha256, stats: after } : null;
  } finally {
    await file.close();
  }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Copies through a name of its own, so that a crash or a second intake never leaves half a file under the final name.
 */
async function copyInto(target: string, from: FilePath): Promise<void> {
  const half = `${target}.${process.pid}.${Math.trunc(performance.now() * 1000)}.part`;
  try {
    await copyFile(from, half);
    await syncPath(half);
    await rename(half, target);
  } catch (error) {
    await unlink(half).catch(() => undefined); // the copy may not have come into being
    throw error;
  }
}

/** Whether the archive holds a file of this size under this path. */
export async function archiveHolds(archiveDir: string, archivePath: string, byteCount: bigint): Promise<boolean> {
  try {
    return (await stat(join(archiveDir, archivePath), { bigint: true })).size === byteCount;
  } catch {
    return false;
  }
}

/**
 * Moves a hashed file into the archive and resolves once the disk has it: a rename on one file system, otherwise copy,
 * sync, rename, unlink. Throws FILE_CHANGED (transient) when the path no longer holds the bytes that were hashed; the
 * file is then back in its place.
 */
export async function moveIntoArchive(archiveDir: string, from: FilePath, hashed: HashedFile): Promise<void> {
  const target = join(archiveDir, archivePathOf(hashed.sha256));
  await mkdir(dirname(target), { recursive: true });
  try {
    await rename(from, target);
    if (!sameFile(await stat(target, { bigint: true }), hashed.stats)) {
      await rename(target, from);
      throw new DxaflowError('FILE_CHANGED', 'A file changed while it was taken in; it is tried again.', {
        transient: true,
      });
    }
    await syncPath(target);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    await copyInto(target, from);
    await unlink(from);
  }
  await syncPath(dirname(target));
}

/** Copies a hashed file into the archive and leaves the original alone. */
export async function copyIntoArchive(archiveDir: string, from: FilePath, hashed: HashedFile): Promise<void> {
  const target = join(archiveDir, archivePathOf(hashed.sha256));
  await mkdir(dirname(target), { recursive: true });
  await copyInto(target, from);
  await syncPath(dirname(target));
}

/**
 * Reads archived bytes and proves that they are the ones received. Throws ARCHIVE_MISSING or ARCHIVE_DAMAGED, both
 * transient: a restored archive cures them.
 */
export async function readArchived(archiveDir: string, archivePath: string, sha256: string): Promise<Uint8Array> {
  let file: FileHandle;
  try {
    file = await open(join(archiveDir, archivePath), 'r');
  } catch (error) {
    throw new DxaflowError('ARCHIVE_MISSING', `The archive has no file ${archivePath}. Restore it from the backup.`, {
      cause: error,
      transient: true,
    });
  }
  try {
    const bytes = await file.readFile();
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw new DxaflowError(
        'ARCHIVE_DAMAGED',
        `Archived file ${archivePath} is not the one received. Restore it from the backup.`,
        {
          transient: true,
        },
      );
    }
    return bytes;
  } finally {
    await file.close();
  }
}
