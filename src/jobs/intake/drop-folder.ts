import type { BigIntStats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { printable } from '../../dicom/text/printable.ts';
import { type FilePath, sameFile } from '../archive/archive.ts';
import { HELD_IN_DROP } from '../archive/held-original.ts';

const SLASH = Buffer.from('/');
/** Names that a sender uses while it is still writing, and names that no sender means. */
const NOT_YET = /(^\.|\.part$|\.tmp$|\.filepart$|\.crdownload$|~$)/i;

/** A file of the drop folder that a process of release 0.1.0 was about to copy or to remove when it died. */
export const CLAIMED = '.dxaflow-claimed-';

/** Whether a name is that of a finished file: no dot file and no temporary name. */
export function isCandidateName(name: string): boolean {
  return !NOT_YET.test(name);
}

export type DropEntry = { readonly path: Buffer; readonly dropName: string };

export type WalkEvents = {
  /** A folder that cannot be opened is passed over. */
  readonly onUnreadable: (folder: string, error: unknown) => void;
  /** Called for every folder before its files are listed; `prefix` is its readable path below the drop folder. */
  readonly onFolder: (folder: Buffer, prefix: string) => void;
  /** Called for a file that an older version claimed and has not given back. */
  readonly onClaimed?: (path: Buffer) => void;
  /** Called for a folder of originals that are held. */
  readonly onHeld?: (folder: Buffer) => void;
};

/**
 * Walks a drop folder at any depth without following symbolic links, holding one folder handle a level and nothing
 * else, so that a hundred thousand waiting files cost no memory. Names are bytes; `dropName` is their readable form.
 */
export async function* walkDrop(dropDir: string, events: WalkEvents): AsyncGenerator<DropEntry> {
  yield* walkFolder(Buffer.from(dropDir), '', events);
}

async function* walkFolder(folder: Buffer, prefix: string, events: WalkEvents): AsyncGenerator<DropEntry> {
  // First, so that the watch misses nothing that arrives while it is listed.
  events.onFolder(folder, prefix);
  let entries: Awaited<ReturnType<typeof opendir>>;
  try {
    // The typings of opendir know no 'buffer' encoding, which Node has since 12.12.
    entries = await opendir(folder as unknown as string, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 });
  } catch (error) {
    events.onUnreadable(prefix === '' ? '.' : prefix, error);
    return;
  }
  for await (const entry of entries) {
    const name = entry.name as unknown as Buffer;
    const readable = printable(name.toString('utf8'));
    const path = Buffer.concat([folder, SLASH, name]);
    const dropName = prefix === '' ? readable : `${prefix}/${readable}`;
    if (entry.isDirectory()) {
      if (readable === HELD_IN_DROP) events.onHeld?.(path);
      else if (!readable.startsWith('.')) yield* walkFolder(path, dropName, events);
    } else if (entry.isFile() && readable.startsWith(CLAIMED)) {
      events.onClaimed?.(path);
    } else if (entry.isFile() && isCandidateName(readable)) {
      yield { path, dropName };
    }
  }
}

type Look = { readonly stats: BigIntStats; readonly since: number };

export type StabilityGate = {
  /** The file as it is now, once it is whole; null while it is not. */
  readonly look: (key: string, path: FilePath) => Promise<BigIntStats | null>;
  readonly forget: (key: string) => void;
  /** Forgets whatever is not there any more. */
  readonly keepOnly: (keys: ReadonlySet<string>) => void;
};

/**
 * Decides when a file is whole: two looks, at least `stableMs` apart by our own clock, find the same size, times and
 * inode. The file's own times prove nothing, for the clock of a file server may be behind ours, and either may be set.
 */
export function createStabilityGate(stableMs: number): StabilityGate {
  const looks = new Map<string, Look>();
  return {
    look: async (key, path) => {
      const stats = await lstat(path, { bigint: true });
      if (stableMs === 0) return stats;
      const now = performance.now();
      const before = looks.get(key);
      if (before !== undefined && sameFile(before.stats, stats)) return now - before.since >= stableMs ? stats : null;
      looks.set(key, { stats, since: now });
      return null;
    },
    forget: (key) => {
      looks.delete(key);
    },
    keepOnly: (keys) => {
      for (const key of [...looks.keys()]) if (!keys.has(key)) looks.delete(key);
    },
  };
}
