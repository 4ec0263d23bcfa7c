import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 500;
let watching = false;

/** The parent of a process by /proc; 0 where there is none such. */
function parentOf(pid: number): number {
  try {
    // The name stands in parentheses and may hold anything: the fields after it are counted from the last one.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
    return Number(fields?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function isShell(pid: number): boolean {
  try {
    return /^(da|ba|a|z|k)?sh$|^busybox$/.test(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
  } catch {
    return false;
  }
}

/**
 * Ends this process, cleanly, when what started it is gone. bin/dxaflow.js holds a channel that the kernel closes. npm and
 * npx pass on SIGTERM and SIGINT alone, and to a shell that keeps them to itself: so under npm the shell and npm are
 * watched. A process that a person or a service manager started outlives its shell, as ever.
 */
export function endWithParent(environment: Readonly<Record<string, string | undefined>>): void {
  if (watching) return;
  watching = true;
  const end = () => process.kill(process.pid, 'SIGTERM');
  if (process.channel !== undefined) {
    process.once('disconnect', end);
    process.channel.unref();
  }
  if (environment['npm_lifecycle_event'] === undefined) return;
  const hasWrapper = process.channel !== undefined;
  const starter = () => (hasWrapper ? parentOf(process.ppid) : process.ppid);
  const shell = isShell(starter());
  const ancestors = () => `${process.ppid} ${starter()} ${shell ? parentOf(starter()) : ''}`;
  const atStart = ancestors();
  const timer = setInterval(() => {
    if (ancestors() === atStart) return;
    clearInterval(timer);
    end();
  }, LOOK_EVERY_MS);
  timer.unref();
}
