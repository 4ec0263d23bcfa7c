import type { ReadOutcome, ReadTask } from '../../../src/jobs/ingest/read-thread.ts';

/** Stands in for the reading thread and takes the whole process down over some bytes, as the kernel does out of memory. */
export function readAndAdapt({ bytes }: ReadTask): ReadOutcome {
  if (Buffer.from(bytes).toString().startsWith('deadly')) process.kill(process.pid, 'SIGKILL');
  return { ok: false, code: 'FINE', path: null, facts: {}, sopInstanceUid: null, findings: [] };
}
