import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second whatever the machine (USER_HZ). */
const TICKS_PER_SECOND = 100;

function statOf(pid: number | string): { readonly parent: number; readonly seconds: number } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    // After pid and name: state, parent, …, then at 11 to 14 own user and system time and those of ended children.
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
    return { parent: Number(fields[1]), seconds: ticks / TICKS_PER_SECOND };
  } catch {
    return null; // ended meanwhile
  }
}

/** Processor time and peak resident memory of one process so far. */
export function processUse(pid: number): { readonly cpuSeconds: number; readonly peakMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const peakKb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
  return { cpuSeconds: statOf(pid)?.seconds ?? 0, peakMb: Math.round(peakKb / 1024) };
}

/** Processor seconds of a process and its children, those that have ended included. */
export function treeUse(pid: number): number {
  let seconds = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat !== null && (Number(name) === pid || stat.parent === pid)) seconds += stat.seconds;
  }
  return seconds;
}
