import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { codeOf } from '../errors/errors.ts';
import { databaseError } from './codes.ts';
import { settleOwnership } from './data-folder.ts';
import { FILES, type Home, orAbsent } from './home.ts';
import { newPassword, SUPERUSER, writePassword } from './make-cluster.ts';
import { type PostgresPrograms, programOptions, runProgram } from './postgres-programs.ts';
import { endOrphans, forgetStalePid, lastPort, livePostmaster, readPidFile } from './postmaster.ts';
import { boundServerLog, openServerLog, readLastLogLines } from './server-log.ts';

const DATABASE = 'dxaflow';
const ALIVE_CHECK_MS = 500;
/** SQLSTATE of a role that does not exist, as the server prints it. */
const UNDEFINED_OBJECT = /\b42704\b/;

export type Cluster = { readonly home: Home; readonly dataDir: string; readonly programs: PostgresPrograms };

export type RunningServer = {
  readonly port: number;
  readonly url: string;
  /** True when it ran already, left behind by a keeper that died. */
  readonly adopted: boolean;
  /** Resolves when the postmaster has ended, for whatever reason. */
  readonly gone: Promise<void>;
};

type Postmaster = Omit<RunningServer, 'url'>;

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  // No Unix socket: its path limit of 107 bytes would depend on where the home lies.
  'unix_socket_directories=',
  'max_connections=200',
  // A statement's error may quote a row, and so a patient: the caller gets it, the log does not.
  'log_min_messages=log',
  'log_min_error_statement=panic',
  'log_error_verbosity=terse',
];

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** Below the ports that systems lend to outgoing connections, so that after a crash the same one is free again. */
const FIRST_PORT = 15_400;
const PORTS = 17_000;

async function choosePort(preferred: number | null): Promise<number> {
  if (preferred !== null && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) return port;
  }
  throw databaseError('EMBEDDED_START_FAILED', 'No port of this machine is free.');
}

async function untilGone(dataDir: string): Promise<void> {
  while ((await livePostmaster(dataDir).catch(() => null)) !== null) await sleep(ALIVE_CHECK_MS);
}

/** Takes over a server that runs on this folder; null when none does, or it ends before it is ready. */
async function adopt(dataDir: string): Promise<Postmaster | null> {
  for (;;) {
    const running = await livePostmaster(dataDir);
    if (running === null) return null;
    if (running.status === 'ready') return { port: running.port, adopted: true, gone: untilGone(dataDir) };
    await sleep(50);
  }
}

async function start({ dataDir, programs }: Cluster, port: number): Promise<Postmaster> {
  await settleOwnership(dataDir, programs.account);
  await forgetStalePid(dataDir);
  await boundServerLog(dataDir);
  const log = await openServerLog(dataDir, programs.account);
  const { size } = await log.stat();
  const options = ['-D', dataDir, '-p', String(port), ...SETTINGS.flatMap((setting) => ['-c', setting])];
  // Of a session of its own: what ends the keeper's terminal or group must not end the server.
  const child = spawn(programs.postgres, options, {
    ...programOptions(programs.account),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  let ended = false;
  const gone = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  }).then(() => {
    ended = true;
  });
  child.unref();
  await log.close();
  // Only its own word counts: what answers on the port may be any program.
  for (;;) {
    if (ended)
      throw databaseError(
        'EMBEDDED_START_FAILED',
        `Folder ${dataDir}. ${await readLastLogLines(dataDir, size)}`.trim(),
      );
    const file = await readPidFile(dataDir);
    if (file?.pid === child.pid && file?.status === 'ready') return { port, adopted: false, gone };
    await sleep(25);
  }
}

export async function stopServer({ dataDir, programs }: Cluster): Promise<void> {
  for (const mode of ['fast', 'immediate']) {
    if ((await livePostmaster(dataDir)) === null) return;
    await runProgram(programs.account, programs.pgCtl, ['stop', '-w', '-t', '30', '-m', mode, '-D', dataDir]);
  }
}

/** Gives the role of this home a new password, with the server down: no rule of who may connect is loosened for it. */
async function resetPassword({ home, dataDir, programs }: Cluster): Promise<string> {
  const password = newPassword();
  await writePassword(home, password);
  await endOrphans(dataDir);
  await settleOwnership(dataDir, programs.account);
  await forgetStalePid(dataDir);
  const settings = ['exit_on_error=true', 'log_min_messages=log', 'log_error_verbosity=verbose'];
  const args = ['--single', ...settings.flatMap((setting) => ['-c', setting]), '-D', dataDir, 'postgres'];
  const statement = `alter role ${SUPERUSER} with login superuser password '${password}'\n`;
  const { code, output } = await runProgram(programs.account, programs.postgres, args, statement);
  if (code === 0) return password;
  throw databaseError(
    UNDEFINED_OBJECT.test(output) ? 'EMBEDDED_FOREIGN' : 'EMBEDDED_START_FAILED',
    `Folder ${dataDir}.`,
  );
}

const urlOf = (port: number, password: string, database: string) =>
  `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;

/** Makes our database where it is missing. False when the server does not know the password. */
async function ensureDatabase(port: number, password: string, dataDir: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: urlOf(port, password, 'postgres'),
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => undefined); // the statement that it breaks under fails as well
  try {
    await client.connect();
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(DATABASE)}`);
    return true;
  } catch (error) {
    if (codeOf(error) === '28P01') return false;
    if (codeOf(error) === '3D000')
      throw databaseError('EMBEDDED_NOT_WHOLE', `Folder ${dataDir} lacks a database.`, error);
    throw databaseError('EMBEDDED_START_FAILED', `Folder ${dataDir} (${codeOf(error)}).`, error);
  } finally {
    await client.end().catch(() => undefined); // never connected
  }
}

/**
 * Has the server of this home running and ready: the one that a crashed keeper left behind, or a new one. It keeps the
 * port that it last had; only where no client expects it there (`anyPort`) may it take another.
 */
export async function bringUp(cluster: Cluster, { anyPort }: { readonly anyPort: boolean }): Promise<RunningServer> {
  const { home, dataDir } = cluster;
  const run = async (): Promise<Postmaster> => {
    const adopted = await adopt(dataDir);
    if (adopted !== null) return adopted;
    await endOrphans(dataDir);
    const former = await lastPort(dataDir);
    return await start(cluster, anyPort || former === null ? await choosePort(former) : former);
  };
  const opened = async (server: Postmaster, password: string): Promise<RunningServer | null> => {
    try {
      const isLetIn = password !== '' && (await ensureDatabase(server.port, password, dataDir));
      return isLetIn ? { ...server, url: urlOf(server.port, password, DATABASE) } : null;
    } catch (error) {
      if (!server.adopted) await stopServer(cluster); // nothing else would
      throw error;
    }
  };
  const kept = (await orAbsent(readFile(join(home.dir, FILES.password), 'utf8')))?.trim() ?? '';
  const server = await opened(await run(), kept);
  if (server !== null) return server;
  await stopServer(cluster);
  const password = await resetPassword(cluster);
  const again = await opened(await run(), password);
  if (again !== null) return again;
  await stopServer(cluster);
  throw databaseError(
    'EMBEDDED_START_FAILED',
    `Folder ${dataDir}: its pg_hba.conf allows no connections from this machine.`,
  );
}
