import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../errors/errors.ts';
import { orAbsent } from './home.ts';

/** What postmaster.pid says: process, data folder when it was started, port, and how far it has come. */
export type PidFile = {
  readonly pid: number;
  readonly dataDir: string;
  readonly port: number;
  readonly status: string;
};

/** Lines of the file: pid, data folder, start time, port, socket folder, address, shared memory, status. */
export async function readPidFile(dataDir: string): Promise<PidFile | null> {
  const lines = (await orAbsent(readFile(join(dataDir, 'postmaster.pid'), 'utf8')))?.split('\n') ?? [];
  // A single-user server writes its pid as a negative number.
  const pid = Math.abs(Number(lines[0]));
  if (!Number.isSafeInteger(pid) || pid === 0) return null;
  return { pid, dataDir: lines[1] ?? '', port: Number(lines[3] ?? 0), status: (lines[7] ?? '').trim() };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

const hasProc = process.platform === 'linux';

type Folder = { readonly dev: number; readonly ino: number };

/**
 * Whether a process is PostgreSQL and works in this folder: every one of them has its data folder as current folder. Null
 * where this may not be looked at: root without CAP_SYS_PTRACE, as in most containers.
 */
async function worksIn(pid: number, folder: Folder): Promise<boolean | null> {
  try {
    if ((await readFile(`/proc/${pid}/comm`, 'utf8')).trim() !== 'postgres') return false;
    const cwd = await stat(`/proc/${pid}/cwd`); // a zombie process has none
    return cwd.dev === folder.dev && cwd.ino === folder.ino;
  } catch (error) {
    return codeOf(error) === 'EACCES' ? null : false;
  }
}

/** Goes by the path that the file names: ours if that is this folder, or is gone because the folder was moved. */
async function isOursByPath(file: PidFile, dataDir: string): Promise<boolean> {
  const [named, real] = await Promise.all([orAbsent(realpath(file.dataDir)), realpath(dataDir)]);
  if (named === real || named === null) return true;
  return (await readPidFile(named))?.pid !== file.pid;
}

/**
 * The postmaster that runs on this folder, wherever the folder has been moved since; null when none does, whatever
 * postmaster.pid says: a folder that was copied or restored names a process that is not its own.
 */
export async function livePostmaster(dataDir: string): Promise<PidFile | null> {
  const file = await readPidFile(dataDir);
  if (file === null || !isAlive(file.pid)) return null;
  const works = hasProc ? await worksIn(file.pid, await stat(dataDir)) : null;
  return (works ?? (await isOursByPath(file, dataDir))) ? file : null;
}

async function processesIn(dataDir: string): Promise<readonly number[]> {
  if (!hasProc) return [];
  const folder = await stat(dataDir);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => ((await worksIn(pid, folder)) === true ? pid : 0)));
  return found.filter((pid) => pid !== 0);
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if (codeOf(error) !== 'ESRCH') throw error;
    }
  }
}

/** How long a statement may go on that its killed postmaster left behind; it keeps the shared memory. */
const ORPHANS_TERM_MS = 3000;
const ORPHANS_KILL_MS = 6000;

/**
 * Ends what a killed postmaster left running on this folder, as PostgreSQL itself does after a crash: no server can
 * start while they hold its shared memory. What they had not committed is rolled back.
 */
export async function endOrphans(dataDir: string): Promise<void> {
  const began = performance.now();
  for (let said: NodeJS.Signals | null = null; ; await sleep(50)) {
    const left = await processesIn(dataDir);
    const waited = performance.now() - began;
    if (left.length === 0 || waited > ORPHANS_KILL_MS * 2) return;
    const say = waited > ORPHANS_KILL_MS ? 'SIGKILL' : waited > ORPHANS_TERM_MS ? 'SIGQUIT' : 'SIGTERM';
    if (say !== said) signal(left, say);
    said = say;
  }
}

/** No system gives this number to a process. */
const NO_PROCESS = 2_147_483_646;

/**
 * After a restart or a restore the pid in postmaster.pid may be that of any program, which PostgreSQL would take for its
 * own and refuse to start. The number alone is taken out: the file's key of the shared memory goes on guarding the data.
 */
export async function forgetStalePid(dataDir: string): Promise<void> {
  const file = await readPidFile(dataDir);
  if (file === null || !isAlive(file.pid) || (await livePostmaster(dataDir)) !== null) return;
  const path = join(dataDir, 'postmaster.pid');
  const text = await readFile(path, 'utf8');
  const handle = await open(path, 'w'); // in place: it keeps its owner
  await handle.writeFile(text.replace(/^-?\d+/, String(NO_PROCESS))).finally(() => handle.close());
}

/** The port that the server of this folder last had, as PostgreSQL itself notes it; null when it never ran. */
export async function lastPort(dataDir: string): Promise<number | null> {
  const options = (await orAbsent(readFile(join(dataDir, 'postmaster.opts'), 'utf8'))) ?? '';
  const port = Number(/"-p" "(\d+)"/.exec(options)?.[1]);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
}
