import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addUser } from '../../../src/db/access/user.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { fileTestLsc, judge, storeVisit } from '../../support/stored/stored-visit.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'dxaflow-case-cli-'));
  await addUser(database.pool, { name: 'dr.two', role: 'reviewer', passwordHash: 'none' });
  await fileTestLsc(database.pool, '0.030', '0.020');
  const visit = { patientId: 'P1', spine: '0.900', leftHip: '0.800' };
  await storeVisit(database.pool, { ...visit, scannedOn: '2020-01-10' });
  const after = { patientId: 'P1', scannedOn: '2022-02-10', spine: '0.950', leftHip: '0.760' };
  await judge(database.pool, await storeVisit(database.pool, after));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

async function assign(...given: readonly string[]): Promise<{ assignee: string | null; state: string } | undefined> {
  const env = { ...process.env, DATABASE_URL: database.url, DXAFLOW_HOME: folder };
  const { rows } = await database.pool.query<{ id: string }>('select id::text from review_case order by id limit 1');
  const args = [CLI, 'case', 'assign', rows[0]?.id ?? '', '--by', 'dr.two', ...given];
  await promisify(execFile)(process.execPath, args, { env });
  const found = await database.pool.query('select assignee, state from review_case where id = $1', [rows[0]?.id]);
  return found.rows[0];
}

it.each(['--unassign', '--nobody'])(
  'assigns a case, and %s removes the assignee',
  { timeout: 120_000 },
  async (option) => {
    expect(await assign()).toMatchObject({ assignee: 'dr.two', state: 'in_review' });
    expect(await assign(option)).toMatchObject({ assignee: null, state: 'open' });
  },
);
