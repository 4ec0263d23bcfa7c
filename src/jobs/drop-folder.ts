import { opendir, stat } from 'node:fs/promises';
import { CLAIMED, type FilePath } from './archive.ts';

const SLASH = Buffer.from('/');
/** Names that a sender uses while it is still writing, and names that no sender means. */
const NOT_YET = /(^\.|\.part$|\.tmp$|\.filepart$|\.crdownload$|~$)/i;

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
  /** Called for a file that a process claimed and has not given back. */
  readonly onClaimed: (path: Buffer) => void;
};

/**
 * Walks a drop folder at any depth without following symbolic links, holding one folder handle a level and nothing
 * else, so that a hundred thousand waiting files cost no memory. Names are bytes; `dropName` is their readable form.
 */
export async function* walkDrop(dropDir: string, events: WalkEvents): AsyncGenerator<DropEntry> {
  yield* walkFolder(Buffer.from(dropDir), '', events);
}

async function* walkFolder(folder: Buffer, prefix: string, events: WalkEvents): AsyncGenerator<DropEntry> {
  // First, so that whoever watches it misses nothing that comes while it is listed.
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
    const readable = name.toString('utf8');
    const path = Buffer.concat([folder, SLASH, name]);
    const dropName = prefix === '' ? readable : `${prefix}/${readable}`;
    if (entry.isDirectory()) {
      if (!readable.startsWith('.')) yield* walkFolder(path, dropName, events);
    } else if (entry.isFile() && readable.startsWith(CLAIMED)) {
      events.onClaimed(path);
    } else if (entry.isFile() && isCandidateName(readable)) {
      yield { path, dropName };
    }
  }
}

/** Size and times of a file at one look; two equal looks, far enough apart, say that its writer is done. */
type Look = { readonly size: bigint; readonly mtimeNs: bigint; readonly ino: bigint; readonly since: number };

export type StabilityGate = {
  readonly isWhole: (key: string, path: FilePath) => Promise<boolean>;
  readonly forget: (key: string) => void;
  /** Forgets whatever is not there any more. */
  readonly keepOnly: (keys: ReadonlySet<string>) => void;
};

/**
 * Decides when a file is whole: two looks, at least `stableMs` apart by our own clock, find the same size, time and
 * inode. The file's own times prove nothing, for the clock of a file server may be behind ours, and either may be set.
 */
export function createStabilityGate(stableMs: number): StabilityGate {
  const looks = new Map<string, Look>();
  return {
    isWhole: async (key, path) => {
      if (stableMs === 0) return true;
      const { size, mtimeNs, ino } = await stat(path, { bigint: true });
      const now = performance.now();
      const before = looks.get(key);
      const unchanged =
        before !== undefined && before.size === size && before.mtimeNs === mtimeNs && before.ino === ino;
      if (unchanged) return now - before.since >= stableMs;
      looks.set(key, { size, mtimeNs, ino, since: now });
      return false;
    },
    forget: (key) => {
      looks.delete(key);
    },
    keepOnly: (keys) => {
      for (const key of [...looks.keys()]) if (!keys.has(key)) looks.delete(key);
    },
  };
}
