import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { oneReport } from '../support/dicom/simulated.ts';
import { startWorker } from '../support/process/worker-process.ts';
import { until } from '../support/until.ts';

const HERE = join(import.meta.dirname, '../..');
/** What the Dockerfile copies beside the packages. */
const COPIED = ['package.json', 'migrations', 'bin', 'workers', 'src'];
// Else a package that is linked finds what lies beside the original, development packages too.
const OPTIONS = { NODE_OPTIONS: '--preserve-symlinks' };

type Lock = { readonly packages: Readonly<Record<string, { readonly dev?: true; readonly optional?: true }>> };

/** The packages that `npm ci --omit=dev --omit=optional` leaves, as links. */
function linkPackages(folder: string): void {
  const { packages } = JSON.parse(readFileSync(join(HERE, 'package-lock.json'), 'utf8')) as Lock;
  for (const [path, { dev, optional }] of Object.entries(packages)) {
    if (!/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || dev === true || optional === true) continue;
    if (path === 'node_modules/node' || !existsSync(join(HERE, path))) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(HERE, path), join(folder, path));
  }
}

describe('an installation without packages for development, as in the image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dxaflow-production-'));
  let database: TestDatabase;
  beforeAll(async () => {
    for (const name of COPIED) cpSync(join(HERE, name), join(folder, name), { recursive: true });
    linkPackages(folder);
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(path: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const env = { PATH: process.env['PATH'] ?? '', DXAFLOW_HOME: join(folder, 'home'), ...OPTIONS, ...environment };
    const ended = promisify(execFile)(process.execPath, [join(folder, path), ...args], { env, cwd: tmpdir() });
    return await ended.then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
    );
  }

  it('has none of them', () => {
    const there = readdirSync(join(folder, 'node_modules'));
    expect(there).toEqual(expect.arrayContaining(['fastify', 'bullmq', 'pg']));
    expect(['dcmjs', 'pure-rand', 'fast-check', 'vitest', 'typescript'].filter((name) => there.includes(name))).toEqual(
      [],
    );
  });

  it.each(['simulate --out x', 'demo --exit'])(
    'says of dxaflow %s that the simulator is not there',
    async (command) => {
      const { code, stderr } = await run('bin/dxaflow.js', command.split(' '));
      expect(code).toBe(1);
      expect(stderr).toContain('(SIMULATOR_NOT_INSTALLED)');
      expect(stderr).toContain('npm ci');
      expect(stderr).not.toContain('ERR_MODULE_NOT_FOUND');
    },
  );

  it('loads every process, up to its wrong configuration', async () => {
    const names = readdirSync(join(HERE, 'workers')).filter((name) => name !== 'embedded-postgres.ts');
    expect(names.length).toBeGreaterThan(4);
    for (const name of names) {
      const { code, stderr, stdout } = await run(`workers/${name}`, [], { DATABASE_URL: 'mysql://nowhere' });
      expect(code, `${name}: ${stdout}${stderr}`).toBe(78);
    }
  });

  it('answers at the command line and takes in and judges a file', async () => {
    expect((await run('bin/dxaflow.js', ['--help'])).stdout).toContain('dxaflow');
    const { name, bytes } = oneReport();
    const drop = join(folder, 'drop');
    mkdirSync(drop);
    const environment = {
      DATABASE_URL: database.url,
      DXAFLOW_HOME: join(folder, 'home'),
      DROP_DIR: drop,
      ARCHIVE_DIR: join(folder, 'archive'),
      DROP_STABLE_MS: '100',
      DROP_SWEEP_MS: '300',
      HTTP_PORT: '0',
    };
    const worker = await startWorker('all', { ...environment, ...OPTIONS }, folder);
    try {
      writeFileSync(join(drop, name), bytes);
      const waiting = async () =>
        (
          await database.pool.query<{ done: boolean }>(
            `select exists (select 1 from source_file where state = 'stored')
                and not exists (select 1 from patient where assessed_revision < revision) as done`,
          )
        ).rows[0]?.done;
      await until(async () => (await waiting()) || null, 'the report stored and judged', 60_000);
      const listed = await run('bin/dxaflow.js', ['qa', 'list', '--list', 'files'], environment);
      expect(listed.code, listed.stderr).toBe(0);
      const inspected = await run('bin/dxaflow.js', ['inspect', join(folder, 'one.dcm')], environment);
      expect(inspected.stderr).toContain('FILE_UNREADABLE');
    } finally {
      await worker.stop('SIGTERM');
    }
  });
});
