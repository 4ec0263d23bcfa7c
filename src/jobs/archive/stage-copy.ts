import { randomUUID } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { chmod, copyFile, type FileHandle, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, DxaflowError } from '../../errors/errors.ts';
import { archivePathOf, digestOf, FILE_MODE, type FilePath, FOLDER_MODE, openPlainFile, sameFile } from './archive.ts';

/** What a crash leaves of a copy: its original is still there, so it can go. */
export const HALF_COPY = 'copy-';

/** Folder of the archive in which copies are made. */
export const incomingFolder = (archiveDir: string): string => join(archiveDir, 'incoming');

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Puts something into a folder of ours; only the first file of a folder finds it missing. */
async function withFolder(folder: string, put: () => Promise<void>): Promise<void> {
  try {
    await put();
  } catch (error) {
    // The same code says that the file itself is gone: then the second try says so again.
    if (codeOf(error) !== 'ENOENT') throw error;
    const outermost = await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    // The disk must have the way to the file too.
    if (outermost !== undefined) for (const made of new Set([outermost, folder])) await syncPath(dirname(made));
    await put();
  }
}

const fileChanged = () =>
  new DxaflowError('FILE_CHANGED', 'A file changed while it was taken in; it is tried again.', { transient: true });

export type StagedCopy = {
  readonly path: string;
  readonly sha256: string;
  /** The original as it was while it was copied. */
  readonly stats: BigIntStats;
  /** It has the prefix of a DICOM file (PS3.10 section 7.1). */
  readonly hasPrefix: boolean;
};

const PREFIX = { at: 128, text: 'DICM' } as const;

async function hasPrefix(file: FileHandle): Promise<boolean> {
  const { buffer } = await file.read(Buffer.alloc(PREFIX.text.length), 0, PREFIX.text.length, PREFIX.at);
  return buffer.toString('latin1') === PREFIX.text;
}

/**
 * Makes a copy of our own of a sender's file and hashes that: whatever a sender does to its file afterwards, the copy
 * stays what its hash says. Where the file system can, the two share their blocks. Throws FILE_CHANGED (transient) when
 * the file was written to meanwhile, LIMIT_BYTES, before a byte is read, when it is larger than `maxBytes`.
 */
export async function stageCopy(archiveDir: string, from: FilePath, maxBytes: number): Promise<StagedCopy> {
  const path = join(incomingFolder(archiveDir), `${HALF_COPY}${randomUUID()}`);
  const original = await openPlainFile(from);
  try {
    const before = await original.stat({ bigint: true });
    if (before.size > maxBytes) throw new DxaflowError('LIMIT_BYTES', 'A file is larger than the reader accepts.');
    // By its descriptor: the name may have come to mean something else.
    const source = process.platform === 'linux' ? `/proc/self/fd/${original.fd}` : from;
    const how = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
    await withFolder(dirname(path), () => copyFile(source, path, how));
    // It came with the mode of the original, which may even keep ourselves from reading it.
    await chmod(path, FILE_MODE);
    const copy = await open(path, 'r');
    try {
      const { size } = await copy.stat({ bigint: true });
      const sha256 = await digestOf(copy, Number(size));
      const stats = await original.stat({ bigint: true });
      if (size !== stats.size || !sameFile(before, stats)) throw fileChanged();
      return { path, sha256, stats, hasPrefix: await hasPrefix(copy) };
    } finally {
      await copy.close();
    }
  } catch (error) {
    await unlink(path).catch(() => undefined); // never came into being, or the disk refuses: it is found as half a copy
    throw error;
  } finally {
    await original.close();
  }
}

/** Gives a copy its place in the archive, whatever lies there; the disk has both when it resolves. */
export async function settle(archiveDir: string, { path, sha256 }: StagedCopy): Promise<void> {
  const target = join(archiveDir, archivePathOf(sha256));
  await syncPath(path);
  // The same bytes may arrive twice at once: whichever rename comes last replaces equal by equal.
  await withFolder(dirname(target), () => rename(path, target));
  await syncPath(dirname(target));
}
