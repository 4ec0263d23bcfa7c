import { chmod, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { serverAccount } from './accounts.ts';
import { requireComplete, requireReachable } from './data-folder.ts';
import { findCluster } from './find-cluster.ts';
import { FILES, type Home } from './home.ts';
import { readIdentity } from './identity.ts';
import { makeCluster } from './make-cluster.ts';
import { preparePrograms } from './postgres-programs.ts';
import type { Cluster } from './postgres-server.ts';

/** PostgreSQL's account must pass through the home to a cluster inside it; it cannot list or read anything there. */
async function letPass(home: Home, dataDir: string): Promise<void> {
  if (dataDir !== join(home.dir, FILES.data)) return;
  const { mode } = await stat(home.dir);
  if ((mode & 0o011) !== 0o011) await chmod(home.dir, (mode & 0o711) | 0o011);
}

/** The cluster of this home, ready to be started: the one it has, or a new one for a new home. Runs under its lock. */
export async function openCluster(home: Home): Promise<Cluster> {
  const found = await findCluster(home);
  const programs = await preparePrograms(await serverAccount(home, found?.dataDir ?? null));
  if (found !== null) {
    if (programs.account !== undefined) await letPass(home, found.dataDir);
    await requireReachable(found.dataDir, programs.account);
    await requireComplete(found.dataDir, programs.major);
    return { home, dataDir: found.dataDir, programs };
  }
  const begun = await readIdentity(home.dir);
  const made = await makeCluster(home, typeof begun === 'object' ? begun : null, programs);
  return { home, dataDir: resolve(home.dir, made.cluster), programs };
}
