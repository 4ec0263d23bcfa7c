import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hologicImage } from '../../support/dicom/hologic-image.ts';
import { recordErrors } from '../../support/recorded-log.ts';
import { type MappedSite, openMappedSite } from '../../support/stored/mapped-site.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

describe('dxaflow map', { timeout: 120_000 }, () => {
  let site: MappedSite;
  beforeAll(async () => {
    site = await openMappedSite();
    await site.take(hologicImage({ patientId: 'A', scanMode: 'a Hüfte links' }));
    await site.take(hologicImage({ patientId: 'BB', column: 'Fett[(g)]' }));
    await site.take(hologicImage({ patientId: 'CCC', column: 'BMD[g/qcm]' }));
    await site.ingestWaiting();
  });
  afterAll(async () => {
    await site.close();
  });

  const map = async (...given: readonly string[]): Promise<{ code: number; out: string; err: string }> => {
    const env = { ...process.env, DATABASE_URL: site.database.url, ARCHIVE_DIR: site.archiveDir };
    return await new Promise((resolve) => {
      execFile(process.execPath, [CLI, 'map', ...given], { env }, (error, out, err) => {
        recordErrors('cli', err);
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      });
    });
  };
  const count = async (table: string) =>
    (await site.database.pool.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]?.n;
  const SCAN = [
    '--vendor',
    'hologic',
    '--kind',
    'scan',
    '--label',
    'a Hüfte links',
    '--scan-type',
    'hip',
    '--laterality',
    'left',
  ];

  it('lists what nothing knows with its kind', async () => {
    const { out } = await map('unmapped');
    expect(out).toMatch(/1 +1 +hologic +Horizon A +13\.6 +scan +a Hüfte links/);
    expect(out).toMatch(/measure +Fett\[\(g\)\]/);
    expect(out).toMatch(/unit of bmd +g\/qcm/);
  });

  it('shows what a mapping would give and files nothing, and asks for a name when it is filed', async () => {
    const { code, out } = await map('add', ...SCAN, '--dry-run');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'Dry run: nothing was saved. 1 file of 1 that may be affected was read.',
      'It would give 1 value in 1 file.',
      'Values that would be added:',
      '       1  femoral_neck left bmd',
      'Findings that would be cleared:',
      '       1  UNKNOWN_SCAN',
      '       1  NO_RESULTS',
      '',
    ]);
    expect(await count('site_mapping')).toBe(0);
    expect(await map('add', ...SCAN)).toMatchObject({
      code: 2,
      err: expect.stringContaining('--by must name a person'),
    });
    const filed = await map('add', ...SCAN, '--by', 'm.weber', '--note', 'German');
    expect(filed.out).toMatch(/^1 file will be read again by the running workers\./);
    await site.ingestWaiting();
    expect(await site.stored()).toEqual(['A femoral_neck left bmd 0.812000']);
    expect((await map('add', ...SCAN, '--by', 'm.weber')).out).toMatch(/^This mapping is already in force\./);
  });

  it('ignores permanently, lists what is ignored and restores it', async () => {
    const fat = ['--vendor', 'hologic', '--kind', 'measure', '--label', 'Fett[(g)]'];
    expect((await map('ignore', ...fat, '--dry-run')).out).toMatch(
      /would give 0 values.*1 {2}UNKNOWN_MEASURE.*1 {2}CONCEPT_IGNORED/s,
    );
    expect(await map('ignore', ...fat)).toMatchObject({ code: 2 });
    expect((await map('ignore', ...fat, '--by', 'm.weber')).out).toContain('1 file will be read again');
    await site.ingestWaiting();
    expect((await map('unmapped')).out).not.toContain('Fett');
    const listed = (await map('list')).out.split('\n').find((line) => line.includes('Fett')) ?? '';
    expect(listed).toMatch(/^(\d+) .*measure .* yes +m\.weber/);
    const id = /^\d+/.exec(listed)?.[0] ?? '';
    expect((await map('retire', id, '--by', 'm.weber')).out).toContain('1 file will be read again');
    await site.ingestWaiting();
    expect((await map('unmapped')).out).toContain('Fett');
    expect(await map('retire', id, '--by', 'm.weber')).toMatchObject({ code: 2 });
  });

  it('shows a CSV file as a whole, and imports what it exports', async () => {
    const csv = join(site.archiveDir, '..', 'mappings.csv');
    writeFileSync(
      csv,
      'vendor,kind,label,quantity,ignored\nhologic,unit,g/qcm,bmd,\nhologic,measure,Fett[(g)],,yes\nhologic,measure,Nirgends,bmd,\n',
    );
    const { out } = await map('import', csv, '--dry-run');
    expect(out).toContain('It would give 1 value in 1 file.');
    expect(out).toContain('1  UNIT_NOT_SUPPORTED');
    expect(out).toContain('No file would use mapping 3');
    expect(await count('ignored_concept')).toBe(1);
    expect((await map('import', csv, '--by', 'm.weber')).out).toMatch(/^3 imported, 0 already on file\. 2 files will/);
    writeFileSync(csv, (await map('export')).out);
    expect((await map('import', csv, '--by', 'm.weber')).out).toMatch(/^0 imported, 4 already on file\./);
  });

  it('refuses what could never hold, with the rule', async () => {
    const wrong = async (...given: readonly string[]) =>
      (await map('add', '--vendor', 'hologic', ...given, '--dry-run')).err;
    expect(await wrong('--kind', 'unit', '--label', 'mg/cm2', '--quantity', 'bmd')).toContain(
      'units of other quantities',
    );
    expect(await wrong('--kind', 'region', '--label', 'X', '--scan-type', 'spine', '--region', 'total_hip')).toContain(
      'stands in a hip scan',
    );
    expect(
      (await map('ignore', '--vendor', 'hologic', '--kind', 'scan', '--label', 'X', '--scan-type', 'hip')).err,
    ).toContain('only a region is ignored in one kind of scan');
  });
});
