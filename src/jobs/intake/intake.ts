import { chmod, lstat, mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Pool } from '../../db/pool.ts';
import { READ_LIMITS } from '../../dicom/encoding/limits.ts';
import { codeOf } from '../../errors/errors.ts';
import { isOutage } from '../../errors/transient.ts';
import { FOLDER_MODE } from '../archive/archive.ts';
import { heldInArchive, keyOfPath, openHeldFolders } from '../archive/held-original.ts';
import { incomingFolder } from '../archive/stage-copy.ts';
import { tightenArchive } from '../archive/tighten-archive.ts';
import { createStabilityGate, type DropEntry, isCandidateName, walkDrop } from './drop-folder.ts';
import { folderKey, openFolderWatch } from './folder-watch.ts';
import { openHeldWatch, slotOf } from './held-watch.ts';
import { joinPieces } from './join-pieces.ts';
import { LEFT_BEHIND_MS, recoverClaimed, recoverStaged } from './recover-staged.ts';
import { noteAllSetAside } from './set-aside.ts';
import { openStateLog } from './state-log.ts';
import { type Attempt, openEntryTaker } from './take-entry.ts';
import type { TakenFile } from './take-file.ts';

export type IntakeContext = {
  readonly pool: Pool;
  readonly log: Logger;
  readonly dropDir: string;
  readonly archiveDir: string;
  readonly stableMs: number;
  /** Originals are watched until they have been quiet for so long. */
  readonly holdMs: number;
  readonly sweepMs: number;
  /** Files taken at the same time. */
  readonly concurrency: number;
  /** Larger files are moved aside unread. */
  readonly maxBytes?: number;
  /** Called after a file is safe; what it does may get lost, for the sweep finds received files without a result. */
  readonly onTaken: (taken: TakenFile) => Promise<void>;
};

export type Intake = {
  /** Takes everything that is whole now; resolves with the number of files taken. */
  readonly sweep: () => Promise<number>;
  /** Looks at every original that is held; resolves with the number of those that have been quiet and went. */
  readonly lookAtHeld: () => Promise<number>;
  readonly close: () => Promise<void>;
};

/**
 * A folder lists its files in no order at all. Files of one visit mostly have names alike (senders name them after their
 * UIDs or by number), and taken one after the other they are judged together.
 */
const byName = (a: DropEntry, b: DropEntry) => Buffer.compare(a.path, b.path);

/** Files looked at together: bounds what a long queue costs in memory. */
const WINDOW = 5000;
/** Files followed by their events at a time; a flood beyond that is the sweep's. */
const MAX_FOLLOWED = 500;
/** Held originals looked at at the same time: the intake of new files goes first. */
const HELD_CONCURRENCY = 4;

/** Creates our folders and closes them to all other accounts. */
async function makeFolders(archiveDir: string): Promise<void> {
  for (const folder of [archiveDir, incomingFolder(archiveDir), heldInArchive(archiveDir)]) {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    await chmod(folder, FOLDER_MODE);
  }
}

/**
 * Watches the drop folder. Events make it quick; the sweep, at the start and every `sweepMs`, makes it complete, also
 * on network mounts that send no events.
 */
export async function openIntake(context: IntakeContext): Promise<Intake> {
  const { pool, log, dropDir, archiveDir, stableMs, holdMs, maxBytes = READ_LIMITS.maxBytes } = context;
  await mkdir(dropDir, { recursive: true });
  await makeFolders(archiveDir);
  const gate = createStabilityGate(stableMs);
  const leftStaged = createStabilityGate(LEFT_BEHIND_MS);
  const leftClaimed = createStabilityGate(LEFT_BEHIND_MS);
  const states = openStateLog(log);
  const folders = openHeldFolders(archiveDir, dropDir, slotOf(holdMs));
  const taker = await openEntryTaker({ ...context, folders, gate, maxBytes });
  const busy = new Map<string, Promise<Attempt>>();
  const followed = new Set<string>();
  const stopping = new AbortController();
  let wake = Promise.withResolvers<void>();

  /** One attempt a file at a time, however many events and sweeps ask for it. */
  async function tryEntry(entry: DropEntry): Promise<Attempt> {
    const key = keyOfPath(entry.path);
    const running = busy.get(key) ?? taker.takeEntry(entry).finally(() => busy.delete(key));
    busy.set(key, running);
    return await running;
  }

  /** Offers the entries, some at a time; returns how many were taken and which may still be written to. */
  async function tryEntries(
    entries: readonly DropEntry[],
  ): Promise<{ taken: number; unfinished: readonly DropEntry[] }> {
    let taken = 0;
    const unfinished: DropEntry[] = [];
    const queue = entries[Symbol.iterator]();
    const work = async () => {
      for (const entry of queue) {
        if (stopping.signal.aborted) return;
        const attempt = await tryEntry(entry);
        if (attempt === 'taken') taken += 1;
        if (attempt === 'unfinished') unfinished.push(entry);
      }
    };
    const results = await Promise.allSettled(Array.from({ length: context.concurrency }, work));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    return { taken, unfinished };
  }

  /** Looks at the files of a window, waits until a second look can tell, and takes those that are whole. */
  async function takeWindow(window: readonly DropEntry[]): Promise<number> {
    const first = await tryEntries(window.toSorted(byName));
    if (first.unfinished.length === 0) return first.taken;
    await sleep(stableMs + 5, undefined, { signal: stopping.signal }).catch(() => undefined);
    return first.taken + (await tryEntries(first.unfinished)).taken;
  }

  async function sweep(): Promise<number> {
    let taken = 0;
    const seen = new Set<string>();
    const claimed = new Set<string>();
    const walk = walkDrop(dropDir, {
      onUnreadable: (folder, error) => {
        void taker.noteProblem(folder, error);
      },
      onFolder: (folder, prefix) => {
        seen.add(folderKey(folder));
        folderWatch.add(folder, prefix);
      },
      onHeld: folders.addPlace,
      onClaimed: (path) => {
        claimed.add(keyOfPath(path));
        recoverClaimed(path, leftClaimed).catch((error: unknown) =>
          states.begins(keyOfPath(path), error, 'file of an older version stays claimed'),
        );
      },
    });
    let window: DropEntry[] = [];
    for await (const entry of walk) {
      if (stopping.signal.aborted) break;
      window.push(entry);
      if (window.length < WINDOW) continue;
      taken += await takeWindow(window);
      window = [];
    }
    taken += await takeWindow(window);
    if (stopping.signal.aborted) return taken;
    folderWatch.keepOnly(seen);
    leftClaimed.keepOnly(claimed);
    return taken;
  }

  /** Follows a file from its first event until it is taken or gone. */
  async function follow(entry: DropEntry): Promise<void> {
    const key = keyOfPath(entry.path);
    if (stopping.signal.aborted || followed.has(key) || busy.has(key) || followed.size >= MAX_FOLLOWED) return;
    followed.add(key);
    try {
      for (;;) {
        const found = await lstat(entry.path); // gone: ENOENT ends it
        if (found.isDirectory()) wake.resolve(); // new folders are the sweep's
        // Symbolic links are not followed, as in the sweep.
        if (!found.isFile() || stopping.signal.aborted || (await tryEntry(entry)) !== 'unfinished') return;
        await sleep(Math.max(20, stableMs / 4), undefined, { signal: stopping.signal });
      }
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' && !stopping.signal.aborted) log.debug({ err: error }, 'event left to the sweep');
    } finally {
      followed.delete(key);
    }
  }

  const folderWatch = openFolderWatch(
    (path, dropName) => {
      if (isCandidateName(dropName.slice(dropName.lastIndexOf('/') + 1))) void follow({ path, dropName });
    },
    (error) => states.begins('watch', error, 'folder cannot be watched; the sweep goes on'),
  );

  const heldWatch = openHeldWatch({
    ...{ pool, archiveDir, folders, holdMs, stableMs, takeAgain: taker.takeAgain },
    concurrency: HELD_CONCURRENCY,
    afterLook: () => joinPieces({ pool, log, archiveDir, maxBytes, onTaken: context.onTaken }),
    onError: (key, error) => {
      const state = `held ${isOutage(error) ? '' : key}`;
      if (error === null) states.ends(state, 'held originals can be looked at again');
      else states.begins(state, error, 'held originals cannot be looked at; it is tried again');
    },
    stopping: stopping.signal,
  });

  const tightening = tightenArchive(archiveDir, stopping.signal).then(
    (files) => {
      if (files > 0) log.info({ files }, 'files of the archive made readable for this account only');
    },
    (error: unknown) => log.error({ err: error }, 'the archive could not be closed to other accounts'),
  );

  /** What lies aside without a row was left by a crash, or by a database that went away. */
  let asideNoted = false;
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await recoverStaged(archiveDir, dropDir, leftStaged);
        if (!asideNoted) await noteAllSetAside({ pool, archiveDir, maxBytes });
        asideNoted = true;
        const taken = await sweep();
        if (taken > 0) log.info({ taken }, 'drop folder swept');
        await taker.forgetProblems((3 * context.sweepMs) / 1000 + 1);
        states.ends('sweep', 'drop folder is swept again');
      } catch (error) {
        asideNoted = false;
        states.begins('sweep', error, 'sweep of the drop folder failed; it is tried again');
      }
      const pause = new AbortController();
      const rest = sleep(context.sweepMs, undefined, { signal: AbortSignal.any([stopping.signal, pause.signal]) });
      await Promise.race([rest, wake.promise]).catch(() => undefined);
      pause.abort();
      await rest.catch(() => undefined);
      wake = Promise.withResolvers<void>();
    }
  })();

  return {
    sweep,
    lookAtHeld: heldWatch.look,
    close: async () => {
      stopping.abort();
      folderWatch.close();
      await loop;
      await heldWatch.close();
      await tightening;
      await Promise.allSettled(busy.values());
    },
  };
}
