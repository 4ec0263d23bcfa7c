import { randomUUID } from 'node:crypto';
import { chmod, copyFile, lstat, open, opendir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../errors/errors.ts';
import { digestOf, FILE_MODE, FOLDER_MODE } from './archive.ts';
import { HALF_COPY, incomingFolder } from './stage-copy.ts';

const PERMISSIONS = 0o777n;
/** Folders of the archive are named after the first four digits of the hash, two each. */
const BY_HASH = /^[0-9a-f]{2}$/;
const ARCHIVED = /^([0-9a-f]{64})\.dcm$/;

/**
 * A file that release 0.1.0 moved into the archive is the sender's own: other names of it, or another owner, could change
 * it. A copy takes its place if it is what its name says; a damaged one stays as it is for the night to find.
 */
async function makeOurs(archiveDir: string, path: string, sha256: string): Promise<void> {
  const copy = join(incomingFolder(archiveDir), `${HALF_COPY}${randomUUID()}`);
  await copyFile(path, copy);
  await chmod(copy, FILE_MODE);
  const file = await open(copy, 'r');
  try {
    if ((await digestOf(file, (await file.stat()).size)) !== sha256) {
      await unlink(copy);
      await chmod(path, FILE_MODE);
      return;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(copy, path);
}

async function tightenFolder(archiveDir: string, folder: string, stopping: AbortSignal): Promise<number> {
  let done = 0;
  for await (const entry of await opendir(folder)) {
    if (stopping.aborted) return done;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      done += await tightenFolder(archiveDir, path, stopping);
      continue;
    }
    const sha256 = ARCHIVED.exec(entry.name)?.[1];
    if (sha256 === undefined || !entry.isFile()) continue;
    const { mode, nlink, uid } = await lstat(path, { bigint: true });
    const foreign = nlink > 1n || (process.getuid !== undefined && uid !== BigInt(process.getuid()));
    if (foreign) await makeOurs(archiveDir, path, sha256);
    else if ((mode & PERMISSIONS) !== BigInt(FILE_MODE)) await chmod(path, FILE_MODE);
    else continue;
    done += 1;
  }
  // Last, because it says that everything below is done: a crash before leaves the rest to the next start.
  if (!stopping.aborted) await chmod(folder, FOLDER_MODE);
  return done;
}

/**
 * Closes an archive filled by release 0.1.0 to everyone but its owner. Returns how many files it changed. Each of its
 * 256 folders says by its own mode whether it is done, so that a start costs as many looks, whatever the archive holds.
 */
export async function tightenArchive(archiveDir: string, stopping: AbortSignal): Promise<number> {
  let done = 0;
  for await (const entry of await opendir(archiveDir)) {
    if (stopping.aborted) break;
    if (!entry.isDirectory() || !BY_HASH.test(entry.name)) continue;
    const folder = join(archiveDir, entry.name);
    try {
      const { mode } = await lstat(folder, { bigint: true });
      if ((mode & PERMISSIONS) !== BigInt(FOLDER_MODE)) done += await tightenFolder(archiveDir, folder, stopping);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
  return done;
}
