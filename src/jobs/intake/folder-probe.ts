import { constants } from 'node:fs';
import { access, open, opendir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { lookup } from '../../dxa/values/lookup.ts';
import { DISK_ERRORS, isDiskCode } from '../../errors/disk.ts';
import { codeOf } from '../../errors/errors.ts';
import { type Trouble, troubleOf } from '../../health/condition.ts';

const FOLDER_TROUBLE = lookup({
  ENOENT: 'GONE',
  ENOTDIR: 'GONE',
  EACCES: 'RIGHTS',
  EPERM: 'RIGHTS',
});

const troubleOfCode = (code: string) => (isDiskCode(code) ? DISK_ERRORS[code].trouble : FOLDER_TROUBLE[code]);

/** What a write of this size meets: a disk that is full to the last block may still take an empty file. */
const TRIAL_BYTES = Buffer.alloc(4096);

/**
 * A mount that is gone leaves its empty folder behind, which looks as if no file had come, and takes files that are not
 * found again once it is back. So a folder that began on a file system of its own has to stay on one.
 */
function openMountWatch(folder: string): () => Promise<void> {
  const devices = async () => [(await stat(folder)).dev, (await stat(dirname(resolve(folder)))).dev] as const;
  let wasMounted = false;
  return async () => {
    const [own, above] = await devices();
    if (own !== above) wasMounted = true;
    else if (wasMounted) throw Object.assign(new Error('not mounted any more'), { code: 'ENOENT' });
  };
}

const probing = (part: 'archive' | 'drop', look: () => Promise<void>) => async (): Promise<Trouble | null> => {
  try {
    await look();
    return null;
  } catch (error) {
    return troubleOf(part, troubleOfCode(codeOf(error)) ?? 'FAILING', codeOf(error));
  }
};

/** Gives a function that says whether files can be seen in the drop folder and taken out of it. */
export function openDropProbe(dropDir: string): () => Promise<Trouble | null> {
  const checkMount = openMountWatch(dropDir);
  return probing('drop', async () => {
    await checkMount();
    await access(dropDir, constants.R_OK | constants.W_OK | constants.X_OK);
    const folder = await opendir(dropDir);
    await folder.read();
    await folder.close();
  });
}

/** Gives a function that says whether the archive takes a file, down to the disk. */
export function openArchiveProbe(archiveDir: string): () => Promise<Trouble | null> {
  const checkMount = openMountWatch(archiveDir);
  const trial = join(archiveDir, `.dxaflow-trial-${hostname()}-${process.pid}`);
  return probing('archive', async () => {
    await checkMount();
    const file = await open(trial, 'w', 0o600);
    try {
      await file.write(TRIAL_BYTES);
      await file.datasync();
    } finally {
      await file.close();
      await rm(trial, { force: true });
    }
  });
}
