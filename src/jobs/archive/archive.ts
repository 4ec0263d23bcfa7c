import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { READ_LIMITS } from '../../dicom/encoding/limits.ts';
import { codeOf, DxaflowError } from '../../errors/errors.ts';

/** A file name of any bytes: a drop folder filled over a network mount need not hold valid UTF-8. */
export type FilePath = string | Buffer;

/** Files with patient data are readable only by the account that runs dxaflow, and writable by no one. */
export const FOLDER_MODE = 0o700;
export const FILE_MODE = 0o400;

const CHUNK_BYTES = 1 << 16;
/** A pipe under the name of a report must not keep a thread waiting, and a link is not followed. */
const NO_TRAPS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** Where bytes with this hash lie, below the archive folder. */
export function archivePathOf(sha256: string): string {
  return join(sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.dcm`);
}

/** Where a file lies that is too large to be read, below the archive folder. */
export const SET_ASIDE = 'oversize';

export async function openPlainFile(path: FilePath): Promise<FileHandle> {
  const file = await open(path, NO_TRAPS);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new DxaflowError('NOT_A_FILE', 'What lies there is no file.');
}

/** SHA-256 of the bytes of a file up to the size it had when it was opened; fewer when it has shrunk meanwhile. */
export async function digestOf(file: FileHandle, size: number): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, size));
  for (let position = 0; position < size; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - position), position);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash.digest('hex');
}

/** Whether two looks found a file untouched; file times can be set, but not all of them back. */
export const sameFile = (a: BigIntStats, b: BigIntStats) =>
  a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;

export type HashedFile = { readonly sha256: string; readonly stats: BigIntStats };

/** Hashes a file; null when it changed meanwhile, which means that its writer is not done. */
export async function hashFile(path: FilePath): Promise<HashedFile | null> {
  const file = await openPlainFile(path);
  try {
    const before = await file.stat({ bigint: true });
    const sha256 = await digestOf(file, Number(before.size));
    const after = await file.stat({ bigint: true });
    return sameFile(before, after) ? { sha256, stats: after } : null;
  } finally {
    await file.close();
  }
}

const missing = (archivePath: string, cause: unknown) =>
  new DxaflowError(
    'ARCHIVE_MISSING',
    `The archive has no file ${archivePath}. Send it again or restore it from the backup.`,
    { cause, transient: true },
  );

const damaged = (archivePath: string) =>
  new DxaflowError(
    'ARCHIVE_DAMAGED',
    `Archived file ${archivePath} is not the one received. Send it again or restore it from the backup.`,
    { transient: true },
  );

/** The codes of an archive that does not hold what was received. */
export const ARCHIVE_PROBLEMS: readonly string[] = ['ARCHIVE_MISSING', 'ARCHIVE_DAMAGED'];

/** Says nothing of the file. */
const OUT_OF_HANDLES: readonly string[] = ['EMFILE', 'ENFILE'];

async function withArchived<T>(
  archiveDir: string,
  archivePath: string,
  use: (file: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  let file: FileHandle;
  try {
    file = await openPlainFile(join(archiveDir, archivePath));
  } catch (error) {
    if (OUT_OF_HANDLES.includes(codeOf(error))) throw error;
    throw missing(archivePath, error);
  }
  try {
    return await use(file, (await file.stat()).size);
  } catch (error) {
    // What a broken disk does not give back is as good as gone; it shows where the other losses do.
    if (codeOf(error) === 'EIO') throw missing(archivePath, error);
    throw error;
  } finally {
    await file.close();
  }
}

/** Size of an archived file, without reading it. Throws ARCHIVE_MISSING. */
export async function sizeOfArchived(archiveDir: string, archivePath: string): Promise<number> {
  return await withArchived(archiveDir, archivePath, async (_file, size) => size);
}

/** Proves that the archive holds what was received, whatever its size. Throws as `readArchived` does. */
export async function proveArchived(archiveDir: string, archivePath: string, sha256: string): Promise<void> {
  await withArchived(archiveDir, archivePath, async (file, size) => {
    if ((await digestOf(file, size)) !== sha256) throw damaged(archivePath);
  });
}

/**
 * Reads archived bytes and proves that they are the ones received. Throws ARCHIVE_MISSING or ARCHIVE_DAMAGED, both
 * transient: a restored archive, or the file sent again, cures them. Throws LIMIT_BYTES, before anything is read, for a
 * file of more than `maxBytes`.
 */
export async function readArchived(
  archiveDir: string,
  archivePath: string,
  sha256: string,
  maxBytes: number = READ_LIMITS.maxBytes,
): Promise<Uint8Array> {
  return await withArchived(archiveDir, archivePath, async (file, size) => {
    if (size > maxBytes) {
      throw new DxaflowError('LIMIT_BYTES', `Archived file ${archivePath} has ${size} bytes, of ${maxBytes} at most.`);
    }
    // A buffer of its own moves to the reading thread instead of being copied.
    const bytes = Buffer.allocUnsafeSlow(size);
    for (let position = 0; position < size; ) {
      const { bytesRead } = await file.read(bytes, position, size - position, position);
      if (bytesRead === 0) throw damaged(archivePath);
      position += bytesRead;
    }
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw damaged(archivePath);
    return bytes;
  });
}
