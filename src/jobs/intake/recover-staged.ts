import { copyFile, link, mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../../errors/errors.ts';
import { HALF_COPY, incomingFolder } from '../archive/stage-copy.ts';
import { CLAIMED, type StabilityGate } from './drop-folder.ts';

/**
 * What lies in between unchanged for longer, as far as observed, was left by a process that died. Taking it from
 * one that is merely slow does no harm: its next step then finds the file gone, and it begins again with the original.
 */
export const LEFT_BEHIND_MS = 15_000;

async function move(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    // Dot files are not ingested, so that an incomplete copy is never picked up.
    const half = join(dirname(to), `.${basename(to)}`);
    await copyFile(from, half);
    await rename(half, to);
  }
  await unlink(from);
}

/**
 * Clears away half copies whose process died; their originals are where they were. What else lies there are files that
 * release 0.1.0 moved before they were archived: they go back to the drop folder, where the sweep takes them again. Returns
 * how many did.
 */
export async function recoverStaged(archiveDir: string, dropDir: string, unchanged: StabilityGate): Promise<number> {
  const folder = incomingFolder(archiveDir);
  let recovered = 0;
  const names = await readdir(folder).catch(() => []);
  unchanged.keepOnly(new Set(names));
  for (const name of names) {
    try {
      const staging = join(folder, name);
      if ((await unchanged.look(name, staging)) === null) continue;
      if (name.startsWith(HALF_COPY)) {
        await unlink(staging);
        continue;
      }
      await mkdir(dropDir, { recursive: true });
      await move(staging, join(dropDir, `recovered-${name}.dcm`));
      recovered += 1;
    } catch (error) {
      // Another process recovered it first, or has just settled it.
      if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
    }
  }
  return recovered;
}

/**
 * Gives a claimed file of the drop folder a name under which the sweep takes it, once its process must be dead. True
 * when it did.
 */
export async function recoverClaimed(path: Buffer, unchanged: StabilityGate): Promise<boolean> {
  if ((await unchanged.look(path.toString('latin1'), path)) === null) return false;
  const end = path.lastIndexOf('/') + 1;
  const name = path.subarray(end + CLAIMED.length).toString('latin1');
  await rename(path, Buffer.concat([path.subarray(0, end), Buffer.from(`recovered-${name}.dcm`)]));
  return true;
}
