import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Disk = {
  readonly fill: () => void;
  readonly free: () => void;
  readonly setReadOnly: (readOnly: boolean) => void;
  readonly unmount: () => void;
};

const mount = (...args: readonly string[]) => execFileSync('mount', args, { stdio: 'ignore' });

/** Mounts a file system of a few megabytes on a folder; null where that is not allowed. */
export function mountSmallDisk(folder: string, megabytes: number): Disk | null {
  try {
    mount('-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder);
  } catch {
    return null;
  }
  const ballast = join(folder, '.ballast');
  return {
    fill: () => {
      for (let size = megabytes << 20; size >= 4096; size >>= 1) {
        try {
          writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' });
        } catch {
          // full for this size: the rest is filled with smaller pieces
        }
      }
    },
    free: () => rmSync(ballast, { force: true }),
    setReadOnly: (readOnly) => mount('-o', `remount,${readOnly ? 'ro' : 'rw'}`, folder),
    unmount: () => execFileSync('umount', ['-l', folder], { stdio: 'ignore' }),
  };
}
