import { lstat, mkdir } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { watch } from 'chokidar';
import type { Logger } from 'pino';
import { clearIntakeProblem, forgetGoneProblems, noteIntakeProblem } from '../db/intake-problem.ts';
import type { Pool } from '../db/pool.ts';
import { codeOf } from '../errors.ts';
import { createStabilityGate, type DropEntry, isCandidateName, walkDrop } from './drop-folder.ts';
import { LEFT_BEHIND_MS, recoverStaged } from './recover-staged.ts';
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

/**
 * Watches the drop folder. Events make it quick; the sweep, at the start and every `sweepMs`, makes it complete, also
 * on network mounts that send no events.
 */
export async function openIntake(context: IntakeContext): Promise<Intake> {
  const { pool, log, dropDir, stableMs } = context;
  await mkdir(dropDir, { recursive: true });
  await mkdir(context.archiveDir, { recursive: true });
  const gate = createStabilityGate(stableMs);
  const takeFile = openFileTaker(pool, context.archiveDir);
  const busy = new Map<string, Promise<boolean>>();
  const stopping = new AbortController();

  async function takeEntry({ path, dropName }: DropEntry): Promise<boolean> {
    const key = path.toString('latin1');
    try {
      if (!(await gate.isWhole(key, path))) return false;
      const taken = await takeFile({ path, dropName, keepOriginal: false });
      gate.forget(key);
      await clearIntakeProblem(pool, dropName);
      log.info({ sourceFileId: taken.sourceFileId, outcome: taken.outcome }, 'file taken in');
      await context.onTaken(taken);
      return true;
    } catch (error) {
      const code = codeOf(error);
      // Somebody else took it, or its sender took it back: the next sweep sees what is there.
      if (code === 'ENOENT' || code === 'FILE_CHANGED') return false;
      log.warn({ err: error }, 'file cannot be taken in');
      if (/^E[A-Z]+$/.test(code))
        await noteIntakeProblem(pool, dropName, code).catch((e: unknown) => log.error({ err: e }, 'problem not noted'));
      return false;
    }
  }

  /** One attempt a file at a time, however many events and sweeps ask for it. */
  async function offer(entry: DropEntry): Promise<boolean> {
    const key = entry.path.toString('latin1');
    const running = busy.get(key) ?? takeEntry(entry).finally(() => busy.delete(key));
    busy.set(key, running);
    return await running;
  }

  async function sweep(): Promise<number> {
    let taken = 0;
    const running = new Set<Promise<void>>();
    const unreadable = (folder: string, error: unknown) => {
      log.warn({ err: error }, 'folder cannot be read');
      noteIntakeProblem(pool, folder, codeOf(error)).catch((e: unknown) => log.error({ err: e }, 'problem not noted'));
    };
    for await (const entry of walkDrop(dropDir, unreadable)) {
      if (stopping.signal.aborted) break;
      if (running.size >= context.concurrency) await Promise.race(running);
      const attempt: Promise<void> = offer(entry).then((done) => {
        running.delete(attempt);
        taken += done ? 1 : 0;
      });
      running.add(attempt);
    }
    await Promise.all(running);
    return taken;
  }

  const watcher = watch(dropDir, {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (path) => path !== dropDir && !isCandidateName(path.slice(path.lastIndexOf(sep) + 1)),
  });
  const onEvent = (path: string) => {
    const entry = { path: Buffer.from(path), dropName: relative(dropDir, path) };
    const settle = async () => {
      // Symbolic links are not followed, as in the sweep.
      if (!(await lstat(path)).isFile()) return;
      while (!stopping.signal.aborted && !(await offer(entry))) {
        await lstat(path); // gone: ENOENT ends the wait
        await sleep(Math.max(20, stableMs / 4), undefined, { signal: stopping.signal, ref: false });
      }
    };
    settle().catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT' && !stopping.signal.aborted) log.debug({ err: error }, 'event left to the sweep');
    });
  };
  watcher.on('add', onEvent);
  watcher.on('error', (error) => log.warn({ err: error }, 'watching failed; the sweep goes on'));

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await recoverStaged(context.archiveDir, dropDir, LEFT_BEHIND_MS);
        const taken = await sweep();
        if (taken > 0) log.info({ taken }, 'drop folder swept');
        await forgetGoneProblems(pool, (3 * context.sweepMs) / 1000 + 1);
      } catch (error) {
        log.error({ err: error }, 'sweep of the drop folder failed; it is tried again');
      }
      await sleep(context.sweepMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();

  return {
    sweep,
    close: async () => {
      stopping.abort();
      await watcher.close();
      await loop;
      await Promise.allSettled(busy.values());
    },
  };
}
