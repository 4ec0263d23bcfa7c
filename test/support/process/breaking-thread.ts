import type { ReadOutcome, ReadTask } from '../../../src/jobs/ingest/read-thread.ts';

/** Stands in for the reading thread and breaks in the way that the bytes ask for. */
export function readAndAdapt({ bytes }: ReadTask): ReadOutcome {
  const how = Buffer.from(bytes).toString();
  if (how === 'throw') throw new Error('the reader has a defect');
  if (how === 'exit') process.exit(3);
  while (how === 'hang') Math.random();
  const hoard: number[][] = [];
  while (how === 'memory') hoard.push(Array.from({ length: 100_000 }, (_, index) => index + Math.random()));
  return { ok: false, code: 'FINE', path: null, facts: {}, sopInstanceUid: null, findings: [] };
}
