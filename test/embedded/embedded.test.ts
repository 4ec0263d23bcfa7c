import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attachEmbedded } from '../../src/embedded/attach.ts';

const ATTACH = fileURLToPath(new URL('../../src/embedded/attach.ts', import.meta.url));

async function query(databaseUrl: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined); // the server is killed under it in one test
  await client.connect();
  try {
    return (await client.query(sql)).rows[0];
  } finally {
    await client.end();
  }
}

const isUp = (databaseUrl: string) =>
  query(databaseUrl, 'select 1').then(
    () => true,
    () => false,
  );

/** A process of its own that attaches, prints the URL and stays until it is killed. */
async function attachElsewhere(home: string): Promise<{ readonly url: string; readonly kill: () => Promise<void> }> {
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

describe('the embedded PostgreSQL', () => {
  let home: string;
  beforeEach(() => {
    // mkdtemp makes a private folder (0700), which the postgres account cannot enter when root runs this.
    home = join(mkdtempSync(join(tmpdir(), 'dxaflow-embedded-')), 'home');
  });
  afterEach(() => rmSync(join(home, '..'), { recursive: true, force: true }));

  it('is PostgreSQL 18, keeps its rows over a restart and stops with the last process', {
    timeout: 60_000,
  }, async () => {
    const first = await attachEmbedded(home);
    expect(
      await query(first.databaseUrl, `select current_setting('server_version_num')::int / 10000 as major`),
    ).toEqual({ major: 18 });
    await query(first.databaseUrl, 'create table kept as select 42 as answer');
    const other = await attachElsewhere(home);
    expect(other.url).toBe(first.databaseUrl);
    await first.release();
    expect(await isUp(other.url)).toBe(true);
    await other.kill();
    for (let waited = 0; waited < 10_000 && (await isUp(other.url)); waited += 200) await sleep(200);
    expect(await isUp(other.url)).toBe(false);

    const again = await attachEmbedded(home);
    expect(await query(again.databaseUrl, 'select answer from kept')).toEqual({ answer: 42 });
    await again.release();
    expect(await isUp(again.databaseUrl)).toBe(false);
  });

  it('starts once when several processes come at the same time', { timeout: 60_000 }, async () => {
    const attached = await Promise.all(Array.from({ length: 5 }, () => attachEmbedded(home)));
    expect(new Set(attached.map((one) => one.databaseUrl)).size).toBe(1);
    await Promise.all(attached.map((one) => one.release()));
  });

  it('is recovered after its server and its keeper were killed', { timeout: 90_000 }, async () => {
    const first = await attachEmbedded(home);
    await query(first.databaseUrl, 'create table kept as select 42 as answer');
    const { pid } = JSON.parse(readFileSync(join(home, 'embedded.json'), 'utf8')) as { pid: number };
    const dataDir = readFileSync(join(home, 'postgres-initialised'), 'utf8').trim();
    const postmaster = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    process.kill(postmaster, 'SIGKILL');
    const again = await attachEmbedded(home);
    expect(await query(again.databaseUrl, 'select answer from kept')).toEqual({ answer: 42 });
    await again.release();
    await first.release();
  });

  it('adopts the server of a keeper that was killed', { timeout: 90_000 }, async () => {
    const first = await attachEmbedded(home);
    const { pid } = JSON.parse(readFileSync(join(home, 'embedded.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    const again = await attachEmbedded(home);
    expect(again.databaseUrl).toBe(first.databaseUrl);
    await again.release();
    expect(await isUp(again.databaseUrl)).toBe(false);
    await first.release();
  });

  it('runs for an ordinary user as well as for root', { timeout: 60_000 }, async () => {
    if (process.getuid?.() !== 0) return; // the tests above ran as an ordinary user
    const folder = mkdtempSync(join(tmpdir(), 'dxaflow-nobody-'));
    execFileSync('chown', ['nobody', folder]);
    const script = `import { attachEmbedded } from ${JSON.stringify(ATTACH)};
const { databaseUrl, release } = await attachEmbedded(${JSON.stringify(join(folder, 'home'))}); console.log(process.getuid(), databaseUrl); await release();`;
    const nobody = Number(execFileSync('id', ['-u', 'nobody']).toString());
    const canRead = !ATTACH.startsWith('/root/') && existsSync(ATTACH);
    if (!canRead) return; // the project lies where another user cannot read it
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      uid: nobody,
      cwd: folder,
      env: { HOME: folder, PATH: process.env['PATH'] },
    });
    expect(output.toString()).toMatch(new RegExp(`^${nobody} postgres://`));
    rmSync(folder, { recursive: true, force: true });
  });
});
