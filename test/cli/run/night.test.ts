import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { plantNight } from '../../support/stored/planted-night.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'dxaflow-night-cli-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

const night = async (...given: readonly string[]): Promise<string> => {
  const env = { ...process.env, DATABASE_URL: database.url, DXAFLOW_HOME: folder };
  return (await promisify(execFile)(process.execPath, [CLI, 'night', ...given], { env })).stdout;
};

it('dxaflow night shows the progress of a run and what a finished one counted', { timeout: 120_000 }, async () => {
  const { pool } = database;
  const { run } = await plantNight(pool, folder, 'P-1');
  await pool.query(
    `with begun as (insert into night_run (trigger, versions) select 'schedule', versions from night_run where id = $1 returning id)
     insert into night_step (night_run_id, step, after_id, end_id) select id, 'reassess', 3, 4 from begun`,
    [run],
  );
  const list = await night('list');
  expect(list).toMatch(/ schedule +cut_off +reassess, 75 % +\S+ +0$/m);
  expect(list).toMatch(/ schedule +done +\S+ +\S+ +0$/m);
  expect(await night('show')).toMatch(/^Run \d+, by schedule: cut_off, began .*UTC[\s\S]*reassess +75 % +nothing$/m);
  expect(await night('show', run)).toMatch(
    /reread_reports +done +examined 1, changed 1, archive damage 2, patients differ 1$/m,
  );
});
