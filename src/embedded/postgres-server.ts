import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DxaflowError } from '../errors.ts';
import type { PostgresPrograms } from './postgres-programs.ts';

const SUPERUSER = 'dxaflow';
const DATABASE = 'dxaflow';

export type RunningServer = { readonly url: string; readonly port: number };

async function runProgram(
  programs: PostgresPrograms,
  file: string,
  args: readonly string[],
): Promise<{ code: number; output: string }> {
  // Standard output of pg_ctl is inherited by the server, so a pipe would never close: it goes nowhere.
  const child = spawn(file, args, {
    ...(programs.account ?? {}),
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { LC_ALL: 'C', TZ: 'UTC' },
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  child.stderr.destroy();
  return { code, output };
}

async function findFreePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function initialise(programs: PostgresPrograms, homeDir: string, passwordFile: string): Promise<void> {
  await rm(programs.dataDir, { recursive: true, force: true });
  await mkdir(programs.dataDir, { recursive: true, mode: 0o700 });
  const password = randomBytes(24).toString('base64url');
  await writeFile(passwordFile, password, { mode: 0o600 });
  const forInitdb = join(programs.dataDir, '..', `.initdb-${process.pid}`);
  await writeFile(forInitdb, `${password}\n`, { mode: 0o600 });
  if (programs.account !== undefined) {
    await chown(programs.dataDir, programs.account.uid, programs.account.gid);
    await chown(forInitdb, programs.account.uid, programs.account.gid);
  }
  const { code, output } = await runProgram(programs, programs.initdb, [
    `--pgdata=${programs.dataDir}`,
    '--auth=scram-sha-256',
    `--username=${SUPERUSER}`,
    `--pwfile=${forInitdb}`,
    '--encoding=UTF8',
    '--locale=C',
    '--data-checksums',
  ]).finally(() => rm(forInitdb, { force: true }));
  if (code !== 0) {
    throw new DxaflowError('EMBEDDED_INIT_FAILED', `initdb failed in ${homeDir} (exit ${code}): ${output.trim()}`);
  }
  await writeFile(join(homeDir, 'postgres-initialised'), `${programs.dataDir}\n`);
}

/** Port of a server that runs on this data folder, by its own postmaster.pid; null when pg_ctl says that none does. */
async function runningPort(programs: PostgresPrograms): Promise<number | null> {
  const { code } = await runProgram(programs, programs.pgCtl, ['status', '-D', programs.dataDir]);
  if (code !== 0) return null;
  const lines = (await readFile(join(programs.dataDir, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  // postmaster.pid: pid, data folder, start time, port, socket folder, address, shared memory key, status.
  return lines[3] === undefined ? null : Number(lines[3]);
}

/**
 * Starts the server of this home, making it first if need be, or adopts the one that a crashed keeper left behind. A
 * taken port is no obstacle: another free one is tried.
 */
export async function startServer(programs: PostgresPrograms, homeDir: string): Promise<RunningServer> {
  const passwordFile = join(homeDir, 'postgres-password');
  const initialised = await readFile(join(homeDir, 'postgres-initialised'), 'utf8').catch(() => null);
  if (initialised?.trim() !== programs.dataDir) await initialise(programs, homeDir, passwordFile);
  await chmod(passwordFile, 0o600);
  const password = (await readFile(passwordFile, 'utf8')).trim();
  const urlOf = (port: number) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE}`;

  const adopted = await runningPort(programs);
  if (adopted !== null) return { port: adopted, url: urlOf(adopted) };

  let lastOutput = '';
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const port = await findFreePort();
    // No Unix socket: its path limit of 107 bytes would depend on where the project lies.
    // Errors go to the server's log without statement and row, which would hold patient values.
    const quiet = '-c log_error_verbosity=terse -c log_min_error_statement=panic';
    const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 ${quiet}`;
    const { code, output } = await runProgram(programs, programs.pgCtl, [
      'start',
      '-w',
      '-t',
      '60',
      '-D',
      programs.dataDir,
      '-l',
      join(programs.dataDir, 'server.log'),
      '-o',
      options,
    ]);
    if (code === 0) return { port, url: urlOf(port) };
    lastOutput = output;
  }
  throw new DxaflowError(
    'EMBEDDED_START_FAILED',
    `The embedded PostgreSQL did not start. Its log is ${join(programs.dataDir, 'server.log')}. ${lastOutput.trim()}`,
  );
}

export async function stopServer(programs: PostgresPrograms): Promise<void> {
  await runProgram(programs, programs.pgCtl, ['stop', '-w', '-t', '30', '-m', 'fast', '-D', programs.dataDir]);
}
