import { chmod, chown, lstat, mkdir, open, readdir, readFile, realpath, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../errors/errors.ts';
import { databaseError } from './codes.ts';

/** Files and folders of ours in a home, by what they are for. `drop` is the site's and `archive` the intake's. */
export const FILES = {
  address: 'embedded.json',
  failure: 'embedded-failure.json',
  lock: 'embedded.lock',
  identity: 'embedded-home.json',
  password: 'postgres-password',
  /** Where release 0.1.0 noted the absolute path of its database folder. */
  record: 'postgres-initialised',
  data: 'postgres',
  demo: 'demo',
} as const;

export type Account = { readonly uid: number; readonly gid: number };

export type Home = {
  /** The real path: one home has one, through whatever link it is reached. */
  readonly dir: string;
  /** Tells the folder from a copy of it, and stays when it is moved. */
  readonly key: string;
  /** As it was given, which is what release 0.1.0 went by. */
  readonly given: string;
  /** Set when root works in the home of an ordinary user, whom everything in it must go on belonging to. */
  readonly owner: Account | undefined;
};

const NOT_THERE: readonly string[] = ['ENOENT', 'ENOTDIR'];

/** Null when nothing is there; throws for anything else, because what cannot be read must not count as absent. */
export async function orAbsent<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (NOT_THERE.includes(codeOf(error))) return null;
    throw error;
  }
}

async function resolveHome(given: string): Promise<Home> {
  const dir = await realpath(given);
  const { uid, gid, dev, ino } = await stat(dir);
  return { dir, key: `${dev}-${ino}`, given, owner: process.getuid?.() === 0 && uid !== 0 ? { uid, gid } : undefined };
}

/** Finds the home, making it where there is none. Only its owner may list it; PostgreSQL's account may pass. */
export async function openHome(given: string): Promise<Home> {
  try {
    await mkdir(dirname(given), { recursive: true });
    await mkdir(given, { mode: 0o711 }).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    const home = await resolveHome(given);
    const { mode } = await stat(home.dir);
    // A shared folder, such as /tmp, is never a home, even if it was named as one.
    const isCommon = (mode & 0o1000) !== 0 || dirname(home.dir) === home.dir;
    if ((mode & 0o066) !== 0 && !isCommon) await chmod(home.dir, mode & 0o711);
    return home;
  } catch (error) {
    throw databaseError('EMBEDDED_HOME_UNUSABLE', `Home ${given} (${codeOf(error)}).`, error);
  }
}

/** The home as it is now, without making anything; null when it is not there any more. */
export async function findHome(given: string): Promise<Home | null> {
  return await orAbsent(resolveHome(given));
}

/** The file's JSON; null when it is absent, undefined when it is damaged or half written. */
export async function readJson(path: string): Promise<unknown> {
  let text: string | null;
  try {
    text = await orAbsent(readFile(path, 'utf8'));
  } catch (error) {
    throw databaseError('EMBEDDED_UNREADABLE', `File ${path} (${codeOf(error)}).`, error);
  }
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Replaces a file as a whole, readable by its owner alone, and waits until it is on the disk. */
export async function writePrivate(path: string, text: string, owner: Account | undefined): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  const file = await open(part, 'w', 0o600);
  try {
    await file.chmod(0o600);
    if (owner !== undefined) await file.chown(owner.uid, owner.gid);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
  await syncFolder(dirname(path));
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  // Some file systems and Windows cannot sync a folder; the rename stands all the same.
  await handle.sync().catch(() => undefined);
  await handle.close();
}

async function tightenTree(path: string, owner: Account | undefined, depth: number): Promise<void> {
  const entry = await orAbsent(lstat(path));
  if (entry === null || entry.isSymbolicLink()) return;
  if (owner !== undefined && entry.uid === 0) await chown(path, owner.uid, owner.gid);
  if ((entry.mode & 0o077) !== 0) await chmod(path, entry.mode & 0o700);
  if (!entry.isDirectory() || depth === 0) return;
  for (const name of await readdir(path)) await tightenTree(join(path, name), owner, depth - 1);
}

/** Removes the read access that an earlier release gave to others. The database folder has rules of its own. */
export async function tightenHome(home: Home): Promise<void> {
  const { data, demo, ...ours } = FILES;
  for (const name of Object.values(ours)) await tightenTree(join(home.dir, name), home.owner, 0);
  await tightenTree(join(home.dir, demo), home.owner, 8);
}
