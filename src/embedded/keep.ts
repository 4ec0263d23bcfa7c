import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { codeOf, DxaflowError } from '../errors/errors.ts';
import { PROTOCOL } from './handshake.ts';
import { FILES, findHome, type Home, readJson, tightenHome, writePrivate } from './home.ts';
import { ADDRESS, type KeeperAddress } from './lease.ts';
import { type Leases, openLeases } from './leases.ts';
import { openCluster } from './open-cluster.ts';
import { bringUp } from './postgres-server.ts';
import { supervise } from './supervise.ts';

/** A lock not renewed for this long belongs to a keeper that died or hangs. */
const LOCK_STALE_MS = 5000;
/** The processes of a keeper that died find the one that took over well within this time. */
const TAKEN_OVER_STAY_MS = 3000;

/** Leaves the reason where the process that waits for this keeper looks, and goes on failing. */
async function failVisibly(home: Home, error: unknown): Promise<never> {
  const known = error instanceof DxaflowError;
  const failure = known
    ? { code: error.code, message: error.message }
    : { code: 'EMBEDDED_START_FAILED', message: `The embedded PostgreSQL did not start (${codeOf(error)}).` };
  await writePrivate(join(home.dir, FILES.failure), JSON.stringify(failure), home.owner);
  throw error;
}

/** A keeper that hung has lost its lock: it must not wake up later and work beside its successor. */
async function endFormerKeeper(home: Home): Promise<void> {
  const former = ADDRESS.safeParse(await readJson(join(home.dir, FILES.address)));
  if (!former.success || former.data.pid === process.pid) return;
  const command = await readFile(`/proc/${former.data.pid}/cmdline`, 'utf8').catch(() => ''); // dead, or no Linux
  const [, script = '', homeDir = ''] = command.split('\0');
  if (script === process.argv[1] && [home.dir, home.given].includes(homeDir)) process.kill(former.data.pid, 'SIGKILL');
}

/** Serves leases until the last process has gone, then stops the server. */
async function serve(home: Home, addressFile: string): Promise<void> {
  const cluster = await openCluster(home);
  const server = await bringUp(cluster, { anyPort: true });
  let leases: Leases | undefined;
  const supervision = supervise(cluster, server, (line) => leases?.tell(line));
  try {
    const token = randomBytes(24).toString('base64url');
    leases = await openLeases({
      token,
      whenUp: supervision.whenUp,
      keepAtLeastMs: server.adopted ? TAKEN_OVER_STAY_MS : 0,
    });
    const address: KeeperAddress = {
      protocol: PROTOCOL,
      home: home.key,
      port: leases.port,
      token,
      databaseUrl: server.url,
      pid: process.pid,
    };
    await writePrivate(addressFile, JSON.stringify(address), home.owner);
    const waiting = await leases.allGone;
    await rm(addressFile, { force: true });
    leases.close();
    await supervision.stop();
    for (const socket of waiting) socket.end();
  } catch (error) {
    await supervision.stop();
    throw error;
  }
}

/**
 * Runs the embedded server of a home until the last process that uses it has gone. Returns at once when another keeper
 * already does.
 */
export async function keepServer(homeDir: string): Promise<void> {
  process.umask(0o077);
  const home = await findHome(homeDir);
  if (home === null) return; // moved or removed since: no other one is created here
  let unlock: () => Promise<void>;
  try {
    unlock = await lockfile.lock(home.dir, {
      lockfilePath: join(home.dir, FILES.lock),
      stale: LOCK_STALE_MS,
      update: LOCK_STALE_MS / 4,
      // The lock is another's, or the home was moved: the server is left to the next keeper, with all it holds.
      onCompromised: () => process.exit(1),
    });
  } catch (error) {
    if (codeOf(error) === 'ELOCKED') return; // another keeper is at work
    return await failVisibly(home, error);
  }
  const addressFile = join(home.dir, FILES.address);
  try {
    await endFormerKeeper(home);
    await tightenHome(home);
    await rm(addressFile, { force: true });
    await rm(join(home.dir, FILES.failure), { force: true });
    await serve(home, addressFile);
  } catch (error) {
    await failVisibly(home, error);
  } finally {
    await unlock();
  }
}
