import { resolve } from 'node:path';
import { keepServer } from '../src/embedded/keep.ts';

// Started by src/embedded/attach.ts, detached from its terminal: a Ctrl-C there must not take the database away from
// the other processes of the same folder. It ends by itself when the last of them has gone.
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);

const homeDir = process.argv[2];
if (homeDir === undefined) {
  process.exitCode = 2;
} else {
  try {
    await keepServer(resolve(homeDir));
  } catch {
    process.exitCode = 1; // the reason is in embedded-failure.json, which the waiting process reads
  }
}
