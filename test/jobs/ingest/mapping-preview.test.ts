import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMappingRevision } from '../../../src/db/registry/site-mapping.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { previewSiteMappings } from '../../../src/jobs/ingest/mapping-preview.ts';
import { addSiteMappings, retireSiteMapping } from '../../../src/jobs/registry/site-mapping.ts';
import { readMapping } from '../../../src/jobs/registry/site-mapping-csv.ts';
import { dicomFile } from '../../support/dicom/dicom-bytes.ts';
import { concept, item, num, report, text } from '../../support/dicom/dicom-report.ts';
import { hologicImage } from '../../support/dicom/hologic-image.ts';
import { type MappedSite, openMappedSite, SIGNED } from '../../support/stored/mapped-site.ts';

const hologic = (fields: Record<string, string>) => readMapping({ vendor: 'hologic', ...fields });
const SCAN = hologic({ kind: 'scan', label: 'a Hüfte links', scan_type: 'hip', laterality: 'left' });
const NECK = hologic({ kind: 'region', label: 'Hals', scan_type: 'hip', region: 'femoral_neck' });

describe('a mapping before it is filed', () => {
  let site: MappedSite;
  beforeEach(async () => {
    site = await openMappedSite();
  });
  afterEach(async () => {
    await site.close();
  });

  const preview = async (...mappings: Parameters<typeof previewSiteMappings>[1]) => {
    const { gained, resolved, raised, ...rest } = await previewSiteMappings(
      { pool: site.database.pool, archiveDir: site.archiveDir, limits: READ_LIMITS },
      mappings,
    );
    return {
      ...rest,
      gained: Object.fromEntries(gained),
      resolved: Object.fromEntries(resolved),
      raised: Object.fromEntries(raised),
    };
  };
  const everything = async () => {
    const tables = ['site_mapping', 'ignored_concept', 'audit_event', 'report', 'finding', 'source_file'];
    const { rows } = await site.database.pool.query<{ all: string }>(
      `select ${tables.map((name) => `(select coalesce(jsonb_agg(t order by t.id), '[]')::text from ${name} t)`).join(' || ')} as all`,
    );
    return rows[0]?.all;
  };

  it('says how many values in how many files it would give, and writes nothing', { timeout: 60_000 }, async () => {
    await site.take(hologicImage({ patientId: 'A', scanMode: 'a Hüfte links' }));
    await site.take(hologicImage({ patientId: 'BB', scanMode: 'A  HÜFTE_LINKS', row: 'Total' }));
    await site.take(hologicImage({ patientId: 'CCC', scanMode: 'a Hüfte rechts' }));
    await site.ingestWaiting();
    const before = await everything();
    expect(await preview(SCAN)).toEqual({
      files: 2,
      read: 2,
      unreadable: 0,
      gaining: 2,
      gained: { 'femoral_neck left bmd': 1, 'total_hip left bmd': 1 },
      changed: 0,
      lost: 0,
      resolved: { UNKNOWN_SCAN: 2, NO_RESULTS: 2 },
      raised: {},
      used: [2],
    });
    expect(await everything()).toBe(before);
    expect(await site.map(SCAN)).toBe(2);
    await site.ingestWaiting();
    expect(await site.stored()).toEqual(['A femoral_neck left bmd 0.812000', 'BB total_hip left bmd 0.812000']);
  });

  it('is previewed together with those filed with it, each with the files that would use it', {
    timeout: 60_000,
  }, async () => {
    await site.take(hologicImage({ patientId: 'A', scanMode: 'a Hüfte links', row: 'Hals' }));
    await site.ingestWaiting();
    expect(await preview(SCAN)).toMatchObject({
      gaining: 0,
      gained: {},
      resolved: { UNKNOWN_SCAN: 1 },
      raised: { UNKNOWN_REGION: 1 },
    });
    const unused = hologic({ kind: 'unit', label: 'g pro qcm', quantity: 'bmd' });
    expect(await preview(SCAN, unused, NECK)).toMatchObject({
      gaining: 1,
      gained: { 'femoral_neck left bmd': 1 },
      used: [1, 0, 1],
    });
  });

  it('shows what it would take from others that are in force', { timeout: 60_000 }, async () => {
    await site.take(hologicImage({ patientId: 'A', row: 'Hals' }));
    await site.ingestWaiting();
    await site.map(hologic({ kind: 'region', label: 'Hals', scan_type: 'hip', region: 'wards' }));
    await site.ingestWaiting();
    expect(await preview({ ...NECK, modelName: 'Horizon A' })).toMatchObject({
      files: 1,
      gained: { 'femoral_neck left bmd': 1 },
      lost: 1,
    });
  });

  it('holds for its model and its days alone', { timeout: 60_000 }, async () => {
    await site.take(hologicImage({ patientId: 'A', row: 'Hals', day: '20231231' }));
    await site.take(hologicImage({ patientId: 'BB', row: 'Hals', day: '20240601' }));
    await site.take(hologicImage({ patientId: 'CCC', row: 'Hals', day: '20240601', model: 'Discovery Wi' }));
    await site.ingestWaiting();
    expect(await preview({ ...NECK, validFrom: '2024-01-01' })).toMatchObject({ files: 2, gaining: 2 });
    expect(await preview({ ...NECK, modelName: 'discovery wi' })).toMatchObject({ files: 1, gaining: 1 });
  });

  it('counts files that the archive has lost, and those that were refused for their vocabulary', {
    timeout: 60_000,
  }, async () => {
    const children = [
      item(
        'CONTAINER',
        ['H1', '99NORLAND', 'Hüfte'],
        [
          [0x0040a050, 'CS', 'SEPARATE'],
          [0x0040a730, 'SQ', [num(['BM', '99NORLAND', 'Knochendichte'], '0.812')]],
        ],
      ),
    ];
    const attributes = [concept(['R', '99NORLAND', 'Bericht'])];
    await site.take(dicomFile(report(children, { attributes })));
    await site.take(hologicImage({ patientId: 'A', row: 'Hals' }));
    await site.ingestWaiting();
    const { rows } = await site.database.pool.query<{ path: string; reason: string | null }>(
      'select archive_path as path, reason_code as reason from source_file order by id',
    );
    expect(rows.map(({ reason }) => reason)).toEqual(['NOT_DXA', null]);
    const generic = (fields: Record<string, string>) => readMapping({ vendor: 'generic', ...fields });
    const scheme = { code_scheme: '99NORLAND' };
    expect(
      await preview(
        generic({ kind: 'region', ...scheme, code_value: 'H1', region: 'total_hip', laterality: 'left' }),
        generic({ kind: 'measure', ...scheme, code_value: 'BM', quantity: 'bmd' }),
      ),
    ).toMatchObject({ files: 1, gaining: 1, gained: { 'total_hip left bmd': 1 }, resolved: { NOT_DXA: 1 } });
    rmSync(join(site.archiveDir, rows[1]?.path ?? ''));
    expect(await preview(NECK)).toMatchObject({ files: 1, read: 0, unreadable: 1, gaining: 0 });
  });

  it('ends early when it is told to, with what was counted until then', { timeout: 60_000 }, async () => {
    for (const patientId of ['A', 'BB', 'CCC']) await site.take(hologicImage({ patientId, row: 'Hals' }));
    await site.ingestWaiting();
    const stopping = new AbortController();
    const { files, read, gaining } = await previewSiteMappings(
      {
        pool: site.database.pool,
        archiveDir: site.archiveDir,
        limits: READ_LIMITS,
        stopping: stopping.signal,
        onProgress: () => stopping.abort(),
      },
      [NECK],
    );
    expect([files, read, gaining]).toEqual([3, 1, 1]);
  });
});

describe('what a site ignores', () => {
  let site: MappedSite;
  beforeEach(async () => {
    site = await openMappedSite();
  });
  afterEach(async () => {
    await site.close();
  });
  const pool = () => site.database.pool;
  const unmapped = async () =>
    (
      await pool().query<{ line: string }>(`select kind || ' ' || label as line from unmapped_concept order by 1`)
    ).rows.map(({ line }) => line);
  const findings = async () =>
    (
      await pool().query<{ line: string }>(
        `select concat_ws(' ', code, facts ->> 'kind', facts ->> 'count') as line from finding where code <> 'NO_RESULTS' order by 1`,
      )
    ).rows.map(({ line }) => line);

  it('is no longer listed, under a signature, and is listed again when that is undone', {
    timeout: 60_000,
  }, async () => {
    await site.take(hologicImage({ patientId: 'A', column: 'Fett[(g)]' }));
    await site.take(hologicImage({ patientId: 'BB', row: 'Schraube' }));
    await site.ingestWaiting();
    expect(await unmapped()).toEqual(['measure Fett[(g)]', 'region Schraube']);
    const fat = hologic({ kind: 'measure', label: 'fett[(g)]', ignored: 'yes' });
    expect(await site.map(fat)).toBe(1);
    expect(await site.map(fat)).toBe(0);
    expect(await site.ingestWaiting()).toBe(1);
    expect(await unmapped()).toEqual(['region Schraube']);
    expect(await findings()).toEqual(['CONCEPT_IGNORED measure 1', 'UNKNOWN_REGION']);
    const { rows } = await pool().query<{ id: string }>(
      `select i.id::text from ignored_concept i join audit_event a on a.table_name = 'ignored_concept' and a.row_id = i.id
        where i.author = 'M. Weber' and a.action = 'create' and i.retired_at is null`,
    );
    expect((await retireSiteMapping(pool(), rows[0]?.id ?? '', SIGNED))?.length).toBe(1);
    expect(await retireSiteMapping(pool(), rows[0]?.id ?? '', SIGNED)).toBeNull();
    await site.ingestWaiting();
    expect(await unmapped()).toEqual(['measure Fett[(g)]', 'region Schraube']);
    const audit = await pool().query<{ action: string }>(
      `select action from audit_event where table_name = 'ignored_concept' order by id`,
    );
    expect(audit.rows.map(({ action }) => action)).toEqual(['create', 'retire']);
  });

  it('gives way to a mapping of the same', { timeout: 60_000 }, async () => {
    await site.take(hologicImage({ patientId: 'A', row: 'Hals' }));
    await site.ingestWaiting();
    expect(await site.map(hologic({ kind: 'region', label: 'Hals', ignored: 'yes' }))).toBe(1);
    await site.ingestWaiting();
    expect(await site.stored()).toEqual([]);
    expect(await site.map(NECK)).toBe(1);
    await site.ingestWaiting();
    expect(await site.stored()).toEqual(['A femoral_neck left bmd 0.812000']);
  });

  it('may be a unit that nothing could be mapped to', { timeout: 60_000 }, async () => {
    const region = item(
      'CONTAINER',
      ['1000-9', 'GELUNAR', 'Neck'],
      [
        [0x0040a050, 'CS', 'SEPARATE'],
        [
          0x0040a730,
          'SQ',
          [
            num(['3', 'GELUNAR', 'BMD'], '812', ['mg/cm2', 'UCUM', 'mg/cm2']),
            text(['6', 'GELUNAR', 'BMD_TSCORE'], '-1.0'),
          ],
        ],
      ],
    );
    const scan = item(
      'CONTAINER',
      ['2000-2', 'GELUNAR', 'Left Femur'],
      [
        [0x0040a050, 'CS', 'SEPARATE'],
        [0x0040a730, 'SQ', [region]],
      ],
    );
    await site.take(dicomFile(report([scan])));
    await site.ingestWaiting();
    expect(await unmapped()).toEqual(['unit mg/cm2']);
    const unit = { vendor: 'ge-lunar', kind: 'unit', code_scheme: 'UCUM', code_value: 'mg/cm2' };
    expect(() => readMapping({ ...unit, quantity: 'bmd' })).toThrow('units of other quantities');
    expect(await site.map(readMapping({ ...unit, ignored: 'yes' }))).toBe(1);
    await site.ingestWaiting();
    expect(await unmapped()).toEqual([]);
    expect(await site.stored()).toEqual(['PID-1 femoral_neck left t_score -1.000000']);
  });

  it('is shown before it is filed as findings that would go, and no value', { timeout: 60_000 }, async () => {
    await site.take(hologicImage({ patientId: 'A', column: 'Fett[(g)]' }));
    await site.ingestWaiting();
    const { gained, resolved, raised } = await previewSiteMappings(
      { pool: pool(), archiveDir: site.archiveDir, limits: READ_LIMITS },
      [hologic({ kind: 'measure', label: 'Fett[(g)]', ignored: 'yes' })],
    );
    expect([[...gained], [...resolved], [...raised]]).toEqual([[], [['UNKNOWN_MEASURE', 1]], [['CONCEPT_IGNORED', 1]]]);
  });

  it('applies to files that are being read when it is filed', { timeout: 60_000 }, async () => {
    const before = await readMappingRevision(pool());
    await addSiteMappings(pool(), [hologic({ kind: 'measure', label: 'X', ignored: 'yes' })], SIGNED);
    expect(Number(await readMappingRevision(pool()))).toBeGreaterThan(Number(before));
  });
});
