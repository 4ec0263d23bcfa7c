import { chmod, lchown, lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../errors/errors.ts';
import { findClosedFolder } from './accounts.ts';
import { databaseError } from './codes.ts';
import { type Account, orAbsent } from './home.ts';

/** What initdb makes first and last and no server runs without: template1, template0 and postgres have these numbers. */
const PARTS = ['global/pg_control', 'postgresql.conf', 'pg_hba.conf', 'pg_wal', 'base/1', 'base/4', 'base/5'] as const;

/** Refuses a cluster of another major version, and one of which parts are missing. */
export async function requireComplete(dataDir: string, major: number): Promise<void> {
  try {
    const version = (await readFile(join(dataDir, 'PG_VERSION'), 'utf8')).trim();
    if (version !== String(major)) {
      throw databaseError(
        'EMBEDDED_VERSION',
        `Folder ${dataDir}: version ${version.slice(0, 10)}, this release ${major}.`,
      );
    }
    for (const part of PARTS) {
      if ((await orAbsent(stat(join(dataDir, part)))) === null) {
        throw databaseError('EMBEDDED_NOT_WHOLE', `Folder ${dataDir} lacks ${part}.`);
      }
    }
  } catch (error) {
    if (codeOf(error) !== 'EACCES') throw error;
    throw databaseError('EMBEDDED_UNREADABLE', `Folder ${dataDir}.`, error);
  }
}

/** Refuses a cluster that its account cannot get to; it is not moved, for others may know it by this place. */
export async function requireReachable(dataDir: string, account: Account | undefined): Promise<void> {
  const closed = await findClosedFolder(dirname(await realpath(dataDir)), account);
  if (closed !== null) throw databaseError('EMBEDDED_UNREACHABLE', `Database ${dataDir}, closed folder ${closed}.`);
}

async function settle(path: string, account: Account): Promise<void> {
  const entry = await orAbsent(lstat(path));
  if (entry === null) return;
  // A second name of a file may belong to another folder: it is left to PostgreSQL to complain about.
  const isShared = entry.isFile() && entry.nlink > 1;
  if (!isShared && (entry.uid !== account.uid || entry.gid !== account.gid)) {
    await lchown(path, account.uid, account.gid);
  }
  if (entry.isSymbolicLink() || isShared) return;
  const wanted = entry.isDirectory() ? 0o700 : (entry.mode & 0o100) | 0o600;
  if ((entry.mode & 0o777) !== wanted) await chmod(path, wanted);
  if (!entry.isDirectory()) return;
  for (const name of await readdir(path)) await settle(join(path, name), account);
}

/**
 * Gives a folder that was restored or copied by another account back to the server's account, with the modes that
 * PostgreSQL insists on. An ordinary user cannot change owners: what is another's is refused.
 */
export async function settleOwnership(dataDir: string, account: Account | undefined): Promise<void> {
  const real = await realpath(dataDir);
  const { uid, gid } = await stat(real);
  const own = process.getuid?.();
  if (own === undefined) return; // Windows
  if (account === undefined && uid !== own) {
    throw databaseError('EMBEDDED_UNREADABLE', `Folder ${dataDir} belongs to account ${uid}.`);
  }
  try {
    await settle(real, account ?? { uid, gid });
  } catch (error) {
    throw databaseError('EMBEDDED_UNREADABLE', `Folder ${dataDir} (${codeOf(error)}).`, error);
  }
}
