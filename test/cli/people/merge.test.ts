import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { arrive, reportWith } from '../../support/stored/arriving-report.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'dxaflow-merge-cli-'));
  const { pool } = database;
  const woman = { patientId: 'W1', sex: 'F', birthDate: '1939-05-01', name: 'Muster^Erika' } as const;
  await arrive(pool, reportWith({ uid: '1.1', day: '2020-01-10', patient: woman }));
  const man = { patientId: 'M1', sex: 'M', birthDate: '1941-02-03', name: 'Beispiel^Karl' } as const;
  await arrive(pool, reportWith({ uid: '1.2', day: '2022-01-10', patient: man }));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

const patient = async (...given: readonly string[]) => {
  const env = { ...process.env, DATABASE_URL: database.url, DXAFLOW_HOME: folder };
  return await promisify(execFile)(process.execPath, [CLI, 'patient', ...given], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
};

it('dxaflow patient merge shows both, and merges what disagrees for a reason only', { timeout: 240_000 }, async () => {
  const preview = await patient('merge', 'M1', 'W1', '--preview');
  expect(preview.code).toBe(0);
  expect(preview.stdout).toMatch(/Born +1941-02-03 +1939-05-01 +they disagree/);
  expect(preview.stdout).toMatch(/Name +Beispiel\^Karl +Muster\^Erika +they disagree/);
  expect(preview.stdout).toContain('Nothing was written.');

  const refused = await patient('merge', 'M1', 'W1', '--by', 'm.weber');
  expect(refused.code).toBe(2);
  expect(refused.stdout).toContain('Their reports disagree in name, sex and birth date.');
  expect(refused.stderr).toContain('(PATIENT_MERGE_DISAGREES)');
  expect(refused.stderr).not.toMatch(/Muster|Beispiel|19\d\d|W1|M1/);

  expect((await patient('merge', 'M1', 'W1')).stderr).toContain('(SIGNATURE_EMPTY)');
  expect((await patient('merge', 'M1', 'W1', '--by', 'm.weber', '--despite', ' ')).stderr).toContain('(REASON_EMPTY)');

  const merged = await patient('merge', 'M1', 'W1', '--by', 'm.weber', '--despite', 'typing errors');
  expect(merged).toMatchObject({ code: 0, stdout: '2 patients will be reassessed by the running workers.\n' });
  expect((await patient('list-merges')).stdout).toContain('name, sex, birth_date: typing errors');
});
