import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listNightChanges } from '../../../src/db/night/change.ts';
import { reportRow } from '../../../src/db/records/report-row.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { openFileIngest } from '../../../src/jobs/ingest/ingest.ts';
import { type ReadOutcome, readAndAdapt } from '../../../src/jobs/ingest/read-thread.ts';
import { openReadingPool, READING, type ReadingPool } from '../../../src/jobs/ingest/reading-pool.ts';
import { openFileTaker } from '../../../src/jobs/intake/take-file.ts';
import { runNight } from '../../../src/jobs/nightly/night.ts';
import { buildHologicAdapter } from '../../../src/vendors/hologic/adapter.ts';
import { ALL_HOLOGIC_QUIRKS } from '../../../src/vendors/hologic/quirks.ts';
import { NO_MAPPING, useMapping } from '../../../src/vendors/report/site-mapping.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { privateResults } from '../../support/dicom/private-results.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { ORDINARY_NIGHT } from '../../support/stored/planted-night.ts';

/** Habits of Hologic that were not known yet. */
const OLD_QUIRKS = new Set(
  [...ALL_HOLOGIC_QUIRKS].filter((quirk) => !['any-brackets', 'second-scan-mode', 'short-sides'].includes(quirk)),
);

/** Reads as an earlier version did: compressed images not at all, Hologic's without what OLD_QUIRKS lacks. */
function readAsBefore(bytes: Uint8Array, receivedOn: string): ReadOutcome {
  const results = privateResults(bytes);
  if (results === null) return readAndAdapt({ bytes, limits: READ_LIMITS, receivedOn });
  const { header } = results;
  if (header.transferSyntaxUid?.startsWith('1.2.840.10008.1.2.4.') === true) {
    const sopInstanceUid = header.sopInstanceUid;
    return { ok: false, code: 'UNSUPPORTED_TRANSFER_SYNTAX', path: null, facts: {}, sopInstanceUid, findings: [] };
  }
  const report = buildHologicAdapter(OLD_QUIRKS).adapt(results, receivedOn, useMapping(NO_MAPPING));
  if ('ok' in report) throw new Error(report.code);
  return { ok: true, report: reportRow(report, '1.0.0') };
}

const FOLDERS = [
  'hologic/apex-13/square-brackets',
  'hologic/apex-13/round-brackets',
  'hologic/apex-13/short-side',
  'hologic/apex-13/dual-hip-two-modes',
  'hologic/apex-5/jpeg-lossless',
  'ge-lunar/encore-16/spine',
];

let database: TestDatabase;
let folder: string;
let reader: ReadingPool;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'dxaflow-gains-'));
  reader = openReadingPool({ ...READING, limits: READ_LIMITS, threads: 1 });
});
afterAll(async () => {
  await reader.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

it('a night over what an earlier version read reports the files that gain values, and no other', {
  timeout: 120_000,
}, async () => {
  const archiveDir = join(folder, 'archive');
  const before = {
    read: async (bytes: Uint8Array, day: string) => readAsBefore(bytes, day),
    close: async () => undefined,
    limits: READ_LIMITS,
  };
  for (const name of FOLDERS) {
    const path = join(folder, name.replaceAll('/', '-'));
    writeFileSync(path, readFileSync(join(import.meta.dirname, '../../fixtures', name, 'report.dcm')));
    const { sourceFileId } = await openFileTaker({ pool: database.pool, archiveDir, folders: null })({
      path,
      dropName: name,
    });
    await openFileIngest({ pool: database.pool, archiveDir, reader: before })(sourceFileId);
  }
  await database.pool.query(`update report set adapter_version = '2', reader_version = '1.0.0'`);
  await database.pool.query(`update source_file set reader_version = 'earlier' where state = 'refused'`);

  const log = recordedLog();
  const { runId } = await runNight({ ...ORDINARY_NIGHT, pool: database.pool, log, archiveDir, reader, concurrency: 1 });
  const changes = await listNightChanges(database.pool, runId ?? '0', '0', 1000);
  const { rows } = await database.pool.query<{ id: string; name: string; values: number }>(
    `select f.id::text, f.drop_name as name, cardinality(v.value) as values
       from source_file f join report r on r.source_file_id = f.id join report_values v on v.report_id = r.id`,
  );
  const nameOf = new Map(rows.map(({ id, name }) => [id, name]));
  const changed = changes.filter(({ kind }) => kind === 'file');
  expect(changed.map(({ sourceFileId }) => nameOf.get(sourceFileId ?? '')).sort()).toEqual([
    'hologic/apex-13/dual-hip-two-modes',
    'hologic/apex-13/short-side',
    'hologic/apex-13/square-brackets',
    'hologic/apex-5/jpeg-lossless',
  ]);
  expect(changed.filter(({ causes }) => causes.length === 0)).toEqual([]);
  expect(Object.fromEntries(rows.map(({ name, values }) => [name, values]))).toMatchObject({
    'hologic/apex-13/square-brackets': 14,
    'hologic/apex-13/dual-hip-two-modes': 38,
    'hologic/apex-5/jpeg-lossless': 14,
  });
});
