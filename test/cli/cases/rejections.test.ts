import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { noteFile, reportFile, uid } from '../../support/stored/rejected-visit.ts';
import { openTakenFiles } from '../../support/stored/taken-files.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'dxaflow-rejection-cli-'));
  const files = openTakenFiles(database.pool);
  await files.take(reportFile({ what: 'R1', day: '2020-01-10', spine: '0.900' }));
  await files.take(
    noteFile({ what: 'N', title: 'wrong_worklist_entry', names: ['R1', 'never sent'], description: 'other patient' }),
  );
  await files.ingestWaiting();
  files.close();
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

const dxaflow = async (...given: readonly string[]) => {
  const env = { ...process.env, DATABASE_URL: database.url, DXAFLOW_HOME: folder };
  return await promisify(execFile)(process.execPath, [CLI, ...given], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
};

it('dxaflow rejection lists, shows and decides, and says who was shown', { timeout: 240_000 }, async () => {
  const listed = await dxaflow('rejection', 'list');
  expect(listed.stdout).toMatch(new RegExp(`REJECTION_APPLIED +wrong worklist entry +P1 +2020-01-10 +${uid('R1')}`));
  expect(listed.stdout).toMatch(new RegExp(`REJECTION_WAITING +wrong worklist entry +P1 +${uid('never sent')}`));
  const waiting = await dxaflow('rejection', 'list', '--status', 'waiting', '--json');
  expect(
    waiting.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).sopInstanceUid),
  ).toEqual([uid('never sent')]);
  const csv = await dxaflow(
    'qa',
    'list',
    '--list',
    'rejections',
    '--filter',
    'reason=REJECTION_APPLIED',
    '--format',
    'csv',
  );
  expect(csv.stdout).toContain('rejection,reason,title,patient_id,scanned_on,sop_instance_uid');

  const shown = await dxaflow('rejection', 'show', 'file-1');
  expect(shown.stdout).toContain(`${uid('R1')}  file-1  2020-01-10  out of use`);
  expect(shown.stdout).toContain(
    'rejection note file-2: scanned under the wrong worklist entry: other patient. out of use',
  );

  expect(await dxaflow('rejection', 'restore', 'file-1', '--by', 'm.weber')).toMatchObject({ code: 2, stdout: '' });
  expect((await dxaflow('rejection', 'restore', 'file-9', '--by', 'm.weber', '--note', 'x')).stderr).toContain(
    '(INSTANCE_UNKNOWN)',
  );
  expect((await dxaflow('rejection', 'restore', 'P1', '--by', 'm.weber', '--note', 'x')).stderr).toContain('(USAGE)');
  const done = await dxaflow('rejection', 'restore', 'file-2', '--by', 'm.weber', '--note', 'it was hers');
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout).toContain('2 instances. 1 patient will be reassessed');
  expect((await dxaflow('rejection', 'restore', uid('R1'), '--by', 'm.weber', '--note', 'again')).stdout).toContain(
    'Nothing to do',
  );
  expect((await dxaflow('rejection', 'show', uid('R1'))).stdout).toMatch(
    /in use[\s\S]*put back in use by m\.weber, .*: it was hers/,
  );
  const out = await dxaflow('rejection', 'take-out', 'file-1', '--by', 'm.weber', '--note', 'it was not');
  expect(out.stdout).toContain('1 instance. 1 patient will be reassessed');

  const { rows } = await database.pool.query<{ route: string; files: string[] }>(
    `select route, file_ids::text[] as files from access_log where route like 'dxaflow rejection%' order by id limit 1`,
  );
  expect(rows).toEqual([{ route: 'dxaflow rejection list', files: expect.arrayContaining(['1', '2']) }]);
});
