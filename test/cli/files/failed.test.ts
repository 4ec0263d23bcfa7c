import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { plantFailedFile, plantFailedPatient } from '../../support/stored/planted-failures.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

describe('dxaflow failed', () => {
  let database: TestDatabase;
  let folder: string;
  let fileId: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'dxaflow-failed-'));
    fileId = await plantFailedFile(database.pool, 'one.dcm', 'PROCESSING_FAILED', 'EIO');
    await plantFailedFile(database.pool, 'two.dcm', 'ARCHIVE_MISSING', 'ENOENT');
    await plantFailedPatient(database.pool, 'P-1', 'P0001');
  });
  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  const failed = async (...given: readonly string[]): Promise<{ code: number; out: string; err: string }> => {
    const env = { ...process.env, DATABASE_URL: database.url, DXAFLOW_HOME: folder };
    return await new Promise((resolve) => {
      execFile(process.execPath, [CLI, 'failed', ...given], { env }, (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      });
    });
  };

  it('lists by kind and reason, and tries again under the name of who asks', { timeout: 120_000 }, async () => {
    expect((await failed('list')).out).toMatch(/file-\d+ +PROCESSING_FAILED +EIO +1 +\S+ +one\.dcm/);
    const { out } = await failed('list', '--kind', 'patient', '--json');
    expect(out.trim().split('\n')).toHaveLength(1);
    expect(out).toContain('"cause":"P0001"');
    expect(await failed('requeue', '--all')).toMatchObject({ code: 2, err: expect.stringContaining('--by') });
    expect(await failed('requeue', '--by', 'm.weber')).toMatchObject({ code: 2 });
    expect((await failed('requeue', `file-${fileId}`, '--by', 'm.weber')).out).toContain('1 file and 0 patients');
    expect((await failed('requeue', '--kind', 'patient', '--by', 'm.weber')).out).toContain('0 files and 1 patient ');
    expect((await failed('list')).out).not.toMatch(/one\.dcm|P-1/);
    const { rows } = await database.pool.query('select actor, table_name from audit_event order by id');
    expect(rows).toEqual([
      { actor: 'm.weber', table_name: 'source_file' },
      { actor: 'm.weber', table_name: 'failed_assessment' },
    ]);
  });
});
