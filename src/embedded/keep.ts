import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import lockfile from 'proper-lockfile';
import { preparePrograms } from './postgres-programs.ts';
import { startServer, stopServer } from './postgres-server.ts';

/** What the keeper writes for those who want to attach: where it listens for leases and what opens it. */
export type KeeperAddress = {
  readonly port: number;
  readonly token: string;
  readonly databaseUrl: string;
  readonly pid: number;
};

export const ADDRESS_FILE = 'embedded.json';
export const FAILURE_FILE = 'embedded-failure.json';
/** A keeper that nobody has attached to yet waits this long before it gives up. */
const FIRST_LEASE_MS = 20_000;
/** After the last process has gone without saying goodbye, another may attach within this time. */
const LINGER_MS = 1000;
/** A lock not renewed for this long belongs to a keeper that died. */
const LOCK_STALE_MS = 5000;

async function ensureDatabase(databaseUrl: string): Promise<void> {
  const admin = new URL(databaseUrl);
  const name = admin.pathname.slice(1);
  admin.pathname = '/postgres';
  const client = new pg.Client({ connectionString: admin.toString() });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

async function listen(server: Server): Promise<number> {
  return await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

function sameToken(given: string, token: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(token);
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Counts the processes that use the server: each holds one connection, which the kernel closes even when the process is
 * killed. Resolves when the last one has gone, with the sockets that wait to hear that the server is down.
 */
async function countLeases(server: Server, token: string): Promise<readonly Socket[]> {
  const leases = new Set<Socket>();
  const leaving: Socket[] = [];
  return await new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const settle = (delay: number) => {
      clearTimeout(timer);
      timer = leases.size > 0 ? undefined : setTimeout(() => resolve(leaving), delay);
    };
    server.on('connection', (socket) => {
      let line = '';
      socket.setEncoding('utf8');
      socket.on('error', () => socket.destroy());
      socket.on('data', (text: string) => {
        line += text;
        if (!line.includes('\n') || line.length > 200) return;
        const [word, given] = line.trim().split(' ');
        line = '';
        if (given === undefined || !sameToken(given, token)) {
          socket.destroy();
        } else if (word === 'attach') {
          leases.add(socket);
          clearTimeout(timer);
          socket.write('attached\n');
        } else if (word === 'release' && leases.delete(socket)) {
          if (leases.size > 0) socket.end();
          else leaving.push(socket);
          settle(0);
        }
      });
      socket.on('close', () => {
        if (leases.delete(socket)) settle(LINGER_MS);
      });
    });
    settle(FIRST_LEASE_MS);
  });
}

/** Leaves the reason where the process that waits for this keeper looks, and goes on failing. */
async function failVisibly(homeDir: string, error: unknown): Promise<never> {
  const message = error instanceof Error ? error.message : String(error);
  await writeFile(join(homeDir, FAILURE_FILE), JSON.stringify({ message }));
  throw error;
}

/**
 * Runs the embedded server of `homeDir` until the last process that uses it has gone. Returns at once when another
 * keeper already does.
 */
export async function keepServer(homeDir: string): Promise<void> {
  const programs = await preparePrograms(homeDir).catch((error: unknown) => failVisibly(homeDir, error));
  let unlock: () => Promise<void>;
  try {
    unlock = await lockfile.lock(homeDir, {
      lockfilePath: join(homeDir, 'embedded.lock'),
      stale: LOCK_STALE_MS,
      update: LOCK_STALE_MS / 4,
    });
  } catch {
    return; // another keeper is at work
  }
  const addressFile = join(homeDir, ADDRESS_FILE);
  try {
    await rm(addressFile, { force: true });
    await rm(join(homeDir, FAILURE_FILE), { force: true });
    const running = await startServer(programs, homeDir);
    try {
      await ensureDatabase(running.url);
      const server = createServer();
      const token = randomBytes(18).toString('base64url');
      const address: KeeperAddress = { port: await listen(server), token, databaseUrl: running.url, pid: process.pid };
      const leases = countLeases(server, token);
      await writeFile(`${addressFile}.part`, JSON.stringify(address), { mode: 0o600 });
      await rename(`${addressFile}.part`, addressFile);
      const waiting = await leases;
      await rm(addressFile, { force: true });
      server.close();
      await stopServer(programs);
      for (const socket of waiting) socket.end();
    } catch (error) {
      await stopServer(programs);
      throw error;
    }
  } catch (error) {
    await failVisibly(homeDir, error);
  } finally {
    await unlock();
  }
}
