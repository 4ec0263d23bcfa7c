import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { oneReport, SMALL_COHORT } from '../support/dicom/simulated.ts';
import { recordErrors } from '../support/recorded-log.ts';

const BIN = fileURLToPath(new URL('../../bin/dxaflow.js', import.meta.url));
/** The Node that the machine has, which may be older than the one the project brings. */
const MACHINE_NODE = '/usr/bin/node';

type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  node = process.execPath,
): Promise<Result> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '', ...environment };
    execFile(node, [BIN, ...args], { env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      recordErrors('cli', stderr);
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

describe('the command line', () => {
  let folder: string;
  let database: TestDatabase;
  let environment: Record<string, string>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-cli-'));
    database = await createTestDatabase();
    environment = { DATABASE_URL: database.url, ARCHIVE_DIR: join(folder, 'archive') };
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([['lsc', 'list'], ['migrate']])('says that the database does not answer: %s', async (...args) => {
    const { code, stderr } = await run(args, { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The database is not responding\. Cause: ECONNREFUSED\. Try again .*\(DATABASE_AWAY\)\n$/);
  });

  it('ends without a word when its reader has seen enough', async () => {
    const gone = `${process.execPath} ${BIN} qa list --help | (exec 0<&-; sleep 3); exit \${PIPESTATUS[0]}`;
    const { code, stderr } = await new Promise<Result>((resolve) => {
      execFile('bash', ['-c', gone], (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      );
    });
    expect([code, stderr]).toEqual([141, '']);
  });

  it('shows its commands with examples and ends with 0', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('dxaflow lsc import lsc.csv');
    for (const command of [
      'start',
      'demo',
      'simulate',
      'migrate',
      'ingest',
      'inspect',
      'survey',
      'lsc',
      'qa',
      'config',
    ]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    }
  });

  it.skipIf(!existsSync(MACHINE_NODE))('runs whatever Node the machine has', async () => {
    expect((await run(['config'], {}, MACHINE_NODE)).stdout).toContain('HTTP_PORT=8380');
  });

  it('ends with 2 for a wrong call and with 78 for a wrong configuration, without the value', async () => {
    expect((await run(['frobnicate'])).code).toBe(2);
    expect((await run(['inspect'])).code).toBe(2);
    expect((await run(['simulate', '--patients', 'many', '--out', folder])).code).toBe(2);
    const wrong = await run(['config'], { DATABASE_URL: 'mysql://u:hunter2@h/d' });
    expect(wrong.code).toBe(78);
    expect(wrong.stderr).toMatch(/DATABASE_URL must be/);
    expect(wrong.stderr).not.toContain('hunter2');
  });

  it('prints the configuration in force without passwords', async () => {
    const { code, stdout } = await run(['config'], { DATABASE_URL: 'postgres://u:hunter2@h/d' });
    expect(code).toBe(0);
    expect(stdout).toContain('DATABASE_URL=postgres://u:***@h/d');
  });

  it('prints what judges changes, with its source', async () => {
    const { code, stdout } = await run(['config', '--rules']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^weightChangeLimit +5 kg +C14 +VERIFIED +.*Rajamanohar 2011/m);
  });

  it('inspects a file: header, tree, normalised values with their places, findings', async () => {
    const path = join(folder, 'report.dcm');
    writeFileSync(path, oneReport().bytes);
    const text = await run(['inspect', path]);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/CONTAINER.*DXA Report/);
    expect(text.stdout).toMatch(/bmd +\d\.\d+ g\/cm2 +"\d\.\d+" at 1\.\d/);
    expect(text.stdout).toContain('Findings');
    const json = JSON.parse((await run(['inspect', path, '--json'])).stdout) as { adapted: { ok: boolean } };
    expect(json.adapted.ok).toBe(true);
  });

  it('says of a file that it cannot take what it is and what to do, and ends with 1', async () => {
    const path = join(folder, 'half.dcm');
    writeFileSync(path, oneReport().bytes.subarray(0, 2000));
    const { code, stdout } = await run(['inspect', path]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Refused\. TRUNCATED at .*: .+\./);
  });

  it('surveys files without a value, an identifier or a name', async () => {
    const { stdout, code } = await run(['survey', join(folder, 'report.dcm'), join(folder, 'half.dcm')]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ files: 2, outcomes: { 'read by ge-lunar': 1, TRUNCATED: 1 } });
    for (const value of SMALL_COHORT.truth.planted_values) expect(stdout).not.toContain(value);
    expect(stdout).not.toContain('report.dcm');
  });

  it('simulates, takes in without the queue, imports LSCs and lists the cases', { timeout: 120_000 }, async () => {
    const out = join(folder, 'cohort');
    expect((await run(['simulate', '--patients', '20', '--seed', '11', '--out', out])).code).toBe(0);
    expect(readdirSync(join(out, 'sr')).length).toBe(SMALL_COHORT.truth.counts.files);
    expect((await run(['lsc', 'import', join(out, 'lsc.csv'), '--by', 'physicist'], environment)).stdout).toMatch(
      /\d+ imported/,
    );
    const taken = await run(['ingest', join(out, 'sr'), '--quiet'], environment);
    expect(taken.stdout).toMatch(new RegExp(`stored +${SMALL_COHORT.truth.counts.stored}\\n`));
    expect(taken.stdout).toMatch(/refused TRUNCATED +1\n/);
    const csv = parse((await run(['qa', 'list', '--format', 'csv'], environment)).stdout, {
      columns: true,
      bom: true,
    }) as Record<string, string>[];
    const found = csv.filter((row) => row['rule'] === 'D1_SPINE_UP_HIP_DOWN').map((row) => row['patient_id']);
    expect(found.sort()).toEqual(SMALL_COHORT.truth.d1_cases.map((planted) => planted.patient_id).sort());
    const again = await run(['ingest', join(out, 'sr'), '--quiet'], environment);
    expect(again.stdout).toMatch(new RegExp(`^duplicate +${SMALL_COHORT.truth.counts.files}$`, 'm'));
  });

  it('imports no LSC at all when a line is wrong, and names the line and the rule', async () => {
    const path = join(folder, 'wrong.csv');
    const lines = readFileSync(join(folder, 'cohort', 'lsc.csv'), 'utf8')
      .trim()
      .split('\n');
    writeFileSync(path, [lines[0], lines[1]?.replace(',0.95,', ',,'), lines[2]].join('\n'));
    const { code, stderr } = await run(['lsc', 'import', path, '--by', 'physicist'], environment);
    expect(code).toBe(2);
    expect(stderr).toMatch(/line 2: confidence_level must be given/);
    expect(stderr).toContain('LSC_INVALID');
  });
});
