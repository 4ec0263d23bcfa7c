import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importLsc, parseLscCsv } from '../../../src/jobs/registry/lsc-import.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { recordErrors } from '../../support/recorded-log.ts';
import { assessWaiting, lscCsvOf, lscLine } from '../../support/stored/judged.ts';
import { hip, storeStudy } from '../../support/stored/stored-study.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

describe('dxaflow settings', { timeout: 120_000 }, () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    const { pool } = database;
    await importLsc(pool, parseLscCsv(lscCsvOf(lscLine('total_hip', '0.020'))), { by: 'B', note: '' });
    for (const [year, bmd] of [
      [2020, '0.800'],
      [2022, '0.780'],
    ] as const) {
      await storeStudy(pool, { patient: 'P', uid: `1.${year}`, scannedAt: `${year}-05-01`, scans: [hip('left', bmd)] });
    }
    await assessWaiting(pool);
  });
  afterAll(async () => database.drop());

  const settings = async (...given: readonly string[]): Promise<{ code: number; out: string; err: string }> => {
    const env = { ...process.env, DATABASE_URL: database.url };
    return await new Promise((resolve) => {
      execFile(process.execPath, [CLI, 'settings', ...given], { env }, (error, out, err) => {
        recordErrors('cli', err);
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      });
    });
  };

  it('lists and shows what is in force with bounds, source and grade', async () => {
    expect((await settings('list')).out).toMatch(/^weightChangeLimit +5 kg +C14 +VERIFIED +Change of weight/m);
    const { out } = await settings('show', 'weightChangeLimit');
    expect(out).toMatch(/^takes +a number of kg from 0.1 to 50$/m);
    expect(out).toMatch(/^source of the default +Rajamanohar 2011/m);
    expect((await settings('history')).out).toBe('Nothing was ever set: the defaults judge.\n');
  });

  it('shows beforehand what a value would change, then sets it, signed', async () => {
    const dry = await settings('set', 'significanceOperator', '>', '--dry-run');
    expect(dry.out.split('\n').slice(0, -1)).toEqual([
      'Dry run: nothing was saved.',
      'significanceOperator would go from >= to >.',
      'The patient that would be reassessed was judged.',
      'Something would come out differently for 1 patient.',
      'Verdicts of comparisons: 1 down → not significant.',
      'Cases: L4_SINGLE_LOSS: 1 withdrawn.',
    ]);
    const set = await settings('set', 'significanceOperator', '>', '--by', 'm.weber', '--reason', 'QA board');
    expect(set.out).toBe(
      'significanceOperator went from >= to >; settings version 1.\n1 patient will be reassessed by the running workers.\n',
    );
    expect((await settings('list')).out).toMatch(/^significanceOperator +> +>= +m\.weber +\d{4}-\d\d-\d\d /m);
    const back = await settings('set', 'significanceOperator', '--default', '--by', 'm.weber', '--reason', 'back');
    expect(back.out).toContain('went from > to >=; settings version 2.');
    const history = (await settings('history', 'significanceOperator')).out;
    expect(history).toMatch(
      /2 +significanceOperator +default +m\.weber .* back\n1 +significanceOperator +> +m\.weber .* QA board/,
    );
    expect(JSON.parse((await settings('list', '--json')).out)).toMatchObject({ version: '2', unusable: [] });
  });

  it('refuses what makes no sense with a code and what it takes instead', async () => {
    const refused = async (...given: readonly string[]) => {
      const { code, err } = await settings('set', ...given);
      return [code, err.trim()];
    };
    const signed = ['--by', 'm.weber', '--reason', 'x'];
    expect(await refused('weightChangeLimit', '0', ...signed)).toEqual([
      2,
      'weightChangeLimit must be a number of kg from 0.1 to 50. (SETTING_INVALID)',
    ]);
    expect((await refused('weightLimit', '5', ...signed))[1]).toContain('(SETTING_UNKNOWN)');
    expect((await refused('weightChangeLimit', '4', '--by', 'm.weber'))[1]).toContain('(REASON_EMPTY)');
    expect((await refused('weightChangeLimit', '4', '--reason', 'x'))[1]).toContain('(SIGNATURE_EMPTY)');
    expect((await refused('weightChangeLimit', ...signed))[1]).toContain('give a value, or --default');
  });
});
