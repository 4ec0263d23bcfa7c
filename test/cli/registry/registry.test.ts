import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listLsc } from '../../../src/db/registry/lsc.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { recordErrors } from '../../support/recorded-log.ts';
import { assessWaiting, currentComparisons, lscCsvOf, lscLine } from '../../support/stored/judged.ts';
import { hip, storeStudy } from '../../support/stored/stored-study.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const template = (name: string) => join(ROOT, 'docs/templates', `${name}.csv`);

type Outcome = { readonly code: number; readonly out: string; readonly err: string };

describe('the commands of the registry', () => {
  let database: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'dxaflow-registry-'));
    const { pool } = database;
    await storeStudy(pool, { patient: 'SECRET', uid: '1.1', scannedAt: '2018-05-01', scans: [hip('left', '0.800')] });
    await storeStudy(pool, { patient: 'SECRET', uid: '1.2', scannedAt: '2020-05-01', scans: [hip('left', '0.780')] });
    await assessWaiting(pool);
  });
  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  const dxaflow = async (...given: readonly string[]): Promise<Outcome> => {
    const env = { ...process.env, DATABASE_URL: database.url, DXAFLOW_HOME: folder };
    return await new Promise((resolve) => {
      execFile(process.execPath, [join(ROOT, 'src/cli.ts'), ...given], { env }, (error, out, err) => {
        recordErrors('cli', err);
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      });
    });
  };

  it('put an LSC on file, correct it, show and retire it', async () => {
    const path = join(folder, 'lsc.csv');
    const missing = await dxaflow('lsc', 'missing');
    expect(missing.out).toMatch(
      /lunar idxa\|serial:a1\s+total_hip\s+left\s+none on file\s+1\s+1\s+2018-05-01\s+2020-05-01/,
    );
    await writeFile(path, lscCsvOf(lscLine('total_hip', '0.030')));
    expect(await dxaflow('lsc', 'import', path)).toMatchObject({ code: 2, err: expect.stringContaining('--by') });
    expect(await dxaflow('lsc', 'import', path, '--by', ' ')).toMatchObject({ code: 2 });
    const tried = await dxaflow('lsc', 'import', path, '--dry-run');
    expect(tried).toMatchObject({ code: 0, err: '' });
    expect(tried.out).toMatch(/total_hip: provisional -> not_significant\n.*nothing was saved/);
    expect(await listLsc(database.pool, { all: true })).toEqual([]);
    const imported = await dxaflow('lsc', 'import', path, '--by', 'A. Author');
    expect(imported).toMatchObject({ code: 0, err: '' });
    // Shown before it was filed.
    expect(imported.out).toMatch(/^It can concern 1 patient; all .*\n1 verdict of 1 patient would change/);
    const [first] = await listLsc(database.pool, { all: false });
    expect(imported.out).toContain('1 imported, 0 already on file. 1 patient will be reassessed');
    await assessWaiting(database.pool);
    await writeFile(path, lscCsvOf(lscLine('total_hip', '0.017')));
    const corrected = await dxaflow('lsc', 'import', path, '--by', 'A. Author', '--note', 'typing error');
    expect(corrected.out).toContain('1  total_hip: not_significant -> down');
    const [second] = await listLsc(database.pool, { all: false });
    const [before, now] = [first?.lscId ?? '', second?.lscId ?? ''];
    expect(corrected.out).toContain(`LSC ${now} corrects LSC ${before}, applied so far to 1 comparisons of 1 patients`);
    await assessWaiting(database.pool);
    expect(await currentComparisons(database.pool)).toEqual([
      'previous total_hip left 2018-05-01>2020-05-01 down -0.020000 lsc 0.017000',
    ]);
    const shown = await dxaflow('lsc', 'show', before);
    expect(shown.out).toMatch(/A\. Author {2}file\n.*A\. Author {2}replace {2}typing error/);
    expect((await dxaflow('lsc', 'list')).out).toMatch(
      new RegExp(`\\b${now} +GE Healthcare Lunar iDXA A1 {2}total_hip`),
    );
    expect(await dxaflow('lsc', 'retire', before, '--by', 'A. Author')).toMatchObject({ code: 2 });
    const retirement = await dxaflow('lsc', 'retire', now, '--dry-run');
    expect(retirement.out).toMatch(
      /total_hip: down -> provisional\nCases that would be withdrawn:\n +1 {2}L4_SINGLE_LOSS \(check\)\nDry run/,
    );
    expect((await dxaflow('lsc', 'retire', now, '--by', 'A. Author')).out).toContain('1 patient will be reassessed');
    await writeFile(path, lscCsvOf(lscLine('total_hip', '0.17')));
    const refused = await dxaflow('lsc', 'import', path, '--by', 'A. Author');
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('LSC_IMPLAUSIBLE') });
    const despite = await dxaflow('lsc', 'import', path, '--by', 'A. Author', '--despite', 'animal study');
    expect(despite.out).toMatch(/1 imported.*\nWarning: .*ISCD.*\nWarning: .*filed despite it/);
    const [odd] = await listLsc(database.pool, { all: false });
    expect((await dxaflow('lsc', 'show', odd?.lscId ?? '')).out).toMatch(/filed despite doubt +animal study/);
  }, 240_000);

  it('take a precision study from its CSV to an LSC', async () => {
    const imported = await dxaflow('precision', 'import', template('precision'), '--by', 'A. Author');
    expect(imported.out).toContain('2 imported, 0 already on file');
    const file = ['precision', 'file', '1', '--valid-from', '2020-02-01', '--by', 'A. Author'];
    expect(await dxaflow(...file)).toMatchObject({ code: 2, err: expect.stringContaining('PRECISION_NOT_FILED') });
    expect(await dxaflow(...file, '--despite-verdict', '--note', 'a trial')).toMatchObject({
      code: 0,
      out: expect.stringContaining('No stored report names the scanner "lunar idxa|serial:me+210000" yet'),
    });
    const shown = await dxaflow('precision', 'show', '1');
    expect(shown.out).toMatch(/S01\s+T1\s+2020-01-14\s+0\.985000\s+line 2/);
  }, 120_000);

  it('keep cross-calibrations, epochs and pinned baselines', async () => {
    const by = ['--by', 'A. Author'];
    expect((await dxaflow('crosscal', 'import', template('crosscal'), ...by)).out).toContain('2 imported');
    const pairs = await dxaflow('crosscal', 'import', template('crosscal-pairs'), '--pairs', ...by);
    expect(pairs.out).toMatch(/1 imported.*\n3 corrects 2, applied so far to 0 comparisons/);
    expect((await dxaflow('crosscal', 'show', '3')).out).toMatch(/S04\s+1\.020000\s+1\.024000\s+1\.018000\s+line 5/);
    const scanner = ['--manufacturer', 'GE Healthcare', '--model', 'Lunar iDXA', '--serial', 'A1'];
    const added = await dxaflow('epoch', 'add', ...scanner, '--on', '2019-01-01', '--reason', 'relocation', ...by);
    expect(added.out).toContain('Epoch 1. 1 patient will be reassessed');
    expect((await dxaflow('epoch', 'list')).out).toContain('relocation');
    const place = ['--study', '1.1', '--region', 'total_hip', '--side', 'left'];
    expect((await dxaflow('baseline', 'pin', ...place, ...by)).out).toContain('Pin 1.');
    expect((await dxaflow('baseline', 'unpin', ...place, ...by)).code).toBe(0);
    const unknown = await dxaflow('baseline', 'pin', '--study', '9', '--region', 'spine', '--side', 'none', ...by);
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('STUDY_UNKNOWN') });
  }, 120_000);

  it('leave no patient value in the audit', async () => {
    const { rows } = await database.pool.query<{ all: string }>(
      'select string_agg(to_jsonb(e)::text, $1) as all from audit_event e',
      ['\n'],
    );
    expect(rows[0]?.all).toContain('A. Author');
    expect(rows[0]?.all).not.toContain('SECRET');
  });
});
