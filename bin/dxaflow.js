#!/usr/bin/env node
// Plain JavaScript on purpose: this file must run on any Node to say what to do about an old one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  await import(cli);
} else if (existsSync(own)) {
  const child = spawn(own, [cli, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends SIGINT to the child as well; whoever sends a signal to this process alone means the child.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (status, signal) => {
    process.exitCode = status ?? (signal === 'SIGINT' ? 130 : 1);
  });
} else {
  process.stderr.write(
    `dxaflow needs Node ${NEEDED} or newer and was started by Node ${process.versions.node}.\n` +
      'Run "npm ci" in its folder, which installs Node 24 for the project, and start it with "npx dxaflow",\n' +
      'or install Node 24 from nodejs.org.\n',
  );
  process.exitCode = 1;
}
