import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Signature } from '../../../src/db/audit.ts';
import type { Pool } from '../../../src/db/pool.ts';
import { listLsc } from '../../../src/db/registry/lsc.ts';
import { findPrecisionStudy, listPrecisionScans, listPrecisionStudies } from '../../../src/db/registry/precision.ts';
import { DEFAULT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { importLsc } from '../../../src/jobs/registry/lsc-import.ts';
import { type FilingChoices, lscToFile } from '../../../src/jobs/registry/precision-file.ts';
import { parseVolunteersCsv, scansOfVolunteers } from '../../../src/jobs/registry/precision-from-studies.ts';
import {
  importPrecisionStudies,
  parsePrecisionCsv,
  precisionStudiesOf,
} from '../../../src/jobs/registry/precision-import.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { assessWaiting, currentComparisons } from '../../support/stored/judged.ts';
import { hip, storeStudy } from '../../support/stored/stored-study.ts';

const SIGNATURE: Signature = { by: 'B. Physicist', note: 'commissioning' };
async function filePrecisionStudy(pool: Pool, id: string, choices: FilingChoices, signature: Signature) {
  const entry = await lscToFile(pool, id, choices, signature);
  return entry === null ? null : { entry, result: await importLsc(pool, [entry], signature, choices.despite) };
}

const CHOICES: FilingChoices = {
  validFrom: '2018-01-01',
  validTo: null,
  forEitherSide: false,
  despiteVerdict: false,
  despite: null,
};
const HEADER =
  'manufacturer,model_name,device_serial_number,technologist,subject,region,vertebrae,laterality,scanned_on,bmd_g_per_cm2';
const line = (technologist: string, subject: string, region: string, side: string, bmd: string) =>
  `GE Healthcare,Lunar iDXA,A1,${technologist},${subject},${region},,${side},2018-01-10,${bmd}`;

/** Duplicates of `count` people whose sample SD is `sd` each (d = SD * sqrt 2), all around 1 g/cm². */
const duplicates = (technologist: string, count: number, sd: number, region = 'total_hip', side = 'left') =>
  Array.from({ length: count }, (_, index) => {
    const second = (1 + sd * Math.SQRT2).toFixed(6);
    const subject = `${technologist}${index}`;
    return [line(technologist, subject, region, side, '1.000000'), line(technologist, subject, region, side, second)];
  }).flat();

describe('a precision study', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => database.drop());

  const importCsv = async (lines: readonly string[]) => {
    const scans = parsePrecisionCsv([HEADER, ...lines].join('\n'));
    return await importPrecisionStudies(database.pool, precisionStudiesOf(scans, 'csv', DEFAULT_SETTINGS), SIGNATURE);
  };

  it('gives the published figures of duplicate scans (clinical-rules 8.1)', async () => {
    const first = [1.327, 1.336, 1.078, 1.227, 0.938, 1.004, 1.18, 1.288];
    const second = [1.323, 1.322, 1.073, 1.233, 0.934, 1.019, 1.184, 1.304];
    const lines = first.flatMap((value, index) => [
      line('', `S${index}`, 'whole_body', 'none', value.toFixed(3)),
      line('', `S${index}`, 'whole_body', 'none', (second[index] ?? 0).toFixed(3)),
    ]);
    const { imported } = await importCsv(lines);
    const { rows } = await database.pool.query(
      `select verdict, subjects, degrees_of_freedom, precision_error_g_per_cm2 as pe, lsc_g_per_cm2 as lsc,
              mean_bmd_g_per_cm2 as mean, round((result->'pooled'->>'rmsCv')::numeric, 4) as cv from precision_study`,
    );
    expect(rows).toEqual([
      {
        verdict: 'insufficient_degrees_of_freedom',
        subjects: 8,
        degrees_of_freedom: 8,
        pe: '0.007008923',
        // 1.96 * sqrt 2 * PE; the printed 0.019415 is with the rounded factor 2.77.
        lsc: '0.019427743',
        mean: '1.173125000',
        cv: '0.5956',
      },
    ]);
    expect((2.77 * Number(rows[0]?.pe)).toFixed(6)).toBe('0.019415');
    const id = imported[0] ?? '';
    await expect(filePrecisionStudy(database.pool, id, CHOICES, SIGNATURE)).rejects.toMatchObject({
      code: 'PRECISION_NOT_FILED',
      message: expect.stringContaining('insufficient_degrees_of_freedom'),
    });
    const silent = { by: 'B. Physicist', note: '' };
    const despite = { ...CHOICES, despiteVerdict: true };
    await expect(filePrecisionStudy(database.pool, id, despite, silent)).rejects.toMatchObject({
      code: 'PRECISION_NOT_FILED',
    });
    await filePrecisionStudy(database.pool, id, despite, SIGNATURE);
    const [lsc] = await listLsc(database.pool, { all: false });
    expect(lsc).toMatchObject({
      leastSignificantChange: 19_428,
      confidenceLevel: 0.95,
      precisionError: 7_009,
      degreesOfFreedom: 8,
      precisionStudyId: id,
      source: `precision study ${id}: 8 subjects, 8 df, 1.96*sqrt(2), insufficient_degrees_of_freedom`,
    });
  });

  it('goes from its CSV to verdicts: 0.015 g/cm² gives 0.042 (Bonnick, clinical-rules 8.7)', async () => {
    const { pool } = database;
    await storeStudy(pool, { patient: 'P', uid: '1.1', scannedAt: '2018-05-01', scans: [hip('right', '0.800')] });
    await storeStudy(pool, { patient: 'P', uid: '1.2', scannedAt: '2020-05-01', scans: [hip('right', '0.758')] });
    await assessWaiting(pool);
    expect(await currentComparisons(pool)).toEqual([
      'previous total_hip right 2018-05-01>2020-05-01 provisional -0.042000 lsc 0.040000',
    ]);
    const { imported } = await importCsv(duplicates('', 30, 0.015));
    expect(await assessWaiting(pool)).toEqual([]);
    const filed = await filePrecisionStudy(pool, imported[0] ?? '', { ...CHOICES, forEitherSide: true }, SIGNATURE);
    expect(filed?.result).toMatchObject({ imported: 1, patientsToAssess: 1 });
    await assessWaiting(pool);
    // The second scans are 0.021213 higher: 1.96 * 0.021213.
    expect(await currentComparisons(pool)).toEqual([
      'previous total_hip right 2018-05-01>2020-05-01 down -0.042000 lsc 0.041577',
    ]);
    const { rows } = await pool.query(
      `select l.source_kind, l.precision_error_upper_g_per_cm2 as upper, c.robust, p.subjects
         from comparison c join least_significant_change l on l.id = c.lsc_id
         join precision_study p on p.id = l.precision_study_id where c.superseded_at is null`,
    );
    // Upper limit at 30 df: 1.2737 * 0.0149999.
    expect(rows).toEqual([{ source_kind: 'precision_study', upper: '0.019105', robust: false, subjects: 30 }]);
  });

  it('pools technologists by degrees of freedom (R1.6: 0.010 and 0.014 give 0.0337)', async () => {
    const lines = [...duplicates('Ann', 30, 0.01, 'trochanter'), ...duplicates('Bob', 30, 0.014, 'trochanter')];
    await importCsv(lines);
    const [study] = await listPrecisionStudies(database.pool);
    expect(((study?.result.pooled?.precisionError ?? 0) / 1e6).toFixed(5)).toBe('0.01217');
    expect(((study?.result.leastSignificantChange ?? 0) / 1e6).toFixed(4)).toBe('0.0337');
    expect(study?.result.technologists.map(({ technologist }) => technologist)).toEqual(['Ann', 'Bob']);
  });

  it('leaves a technologist above the ceiling out and asks for retraining', async () => {
    await importCsv([...duplicates('Ann', 30, 0.01), ...duplicates('Bob', 30, 0.03)]);
    const [study] = await listPrecisionStudies(database.pool);
    expect(study?.result.verdict).toBe('retrain');
    expect(study?.result.pooled).toMatchObject({ subjects: 30, degreesOfFreedom: 30 });
    expect(study?.result.technologists.map(({ withinCeiling }) => withinCeiling)).toEqual([true, false]);
  });

  it('keeps every scan that it was computed from, and takes the same file once', async () => {
    const lines = duplicates('Ann', 2, 0.01);
    const { imported } = await importCsv(lines);
    expect(await importCsv(lines)).toEqual({ imported: [], unchanged: 1 });
    expect(await listPrecisionScans(database.pool, imported[0] ?? '')).toEqual([
      { technologist: 'Ann', subject: 'Ann0', scannedOn: '2018-01-10', bmd: 1_000_000, source: 'line 2' },
      { technologist: 'Ann', subject: 'Ann0', scannedOn: '2018-01-10', bmd: 1_014_142, source: 'line 3' },
      { technologist: 'Ann', subject: 'Ann1', scannedOn: '2018-01-10', bmd: 1_000_000, source: 'line 4' },
      { technologist: 'Ann', subject: 'Ann1', scannedOn: '2018-01-10', bmd: 1_014_142, source: 'line 5' },
    ]);
    const study = await findPrecisionStudy(database.pool, imported[0] ?? '');
    expect(study).toMatchObject({ scannedFrom: '2018-01-10', scannedTo: '2018-01-10', author: 'B. Physicist' });
  });

  it('names the lines that break a rule, and no value of them', () => {
    const bad = [line('', 'S', 'total_hip', 'left', '0,985'), line('', '', 'total_hip', 'left', '0.985')];
    expect(() => parsePrecisionCsv([HEADER, bad[1] ?? ''].join('\n'))).toThrow(/line 2: subject must name the person/);
    const comma = bad[0]?.replace('0,985', '"0,985"') ?? '';
    expect(() => parsePrecisionCsv([HEADER, comma].join('\n'))).toThrow(
      expect.objectContaining({
        code: 'PRECISION_INVALID',
        message:
          'Nothing was imported. line 2: bmd_g_per_cm2 must be g/cm² with a decimal point and at most six places.',
      }),
    );
  });

  it('is picked out of the ingested studies of volunteers', async () => {
    const { pool } = database;
    for (const [index, [a, b]] of [
      ['0.800', '0.810'],
      ['0.900', '0.890'],
    ].entries()) {
      const patient = `V${index}`;
      const uid = `7.${index}`;
      const store = async (more: { uid: string; at: string; bmd: string; contentAt?: string; sop?: string }) =>
        await storeStudy(pool, {
          patient,
          uid: more.uid,
          scannedAt: more.at,
          scans: [hip('left', more.bmd)],
          contentAt: more.contentAt ?? more.at,
          sopInstanceUid: more.sop ?? `${more.uid}.1`,
        });
      await store({ uid: `${uid}.1`, at: '2018-01-10T09:00:00', bmd: a ?? '' });
      await store({ uid: `${uid}.2`, at: '2018-01-10T09:20:00', bmd: '0.500' });
      // The second scan analysed again counts once, as its latest analysis; a follow-up of later years not at all.
      await store({
        uid: `${uid}.2`,
        at: '2018-01-10T09:20:00',
        bmd: b ?? '',
        contentAt: '2018-01-11',
        sop: `${uid}.9`,
      });
      await store({ uid: `${uid}.3`, at: '2020-01-10T09:00:00', bmd: '0.700' });
    }
    await storeStudy(pool, { patient: 'V2', uid: '8.1', scannedAt: '2018-01-10', scans: [hip('left', '0.750')] });
    const span = { from: '2018-01-01', to: '2018-02-01' };
    const volunteers = parseVolunteersCsv('patient_id,technologist\nV0,Ann\nV1,Ann\nV2,Bob');
    const { scans, scannedOnce } = await scansOfVolunteers(pool, volunteers, span, []);
    expect(scannedOnce).toBe(1);
    const studies = precisionStudiesOf(scans, 'studies', DEFAULT_SETTINGS);
    const { imported } = await importPrecisionStudies(pool, studies, SIGNATURE);
    const stored = await listPrecisionScans(pool, imported[0] ?? '');
    expect(stored.map(({ technologist, bmd, source }) => [technologist, bmd, source])).toEqual([
      ['Ann', 800_000, '7.0.1.1#1.1'],
      ['Ann', 810_000, '7.0.9#1.1'],
      ['Ann', 900_000, '7.1.1.1#1.1'],
      ['Ann', 890_000, '7.1.9#1.1'],
    ]);
    expect(stored.every(({ subject }) => /^patient row \d+$/.test(subject))).toBe(true);
    const [study] = await listPrecisionStudies(pool);
    // Both differ by 0.010: SD 0.010 / sqrt 2.
    expect(((study?.result.pooled?.precisionError ?? 0) / 1e6).toFixed(6)).toBe('0.007071');
  });

  it('says which line of the volunteers matches no patient, without the name', async () => {
    const volunteers = parseVolunteersCsv('patient_id\nSECRET');
    const span = { from: '2018-01-01', to: '2018-02-01' };
    await expect(scansOfVolunteers(database.pool, volunteers, span, [])).rejects.toMatchObject({
      code: 'VOLUNTEERS_INVALID',
      message: 'Nothing was imported. line 2: no stored patient has this id.',
    });
  });
});
