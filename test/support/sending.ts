import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { appendFile, open } from 'node:fs/promises';
import { join } from 'node:path';

export const sha = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

type Wait = (sent: Uint8Array) => Promise<unknown>;

/** Writes a file in two parts, as a sender does that keeps it open; `wait` comes between the two. */
export async function sendSlowly(path: string, bytes: Uint8Array, wait: Wait): Promise<void> {
  const half = Math.floor(bytes.length / 2);
  const file = await open(path, 'w');
  await file.write(bytes.subarray(0, half));
  await wait(bytes.subarray(0, half));
  await file.write(bytes.subarray(half));
  await file.close();
}

/** As one that closes the file in between and opens it again by its name. */
export async function sendByName(path: string, bytes: Uint8Array, parts: number, wait: Wait): Promise<void> {
  for (let part = 0; part < parts; part += 1) {
    const at = (share: number) => Math.floor((bytes.length * share) / parts);
    if (part > 0) await wait(bytes.subarray(0, at(part)));
    await appendFile(path, bytes.subarray(at(part), at(part + 1)));
  }
}

/** As one on a Windows share: the size first, the content later, and at the end the time that the file had at home. */
export async function sendSizeFirst(path: string, bytes: Uint8Array, wait: Wait): Promise<void> {
  const file = await open(path, 'w');
  const home = new Date('2020-01-01T00:00:00Z');
  await file.truncate(bytes.length);
  await file.utimes(home, home);
  await wait(Buffer.alloc(bytes.length));
  await file.write(bytes, 0, bytes.length, 0);
  await file.utimes(home, home);
  await file.close();
}

export type Below = { readonly path: string; readonly isFile: boolean; readonly mode: number };

/** Everything below a folder and the folder itself. */
export function everythingBelow(folder: string): readonly Below[] {
  const seen: Below[] = [];
  const look = (path: string) => {
    // A held original is let go while its folder is read.
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return;
    seen.push({ path, isFile: stats.isFile(), mode: stats.mode & 0o777 });
    if (stats.isDirectory()) for (const name of readdirSync(path)) look(join(path, name));
  };
  look(folder);
  return seen;
}

/** Archived files whose bytes are not those that their name says. */
export function wrongInArchive(archiveDir: string): readonly string[] {
  return everythingBelow(archiveDir)
    .filter(({ path, isFile }) => isFile && path.endsWith('.dcm'))
    .filter(({ path }) => sha(readFileSync(path)) !== /([0-9a-f]{64})\.dcm$/.exec(path)?.[1])
    .map(({ path }) => path);
}
