import { spawn } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { codeOf, DxaflowError } from '../errors/errors.ts';
import { databaseError } from './codes.ts';
import { PROTOCOL } from './handshake.ts';
import { FILES, findHome, type Home, orAbsent, readJson } from './home.ts';
import { readIdentity } from './identity.ts';
import { ADDRESS, errorOf, type KeeperAddress, type Lease, takeLease } from './lease.ts';
import { isAlive } from './postmaster.ts';

const FAILURE = z.object({ code: z.string().optional(), message: z.string() });
const KEEPER = fileURLToPath(new URL('../../workers/embedded-postgres.ts', import.meta.url));
/** Longer than initdb on a slow disk, shorter than a person's patience. */
const ATTACH_TIMEOUT_MS = 90_000;
/** While our own keeper is at work: after a crash the server may have much to recover. */
const RECOVERY_TIMEOUT_MS = 600_000;
const LOOK_AGAIN_MS = 100;
/** A keeper that has ended at once met another one's lock, which may have died since: it is tried again. */
const RESPAWN_MS = 1000;
/** The same for a process that has lost its keeper: it can wait, and may have to for long. */
const RESPAWN_LOST_MS = 2000;
/** A lock of release 0.1.0 is renewed every 1.25 s; an older one is left over. */
const LOCK_FRESH_MS = 10_000;

export type Attached = { readonly lease: Lease; readonly address: KeeperAddress };

type KeeperStarter = { readonly start: (home: Home) => void; readonly isRunning: () => boolean };

/** Starts keepers, one at a time and not too often; whichever gets the home's lock stays. */
function keeperStarter(respawnMs: number): KeeperStarter {
  let nextAt = 0;
  let running = false;
  const start = (home: Home) => {
    if (running || performance.now() < nextAt) return;
    running = true;
    const child = spawn(process.execPath, [KEEPER, home.given], { detached: true, stdio: 'ignore', cwd: '/' });
    const ended = () => {
      running = false;
      nextAt = performance.now() + respawnMs;
    };
    child.once('error', ended);
    child.once('exit', ended);
    child.unref();
  };
  return { start, isRunning: () => running };
}

async function refuseOlder(home: Home, address: KeeperAddress): Promise<void> {
  const lock = await orAbsent(stat(join(home.dir, FILES.lock)));
  if (lock === null || Date.now() - lock.mtimeMs > LOCK_FRESH_MS || !isAlive(address.pid)) return;
  throw databaseError('EMBEDDED_OLDER_RUNNING', `Home ${home.dir}, process ${address.pid}.`);
}

/** Null while no keeper holds the server, or it is shutting down. */
async function tryAttach(home: Home, options: { readonly holdsUp: boolean }): Promise<Attached | null> {
  const parsed = ADDRESS.safeParse(await readJson(join(home.dir, FILES.address)));
  if (!parsed.success) return null;
  const address = parsed.data;
  if (address.protocol !== PROTOCOL) await refuseOlder(home, address);
  if (address.protocol !== PROTOCOL || address.home !== home.key) return null;
  const lease = await takeLease(address, options);
  return lease === null ? null : { lease, address };
}

/** Why the last keeper gave up; null when none has. */
async function readFailure(home: Home): Promise<DxaflowError | null> {
  const failure = FAILURE.safeParse(await readJson(join(home.dir, FILES.failure)));
  return failure.success ? errorOf(failure.data.code, failure.data.message) : null;
}

const forgetFailure = (home: Home) => rm(join(home.dir, FILES.failure), { force: true });

/** Takes a lease at the keeper of the home, starting one where there is none. */
export async function attach(home: Home): Promise<Attached> {
  await forgetFailure(home);
  const keeper = keeperStarter(RESPAWN_MS);
  for (const began = performance.now(); ; await sleep(LOOK_AGAIN_MS)) {
    const attached = await tryAttach(home, { holdsUp: true });
    if (attached !== null) return attached;
    const failure = await readFailure(home);
    if (failure !== null) throw failure;
    const waited = performance.now() - began;
    if (waited > (keeper.isRunning() ? RECOVERY_TIMEOUT_MS : ATTACH_TIMEOUT_MS)) {
      throw databaseError('EMBEDDED_NOT_UP', `Home ${home.dir}, waited ${Math.round(waited / 1000)} s.`);
    }
    keeper.start(home);
  }
}

/** The id of a home; null while it has none that can be read. */
export const idOf = async (home: Home) => {
  const identity = await readIdentity(home.dir);
  return typeof identity === 'object' ? identity.id : null;
};

/** The home if it is still at its path, null if it is not, undefined if that cannot be told at the moment. */
async function findAgain(given: string, id: string | null): Promise<Home | null | undefined> {
  try {
    const home = await findHome(given);
    return home !== null && (await idOf(home)) === id ? home : null;
  } catch {
    return undefined;
  }
}

/**
 * Attaches again after the keeper was lost, and has it replaced. A home that has gone from its path is not recreated
 * there: that would be another, empty one.
 */
export async function reattach(
  given: string,
  id: string | null,
  { isReleased, onFailure }: { readonly isReleased: () => boolean; readonly onFailure: (error: DxaflowError) => void },
): Promise<Attached | null> {
  const keeper = keeperStarter(RESPAWN_LOST_MS);
  for (let told = ''; !isReleased(); await sleep(LOOK_AGAIN_MS, undefined, { ref: false })) {
    const home = await findAgain(given, id);
    if (home === null) throw databaseError('EMBEDDED_HOME_GONE', `Home ${given}.`);
    if (home === undefined) continue;
    try {
      const attached = await tryAttach(home, { holdsUp: false });
      if (attached !== null) return attached;
      const failure = await readFailure(home);
      if (failure !== null) {
        await forgetFailure(home);
        throw failure;
      }
    } catch (error) {
      if (error instanceof DxaflowError && error.code !== told) onFailure(error);
      told = codeOf(error);
    }
    keeper.start(home);
  }
  return null;
}
