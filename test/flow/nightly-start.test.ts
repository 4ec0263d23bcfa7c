import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { startLocalServer } from '../support/process/redis.ts';

vi.setConfig({ testTimeout: 120_000 });

describe('a process that does nights', () => {
  let database: TestDatabase;
  let home: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    home = mkdtempSync(join(tmpdir(), 'dxaflow-nightly-start-'));
  });
  afterAll(async () => {
    await database.drop();
    rmSync(home, { recursive: true, force: true });
  });

  /** Runs workers/NAME.ts until it ends by itself. */
  async function run(name: string, environment: Readonly<Record<string, string>>) {
    const path = fileURLToPath(new URL(`../../workers/${name}.ts`, import.meta.url));
    const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: database.url, DXAFLOW_HOME: home, ...environment };
    const child = spawn(process.execPath, [path], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    return { code, log };
  }

  it.each(['nightly', 'all', 'intake'])(
    'ends with 78 for a wrong cron pattern, and so does every other: %s',
    async (name) => {
      const { code, log } = await run(name, { NIGHTLY_CRON: '0 2 31 2 *' });
      expect(code).toBe(78);
      expect(log).toContain('NIGHTLY_CRON must be a cron pattern of five fields that comes round');
    },
  );

  it('calls nothing else a wrong cron pattern: a queue that is full says so', async () => {
    const redis = await startLocalServer('--maxmemory', '1');
    const { code, log } = await run('nightly', { QUEUE_URL: redis.url });
    await redis.stop();
    expect(code).toBe(1);
    expect(log).not.toMatch(/NIGHTLY_CRON|CONFIG_INVALID/);
    expect(log).toContain('process cannot go on');
  });
});
