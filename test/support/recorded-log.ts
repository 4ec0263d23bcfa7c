import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { inject } from 'vitest';
import { createLog } from '../../src/runtime/log.ts';

let opened = 0;

/** Adds what a process of ours said on standard error to what the run's search looks through. */
export function recordErrors(name: string, text: string): void {
  appendFileSync(join(inject('runFolder'), `${name}.stderr`), text);
}

/** The product's logger with everything it can say, into the run's folder instead of standard error. */
export function recordedLog(): Logger {
  opened += 1;
  const dest = join(inject('runFolder'), `in-process-${process.pid}-${opened}.log`);
  return createLog('trace', 'test', pino.destination({ dest, sync: true }));
}
