import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listSourceFiles } from '../../../src/db/files/source-file.ts';
import { listUnmapped } from '../../../src/db/registry/unknown-concept.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { openFileIngest } from '../../../src/jobs/ingest/ingest.ts';
import { openReadingPool, READING, type ReadingPool } from '../../../src/jobs/ingest/reading-pool.ts';
import { openFileTaker } from '../../../src/jobs/intake/take-file.ts';
import { addSiteMappings, openMappingSource } from '../../../src/jobs/registry/site-mapping.ts';
import { readMapping } from '../../../src/jobs/registry/site-mapping-csv.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { type HologicImage, hologicImage } from '../../support/dicom/hologic-image.ts';

const SIGNED = { by: 'M. Weber', note: 'German labels' };

describe('a mapping of what Hologic writes', () => {
  let database: TestDatabase;
  let folder: string;
  let reader: ReadingPool;
  beforeEach(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-hologic-map-'));
    reader = openReadingPool({
      ...READING,
      limits: READ_LIMITS,
      threads: 1,
      mappings: openMappingSource(database.pool),
    });
  });
  afterEach(async () => {
    await reader.close();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function take(given: HologicImage): Promise<void> {
    const path = join(folder, given.patientId);
    writeFileSync(path, hologicImage(given));
    await openFileTaker({ pool: database.pool, archiveDir: join(folder, 'archive'), folders: null })({
      path,
      dropName: 'x',
    });
  }
  async function ingestWaiting(): Promise<number> {
    const files = await listSourceFiles(database.pool, ['received'], '0', 100);
    const ingest = openFileIngest({ pool: database.pool, archiveDir: join(folder, 'archive'), reader });
    for (const { id } of files) await ingest(id);
    return files.length;
  }
  const map = async (fields: Record<string, string>) =>
    (await addSiteMappings(database.pool, [readMapping({ vendor: 'hologic', ...fields })], SIGNED)).filesToRead.length;
  const stored = async () =>
    (
      await database.pool.query<{ line: string }>(
        `select concat_ws(' ', n.patient_id, v.region, v.laterality, v.quantity, v.value) as line
           from measured_value v join report r on r.id = v.report_id join study s on s.id = r.study_id
           join patient n on n.id = s.named_patient_id order by 1`,
      )
    ).rows.map(({ line }) => line);

  const SCAN = { kind: 'scan', label: 'a Hüfte links', scan_type: 'hip', laterality: 'left' };

  it('that is bound to a model holds for that model only', { timeout: 60_000 }, async () => {
    await take({ patientId: 'A', scanMode: SCAN.label });
    await take({ patientId: 'BB', scanMode: SCAN.label, model: 'Discovery Wi' });
    expect(await ingestWaiting()).toBe(2);
    expect((await listUnmapped(database.pool)).map(({ modelName, kind }) => `${modelName} ${kind}`).sort()).toEqual([
      'Discovery Wi scan',
      'Horizon A scan',
    ]);
    expect(await map({ ...SCAN, model_name: 'horizon a' })).toBe(1);
    expect(await ingestWaiting()).toBe(1);
    expect(await stored()).toEqual(['A femoral_neck left bmd 0.812000']);
    await take({ patientId: 'CCC', scanMode: SCAN.label });
    await take({ patientId: 'DDDD', scanMode: SCAN.label, model: 'Discovery Wi' });
    await ingestWaiting();
    expect(await stored()).toEqual(['A femoral_neck left bmd 0.812000', 'CCC femoral_neck left bmd 0.812000']);
  });

  it('that is bound to days holds for scans of these days only, the first and the last included', {
    timeout: 60_000,
  }, async () => {
    const days = ['20231231', '20240101', '20241231', '20250101'];
    for (const [index, day] of days.entries()) await take({ patientId: 'ABCD'.slice(0, index + 1), day, row: 'Hals' });
    await ingestWaiting();
    const region = { kind: 'region', label: 'Hals', scan_type: 'hip', region: 'femoral_neck' };
    expect(await map({ ...region, valid_from: '2024-01-01', valid_to: '2024-12-31' })).toBe(2);
    expect(await ingestWaiting()).toBe(2);
    expect(await stored()).toEqual(['AB femoral_neck left bmd 0.812000', 'ABC femoral_neck left bmd 0.812000']);
  });

  it('of one model comes before that of all models', { timeout: 60_000 }, async () => {
    await take({ patientId: 'A', row: 'Hals' });
    await take({ patientId: 'BB', row: 'Hals', model: 'Discovery Wi' });
    await ingestWaiting();
    const region = { kind: 'region', label: 'Hals', scan_type: 'hip' };
    await map({ ...region, region: 'wards' });
    await map({ ...region, region: 'femoral_neck', model_name: 'Horizon A' });
    await ingestWaiting();
    expect(await stored()).toEqual(['A femoral_neck left bmd 0.812000', 'BB wards left bmd 0.812000']);
  });

  it('names a column and a unit', { timeout: 60_000 }, async () => {
    await take({ patientId: 'A', column: 'Dichte (g/cm2)' });
    await take({ patientId: 'BB', column: 'BMD (g pro qcm)' });
    await ingestWaiting();
    expect(await stored()).toEqual([]);
    expect(await map({ kind: 'measure', label: 'Dichte (g/cm2)', quantity: 'bmd' })).toBe(1);
    expect(await map({ kind: 'unit', label: 'g pro qcm', quantity: 'bmd' })).toBe(1);
    expect(await ingestWaiting()).toBe(2);
    expect(await stored()).toEqual(['A femoral_neck left bmd 0.812000', 'BB femoral_neck left bmd 0.812000']);
  });
});
