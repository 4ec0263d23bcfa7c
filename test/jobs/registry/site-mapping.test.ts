import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listAuditEvents } from '../../../src/db/audit.ts';
import { announceSourceFiles, listSourceFiles, markReceived } from '../../../src/db/files/source-file.ts';
import { listSiteMappings } from '../../../src/db/registry/site-mapping.ts';
import { listUnmapped } from '../../../src/db/registry/unknown-concept.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { archivePathOf } from '../../../src/jobs/archive/archive.ts';
import { openFileIngest } from '../../../src/jobs/ingest/ingest.ts';
import { readAndAdapt } from '../../../src/jobs/ingest/read-thread.ts';
import { addSiteMappings, openMappingSource, retireSiteMapping } from '../../../src/jobs/registry/site-mapping.ts';
import { mappingFields, parseMappingsCsv, readMapping } from '../../../src/jobs/registry/site-mapping-csv.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { dicomFile } from '../../support/dicom/dicom-bytes.ts';
import { item, num, report } from '../../support/dicom/dicom-report.ts';

const SIGNED = { by: 'M. Weber', note: 'French labels' };
const ge = (value: string, meaning: string) => [value, 'GELUNAR', meaning] as const;

/** A report of one hip scan whose region has a label that no adapter knows. */
function french(patientId: string, label: string, day = '20240305'): Buffer {
  const region = item('CONTAINER', ge('1000-77', label), [
    [0x0040a050, 'CS', 'SEPARATE'],
    [0x0040a730, 'SQ', [num(ge('3', 'BMD'), '0.812')]],
  ]);
  const scan = item('CONTAINER', ge('2000-2', 'Left Femur'), [
    [0x0040a050, 'CS', 'SEPARATE'],
    [0x0040a730, 'SQ', [region]],
  ]);
  const elements = report([scan], {
    sopInstanceUid: `2.25.${BigInt(
      `0x${createHash('sha256')
        .update(patientId + label)
        .digest('hex')
        .slice(0, 20)}`,
    )}`,
    attributes: [
      [0x00080020, 'DA', day],
      [0x00100020, 'LO', patientId],
      [0x0020000d, 'UI', `2.25.${patientId.length}${day}`],
      [0x00181020, 'LO', '16.1'],
    ],
  });
  return dicomFile(elements);
}

const NECK = readMapping({
  vendor: 'ge-lunar',
  kind: 'region',
  code_scheme: 'GELUNAR',
  code_value: '1000-77',
  label: 'col femoral',
  scan_type: 'hip',
  region: 'femoral_neck',
});

describe('site mappings', () => {
  let database: TestDatabase;
  let archiveDir: string;
  beforeEach(async () => {
    database = await createTestDatabase();
    archiveDir = mkdtempSync(join(tmpdir(), 'dxaflow-map-'));
  });
  afterEach(async () => {
    await database.drop();
    rmSync(archiveDir, { recursive: true, force: true });
  });

  async function take(bytes: Buffer): Promise<string> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const archivePath = archivePathOf(sha256);
    mkdirSync(dirname(join(archiveDir, archivePath)), { recursive: true });
    writeFileSync(join(archiveDir, archivePath), bytes);
    const [file] = await announceSourceFiles(database.pool, [
      { sha256, byteCount: bytes.length, archivePath, dropName: 'x' },
    ]);
    await markReceived(database.pool, [file?.id ?? '']);
    return file?.id ?? '';
  }

  /** Reads whatever waits, as the ingest process does. */
  async function ingestWaiting(): Promise<number> {
    const mappings = openMappingSource(database.pool);
    const reader = {
      read: async (bytes: Uint8Array, receivedOn: string) => {
        const { revision, rules } = await mappings();
        const read = readAndAdapt({ bytes, limits: READ_LIMITS, receivedOn, mappings: rules });
        return { ...read, mappingRevision: revision };
      },
      close: async () => undefined,
      limits: READ_LIMITS,
    };
    const files = await listSourceFiles(database.pool, ['received'], '0', 100);
    for (const { id } of files) await openFileIngest({ pool: database.pool, archiveDir, reader })(id);
    return files.length;
  }

  const stored = async () =>
    (
      await database.pool.query<{ line: string }>(
        `select concat_ws(' ', n.patient_id, v.region, v.laterality, v.quantity, v.value, v.raw_label) as line
           from measured_value v join report r on r.id = v.report_id join study s on s.id = r.study_id
           join patient n on n.id = s.named_patient_id order by 1`,
      )
    ).rows.map(({ line }) => line);

  it('list what nothing knows by vendor, model and software version', async () => {
    await take(french('A', 'Col fémoral'));
    await take(french('B', 'Col fémoral'));
    await take(french('C', 'Diaphyse'));
    expect(await ingestWaiting()).toBe(3);
    expect(await stored()).toEqual([]);
    expect(await listUnmapped(database.pool)).toEqual([
      {
        vendor: 'ge-lunar',
        modelName: 'Lunar iDXA',
        softwareVersions: '16.1',
        kind: 'region',
        scanType: 'hip',
        codeScheme: 'GELUNAR',
        codeValue: '1000-77',
        label: 'Col fémoral',
        quantity: '',
        times: 2,
        files: 2,
      },
      expect.objectContaining({ label: 'Diaphyse', files: 1 }),
    ]);
  });

  it('replay exactly the files they concern, and again when they are retired', async () => {
    const ids = [await take(french('A', 'Col femoral')), await take(french('B', 'COL  FEMORAL'))];
    await take(french('C', 'Diaphyse'));
    await ingestWaiting();

    const added = await addSiteMappings(database.pool, [NECK], SIGNED);
    expect(added).toMatchObject({ added: 1, unchanged: 0 });
    expect([...added.filesToRead].sort()).toEqual(ids);
    expect(await ingestWaiting()).toBe(2);
    expect(await stored()).toEqual([
      'A femoral_neck left bmd 0.812000 Col femoral',
      'B femoral_neck left bmd 0.812000 COL  FEMORAL',
    ]);
    expect((await listUnmapped(database.pool)).map(({ label }) => label)).toEqual(['Diaphyse']);
    expect(await addSiteMappings(database.pool, [NECK], SIGNED)).toEqual({ added: 0, unchanged: 1, filesToRead: [] });

    const [mapping] = await listSiteMappings(database.pool);
    expect(await retireSiteMapping(database.pool, mapping?.mappingId ?? '', SIGNED)).toEqual(ids);
    expect(await ingestWaiting()).toBe(2);
    expect(await stored()).toEqual([]);
    const events = await listAuditEvents(database.pool, 'site_mapping', mapping?.mappingId ?? '');
    expect(events.map(({ action, actor }) => `${action} ${actor}`)).toEqual(['create M. Weber', 'retire M. Weber']);
  });

  it('hold for their days only', async () => {
    await take(french('A', 'Col femoral', '20230101'));
    await take(french('BB', 'Col femoral', '20240601'));
    await ingestWaiting();
    await addSiteMappings(database.pool, [{ ...NECK, validFrom: '2024-01-01', validTo: '2024-12-31' }], SIGNED);
    expect(await ingestWaiting()).toBe(1);
    expect(await stored()).toEqual(['BB femoral_neck left bmd 0.812000 Col femoral']);
  });

  it('keep what could name a patient out of the list', async () => {
    await take(french('A', 'Probe, Paula'));
    await ingestWaiting();
    expect((await listUnmapped(database.pool)).map(({ label }) => label)).toEqual(['<withheld>']);
  });

  it('are unchanged after export to CSV and import from it', async () => {
    await addSiteMappings(database.pool, [NECK], SIGNED);
    const fields = (await listSiteMappings(database.pool)).map(mappingFields);
    const header = Object.keys(fields[0] ?? {}).join(',');
    const csv = [header, ...fields.map((row) => Object.values(row).join(','))].join('\n');
    expect(parseMappingsCsv(csv)).toEqual([NECK]);
  });

  it('are refused, with the rule and without a value, when they contradict themselves', () => {
    const codeOf = (given: Record<string, string>) => {
      try {
        return readMapping(given);
      } catch (error) {
        return String(error);
      }
    };
    expect(codeOf({ vendor: 'ge-lunar', kind: 'region', label: 'X', region: 'spine' })).toContain(
      'vertebrae must be given',
    );
    expect(codeOf({ vendor: 'ge-lunar', kind: 'scan', label: 'X' })).toContain('a scan has a scan_type');
    expect(codeOf({ vendor: 'ge-lunar', kind: 'measure', quantity: 'bmd' })).toContain('a code or a label');
  });
});

describe('a site mapping', () => {
  it.each([
    [{ vendor: 'hologic', kind: 'scan', code_scheme: 'X', code_value: '1', scan_type: 'hip' }, 'labels and no codes'],
    [{ vendor: 'generic', kind: 'measure', label: 'X', quantity: 'bmd', scan_type: 'hip' }, 'in every scan'],
    [{ vendor: 'generic', kind: 'unit', label: 'X', quantity: 'bmd', laterality: 'left' }, 'on every side'],
    [{ vendor: 'generic', kind: 'scan', label: 'X', scan_type: 'spine', laterality: 'left' }, 'everything else none'],
    [
      { vendor: 'generic', kind: 'region', label: 'X', region: 'radius_33', laterality: 'none' },
      'everything else none',
    ],
    [
      {
        vendor: 'generic',
        kind: 'scan',
        label: 'X',
        scan_type: 'hip',
        valid_from: '2024-02-01',
        valid_to: '2024-01-01',
      },
      'before valid_from',
    ],
  ])('is refused with a condition that no report could ever meet: %j', (given, rule) => {
    expect(() => readMapping(given)).toThrow(rule);
  });
});
