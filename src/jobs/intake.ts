import { lstat, mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { clearIntakeProblem, forgetGoneProblems, listIntakeProblems, noteIntakeProblem } from '../db/intake-problem.ts';
import type { Pool } from '../db/pool.ts';
import { codeOf } from '../errors.ts';
import { isOutage } from '../transient.ts';
import { createStabilityGate, type DropEntry, isCandidateName, walkDrop } from './drop-folder.ts';
import { folderKey, openFolderWatch } from './folder-watch.ts';
import { LEFT_BEHIND_MS, recoverClaimed, recoverStaged } from './recover-staged.ts';
import { openFileTaker, type TakenFile } from './take-file.ts';

export type IntakeContext = {
  readonly pool: Pool;
  readonly log: Logger;
  readonly dropDir: string;
  readonly archiveDir: string;
  readonly stableMs: number;
  readonly sweepMs: number;
  /** Files taken at the same time. */
  readonly concurrency: number;
  /** Called after a file is safe; what it does may get lost, for the sweep finds received files without a result. */
  readonly onTaken: (taken: TakenFile) => Promise<void>;
};

export type Intake = {
  /** Takes everything that is whole now; resolves with the number of files taken. */
  readonly sweep: () => Promise<number>;
  readonly close: () => Promise<void>;
};

/** `stuck`: it lies there and cannot be taken; `unfinished`: its writer may still be at it. */
type Attempt = 'taken' | 'unfinished' | 'stuck' | 'gone';

/**
 * A folder lists its files in no order at all. Files of one visit mostly have names alike (senders name them after their
 * UIDs or by number), and taken one after the other they are judged together.
 */
const byName = (a: DropEntry, b: DropEntry) => Buffer.compare(a.path, b.path);

/** Files looked at together: bounds what a long queue costs in memory. */
const WINDOW = 5000;
/** Files followed by their events at a time; a flood beyond that is the sweep's. */
const MAX_FOLLOWED = 500;
/** The archive's disk refuses: no other file will fare better. */
const DISK_REFUSES: readonly string[] = ['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'ENFILE'];

/**
 * Watches the drop folder. Events make it quick; the sweep, at the start and every `sweepMs`, makes it complete, also
 * on network mounts that send no events.
 */
export async function openIntake(context: IntakeContext): Promise<Intake> {
  const { pool, log, dropDir, stableMs } = context;
  await mkdir(dropDir, { recursive: true });
  await mkdir(context.archiveDir, { recursive: true });
  const gate = createStabilityGate(stableMs);
  const leftStaged = createStabilityGate(LEFT_BEHIND_MS);
  const leftClaimed = createStabilityGate(LEFT_BEHIND_MS);
  const takeFile = openFileTaker(pool, context.archiveDir);
  const busy = new Map<string, Promise<Attempt>>();
  const followed = new Set<string>();
  const problems = new Set((await listIntakeProblems(pool, MAX_FOLLOWED)).map(({ dropName }) => dropName));
  const stopping = new AbortController();
  let wake = Promise.withResolvers<void>();

  async function noteProblem(dropName: string, code: string): Promise<void> {
    problems.add(dropName);
    await noteIntakeProblem(pool, dropName, code).catch((e: unknown) => log.error({ err: e }, 'problem not noted'));
  }

  /** Throws when nothing else can be taken now either: database away, disk full. */
  async function takeEntry({ path, dropName }: DropEntry): Promise<Attempt> {
    const key = path.toString('latin1');
    try {
      if (!(await gate.isWhole(key, path))) return 'unfinished';
      const taken = await takeFile({ path, dropName, keepOriginal: false });
      gate.forget(key);
      if (problems.delete(dropName)) await clearIntakeProblem(pool, dropName);
      log.info({ sourceFileId: taken.sourceFileId, outcome: taken.outcome }, 'file taken in');
      await context.onTaken(taken);
      return 'taken';
    } catch (error) {
      const code = codeOf(error);
      if (code === 'FILE_CHANGED') return 'unfinished';
      gate.forget(key);
      if (code === 'ENOENT') return 'gone'; // somebody else took it, or its sender took it back
      if (isOutage(error)) throw error;
      log.warn({ err: error }, 'file cannot be taken in');
      await noteProblem(dropName, code);
      if (DISK_REFUSES.includes(code)) throw error;
      return 'stuck';
    }
  }

  /** One attempt a file at a time, however many events and sweeps ask for it. */
  async function offer(entry: DropEntry): Promise<Attempt> {
    const key = entry.path.toString('latin1');
    const running = busy.get(key) ?? takeEntry(entry).finally(() => busy.delete(key));
    busy.set(key, running);
    return await running;
  }

  /** Offers the entries, some at a time; returns how many were taken and which may still be written to. */
  async function offerAll(entries: readonly DropEntry[]): Promise<{ taken: number; unfinished: readonly DropEntry[] }> {
    let taken = 0;
    const unfinished: DropEntry[] = [];
    const queue = entries[Symbol.iterator]();
    const work = async () => {
      for (const entry of queue) {
        if (stopping.signal.aborted) return;
        const attempt = await offer(entry);
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
    const first = await offerAll(window.toSorted(byName));
    if (first.unfinished.length === 0) return first.taken;
    await sleep(stableMs + 5, undefined, { signal: stopping.signal }).catch(() => undefined);
    return first.taken + (await offerAll(first.unfinished)).taken;
  }

  async function sweep(): Promise<number> {
    let taken = 0;
    const folders = new Set<string>();
    const claimed = new Set<string>();
    const walk = walkDrop(dropDir, {
      onUnreadable: (folder, error) => {
        log.warn({ err: error }, 'folder cannot be read');
        void noteProblem(folder, codeOf(error));
      },
      onFolder: (folder, prefix) => {
        folders.add(folderKey(folder));
        folderWatch.add(folder, prefix);
      },
      onClaimed: (path) => {
        claimed.add(path.toString('latin1'));
        recoverClaimed(path, leftClaimed).catch((error: unknown) => log.warn({ err: error }, 'claimed file left'));
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
    folderWatch.keepOnly(folders);
    leftClaimed.keepOnly(claimed);
    return taken;
  }

  /** Follows a file from its first event until it is taken or gone. */
  async function follow(entry: DropEntry): Promise<void> {
    const key = entry.path.toString('latin1');
    if (stopping.signal.aborted || followed.has(key) || busy.has(key) || followed.size >= MAX_FOLLOWED) return;
    followed.add(key);
    try {
      for (;;) {
        const found = await lstat(entry.path); // gone: ENOENT ends it
        if (found.isDirectory()) wake.resolve(); // new folders are the sweep's
        // Symbolic links are not followed, as in the sweep.
        if (!found.isFile() || stopping.signal.aborted || (await offer(entry)) !== 'unfinished') return;
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
    (error) => log.warn({ err: error }, 'folder cannot be watched; the sweep goes on'),
  );

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await recoverStaged(context.archiveDir, dropDir, leftStaged);
        const taken = await sweep();
        if (taken > 0) log.info({ taken }, 'drop folder swept');
        await forgetGoneProblems(pool, (3 * context.sweepMs) / 1000 + 1);
      } catch (error) {
        log.error({ err: error }, 'sweep of the drop folder failed; it is tried again');
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
    close: async () => {
      stopping.abort();
      folderWatch.close();
      await loop;
      await Promise.allSettled(busy.values());
    },
  };
}
