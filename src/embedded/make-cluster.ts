import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { canEnter, ensureReachableRoot, REACHABLE_ROOT } from './accounts.ts';
import { databaseError } from './codes.ts';
import { FILES, type Home, syncFolder, writePrivate } from './home.ts';
import { type Identity, newId, writeIdentity, writeOwner, writeRecord } from './identity.ts';
import { type PostgresPrograms, runProgram } from './postgres-programs.ts';

export const SUPERUSER = 'dxaflow';
/** Part of the name of a folder in which initdb works and no server ever has: what dies there may be thrown away. */
const BEING_MADE = '.being-made-';

export const newPassword = () => randomBytes(24).toString('base64url');

export async function writePassword(home: Home, password: string): Promise<void> {
  await writePrivate(join(home.dir, FILES.password), password, home.owner);
}

async function clearLeftovers(dataDir: string): Promise<void> {
  const folder = dirname(dataDir);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(basename(dataDir) + BEING_MADE)) continue;
    // An initdb whose keeper was killed may still write into it: then it goes the next time.
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Runs initdb in a folder of its own; resolves when everything it made is on the disk. */
async function initialise(programs: PostgresPrograms, folder: string, password: string): Promise<void> {
  const passwordFile = join(folder, 'password');
  const dataDir = join(folder, 'data');
  await mkdir(folder, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (programs.account !== undefined) {
    await chown(folder, programs.account.uid, programs.account.gid);
    await chown(passwordFile, programs.account.uid, programs.account.gid);
  }
  const { code, output } = await runProgram(programs.account, programs.initdb, [
    `--pgdata=${dataDir}`,
    '--auth=scram-sha-256',
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--locale=C',
    '--data-checksums',
  ]);
  await rm(passwordFile);
  if (code !== 0) throw databaseError('EMBEDDED_INIT_FAILED', `initdb in ${folder} ended with ${code}: ${output}.`);
}

/**
 * Makes the cluster of a new home, inside it or, where the server's account cannot get there, under /var/lib/dxaflow. It is
 * made beside its place and renamed into it when it is whole, so that a crash at any moment leaves nothing to remove.
 */
export async function makeCluster(home: Home, begun: Identity | null, programs: PostgresPrograms): Promise<Identity> {
  const id = begun?.id ?? newId();
  const inside = await canEnter(home.dir, programs.account);
  if (!inside) await ensureReachableRoot();
  const identity: Identity = {
    id,
    cluster: begun?.cluster ?? (inside ? FILES.data : join(REACHABLE_ROOT, `home-${id}`)),
    made: false,
  };
  const dataDir = resolve(home.dir, identity.cluster);
  await writeIdentity(home, identity);
  await clearLeftovers(dataDir);
  const folder = dataDir + BEING_MADE + randomBytes(4).toString('hex');
  const password = newPassword();
  await initialise(programs, folder, password);
  const data = join(folder, 'data');
  if (!dataDir.startsWith(`${home.dir}/`)) await writeOwner(data, { id, home: home.dir });
  await writePassword(home, password);
  await writeRecord(home, dataDir);
  await rename(data, dataDir);
  await syncFolder(dirname(dataDir));
  await rm(folder, { recursive: true });
  await writeIdentity(home, { ...identity, made: true });
  return { ...identity, made: true };
}
