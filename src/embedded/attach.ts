import { spawn } from 'node:child_process';
import { access, constants, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { z } from 'zod';
import { codeOf, DxaflowError } from '../errors.ts';
import { databaseError } from './codes.ts';
import { PROTOCOL } from './handshake.ts';
import { FILES, findHome, type Home, openHome, orAbsent, readJson } from './home.ts';
import { readIdentity } from './identity.ts';
import { ADDRESS, errorOf, type KeeperAddress, type Lease, type ServerNews, takeLease } from './lease.ts';
import { isAlive } from './postmaster.ts';

const FAILURE = z.object({ code: z.string().optional(), message: z.string() });
const KEEPER = fileURLToPath(new URL('../../workers/embedded-postgres.ts', import.meta.url));
/** Longer than initdb and crash recovery on a slow disk, shorter than a person's patience. */
const ATTACH_TIMEOUT_MS = 90_000;
const ANSWER_TIMEOUT_MS = 30_000;
const LOOK_AGAIN_MS = 100;
/** A keeper that has ended at once met another one's lock, which may have died since: it is tried again. */
const RESPAWN_MS = 1000;
/** A lock of release 0.1.0 is renewed every 1.25 s; an older one is left over. */
const LOCK_FRESH_MS = 10_000;

export type EmbeddedDatabase = {
  readonly databaseUrl: string;
  /** Gives the lease back; when it was the last one, resolves after the server has stopped. */
  readonly release: () => Promise<void>;
};

export type EmbeddedEvents = {
  /** The server, or the keeper that watches over it, has ended or is back. */
  readonly onNews?: (news: ServerNews) => void;
  /** This process cannot go on with its database and must end: it is elsewhere now. */
  readonly onLost?: (error: DxaflowError) => void;
};

type Attached = { readonly lease: Lease; readonly address: KeeperAddress };

/** Starts keepers, one at a time and not too often; whichever gets the home's lock stays. */
function keeperStarter(): (home: Home) => void {
  let nextAt = 0;
  let running = false;
  return (home) => {
    if (running || performance.now() < nextAt) return;
    running = true;
    const child = spawn(process.execPath, [KEEPER, home.given], { detached: true, stdio: 'ignore', cwd: '/' });
    const ended = () => {
      running = false;
      nextAt = performance.now() + RESPAWN_MS;
    };
    child.once('error', ended);
    child.once('exit', ended);
    child.unref();
  };
}

async function refuseOlder(home: Home, address: KeeperAddress): Promise<void> {
  const lock = await orAbsent(stat(join(home.dir, FILES.lock)));
  if (lock === null || Date.now() - lock.mtimeMs > LOCK_FRESH_MS || !isAlive(address.pid)) return;
  throw databaseError('EMBEDDED_OLDER_RUNNING', `Home ${home.dir}, process ${address.pid}.`);
}

/** Null while nobody holds the server, or the one who does is going. */
async function tryAttach(home: Home): Promise<Attached | null> {
  const parsed = ADDRESS.safeParse(await readJson(join(home.dir, FILES.address)));
  if (!parsed.success) return null;
  const address = parsed.data;
  if (address.protocol !== PROTOCOL) await refuseOlder(home, address);
  if (address.protocol !== PROTOCOL || address.home !== home.key) return null;
  const lease = await takeLease(address);
  return lease === null ? null : { lease, address };
}

async function throwFailure(home: Home): Promise<void> {
  const failure = FAILURE.safeParse(await readJson(join(home.dir, FILES.failure)));
  if (failure.success) throw errorOf(failure.data.code, failure.data.message);
}

async function attach(home: Home): Promise<Attached> {
  await rm(join(home.dir, FILES.failure), { force: true });
  const startKeeper = keeperStarter();
  for (const deadline = performance.now() + ATTACH_TIMEOUT_MS; performance.now() < deadline; ) {
    const attached = await tryAttach(home);
    if (attached !== null) return attached;
    await throwFailure(home);
    startKeeper(home);
    await sleep(LOOK_AGAIN_MS);
  }
  throw databaseError('EMBEDDED_NOT_UP', `Home ${home.dir}, waited ${ATTACH_TIMEOUT_MS / 1000} s.`);
}

/** Waits until the server lets somebody in: it may have been killed at this very moment. */
async function untilAnswers(databaseUrl: string): Promise<void> {
  for (const deadline = performance.now() + ANSWER_TIMEOUT_MS; ; await sleep(LOOK_AGAIN_MS)) {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined); // ending it fails as well
    try {
      await client.connect();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw databaseError('DATABASE_AWAY', `Cause: ${codeOf(error)}.`, error);
    } finally {
      await client.end().catch(() => undefined); // never connected
    }
  }
}

const idOf = async (home: Home) => {
  const identity = await readIdentity(home.dir);
  return typeof identity === 'object' ? identity.id : null;
};

/**
 * Attaches again after the keeper was lost, and has it replaced. A home that has gone from its path is not made anew
 * there: that would be another, empty one.
 */
async function reattach(given: string, id: string | null, isReleased: () => boolean): Promise<Attached | null> {
  const startKeeper = keeperStarter();
  while (!isReleased()) {
    const home = await findHome(given);
    if (home === null || (await idOf(home)) !== id) throw databaseError('EMBEDDED_HOME_GONE', `Home ${given}.`);
    const attached = await tryAttach(home).catch(() => null); // told by the keeper's news, or at the next try
    if (attached !== null) return attached;
    startKeeper(home);
    await sleep(LOOK_AGAIN_MS, undefined, { ref: false });
  }
  return null;
}

/**
 * Attaches to the embedded PostgreSQL of `homeDir`, starting it if none runs. The server stays up as long as any process
 * holds a lease, and is started again when it, or the keeper that watches over it, is killed. Throws a code of
 * DATABASE_CODES when it cannot be had.
 */
export async function attachEmbedded(homeDir: string, events: EmbeddedEvents = {}): Promise<EmbeddedDatabase> {
  const home = await openHome(homeDir);
  await access(home.dir, constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw databaseError('EMBEDDED_HOME_UNUSABLE', `Home ${home.dir} (${codeOf(error)}).`, error);
  });
  let { lease, address } = await attach(home);
  const id = await idOf(home);
  const { databaseUrl } = address;
  let released = false;

  const hold = async () => {
    for (;;) {
      lease.onNews((news) => events.onNews?.(news));
      await lease.ended;
      if (released) return;
      events.onNews?.('unwatched');
      const again = await reattach(homeDir, id, () => released);
      if (again === null) return;
      ({ lease, address } = again);
      events.onNews?.('watched');
      if (released) await lease.release();
      if (address.databaseUrl !== databaseUrl) throw databaseError('EMBEDDED_ADDRESS_CHANGED', `Home ${home.dir}.`);
    }
  };
  hold().catch((error: unknown) => {
    if (!released) events.onLost?.(error instanceof DxaflowError ? error : databaseError('DATABASE_AWAY', '', error));
  });

  const release = async () => {
    released = true;
    await lease.release();
  };
  try {
    await untilAnswers(databaseUrl);
  } catch (error) {
    await release();
    throw error;
  }
  return { databaseUrl, release };
}
