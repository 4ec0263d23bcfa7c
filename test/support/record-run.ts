import fs, { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import { format } from 'node:util';
import { afterEach, expect, inject, vi } from 'vitest';
import { DxaflowError } from '../../src/errors/errors.ts';

// Set up before every test file: what the product logs, throws or prints in this process goes into the run's folder as
// well, which is searched for patient values when the run is over (global-setup.ts).
const folder = inject('runFolder');
const place = () => basename(expect.getState().testPath ?? 'no-test');
const record = (what: string, text: string) =>
  appendFileSync(join(folder, `${place()}.${what}`), text.endsWith('\n') ? text : `${text}\n`);

// Loggers write to standard error by its number.
const { writeSync } = fs;
fs.writeSync = ((fd: number, ...rest: unknown[]) => {
  if (fd === 2 && typeof rest[0] === 'string') record('stderr', rest[0]);
  return (writeSync as (...all: unknown[]) => number)(fd, ...rest);
}) as typeof fs.writeSync;
syncBuiltinESMExports();

for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
  const print = console[level];
  console[level] = (...args: unknown[]) => {
    record('console', format(...args));
    print(...args);
  };
}

// An error of ours says its name once, when it is made: whoever throws it, and wherever it is caught, its text is known.
Object.defineProperty(DxaflowError.prototype, 'name', {
  configurable: true,
  set(this: DxaflowError, name: string) {
    Object.defineProperty(this, 'name', { value: name, configurable: true, writable: true, enumerable: true });
    record('errors', this.message);
  },
});

// A clock that a test set goes right again, however the test ended.
afterEach(() => void vi.useRealTimers());

process.on('uncaughtExceptionMonitor', (error) => record('uncaught', String(error)));
