import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { noteSetAside } from '../../db/files/set-aside-file.ts';
import type { Pool } from '../../db/pool.ts';
import { codeOf, DxaflowError } from '../../errors/errors.ts';
import { type FilePath, FOLDER_MODE, SET_ASIDE } from '../archive/archive.ts';
import { putBack } from '../archive/held-original.ts';
import { READING_VERSION } from '../versions.ts';

/** Bytes of a drop name that its file carries along, in case the process dies before it is recorded. */
const NAME_BYTES = 120;

const nameFor = (dropName: string) =>
  `${randomUUID()}.${Buffer.from(dropName).subarray(0, NAME_BYTES).toString('base64url')}`;

const dropNameOf = (name: string) =>
  Buffer.from(name.slice(name.indexOf('.') + 1), 'base64url')
    .toString('utf8')
    .replace(/\ufffd+$/, '');

export type AsideContext = { readonly pool: Pool; readonly archiveDir: string; readonly maxBytes: number };

/**
 * Moves a file that is too large out of the drop folder as it is, neither read nor copied, and writes down where it lies.
 * Returns the id of its row. Throws EXDEV when the drop folder lies on another file system: then it stays where it is.
 */
export async function setAside(
  { pool, archiveDir, maxBytes }: AsideContext,
  path: FilePath,
  dropName: string,
): Promise<string> {
  const folder = join(archiveDir, SET_ASIDE);
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  const name = nameFor(dropName);
  await rename(path, join(folder, name));
  const { size } = await lstat(join(folder, name), { bigint: true });
  if (size <= maxBytes) {
    await putBack(join(folder, name), path);
    throw new DxaflowError('FILE_CHANGED', 'A file was as large as the limit no longer.', { transient: true });
  }
  return await noteSetAside(pool, {
    dropName,
    byteCount: size,
    path: join(SET_ASIDE, name),
    maxBytes,
    readerVersion: READING_VERSION,
  });
}

/** Writes down what a crash kept from being written down: files that lie aside without a row. */
export async function noteAllSetAside({ pool, archiveDir, maxBytes }: AsideContext): Promise<void> {
  const folder = join(archiveDir, SET_ASIDE);
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    try {
      const { size } = await lstat(join(folder, name), { bigint: true });
      await noteSetAside(pool, {
        dropName: dropNameOf(name),
        byteCount: size,
        path: join(SET_ASIDE, name),
        maxBytes,
        readerVersion: READING_VERSION,
      });
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error; // a person has taken it away
    }
  }
}
