import { resolve } from 'node:path';
import { keepServer } from '../src/embedded/keep.ts';

// Started by src/embedded/attach.ts, detached from its terminal. It ends by itself when the last process that uses the
// database has gone: what ends all processes of a service or a terminal must not take the database away before them.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => undefined);

const homeDir = process.argv[2];
if (homeDir === undefined) {
  process.exitCode = 2;
} else {
  try {
    await keepServer(resolve(homeDir));
  } catch {
    process.exitCode = 1; // the reason is in embedded-failure.json, which the waiting process reads
  }
  // Whatever timer a library still holds must not keep a keeper without a lock alive.
  process.exit();
}
