import { copyFile, link, mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../errors.ts';
import { CLAIMED, HALF_COPY } from './archive.ts';
import type { StabilityGate } from './drop-folder.ts';

/**
 * What lies in between unchanged for longer, as far as somebody watched, was left by a process that died. Taking it from
 * one that is merely slow does no harm: its move then finds the file gone, and the file is taken from the drop folder
 * again.
 */
export const LEFT_BEHIND_MS = 15_000;

async function move(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    // Dot files are not taken in, so that nobody sees the copy before it is whole.
    const half = join(dirname(to), `.${basename(to)}`);
    await copyFile(from, half);
    await rename(half, to);
  }
  await unlink(from);
}

/**
 * Puts files that a crash caught between drop folder and archive back into the drop folder, where the sweep takes them
 * again; returns how many. Their rows say `arriving` until then.
 */
export async function recoverStaged(archiveDir: string, dropDir: string, unchanged: StabilityGate): Promise<number> {
  const folder = join(archiveDir, 'incoming');
  let recovered = 0;
  const names = await readdir(folder).catch(() => []);
  unchanged.keepOnly(new Set(names));
  for (const name of names) {
    try {
      const staging = join(folder, name);
      if (!(await unchanged.isWhole(name, staging))) continue;
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
  if (!(await unchanged.isWhole(path.toString('latin1'), path))) return false;
  const end = path.lastIndexOf('/') + 1;
  const name = path.subarray(end + CLAIMED.length).toString('latin1');
  await rename(path, Buffer.concat([path.subarray(0, end), Buffer.from(`recovered-${name}.dcm`)]));
  return true;
}
