import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

export type TestRedis = { readonly url: string; readonly how: string; readonly stop: () => Promise<void> };

function answers(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function startContainer(): Promise<TestRedis> {
  const { RedisContainer } = await import('@testcontainers/redis');
  const container = await new RedisContainer('redis:8-alpine').start();
  return { url: container.getConnectionUrl(), how: 'testcontainers', stop: async () => void (await container.stop()) };
}

/** A redis-server of our own, to be stopped, filled or made a replica; null where none is installed. */
export async function startOwnRedis(): Promise<(TestRedis & { readonly pid: number }) | null> {
  return answers('redis-server', ['--version']) ? await startLocalServer() : null;
}

/** A server of a test's own, with further options of redis-server. */
export async function startLocalServer(...options: readonly string[]): Promise<TestRedis & { readonly pid: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'dxaflow-redis-'));
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
    ...options,
  ];
  const server: ChildProcess = spawn('redis-server', args, { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const probe = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    probe.on('error', () => undefined);
    const up = await probe.connect().then(
      () => true,
      () => false,
    );
    probe.disconnect();
    if (up) {
      const stop = async () => {
        server.kill('SIGTERM');
        await new Promise((resolve) => server.once('exit', resolve));
        rmSync(folder, { recursive: true, force: true });
      };
      return { url, how: 'redis-server', stop, pid: server.pid ?? 0 };
    }
    await sleep(50);
  }
  server.kill('SIGKILL');
  throw new Error('redis-server did not come up');
}

/**
 * A Redis for the tests: TEST_REDIS_URL, else testcontainers where Docker can, else a local redis-server. Null where
 * there is none of them, which is an error in CI.
 */
export async function findRedis(): Promise<TestRedis | null> {
  const given = process.env['TEST_REDIS_URL'];
  if (given !== undefined && given !== '') return { url: given, how: 'TEST_REDIS_URL', stop: async () => undefined };
  if (answers('docker', ['info'])) {
    try {
      return await startContainer();
    } catch (error) {
      // An engine without a way to a registry; TESTCONTAINERS_RYUK_DISABLED=true does without the one other image.
      console.warn(`\n!! No Redis from testcontainers: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  if (answers('redis-server', ['--version'])) return await startLocalServer();
  if (process.env['CI']) throw new Error('CI has no Redis: install redis-server or set TEST_REDIS_URL');
  return null;
}
