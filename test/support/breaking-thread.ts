import type { ReadOutcome, ReadTask } from '../../src/jobs/read-thread.ts';

/** Stands in for the reading thread and breaks in the way that the bytes ask for. */
export function readAndAdapt({ bytes }: ReadTask): ReadOutcome {
  switch (Buffer.from(bytes).toString()) {
    case 'hang':
      for (;;) Math.random();
    case 'throw':
      throw new Error('the reader has a defect');
    case 'exit':
      process.exit(3);
      break;
    case 'memory': {
      const hoard: number[][] = [];
      for (;;) hoard.push(Array.from({ length: 100_000 }, (_, index) => index + Math.random()));
    }
    default:
  }
  return { ok: false, code: 'FINE', path: null, facts: {}, sopInstanceUid: null, findings: [] };
}
