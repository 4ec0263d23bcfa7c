import { opendir, stat } from 'node:fs/promises';
import type { FilePath } from './archive.ts';

const SLASH = Buffer.from('/');
/** Names that a sender uses while it is still writing, and names that no sender means. */
const NOT_YET = /(^\.|\.part$|\.tmp$|\.filepart$|\.crdownload$|~$)/i;

/** Whether a name is that of a finished file: no dot file and no temporary name. */
export function isCandidateName(name: string): boolean {
  return !NOT_YET.test(name);
}

export type DropEntry = { readonly path: Buffer; readonly dropName: string };

/**
 * Walks a drop folder at any depth without following symbolic links, holding one folder handle a level and nothing
 * else, so that a hundred thousand waiting files cost no memory. Names are bytes; `dropName` is their readable form.
 * A folder that cannot be opened is reported and passed over.
 */
export async function* walkDrop(
  dropDir: string,
  onUnreadable: (folder: string, error: unknown) => void,
): AsyncGenerator<DropEntry> {
  yield* walkFolder(Buffer.from(dropDir), '', onUnreadable);
}

async function* walkFolder(
  folder: Buffer,
  prefix: string,
  onUnreadable: (folder: string, error: unknown) => void,
): AsyncGenerator<DropEntry> {
  let entries: Awaited<ReturnType<typeof opendir>>;
  try {
    // The typings of opendir know no 'buffer' encoding, which Node has since 12.12.
    entries = await opendir(folder as unknown as string, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 });
  } catch (error) {
    onUnreadable(prefix === '' ? '.' : prefix, error);
    return;
  }
  for await (const entry of entries) {
    const name = entry.name as unknown as Buffer;
    const readable = name.toString('utf8');
    const path = Buffer.concat([folder, SLASH, name]);
    const dropName = prefix === '' ? readable : `${prefix}/${readable}`;
    if (entry.isDirectory()) {
      if (!readable.startsWith('.')) yield* walkFolder(path, dropName, onUnreadable);
    } else if (entry.isFile() && isCandidateName(readable)) {
      yield { path, dropName };
    }
  }
}

/** Size and times of a file at one look; two equal looks, far enough apart, say that its writer is done. */
type Look = { readonly size: bigint; readonly mtimeNs: bigint; readonly ino: bigint; readonly since: number };

/**
 * Decides when a file is whole: its size, time and inode have not changed for `stableMs`, by our own clock. A file
 * whose modification time is already that old when first seen was renamed or copied in complete.
 */
export function createStabilityGate(stableMs: number): {
  readonly isWhole: (key: string, path: FilePath) => Promise<boolean>;
  readonly forget: (key: string) => void;
  readonly waiting: () => number;
} {
  const looks = new Map<string, Look>();
  return {
    isWhole: async (key, path) => {
      const { size, mtimeNs, ino } = await stat(path, { bigint: true });
      const now = Date.now();
      const before = looks.get(key);
      const unchanged =
        before !== undefined && before.size === size && before.mtimeNs === mtimeNs && before.ino === ino;
      if (unchanged && now - before.since >= stableMs) return true;
      const age = now - Number(mtimeNs / 1_000_000n);
      // A time in the future (a sender's clock) says nothing; such a file waits its turn like any other.
      if (!unchanged && age >= stableMs && before === undefined) return true;
      if (!unchanged) looks.set(key, { size, mtimeNs, ino, since: now });
      return stableMs === 0;
    },
    forget: (key) => {
      looks.delete(key);
    },
    waiting: () => looks.size,
  };
}
