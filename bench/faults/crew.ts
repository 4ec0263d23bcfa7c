import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export type Member = {
  readonly name: string;
  readonly kill: (signal: NodeJS.Signals) => boolean;
  readonly isUp: () => boolean;
  readonly pid: () => number;
  /** Sets its wall clock this much ahead of the right time, or behind it; it stays so when the process starts again. */
  readonly shiftClock: (ms: number) => void;
};

export type Crew = {
  readonly members: readonly Member[];
  /** Resolves when every process says that it is ready. */
  readonly ready: () => Promise<void>;
  readonly restarts: () => number;
  readonly logs: () => readonly string[];
  readonly stop: () => Promise<void>;
};

const SHIFTED_CLOCK = fileURLToPath(new URL('../../test/support/process/shifted-clock.ts', import.meta.url));
const RESTART_MS = 300;
const READY_MS = 90_000;

/**
 * Starts worker processes and starts them again whenever they end, as systemd or a container engine does. They write their
 * logs to files themselves: read through pipes, a busy parent would hold them up. With `clocks` each has a clock that can be
 * shifted.
 */
export function startCrew(
  parts: readonly string[],
  environment: Readonly<Record<string, string>>,
  { logFolder, clocks }: { readonly logFolder: string; readonly clocks: boolean },
): Crew {
  let stopping = false;
  let restarts = 0;
  const members = parts.map((part, index) => {
    const path = fileURLToPath(new URL(`../../workers/${part}.ts`, import.meta.url));
    const logFile = join(logFolder, `${part}-${index}.log`);
    const clockFile = join(logFolder, `${part}-${index}.clock`);
    writeFileSync(clockFile, '0');
    let child: ChildProcess;
    let loggedBefore = 0;
    let up = false;
    const begin = () => {
      up = false;
      const log = openSync(logFile, 'a');
      loggedBefore = statSync(logFile).size;
      child = spawn(process.execPath, [...(clocks ? ['--import', SHIFTED_CLOCK] : []), path], {
        env: { PATH: process.env['PATH'] ?? '', ...(clocks ? { SHIFTED_CLOCK: clockFile } : {}), ...environment },
        stdio: ['ignore', log, log],
      });
      closeSync(log);
      child.once('exit', () => {
        up = false;
        if (stopping) return;
        restarts += 1;
        setTimeout(() => {
          if (!stopping) begin();
        }, RESTART_MS);
      });
    };
    const isUp = () => {
      if (child.exitCode !== null || child.signalCode !== null) return false;
      up ||= readFileSync(logFile).subarray(loggedBefore).includes('"msg":"ready"');
      return up;
    };
    begin();
    return {
      name: part,
      logFile,
      isUp,
      pid: () => child.pid ?? 0,
      kill: (signal: NodeJS.Signals) => child.kill(signal),
      shiftClock: (ms: number) => writeFileSync(clockFile, String(ms)),
      gone: async () => {
        if (child.exitCode === null && child.signalCode === null) {
          child.kill('SIGKILL');
          await new Promise((resolve) => child.once('exit', resolve));
        }
      },
    };
  });
  const killAll = () => {
    for (const member of members) member.kill('SIGKILL');
  };
  process.once('exit', killAll); // whatever ends the bench ends its processes
  return {
    members,
    restarts: () => restarts,
    logs: () => members.map((member) => member.logFile),
    ready: async () => {
      const deadline = Date.now() + READY_MS;
      while (!members.every((member) => member.isUp())) {
        if (Date.now() > deadline) throw new Error(`not ready: see ${logFolder}`);
        await sleep(50);
      }
    },
    stop: async () => {
      stopping = true;
      process.off('exit', killAll);
      await Promise.all(members.map((member) => member.gone()));
    },
  };
}
