import { execFile } from 'node:child_process';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { databaseError } from './codes.ts';
import type { Account, Home } from './home.ts';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root, so root hands it to this account, which is created where it is missing. */
const POSTGRES_ACCOUNT = 'postgres';
/** Where root keeps what that account must reach when the home lies in a private folder such as /root. */
export const REACHABLE_ROOT = '/var/lib/dxaflow';

/** Makes that folder, which other accounts must pass through whatever umask is in force. */
export async function ensureReachableRoot(): Promise<void> {
  await mkdir(REACHABLE_ROOT, { recursive: true });
  await chmod(REACHABLE_ROOT, 0o755);
}

/** By name or number; null where this machine knows no such account. */
async function findAccount(name: string): Promise<Account | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

async function ensurePostgresAccount(): Promise<Account> {
  const present = await findAccount(POSTGRES_ACCOUNT);
  if (present !== null) return present;
  try {
    await run('groupadd', ['--force', '--system', POSTGRES_ACCOUNT]);
    await run('useradd', ['--system', '--no-create-home', '-g', POSTGRES_ACCOUNT, POSTGRES_ACCOUNT]);
  } catch (error) {
    throw databaseError('EMBEDDED_NO_ACCOUNT', '', error);
  }
  const created = await findAccount(POSTGRES_ACCOUNT);
  if (created === null) throw databaseError('EMBEDDED_NO_ACCOUNT', '');
  return created;
}

/**
 * The account that the server runs under; undefined for an ordinary user, who runs it himself. Root hands it to the
 * ordinary user whose home this is, so that he can go on with it, unless the data belong to postgres already.
 */
export async function serverAccount(home: Home, dataDir: string | null): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = home.owner === undefined ? null : await findAccount(String(home.owner.uid));
  if (owner !== null && (dataDir === null || (await stat(dataDir)).uid === owner.uid)) return owner;
  return await ensurePostgresAccount();
}

/** True when the account may pass into the folder, by whatever rule lets it; always for ourselves. */
export async function canEnter(folder: string, account: Account | undefined): Promise<boolean> {
  if (account === undefined) return true;
  try {
    await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...account, cwd: '/' });
    return true;
  } catch {
    return false;
  }
}

/** The topmost folder on the way to `path` that the account cannot enter. */
export async function findClosedFolder(path: string, account: Account | undefined): Promise<string | null> {
  const folders = [path];
  for (let folder = path; dirname(folder) !== folder; ) {
    folder = dirname(folder);
    folders.unshift(folder);
  }
  for (const folder of folders) {
    if (!(await canEnter(folder, account))) return folder;
  }
  return null;
}
