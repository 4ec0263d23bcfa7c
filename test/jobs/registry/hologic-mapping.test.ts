import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listUnmapped } from '../../../src/db/registry/unknown-concept.ts';
import { readMapping } from '../../../src/jobs/registry/site-mapping-csv.ts';
import { type HologicImage, hologicImage } from '../../support/dicom/hologic-image.ts';
import { type MappedSite, openMappedSite } from '../../support/stored/mapped-site.ts';

describe('a mapping of what Hologic writes', () => {
  let site: MappedSite;
  beforeEach(async () => {
    site = await openMappedSite();
  });
  afterEach(async () => {
    await site.close();
  });

  const take = async (given: HologicImage) => await site.take(hologicImage(given));
  const ingestWaiting = async () => await site.ingestWaiting();
  const stored = async () => await site.stored();
  const map = async (fields: Record<string, string>) => await site.map(readMapping({ vendor: 'hologic', ...fields }));

  const SCAN = { kind: 'scan', label: 'a Hüfte links', scan_type: 'hip', laterality: 'left' };

  it('that is bound to a model holds for that model only', { timeout: 60_000 }, async () => {
    await take({ patientId: 'A', scanMode: SCAN.label });
    await take({ patientId: 'BB', scanMode: SCAN.label, model: 'Discovery Wi' });
    expect(await ingestWaiting()).toBe(2);
    expect(
      (await listUnmapped(site.database.pool)).map(({ modelName, kind }) => `${modelName} ${kind}`).sort(),
    ).toEqual(['Discovery Wi scan', 'Horizon A scan']);
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

  it('of one model takes precedence over that of all models', { timeout: 60_000 }, async () => {
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

  it('of one model that is filed later takes the place of that of all models', { timeout: 60_000 }, async () => {
    await take({ patientId: 'A', row: 'Hals' });
    await ingestWaiting();
    const region = { kind: 'region', label: 'Hals', scan_type: 'hip' };
    expect(await map({ ...region, region: 'wards' })).toBe(1);
    await ingestWaiting();
    expect(await stored()).toEqual(['A wards left bmd 0.812000']);
    expect(await map({ ...region, region: 'femoral_neck', model_name: 'Horizon A' })).toBe(1);
    await ingestWaiting();
    expect(await stored()).toEqual(['A femoral_neck left bmd 0.812000']);
  });
});
