import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { plantFailedFile } from '../support/stored/planted-failures.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const HOSTILE = 'a\u001b]0;owned\u0007\u009b2J\u202egpj.\u2066x\u200b\n\ty\u{e0041}.dcm';
const WRITTEN_OUT = 'a\\u001b]0;owned\\u0007\\u009b2J\\u202egpj.\\u2066x\\u200b\\n\\ty\\udb40\\udc41.dcm';

describe('what a command prints of a file, and the line in the access log', () => {
  let database: TestDatabase;
  let folder: string;
  let fileId: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'dxaflow-printed-'));
    fileId = await plantFailedFile(database.pool, HOSTILE, 'PROCESSING_FAILED', 'EIO');
  });
  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  const run = async (...given: readonly string[]): Promise<string> => {
    const env = { ...process.env, DATABASE_URL: database.url, DXAFLOW_HOME: folder };
    return await new Promise((resolve, reject) => {
      execFile(process.execPath, [CLI, ...given], { env }, (error, out) =>
        error === null ? resolve(out) : reject(error),
      );
    });
  };

  it.each([
    ['failed', 'list'],
    ['qa', 'list', '--list', 'files'],
    ['qa', 'list', '--list', 'files', '--format', 'csv'],
    ['failed', 'list', '--json'],
    ['qa', 'list', '--list', 'files', '--format', 'json'],
  ])('does not steer the terminal: %s %s %s %s %s %s', { timeout: 60_000 }, async (...command) => {
    const out = await run(...command);
    expect(out).toContain(WRITTEN_OUT);
    expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    // JSON stays what it was for whoever reads it as such.
    if (command.includes('json')) expect(JSON.parse(out)).toMatchObject([{ dropName: HOSTILE }]);
    if (command.includes('--json')) expect(JSON.parse(out)).toMatchObject({ name: HOSTILE });
    const { rows } = await database.pool.query<{ actor: string; route: string; files: readonly string[] }>(
      'select actor, route, file_ids::text[] as files from access_log order by id desc limit 1',
    );
    const route = command[0] === 'qa' ? `dxaflow qa list files, ${command[5] ?? 'table'}` : 'dxaflow failed list';
    expect(rows).toEqual([{ actor: `cli:${userInfo().username}`, route, files: [fileId] }]);
  });
});
