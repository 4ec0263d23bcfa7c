import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { DxaflowError } from '../errors.ts';
import { ADDRESS_FILE, FAILURE_FILE } from './keep.ts';

const ADDRESS = z.object({ port: z.number(), token: z.string(), databaseUrl: z.string(), pid: z.number() });
const KEEPER = fileURLToPath(new URL('../../workers/embedded-postgres.ts', import.meta.url));
/** Longer than initdb and crash recovery on a slow disk, shorter than a person's patience. */
const ATTACH_TIMEOUT_MS = 90_000;
/** A keeper that has not come up by then may have lost the race for the lock to one that then died: start another. */
const RESPAWN_MS = 8000;

export type EmbeddedDatabase = {
  readonly databaseUrl: string;
  /** Gives the lease back; when it was the last one, resolves after the server has stopped. */
  readonly release: () => Promise<void>;
};

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return null; // absent, or half written by a keeper that died
  }
}

async function takeLease(port: number, token: string): Promise<Socket | null> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.setEncoding('utf8');
    socket.once('error', () => resolve(null));
    socket.once('close', () => resolve(null));
    socket.once('data', () => resolve(socket));
    socket.once('connect', () => socket.write(`attach ${token}\n`));
  });
}

async function releaseLease(socket: Socket, token: string): Promise<void> {
  if (socket.destroyed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => socket.destroy(), 35_000);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.ref();
    socket.write(`release ${token}\n`);
  });
}

/**
 * Attaches to the embedded PostgreSQL of `homeDir`, starting it if none runs. The server stays up as long as any process
 * holds a lease. Throws EMBEDDED_* with the reason when it cannot be had.
 */
export async function attachEmbedded(homeDir: string): Promise<EmbeddedDatabase> {
  await mkdir(homeDir, { recursive: true });
  const failureFile = join(homeDir, FAILURE_FILE);
  await rm(failureFile, { force: true });
  const deadline = performance.now() + ATTACH_TIMEOUT_MS;
  let spawnedAt = Number.NEGATIVE_INFINITY;
  while (performance.now() < deadline) {
    const address = ADDRESS.safeParse(await readJson(join(homeDir, ADDRESS_FILE)));
    const lease = address.success ? await takeLease(address.data.port, address.data.token) : null;
    if (address.success && lease !== null) {
      lease.on('error', () => lease.destroy());
      lease.resume();
      lease.unref();
      return { databaseUrl: address.data.databaseUrl, release: () => releaseLease(lease, address.data.token) };
    }
    const failure = z.object({ message: z.string() }).safeParse(await readJson(failureFile));
    if (failure.success) throw new DxaflowError('EMBEDDED_START_FAILED', failure.data.message);
    if (performance.now() - spawnedAt > RESPAWN_MS) {
      spawnedAt = performance.now();
      spawn(process.execPath, [KEEPER, homeDir], { detached: true, stdio: 'ignore', cwd: '/' }).unref();
    }
    await sleep(50);
  }
  throw new DxaflowError(
    'EMBEDDED_START_FAILED',
    `The embedded PostgreSQL of ${homeDir} did not come up within ${ATTACH_TIMEOUT_MS / 1000} s. Remove its file embedded.lock if no dxaflow process runs, or set DATABASE_URL.`,
  );
}
