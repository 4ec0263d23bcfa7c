import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keepReport } from '../../../src/db/files/file-outcome.ts';
import { listNightChanges, type NightChange } from '../../../src/db/night/change.ts';
import type { Pool, Queryable } from '../../../src/db/pool.ts';
import { reportRow } from '../../../src/db/records/report-row.ts';
import { insertSiteMapping } from '../../../src/db/registry/site-mapping.ts';
import { rolledBack } from '../../../src/db/rolled-back.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import type { Micro } from '../../../src/dxa/values/quantity.ts';
import type { NormalisedReport } from '../../../src/dxa/values/report.ts';
import { archivePathOf } from '../../../src/jobs/archive/archive.ts';
import { assessStoredPatient } from '../../../src/jobs/assess/assess.ts';
import { type ReadOutcome, readAndAdapt, readNormalised } from '../../../src/jobs/ingest/read-thread.ts';
import { openReadingPool, READING, type ReadingPool } from '../../../src/jobs/ingest/reading-pool.ts';
import { type NightOptions, runNight } from '../../../src/jobs/nightly/night.ts';
import { importLsc, parseLscCsv } from '../../../src/jobs/registry/lsc-import.ts';
import { openMappingSource } from '../../../src/jobs/registry/site-mapping.ts';
import { readMapping } from '../../../src/jobs/registry/site-mapping-csv.ts';
import { lscCsv } from '../../../src/simulate/cohort/lsc-csv.ts';
import { simulateCohort } from '../../../src/simulate/cohort/simulate-cohort.ts';
import { canonicalDump } from '../../support/database/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { dicomFile } from '../../support/dicom/dicom-bytes.ts';
import { item, num, report } from '../../support/dicom/dicom-report.ts';
import { encoded, hipReport } from '../../support/dicom/hip-report.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { comparable } from '../../support/stored/night-content.ts';
import { ORDINARY_NIGHT } from '../../support/stored/planted-night.ts';
import { openTakenFiles, type TakenFiles } from '../../support/stored/taken-files.ts';

const region = (code: string, label: string) =>
  item(
    'CONTAINER',
    [code, 'GELUNAR', label],
    [
      [0x0040a050, 'CS', 'SEPARATE'],
      [0x0040a730, 'SQ', [num(['3', 'GELUNAR', 'BMD'], '0.812')]],
    ],
  );
const NECK = {
  ...{ vendor: 'ge-lunar', kind: 'region', code_scheme: 'GELUNAR', code_value: '1000-77', scan_type: 'hip' },
  region: 'femoral_neck',
};

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../../fixtures', name, 'report.dcm'));

const COHORT = [...simulateCohort({ patients: 50, seed: 17 }).files].map(({ bytes }) => bytes);
const FILES: readonly Uint8Array[] = [
  ...COHORT,
  fixture('hologic/apex-13/square-brackets'),
  fixture('hologic/apex-5/jpeg-lossless'),
  ...encoded(hipReport('0.812', '101722', [], '2.25.71')).slice(0, 3),
  dicomFile(hipReport('0.812', '101722', [], '2.25.72')),
  dicomFile(hipReport('0.813', '101722', [], '2.25.72'), { syntax: 'implicit' }),
];

type Change = (report: NormalisedReport) => NormalisedReport;
/** What an earlier adapter may have made otherwise. */
const CHANGES: readonly Change[] = [
  (report) => ({
    ...report,
    values: report.values.map((one, place) =>
      place === 0 ? { ...one, value: (one.value + 10_000) as Micro, rawText: 'other' } : one,
    ),
  }),
  (report) => ({ ...report, values: report.values.slice(1) }),
  (report) => ({ ...report, findings: [...report.findings, { code: 'UNKNOWN_REGION', path: '1.9' }] }),
  (report) => ({ ...report, patient: { ...report.patient, name: 'Other^Spelling' } }),
];

type EarlierRead = { readonly outcome: ReadOutcome; readonly changed: boolean };

/** Reads as an earlier release did: `change` is what its adapter made otherwise, undefined where nothing. */
function readEarlier(bytes: Uint8Array, receivedOn: string, change: Change | undefined): EarlierRead {
  const task = { bytes, limits: READ_LIMITS, receivedOn };
  const [read, outcome] = [readNormalised(task), readAndAdapt(task)];
  if (!read.ok || !outcome.ok) return { outcome, changed: false };
  const report = { ...(change?.(read.report) ?? read.report), adapterVersion: '0' };
  return { outcome: { ...outcome, report: reportRow(report, '0') }, changed: change !== undefined };
}

type Site = { readonly pool: Pool; readonly files: TakenFiles; readonly changed: readonly string[] };

/** Every fiftieth file of the cohort is one that the earlier release read otherwise; all patients are judged. */
async function makeSite(pool: Pool): Promise<Site> {
  await importLsc(pool, parseLscCsv(lscCsv()), { by: 'test', note: 'unchanged reports' });
  const files = openTakenFiles(pool);
  const changed: string[] = [];
  for (const [place, bytes] of FILES.entries()) {
    const id = await files.take(bytes);
    const change = place < COHORT.length && place % 50 === 7 ? CHANGES[Math.floor(place / 50) % 4] : undefined;
    files.afterReading.do = async (outcome) => {
      const earlier = readEarlier(bytes, new Date().toISOString().slice(0, 10), change);
      if (earlier.changed) changed.push(id);
      return outcome.mappingRevision === undefined
        ? earlier.outcome
        : { ...earlier.outcome, mappingRevision: outcome.mappingRevision };
    };
    await files.ingestWaiting();
  }
  await assessAll(pool);
  return { pool, files, changed };
}

async function assessAll(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ id: string }>('select id::text from patient order by id');
  for (const { id } of rows) await assessStoredPatient(pool, id);
}

/** Row ids and revisions: what a report that is only confirmed keeps. */
async function keptRows(pool: Pool): Promise<ReadonlyMap<string, string>> {
  const { rows } = await pool.query<{ file: string; kept: string }>(
    `select r.source_file_id::text as file, concat_ws(' ', r.id, p.revision, p.assessed_revision) as kept
       from stored_report r join study s on s.id = r.study_id join patient p on p.id = s.patient_id`,
  );
  return new Map(rows.map(({ file, kept }) => [file, kept]));
}

/** As if an earlier release had stored it: of all reports, or of one file. */
const forget = async (pool: Pool, fileId: string | null = null) =>
  void (await pool.query('update stored_report set digest = null where source_file_id = $1 or $1::bigint is null', [
    fileId,
  ]));

async function filesOf(pool: Pool, where: string): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select f.id::text from source_file f left join stored_report r on r.source_file_id = f.id where ${where} order by f.id`,
  );
  return rows.map(({ id }) => id);
}

let readers: ReadingPool[] = [];
const night = async ({ pool, files }: Pick<Site, 'pool' | 'files'>, more: Partial<NightOptions> = {}) => {
  const reader = openReadingPool({ ...READING, threads: 1, limits: READ_LIMITS, mappings: openMappingSource(pool) });
  readers.push(reader);
  const told: NightChange[] = [];
  const options = { pool, log: recordedLog(), archiveDir: files.archiveDir, reader, concurrency: 2 };
  const onChange = (change: NightChange) => told.push(change);
  const { runId, outcome, steps } = await runNight({ ...ORDINARY_NIGHT, ...options, onChange, ...more });
  expect(outcome).toBe('done');
  const changes = runId === null ? told : await listNightChanges(pool, runId, '0', 10_000);
  return { changes, steps };
};
afterEach(async () => {
  for (const reader of readers) await reader.close();
  readers = [];
});

describe('a night over what an earlier release read, two files in a hundred of which say something else now', () => {
  const databases: TestDatabase[] = [];
  const sites: Site[] = [];
  beforeAll(async () => {
    for (let site = 0; site < 2; site += 1) {
      const database = await createTestDatabase();
      databases.push(database);
      sites.push(await makeSite(database.pool));
    }
  }, 240_000);
  afterAll(async () => {
    for (const { files } of sites) files.close();
    for (const database of databases) await database.drop();
  });

  it('tells, leaves and counts what a night does that stores every report again', { timeout: 240_000 }, async () => {
    const [site, other] = sites;
    if (site === undefined || other === undefined) throw new Error('no site');
    expect(site.changed.length).toBeGreaterThanOrEqual(3);
    expect(other.changed).toEqual(site.changed);
    await forget(other.pool);
    const [before, dumped] = [await keptRows(site.pool), await canonicalDump(site.pool, { places: true })];

    const dry = await night(site, { dryRun: true });
    expect(await canonicalDump(site.pool, { places: true })).toBe(dumped);
    expect(await keptRows(site.pool)).toEqual(before);

    const lostId = (await filesOf(site.pool, `f.state = 'stored'`)).find((id) => !site.changed.includes(id)) ?? '';
    for (const { pool, files } of sites) {
      const { rows } = await pool.query<{ sha256: string }>('select sha256 from source_file where id = $1', [lostId]);
      rmSync(join(files.archiveDir, archivePathOf(rows[0]?.sha256 ?? '')));
    }

    const byDigest = await night(site);
    const theOldWay = await night(other);
    const ofFiles = byDigest.changes.filter(({ kind }) => kind === 'file');
    expect(ofFiles.map(({ sourceFileId }) => sourceFileId).sort()).toEqual([...site.changed].sort());
    expect(comparable(byDigest.changes)).toEqual(comparable(theOldWay.changes));
    const recomputed = ['reread_reports', 'retry_files', 'reassess'];
    expect(comparable(dry.changes)).toEqual(
      comparable(byDigest.changes.filter(({ step, kind }) => recomputed.includes(step) && kind !== 'archive')),
    );
    expect(byDigest.steps.map(({ step, counts }) => [step, counts])).toEqual(
      theOldWay.steps.map(({ step, counts }) => [step, counts]),
    );
    // Nothing was read of the lost file, so that its report is as it was.
    await forget(site.pool, lostId);
    expect(await canonicalDump(site.pool, { places: true })).toBe(await canonicalDump(other.pool, { places: true }));

    // Whose files are all the same keeps rows and revision, and its versions are those of this release.
    const after = await keptRows(site.pool);
    const rewritten = [...after].filter(([file, kept]) => before.get(file) !== kept).map(([file]) => file);
    const concerned = await filesOf(
      site.pool,
      `r.study_id in (select o.id from study o where o.patient_id in (
         select s.patient_id from stored_report c join study s on s.id = c.study_id
          where c.source_file_id = any('{${[...site.changed, lostId].join(',')}}'::bigint[])
             or c.sop_instance_uid = '2.25.72'))`,
    );
    expect(rewritten.length).toBeGreaterThan(0);
    expect(rewritten.filter((file) => !concerned.includes(file))).toEqual([]);
    expect(after.size).toBeGreaterThan(2 * concerned.length);
    expect(
      await filesOf(site.pool, `(r.adapter_version = '0' or r.reader_version = '0') and f.id <> ${lostId}`),
    ).toEqual([]);
    expect(await filesOf(site.pool, `r.digest is null and r.id is not null and f.id <> ${lostId}`)).toEqual([]);
  });
});

describe('a report is not taken for unchanged', () => {
  let database: TestDatabase;
  let site: Pick<Site, 'pool' | 'files'>;
  beforeEach(async () => {
    database = await createTestDatabase();
    site = { pool: database.pool, files: openTakenFiles(database.pool) };
  });
  afterEach(async () => {
    site.files.close();
    await database.drop();
  });

  const come = async (...given: readonly Uint8Array[]) => {
    for (const bytes of given) await site.files.take(bytes);
    await site.files.ingestWaiting();
    await assessAll(site.pool);
  };
  const outdate = async () => void (await site.pool.query(`update stored_report set adapter_version = '0'`));
  const isRewritten = async () => {
    const before = await keptRows(site.pool);
    const { changes } = await night(site);
    const after = await keptRows(site.pool);
    return { changes, rewritten: [...after].some(([file, kept]) => before.get(file) !== kept) };
  };

  it('unless everything that is stored of it is: then it is confirmed, a Hologic image too', async () => {
    await come(fixture('hologic/apex-13/square-brackets'), dicomFile(hipReport('0.812')));
    await outdate();
    expect(await isRewritten()).toEqual({ changes: [], rewritten: false });
    expect(await filesOf(site.pool, `r.adapter_version = '0'`)).toEqual([]);
    expect(await filesOf(site.pool, 'f.attempts = 2')).toHaveLength(2);
  });

  it('where one was kept although a later reading failed', async () => {
    await come(dicomFile(hipReport('0.812')));
    const [id] = await filesOf(site.pool, 'true');
    expect(await keepReport(site.pool, id ?? '', 'READER_TIMEOUT')).toBe(true);
    await outdate();
    const { changes, rewritten } = await isRewritten();
    expect(rewritten).toBe(true);
    expect(changes.map(({ detail }) => detail)).toEqual([{ findings: { gone: ['READER_TIMEOUT'], added: [] } }]);
  });

  it('where another file of another content claims its instance', async () => {
    await come(dicomFile(hipReport('0.812')), dicomFile(hipReport('0.813'), { syntax: 'implicit' }));
    await outdate();
    expect(await isRewritten()).toEqual({ changes: [], rewritten: true });
  });

  it('where a duplicate of it is not called so', async () => {
    await come(...encoded(hipReport('0.812')).slice(0, 2));
    await outdate();
    expect((await isRewritten()).rewritten).toBe(false);
    await site.pool.query(`update source_file set content_identity = null where state = 'duplicate'`);
    await outdate();
    expect((await isRewritten()).rewritten).toBe(true);
  });

  it('where a site mapping gives it other values', async () => {
    const scan = item(
      'CONTAINER',
      ['2000-2', 'GELUNAR', 'Left Femur'],
      [
        [0x0040a050, 'CS', 'SEPARATE'],
        [0x0040a730, 'SQ', [region('1000-77', 'Col femoral')]],
      ],
    );
    await come(dicomFile(report([scan])), fixture('ge-lunar/encore-16/spine'));
    await outdate();
    const [french, other] = await filesOf(site.pool, 'true');
    const before = await keptRows(site.pool);
    await insertSiteMapping(site.pool, readMapping(NECK), { by: 'M. Weber', note: 'French labels' });
    const { changes } = await night(site);
    expect(changes.filter(({ kind }) => kind === 'file').map(({ sourceFileId }) => sourceFileId)).toEqual([french]);
    expect((await keptRows(site.pool)).get(other ?? '')).toBe(before.get(other ?? ''));
  });

  it('after its rows were changed in their place, by whatever code', async () => {
    const { pool } = site;
    await come(fixture('ge-lunar/encore-16/spine'));
    const digests = async (database: Queryable) => {
      const { rows } = await database.query<{ known: boolean }>(
        'select digest is not null as known from stored_report',
      );
      return rows.map(({ known }) => known);
    };
    const statements = [
      `update report set patient_name = 'Other^Name'`,
      'update report_values set raw_text = raw_text',
      'update vendor_claim set raw_text = raw_text',
      `update finding set facts = '{}'`,
      'delete from finding',
      'delete from vendor_claim',
    ];
    const changing: string[] = [];
    for (const statement of statements) {
      const [rowCount, known] = await rolledBack(pool, async (transaction) => [
        (await transaction.query(statement)).rowCount ?? 0,
        await digests(transaction),
      ]);
      if (rowCount > 0) changing.push(`${statement}: ${known.join()}`);
    }
    expect(changing.length).toBeGreaterThanOrEqual(2);
    expect(changing.filter((line) => !line.endsWith(': false'))).toEqual([]);
    await pool.query(
      `update stored_report set adapter_version = '0', reader_version = '0', stored_at = now(), out_of_use = false`,
    );
    expect(await digests(pool)).toEqual([true]);
  });

  it('and every column of a report belongs to what its digest is of, or says who read it and when', async () => {
    const { rows } = await site.pool.query<{ name: string }>(
      `select a.attname as name from pg_attribute a
        where a.attrelid = 'stored_report'::regclass and a.attnum > 0 and not a.attisdropped
          and not a.attnum = any((select t.tgattr from pg_trigger t where t.tgname = 'stored_report_changed')::int2[])
        order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'adapter_version',
      'digest',
      'id',
      'out_of_use',
      'reader_version',
      'stored_at',
    ]);
  });
});
