import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { copyFile, type FileHandle, link, mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, DxaflowError } from '../errors.ts';

/** A file name of any bytes: a drop folder filled over a network mount need not hold valid UTF-8. */
export type FilePath = string | Buffer;

const CHUNK_BYTES = 1 << 16;

/** Where bytes with this hash lie, below the archive folder. */
export function archivePathOf(sha256: string): string {
  return join(sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.dcm`);
}

/** The bytes of a file up to the size it had when it was opened, chunk by chunk; fewer when it has shrunk meanwhile. */
async function* chunksOf(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let position = 0; position < size; ) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, size - position));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

async function digest(file: FileHandle, size: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunksOf(file, size)) hash.update(chunk);
  return hash.digest('hex');
}

const sameFile = (a: BigIntStats, b: BigIntStats) => a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;

export type HashedFile = { readonly sha256: string; readonly stats: BigIntStats };

/** Hashes a file; null when it changed meanwhile, which means that its writer is not done. */
export async function hashFile(path: FilePath): Promise<HashedFile | null> {
  const file = await open(path, 'r');
  try {
    const before = await file.stat({ bigint: true });
    const sha256 = await digest(file, Number(before.size));
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

/** What a crash leaves of a copy: its original is still there, so it can go. */
export const HALF_COPY = 'copy-';
/** A file of the drop folder that a process is about to copy or to remove; a crash leaves it under this name. */
export const CLAIMED = '.dxaflow-claimed-';

let numbered = 0;
/** Unique on this machine, so that two processes never meet. */
function uniqueName(): string {
  numbered += 1;
  return `${process.pid}-${process.hrtime.bigint()}-${numbered}`;
}

const stagingPath = (archiveDir: string, name: string) => join(archiveDir, 'incoming', name);

/** Puts something into a folder of the archive; only the first file of a folder finds it missing. */
async function withFolder(folder: string, put: () => Promise<void>): Promise<void> {
  try {
    await put();
  } catch (error) {
    // The same code says that the file itself is gone: then the second try says so again.
    if (codeOf(error) !== 'ENOENT') throw error;
    const outermost = await mkdir(folder, { recursive: true });
    // The disk must have the way to the file too.
    if (outermost !== undefined) for (const made of new Set([outermost, folder])) await syncPath(dirname(made));
    await put();
  }
}

/** Gives a staged file, whose bytes are known, its place in the archive; the disk has both when it resolves. */
async function settle(archiveDir: string, staging: string, sha256: string): Promise<void> {
  const target = join(archiveDir, archivePathOf(sha256));
  await syncPath(staging);
  // The same bytes may arrive twice at once: whichever rename comes last replaces equal by equal.
  await withFolder(dirname(target), () => rename(staging, target));
  await syncPath(dirname(target));
}

const fileChanged = () =>
  new DxaflowError('FILE_CHANGED', 'A file changed while it was taken in; it is tried again.', { transient: true });

/** Copies a file into the archive, wherever it lies, and resolves once the disk has it. */
export async function copyIntoArchive(archiveDir: string, from: FilePath, hashed: HashedFile): Promise<void> {
  const staging = stagingPath(archiveDir, `${HALF_COPY}${uniqueName()}`);
  try {
    await withFolder(dirname(staging), () => copyFile(from, staging));
    const copied = await hashFile(staging);
    if (copied?.sha256 !== hashed.sha256) throw fileChanged();
    await settle(archiveDir, staging, hashed.sha256);
  } catch (error) {
    await unlink(staging).catch(() => undefined); // settled, or never came into being
    throw error;
  }
}

const asBuffer = (path: FilePath): Buffer => (Buffer.isBuffer(path) ? path : Buffer.from(path));

/** Puts a claimed file back where it was, under another name if something else lies there by now. */
async function putBack(claimed: FilePath, from: FilePath): Promise<void> {
  try {
    await link(claimed, from);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    await link(claimed, Buffer.concat([asBuffer(from), Buffer.from(`.${uniqueName()}`)]));
  }
  await unlink(claimed);
}

type Claim = { readonly path: FilePath; readonly inArchive: boolean };

/**
 * Takes a file out of its sender's reach by a rename, and makes sure that it is the one that was hashed: a sender may
 * have put another in its place meanwhile, which is put back and answered with FILE_CHANGED.
 */
async function claim(archiveDir: string, from: FilePath, hashed: HashedFile): Promise<Claim> {
  const staging = stagingPath(archiveDir, uniqueName());
  let claimed: Claim = { path: staging, inArchive: true };
  try {
    await withFolder(dirname(staging), () => rename(from, staging));
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    const path = asBuffer(from);
    const folder = path.subarray(0, path.lastIndexOf('/') + 1);
    claimed = { path: Buffer.concat([folder, Buffer.from(`${CLAIMED}${uniqueName()}`)]), inArchive: false };
    await rename(from, claimed.path);
  }
  if (sameFile(await stat(claimed.path, { bigint: true }), hashed.stats)) return claimed;
  await putBack(claimed.path, from);
  throw fileChanged();
}

/**
 * Moves a hashed file into the archive and resolves once the disk has it: a rename on one file system, a copy across
 * two. Throws FILE_CHANGED (transient) when the path no longer holds the file that was hashed; that file is then back
 * in its place.
 */
export async function moveIntoArchive(archiveDir: string, from: FilePath, hashed: HashedFile): Promise<void> {
  const claimed = await claim(archiveDir, from, hashed);
  if (claimed.inArchive && typeof claimed.path === 'string') {
    await settle(archiveDir, claimed.path, hashed.sha256);
    return;
  }
  try {
    await copyIntoArchive(archiveDir, claimed.path, hashed);
  } catch (error) {
    await putBack(claimed.path, from);
    throw error;
  }
  await unlink(claimed.path);
}

/** Removes a file whose bytes the archive has; like a move, it never touches a file that was not hashed. */
export async function removeDuplicate(archiveDir: string, from: FilePath, hashed: HashedFile): Promise<void> {
  await unlink((await claim(archiveDir, from, hashed)).path);
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
    const chunks: Buffer[] = [];
    for await (const chunk of chunksOf(file, (await file.stat()).size)) chunks.push(chunk);
    const [first] = chunks;
    const bytes = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
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
