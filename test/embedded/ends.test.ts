import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  addressOf,
  isUp,
  openSandbox,
  postmasterOf,
  removeMadeOnce,
  type Sandbox,
} from '../support/process/embedded-home.ts';
import { until } from '../support/until.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const TIMEOUT = { timeout: 150_000 };

function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** An installed Node that is too old for dxaflow, under which bin/dxaflow.js starts its own; null where there is none. */
function findOldNode(): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(folder, 'node');
    try {
      const version = execFileSync(node, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
      if (Number(/^v(\d+)/.exec(version)?.[1]) < 24) return node;
    } catch {
      // no Node in this folder
    }
  }
  return null;
}

const OLD_NODE = findOldNode();
const WAYS: Readonly<Record<string, readonly string[]>> = {
  'npx dxaflow start': ['npx', 'dxaflow', 'start'],
  'npm start': ['npm', 'start'],
  ...(OLD_NODE === null ? {} : { 'bin/dxaflow.js start under an old Node': [OLD_NODE, 'bin/dxaflow.js', 'start'] }),
};

describe.skipIf(process.platform !== 'linux')('a started dxaflow', () => {
  let sandbox: Sandbox;
  let home: string;
  let npmCache: string;
  let child: ChildProcess | undefined;
  let log = '';
  const left: number[] = [];
  beforeEach(async () => {
    sandbox = openSandbox();
    home = await sandbox.copiedHome();
    npmCache = mkdtempSync(join(tmpdir(), 'dxaflow-npm-'));
  });
  afterAll(removeMadeOnce);
  afterEach(async () => {
    for (const pid of left.splice(0).filter(isAlive)) process.kill(pid, 'SIGKILL');
    await sandbox.clear();
    rmSync(npmCache, { recursive: true, force: true });
  });

  /** Starts it as a user does and returns the processes it made, once it is ready. */
  async function start([command = '', ...args]: readonly string[]): Promise<Record<string, number>> {
    const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE|VITEST|DATABASE|QUEUE)/i.test(name));
    log = '';
    child = spawn(command, args, {
      cwd: PROJECT,
      env: { ...Object.fromEntries(own), DXAFLOW_HOME: home, HTTP_PORT: '0', npm_config_cache: npmCache },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a group of its own, as a shell makes one for every job
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const worker = await until(
      () => {
        if (child?.exitCode !== null) throw new Error(`it ended: ${log}`);
        return /"pid":(\d+),"msg":"ready"/.exec(log)?.[1];
      },
      'dxaflow is ready',
      90_000,
    );
    const pids = { worker: Number(worker), keeper: addressOf(home).pid, postmaster: postmasterOf(home) };
    left.push(...Object.values(pids), child.pid ?? 0);
    expect(Object.values(pids).every(isAlive)).toBe(true);
    return pids;
  }

  const cases = [
    ['npx dxaflow start', 'SIGTERM'],
    ['npx dxaflow start', 'SIGKILL'],
    ['npm start', 'SIGTERM'],
    ['npm start', 'SIGHUP'],
    ['bin/dxaflow.js start under an old Node', 'SIGHUP'],
    ['bin/dxaflow.js start under an old Node', 'SIGKILL'],
  ] as const;
  it.each(cases)('leaves nothing running: %s, kill -%s', TIMEOUT, async (way, signal) => {
    if (WAYS[way] === undefined) return; // every Node on this machine is new enough
    const pids = await start(WAYS[way] ?? []);
    const { databaseUrl } = JSON.parse(readFileSync(join(home, 'embedded.json'), 'utf8')) as { databaseUrl: string };
    expect(await isUp(databaseUrl)).toBe(true);
    child?.kill(signal);
    await until(() => !Object.values(pids).some(isAlive), 'workers, keeper and PostgreSQL have ended', 60_000);
    const state = execFileSync('cat', [join(home, 'postgres', 'server.log')]).toString();
    expect(state.trim().split('\n').at(-1)).toContain('database system is shut down'); // cleanly
  });

  it('treats a Ctrl-C received twice, from the terminal and from npm, as one', TIMEOUT, async () => {
    const pids = await start(WAYS['npm start'] ?? []);
    process.kill(-(child?.pid ?? 0), 'SIGINT');
    await until(() => !Object.values(pids).some(isAlive), 'nothing is left', 60_000);
    expect(log).toContain('"msg":"stopped"'); // the second signal would have ended it at once
  });
});
