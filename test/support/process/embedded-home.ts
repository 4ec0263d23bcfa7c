import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { attachEmbedded, type EmbeddedDatabase, type EmbeddedEvents } from '../../../src/embedded/attach.ts';
import { until } from '../until.ts';

export const ATTACH = fileURLToPath(new URL('../../../src/embedded/attach.ts', import.meta.url));
export const isRoot = process.getuid?.() === 0;
const OUTSIDE = '/var/lib/dxaflow';

export async function query(databaseUrl: string, sql: string): Promise<Record<string, unknown> | undefined> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined); // the server is killed under it in some tests
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows[0];
  } finally {
    await client.end();
  }
}

export const isUp = (databaseUrl: string) =>
  query(databaseUrl, 'select 1').then(
    () => true,
    () => false,
  );

/** Where the database folder of a home stands now. */
export function dataDirOf(home: string): string {
  return readFileSync(join(home, 'postgres-initialised'), 'utf8').trim();
}

/** Database folders outside their homes that the homes in this folder name. */
function outsideOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'postgres-initialised')))
    .map((name) => dataDirOf(join(folder, name)))
    .filter((dataDir) => dataDir.startsWith(`${OUTSIDE}/home-`));
}

export type Sandbox = {
  /** A folder of its own; `private` keeps PostgreSQL's account out when root runs the tests. */
  readonly folder: (kind: 'open' | 'private') => string;
  /** A home in an open folder whose database is a copy of one that this file made once: initdb takes seconds. */
  readonly copiedHome: () => Promise<string>;
  readonly attach: (home: string, events?: EmbeddedEvents) => Promise<EmbeddedDatabase>;
  /** Gives back every lease and removes every folder. */
  readonly clear: () => Promise<void>;
};

let madeOnce: string | undefined;

/** Removes the home that `copiedHome` copies; after the last test of a file. */
export function removeMadeOnce(): void {
  if (madeOnce !== undefined) rmSync(join(madeOnce, '..'), { recursive: true, force: true });
  madeOnce = undefined;
}

export function openSandbox(): Sandbox {
  const folders: string[] = [];
  const attached: EmbeddedDatabase[] = [];
  const makeFolder = (kind: 'open' | 'private') => {
    const folder = mkdtempSync(join(tmpdir(), 'dxaflow-embedded-'));
    if (kind === 'open') chmodSync(folder, 0o755);
    folders.push(folder);
    return folder;
  };
  return {
    folder: makeFolder,
    copiedHome: async () => {
      const home = join(makeFolder('open'), 'home');
      if (madeOnce === undefined) {
        const folder = mkdtempSync(join(tmpdir(), 'dxaflow-embedded-once-'));
        chmodSync(folder, 0o755);
        const database = await attachEmbedded(join(folder, 'home'));
        await database.release();
        madeOnce = join(folder, 'home');
      }
      execFileSync('cp', ['-a', madeOnce, home]);
      return home;
    },
    attach: async (home, events) => {
      const database = await attachEmbedded(home, events);
      attached.push(database);
      return database;
    },
    clear: async () => {
      for (const database of attached.splice(0)) await database.release();
      for (const folder of folders.splice(0)) {
        for (const dataDir of outsideOf(folder)) rmSync(dataDir, { recursive: true, force: true });
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

export function postmasterOf(home: string): number {
  return Number(readFileSync(join(dataDirOf(home), 'postmaster.pid'), 'utf8').split('\n')[0]);
}

export type Address = { readonly port: number; readonly token: string; readonly pid: number };
export const addressOf = (home: string) => JSON.parse(readFileSync(join(home, 'embedded.json'), 'utf8')) as Address;

/** A process of its own that attaches, prints the URL and stays until it is killed. */
export async function attachElsewhere(
  home: string,
): Promise<{ readonly url: string; readonly kill: () => Promise<void> }> {
  const script = `import { attachEmbedded } from ${JSON.stringify(ATTACH)};
const { databaseUrl } = await attachEmbedded(process.argv[1]); console.log(databaseUrl); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve) =>
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())),
  );
  const kill = async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  return { url, kill };
}

export const untilUp = (databaseUrl: string, withinMs: number) =>
  until(async () => await isUp(databaseUrl), 'the server answers', withinMs);

export const untilDown = (databaseUrl: string, withinMs: number) =>
  until(async () => !(await isUp(databaseUrl)), 'the server is down', withinMs);
