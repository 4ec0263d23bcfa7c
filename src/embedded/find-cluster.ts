import { createHash } from 'node:crypto';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { codeOf } from '../errors/errors.ts';
import { REACHABLE_ROOT } from './accounts.ts';
import { databaseError } from './codes.ts';
import { FILES, type Home, orAbsent } from './home.ts';
import {
  type Identity,
  isOtherHome,
  newId,
  readIdentity,
  readOwner,
  readRecord,
  writeIdentity,
  writeOwner,
  writeRecord,
} from './identity.ts';
import { livePostmaster } from './postmaster.ts';

export type FoundCluster = { readonly identity: Identity; readonly dataDir: string };

/** Whether a folder holds a cluster; one that cannot be looked into is no empty one. */
async function holdsCluster(dataDir: string): Promise<boolean> {
  try {
    return (await orAbsent(stat(join(dataDir, 'PG_VERSION')))) !== null;
  } catch (error) {
    throw databaseError('EMBEDDED_UNREADABLE', `Folder ${dataDir} (${codeOf(error)}).`, error);
  }
}

async function isEmptyOrAbsent(folder: string): Promise<boolean> {
  return ((await orAbsent(readdir(folder))) ?? []).length === 0;
}

async function refuseMissing(home: Home, dataDir: string): Promise<never> {
  const where = `Home ${home.dir}, database folder ${dataDir}.`;
  throw databaseError((await isEmptyOrAbsent(dataDir)) ? 'EMBEDDED_CLUSTER_MISSING' : 'EMBEDDED_NOT_WHOLE', where);
}

/** How release 0.1.0 named the folder outside a home at this path. */
const formerPlace = (path: string) =>
  join(REACHABLE_ROOT, `home-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`);

/** Takes a cluster outside the home for this home, unless it is another home's that is still there. */
async function claim(home: Home, id: string, dataDir: string): Promise<void> {
  const [real, owner] = await Promise.all([realpath(dataDir), readOwner(dataDir)]);
  if (!relative(home.dir, real).startsWith('..')) return; // goes wherever the home goes
  if (owner !== null && (await isOtherHome(owner, home))) {
    throw databaseError('EMBEDDED_HOME_COPIED', `Home ${home.dir}, the other ${owner.home}, database ${dataDir}.`);
  }
  if (owner?.id !== id || owner.home !== home.dir) await writeOwner(dataDir, { id, home: home.dir });
}

async function adopt(home: Home, dataDir: string): Promise<FoundCluster> {
  const inside = dataDir === join(home.dir, FILES.data);
  const id = (inside ? undefined : (await readOwner(dataDir))?.id) ?? newId();
  await claim(home, id, dataDir);
  const identity: Identity = { id, cluster: inside ? FILES.data : dataDir, made: true };
  await writeRecord(home, dataDir);
  await writeIdentity(home, identity);
  return { identity, dataDir };
}

/** Clusters outside that belong to a home at this path, by what they say themselves or by the name 0.1.0 gave them. */
async function leftAtThisPath(home: Home): Promise<readonly string[]> {
  const former = [formerPlace(home.dir), formerPlace(home.given)];
  const folders = ((await orAbsent(readdir(REACHABLE_ROOT))) ?? [])
    .filter((name) => name.startsWith('home-') && !name.includes('.'))
    .map((name) => join(REACHABLE_ROOT, name));
  const found: string[] = [];
  for (const folder of folders) {
    const readable = await holdsCluster(folder).catch(() => false); // another account's is not ours
    if (!readable) continue;
    const owner = await readOwner(folder);
    if (owner === null ? former.includes(folder) : owner.home === home.dir) found.push(folder);
  }
  return found;
}

/** A home of release 0.1.0, or one whose identity was lost, wherever it has gone since: a record names the folder. */
async function findRecorded(home: Home, record: string): Promise<FoundCluster> {
  const inside = join(home.dir, FILES.data);
  const hasInside = await holdsCluster(inside);
  const formerly = [home.dir, home.given, dirname(record)].map(formerPlace);
  const outside = dirname(record) === REACHABLE_ROOT ? record : null;
  if (hasInside) {
    for (const folder of outside === null ? formerly : [outside]) {
      if ((await holdsCluster(folder)) && (await readOwner(folder)) === null) {
        throw databaseError('EMBEDDED_TWO_CLUSTERS', `Home ${home.dir}, folders ${inside} and ${folder}.`);
      }
    }
    if (outside === null) return await adopt(home, inside);
  }
  if (outside === null || !(await holdsCluster(outside))) return await refuseMissing(home, record);
  if (!formerly.includes(outside) && (await readOwner(outside)) === null && (await livePostmaster(outside)) !== null) {
    // Moved or copied since, and in use: the home that it was copied from.
    throw databaseError('EMBEDDED_HOME_COPIED', `Home ${home.dir}, database ${outside}, which is in use.`);
  }
  return await adopt(home, outside);
}

/**
 * Finds the cluster of this home, wherever either has been moved; null for a new home. Writes down who belongs to whom,
 * and refuses whatever could let a home look empty that is not, or two homes share a cluster. Runs under the home's lock.
 */
export async function findCluster(home: Home): Promise<FoundCluster | null> {
  const identity = await readIdentity(home.dir);
  if (typeof identity === 'object') {
    const dataDir = resolve(home.dir, identity.cluster);
    if (!(await holdsCluster(dataDir))) return identity.made ? await refuseMissing(home, dataDir) : null;
    await claim(home, identity.id, dataDir);
    await writeRecord(home, dataDir);
    if (!identity.made) await writeIdentity(home, { ...identity, made: true });
    return { identity, dataDir };
  }

  const record = await readRecord(home.dir);
  if (record !== null) return await findRecorded(home, record);

  const inside = join(home.dir, FILES.data);
  if (await holdsCluster(inside)) return await adopt(home, inside);
  if (!(await isEmptyOrAbsent(inside))) return await refuseMissing(home, inside);

  const left = await leftAtThisPath(home);
  const [only, ...others] = left;
  const hasPassword = (await orAbsent(stat(join(home.dir, FILES.password)))) !== null;
  const wasInUse = identity === 'damaged' || (hasPassword && (await orAbsent(stat(inside))) === null);
  if (only !== undefined && others.length === 0 && wasInUse) return await adopt(home, only);
  if (only !== undefined) {
    throw databaseError('EMBEDDED_CLUSTER_UNCLAIMED', `Home ${home.dir}, database ${left.join(' and ')}.`);
  }
  return wasInUse ? await refuseMissing(home, inside) : null;
}
