import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { link, mkdir, opendir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../errors/errors.ts';
import { type FilePath, FOLDER_MODE } from './archive.ts';

/** Folder for originals inside a drop folder that lies on another file system than the archive; the walk passes it over. */
export const HELD_IN_DROP = '.dxaflow-held';

/** Where originals of this archive are held. */
export const heldInArchive = (archiveDir: string): string => join(archiveDir, 'held');

/** The original of a file that the archive has, as it was when it was taken. All of it stands in its name. */
export type HeldOriginal = {
  readonly key: string;
  readonly sha256: string;
  readonly size: bigint;
  readonly mtimeNs: bigint;
};

const nameOf = ({ key, sha256, size, mtimeNs }: HeldOriginal) => `${key}.${sha256}.${size}.${mtimeNs}`;

const NAME = /^([0-9a-f-]{36})\.([0-9a-f]{64})\.(\d+)\.(-?\d+)$/;

/** Null for a name that we did not give. */
export function parseHeldName(name: string): HeldOriginal | null {
  const [, key, sha256, size, mtimeNs] = NAME.exec(name) ?? [];
  if (key === undefined || sha256 === undefined || size === undefined || mtimeNs === undefined) return null;
  return { key, sha256, size: BigInt(size), mtimeNs: BigInt(mtimeNs) };
}

/** A file that still is what it was when it was taken, as far as a look at it tells. */
export const isUnchanged = (held: HeldOriginal, { size, mtimeNs }: BigIntStats) =>
  held.size === size && held.mtimeNs === mtimeNs;

export type HeldFolders = {
  /** Folders in which originals may lie; a place that is not there holds none. */
  readonly places: () => readonly FilePath[];
  /** A place that the walk of the drop folder met. */
  readonly addPlace: (place: Buffer) => void;
  /** Takes an original out of its sender's reach by a rename, on whatever file system it lies. */
  readonly hold: (path: FilePath, held: HeldOriginal) => Promise<FilePath>;
  /** Whether this process may put another original into the folder. */
  readonly isCurrent: (folder: FilePath) => boolean;
  /** For how long it does so. */
  readonly slotMs: number;
};

const asBuffer = (path: FilePath): Buffer => (Buffer.isBuffer(path) ? path : Buffer.from(path));
export const below = (folder: FilePath, name: string): FilePath =>
  typeof folder === 'string' ? join(folder, name) : Buffer.concat([folder, Buffer.from(`/${name}`)]);
export const keyOfPath = (path: FilePath): string => asBuffer(path).toString('latin1');

/**
 * Originals lie in folders by the time at which they were taken: how long one has been quiet is known of the folder, so
 * that a flood of them costs no memory. Each process fills folders of its own; whose they are does not matter afterwards.
 */
export function openHeldFolders(archiveDir: string, dropDir: string, slotMs: number): HeldFolders {
  const fixed: readonly FilePath[] = [heldInArchive(archiveDir), join(dropDir, HELD_IN_DROP)];
  const found = new Map<string, FilePath>(fixed.map((place) => [keyOfPath(place), place]));
  let slot = { name: randomUUID() as string, since: performance.now() };
  const isOver = () => performance.now() - slot.since >= slotMs;

  async function move(path: FilePath, place: FilePath, held: HeldOriginal): Promise<FilePath> {
    if (isOver()) slot = { name: randomUUID(), since: performance.now() };
    const folder = below(place, slot.name);
    const to = below(folder, nameOf(held));
    try {
      await rename(path, to);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      // The first of its folder, or the file is gone: then the second try says so again.
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
      await rename(path, to);
    }
    return to;
  }

  return {
    places: () => [...found.values()],
    addPlace: (place) => void found.set(keyOfPath(place), place),
    hold: async (path, held) => {
      for (const place of fixed) {
        try {
          return await move(path, place, held);
        } catch (error) {
          if (codeOf(error) !== 'EXDEV') throw error;
        }
      }
      // Mounted inside the drop folder: only the file's own folder is on its file system.
      const bytes = asBuffer(path);
      const beside = below(bytes.subarray(0, bytes.lastIndexOf('/')), HELD_IN_DROP);
      found.set(keyOfPath(beside), beside);
      return await move(path, beside, held);
    },
    isCurrent: (folder) => !isOver() && keyOfPath(folder).endsWith(`/${slot.name}`),
    slotMs,
  };
}

/** Puts back a file that took the place of the one that was meant, under another name if that is taken again by now. */
export async function putBack(taken: FilePath, from: FilePath): Promise<void> {
  try {
    await link(taken, from);
    await unlink(taken);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw error;
    await rename(taken, Buffer.concat([asBuffer(from), Buffer.from(`.${randomUUID()}.dcm`)]));
  }
}

/** Names in a folder, without their number costing memory; none when it is not there. */
export async function* namesIn(folder: FilePath): AsyncGenerator<string> {
  let entries: Awaited<ReturnType<typeof opendir>>;
  try {
    entries = await opendir(folder as string, { bufferSize: 256 });
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return;
    throw error;
  }
  for await (const entry of entries) yield entry.name;
}
