import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runHttpCases, startHttpProcess } from '../../../bench/fuzz/http-run.ts';
import { leaksIn, prepareTarget } from '../../../bench/fuzz/http-target.ts';
import { createTestDatabase } from '../../support/database/database.ts';

// npm run fuzz -- --http sends ten thousand; the seed is another one here.
test('six hundred invalid requests are answered below 500, without a hang and without a trace in the log', {
  timeout: 300_000,
}, async () => {
  const database = await createTestDatabase();
  const archiveDir = await mkdtemp(join(tmpdir(), 'dxaflow-fuzz-'));
  const target = await prepareTarget(database.pool, archiveDir);
  const server = await startHttpProcess({
    DATABASE_URL: database.url,
    DXAFLOW_HOME: archiveDir,
    ARCHIVE_DIR: archiveDir,
  });
  const result = await runHttpCases(server.port, target, 20_261_127, 0, 600);
  const ready = await fetch(`http://127.0.0.1:${server.port}/readyz`);
  expect(await server.stop()).toBe(0);
  await database.drop();
  await rm(archiveDir, { recursive: true, force: true });
  expect(result.faults).toEqual([]);
  expect(result.hangs).toBe(0);
  expect(leaksIn(server.log())).toEqual([]);
  expect(ready.status).toBe(200);
  // Much of it reached a route, and was right or wrong for a reason of its own.
  for (const status of ['200', '303', '400', '403', '404', '405', '415'])
    expect(result.byStatus[status] ?? 0, status).toBeGreaterThan(0);
  expect(result.byStatus['200']).toBeGreaterThan(100);
});
