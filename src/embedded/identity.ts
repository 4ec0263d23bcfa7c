import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Account, FILES, findHome, type Home, orAbsent, readJson, writePrivate } from './home.ts';

const ID = z.string().regex(/^[0-9a-f]{32}$/);
const IDENTITY = z.object({ id: ID, cluster: z.string().min(1), made: z.boolean() });
const OWNER = z.object({ id: ID, home: z.string().min(1) });

/**
 * What a home is, wherever it lies: an id made once, and where its database folder stands, relative to the home unless
 * that lies outside it. `made` is false until the folder is complete and in its place.
 */
export type Identity = z.infer<typeof IDENTITY>;

/** What a database folder outside its home says about it. */
export type Owner = z.infer<typeof OWNER>;

/** Lies in a database folder that stands outside its home; PostgreSQL leaves files that it does not know alone. */
const OWNER_FILE = 'dxaflow-home.json';

export const newId = () => randomBytes(16).toString('hex');

export async function readIdentity(homeDir: string): Promise<Identity | 'absent' | 'damaged'> {
  const json = await readJson(join(homeDir, FILES.identity));
  if (json === null) return 'absent';
  const parsed = IDENTITY.safeParse(json);
  return parsed.success ? parsed.data : 'damaged';
}

export async function writeIdentity(home: Home, identity: Identity): Promise<void> {
  await writePrivate(join(home.dir, FILES.identity), `${JSON.stringify(identity)}\n`, home.owner);
}

export async function readOwner(dataDir: string): Promise<Owner | null> {
  const parsed = OWNER.safeParse(await readJson(join(dataDir, OWNER_FILE)));
  return parsed.success ? parsed.data : null;
}

export async function writeOwner(dataDir: string, owner: Owner): Promise<void> {
  const { uid, gid } = await stat(dataDir);
  const account: Account | undefined = process.getuid?.() === 0 ? { uid, gid } : undefined;
  await writePrivate(join(dataDir, OWNER_FILE), `${JSON.stringify(owner)}\n`, account);
}

/** The absolute path that release 0.1.0 noted; null when there is none. */
export async function readRecord(homeDir: string): Promise<string | null> {
  const text = await orAbsent(readFile(join(homeDir, FILES.record), 'utf8'));
  return text === null || text.trim() === '' ? null : text.trim();
}

/** Goes on being written: release 0.1.0 would remove the folder of a home whose record does not name it. */
export async function writeRecord(home: Home, dataDir: string): Promise<void> {
  if ((await readRecord(home.dir)) === dataDir) return;
  await writePrivate(join(home.dir, FILES.record), `${dataDir}\n`, home.owner);
}

/** Whether a home of this id stands at that path and is another folder than `home`. */
export async function isOtherHome(owner: Owner, home: Home): Promise<boolean> {
  const other = await findHome(owner.home);
  if (other === null || other.key === home.key) return false;
  const identity = await readIdentity(other.dir);
  return typeof identity === 'object' && identity.id === owner.id;
}
