#!/usr/bin/env node
// Plain JavaScript on purpose: this file must run on any Node to say what to do about an old one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  await import(cli);
} else if (existsSync(own)) {
  // The channel carries nothing: the kernel closes it when this process ends, however it ends, and the child ends then.
  const child = spawn(own, [cli, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  // A terminal sends SIGINT and SIGHUP to the child as well, which takes the two for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`dxaflow cannot start its Node ${NEEDED}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (status, signal) => {
    process.exitCode = status ?? 128 + constants.signals[signal];
  });
} else {
  process.stderr.write(
    `dxaflow needs Node ${NEEDED} or newer and was started by Node ${process.versions.node}.\n` +
      'Run "npm ci" in its folder, which installs Node 24 for the project, and start it with "npx dxaflow",\n' +
      'or install Node 24 from nodejs.org.\n',
  );
  process.exitCode = 1;
}
