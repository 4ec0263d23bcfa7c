import { lstat, rmdir, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { endHolds, findReceived, listHoldsBefore, noteFoundHolds } from '../../db/files/held-original.ts';
import type { Pool } from '../../db/pool.ts';
import { codeOf } from '../../errors/errors.ts';
import { archivePathOf, type FilePath, hashFile, sizeOfArchived } from '../archive/archive.ts';
import {
  below,
  type HeldFolders,
  type HeldOriginal,
  isUnchanged,
  keyOfPath,
  namesIn,
  parseHeldName,
} from '../archive/held-original.ts';
import { createStabilityGate } from './drop-folder.ts';

export type HeldWatchContext = {
  readonly pool: Pool;
  readonly archiveDir: string;
  readonly folders: HeldFolders;
  /** An original may go when nothing of it has changed for this long. */
  readonly holdMs: number;
  readonly stableMs: number;
  readonly concurrency: number;
  /** Takes an original again that has changed; throws FILE_CHANGED (transient) when it is still being written to. */
  readonly takeAgain: (path: FilePath, held: HeldOriginal) => Promise<void>;
  /** Done after every look at everything. */
  readonly afterLook: () => Promise<void>;
  readonly onError: (key: string, error: unknown) => void;
  readonly stopping: AbortSignal;
};

type Entry = { readonly path: FilePath; readonly held: HeldOriginal };

/** Originals looked at together; one statement ends their holds. */
const PAGE = 256;
/** Changed originals followed closely at a time; the others are looked at with their folders. */
const MAX_FOLLOWED = 500;
/** Part of the time that looking may take, so that a flood of held files does not keep the intake from new ones. */
const SHARE = 0.1;
const MINUTE_MS = 60_000;
const NONE: ReadonlySet<string> = new Set();
const hashesOf = (page: readonly Entry[]) => page.map(({ held }) => held.sha256);

/** How long a folder is filled: a part of the time for which its files are held. */
export const slotOf = (holdMs: number): number => Math.max(50, holdMs / 4);

/**
 * Watches originals until they have been quiet for `holdMs`, and takes again those that change. All that it goes by stands
 * in the folders; several processes may look at the same ones. How old a folder is, it measures by a clock that does not jump.
 */
export function openHeldWatch(context: HeldWatchContext): {
  /** Looks at everything that is held now; returns how many originals went. */
  readonly look: () => Promise<number>;
  readonly close: () => Promise<void>;
} {
  const { pool, folders, holdMs, stableMs, stopping } = context;
  const { slotMs } = folders;
  const gate = createStabilityGate(stableMs);
  /** Since when nothing can have been added to a folder, or since when it is known. */
  let seen = new Map<string, number>();
  const ours = new Set<string>();
  const changing = new Map<string, Entry>();
  let lostLookedForAt = performance.now();

  /** Runs `work` over a page of originals, some at a time. One that is gone was another process's. */
  async function each(page: readonly Entry[], work: (entry: Entry) => Promise<void>): Promise<void> {
    const queue = page[Symbol.iterator]();
    const run = async () => {
      for (const entry of queue) {
        if (stopping.aborted) return;
        try {
          await work(entry);
        } catch (error) {
          const code = codeOf(error);
          if (code === 'ENOENT') changing.delete(entry.held.key);
          else if (code !== 'FILE_CHANGED') context.onError(entry.held.key, error);
        }
      }
    };
    await Promise.all(Array.from({ length: context.concurrency }, run));
  }

  async function takeIfQuiet(entry: Entry): Promise<void> {
    const { key } = entry.held;
    if ((await gate.look(key, entry.path)) === null) {
      if (changing.size < MAX_FOLLOWED || changing.has(key)) changing.set(key, entry);
      return;
    }
    await context.takeAgain(entry.path, entry.held);
    changing.delete(key);
    gate.forget(key);
  }

  /**
   * Looks at a page of a folder; returns how many went. What the archive or the database turns out not to have, restored
   * from an older backup perhaps, is taken again.
   */
  async function lookAtPage(page: readonly Entry[], isDue: boolean): Promise<number> {
    const done: Entry[] = [];
    const received = isDue ? await findReceived(pool, hashesOf(page)) : NONE;
    await each(page, async (entry) => {
      const untouched = isUnchanged(entry.held, await lstat(entry.path, { bigint: true }));
      if (untouched && received.has(entry.held.sha256) && (await mayGo(entry))) done.push(entry);
      else if (!untouched || isDue) await takeIfQuiet(entry);
    });
    await endHolds(
      pool,
      done.map(({ held }) => held.key),
    );
    await each(done, async ({ path, held }) => {
      // At the last moment: found changed, it is looked at again with its folder.
      if (isUnchanged(held, await lstat(path, { bigint: true }))) await unlink(path);
    });
    return done.length;
  }

  /** Its times may lag behind what was written through a mapping, or have been set back: only the bytes tell. */
  async function mayGo({ path, held }: Entry): Promise<boolean> {
    if ((await hashFile(path))?.sha256 !== held.sha256) return false;
    const size = await sizeOfArchived(context.archiveDir, archivePathOf(held.sha256)).catch(() => null);
    return size !== null && BigInt(size) === held.size;
  }

  async function lookAtFolder(folder: FilePath, isNew: boolean, isDue: boolean): Promise<number> {
    let gone = 0;
    let page: Entry[] = [];
    const flush = async () => {
      if (isNew && page.length > 0) {
        await noteFoundHolds(
          pool,
          page.map(({ held }) => held),
        );
      }
      gone += await lookAtPage(page, isDue);
      page = [];
    };
    for await (const name of namesIn(folder)) {
      if (stopping.aborted) return gone;
      const held = parseHeldName(name);
      if (held !== null) page.push({ path: below(folder, name), held });
      if (page.length === PAGE) await flush();
    }
    await flush();
    return gone;
  }

  async function lookAtPlace(place: FilePath, still: Map<string, number>): Promise<number> {
    let gone = 0;
    for await (const name of namesIn(place)) {
      const folder = below(place, name);
      const key = keyOfPath(folder);
      const now = performance.now();
      const since = seen.get(key);
      const isOurs = ours.has(key) || folders.isCurrent(folder);
      if (isOurs) ours.add(key);
      // The age of a folder is that of its last file; of one that another process fills it is only known what it is at most.
      still.set(key, folders.isCurrent(folder) ? now : (since ?? now));
      const age = since === undefined || folders.isCurrent(folder) ? 0 : now - since;
      const isDue = age >= holdMs + (isOurs ? 0 : 2 * slotMs);
      gone += await lookAtFolder(folder, since === undefined && !isOurs, isDue);
      if (isDue) await removeEmpty(folder);
    }
    await removeEmpty(place);
    return gone;
  }

  async function look(): Promise<number> {
    let gone = 0;
    const still = new Map<string, number>();
    for (const place of folders.places()) {
      try {
        gone += await lookAtPlace(place, still);
        context.onError(keyOfPath(place), null);
      } catch (error) {
        context.onError(keyOfPath(place), error);
      }
    }
    seen = still;
    for (const key of ours) if (!still.has(key)) ours.delete(key);
    return gone;
  }

  /** Looks closely at what is changing, until the next look at everything is due. */
  async function rest(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (!stopping.aborted && performance.now() < until) {
      const wait = changing.size > 0 ? Math.max(20, stableMs / 2) : ms;
      const left = Math.max(1, Math.min(wait, until - performance.now()));
      await sleep(left, undefined, { signal: stopping }).catch(() => undefined);
      await each([...changing.values()], takeIfQuiet);
    }
  }

  /** Ends holds whose originals are nowhere: a person took one away, or a crash came between the two. */
  async function endLostHolds(): Promise<void> {
    if (performance.now() - lostLookedForAt < MINUTE_MS) return;
    lostLookedForAt = performance.now();
    const lost = new Set(await listHoldsBefore(pool, 5 * holdMs + 5 * MINUTE_MS, PAGE));
    if (lost.size === 0) return;
    for (const place of folders.places())
      for await (const folder of namesIn(place))
        for await (const name of namesIn(below(place, folder))) lost.delete(parseHeldName(name)?.key ?? '');
    await endHolds(pool, [...lost]);
  }

  const loop = (async () => {
    while (!stopping.aborted) {
      const startedAt = performance.now();
      try {
        await look();
        await endLostHolds();
        await context.afterLook();
        context.onError('', null);
      } catch (error) {
        context.onError('', error);
      }
      const took = performance.now() - startedAt;
      await rest(Math.min(Math.max(took / SHARE, Math.min(slotMs, 1000), 50), Math.max(slotMs, 1000)));
    }
  })();

  return { look, close: async () => await loop };
}

async function removeEmpty(folder: FilePath): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    // Not empty yet, removed by another process, or not ours to remove: it does no harm there.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EACCES', 'EPERM', 'EROFS', 'EBUSY'].includes(codeOf(error))) throw error;
  }
}
