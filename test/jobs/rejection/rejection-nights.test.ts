import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listNightChanges } from '../../../src/db/night/change.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { readReport } from '../../../src/dicom/read-report.ts';
import type { ReadOutcome } from '../../../src/jobs/ingest/read-thread.ts';
import { type NightOptions, runNight } from '../../../src/jobs/nightly/night.ts';
import { openJobQueues } from '../../../src/jobs/work/enqueue.ts';
import { sweepLostWork } from '../../../src/jobs/work/sweep.ts';
import { connectQueues, QUEUE_NAMESPACE } from '../../../src/queue/connect.ts';
import { adaptReport } from '../../../src/vendors/adapt-report.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { assessWaiting, currentComparisons } from '../../support/stored/judged.ts';
import { nightContent } from '../../support/stored/night-content.ts';
import { ORDINARY_NIGHT } from '../../support/stored/planted-night.ts';
import { noteFile, reportFile } from '../../support/stored/rejected-visit.ts';
import { fileTestLsc } from '../../support/stored/stored-visit.ts';
import { openTakenFiles, type TakenFiles } from '../../support/stored/taken-files.ts';

const BASELINE = reportFile({ what: 'R1', day: '2020-01-10', spine: '0.900', hip: '0.800' });
const FOLLOW_UP = reportFile({ what: 'R2', day: '2022-01-10', spine: '0.960', hip: '0.750' });
const NOTE = noteFile({ what: 'N', title: 'quality', names: ['R2', 'never sent'] });

describe('at night', () => {
  let database: TestDatabase;
  let files: TakenFiles;
  beforeEach(async () => {
    database = await createTestDatabase();
    files = openTakenFiles(database.pool);
    await fileTestLsc(database.pool, '0.020', '0.020');
  });
  afterEach(async () => {
    files.close();
    await database.drop();
  });

  async function come(...given: readonly Uint8Array[]): Promise<void> {
    for (const bytes of given) await files.take(bytes);
    await files.ingestWaiting();
    while ((await assessWaiting(database.pool)).length > 0);
  }
  const night = async (more: Partial<NightOptions> = {}) => {
    const { pool } = database;
    const common = { pool, log: recordedLog(), archiveDir: files.archiveDir, reader: files.reader, concurrency: 1 };
    const { runId, outcome } = await runNight({ ...ORDINARY_NIGHT, ...common, ...more });
    expect(outcome).toBe('done');
    return runId === null ? [] : await listNightChanges(pool, runId, '0', 1000);
  };
  const lines = async (sql: string) => (await database.pool.query<{ line: string }>(sql)).rows.map(({ line }) => line);
  const standing = async () => await lines('select source_file_id::text as line from report order by 1');
  const states = async () =>
    await lines(`select concat_ws(' ', state, reason_code) as line from source_file order by id`);
  const statuses = async () => await lines('select status as line from rejection_target order by id');

  /** As release 0.1.0 reads: it takes a rejection note for any key object. */
  async function readsAsBefore(): Promise<void> {
    files.afterReading.do = async (outcome): Promise<ReadOutcome> => {
      if (outcome.ok || outcome.note === undefined) return outcome;
      const read = readReport(NOTE, READ_LIMITS);
      if (!read.ok) throw new Error(read.refusal.code);
      const adapted = adaptReport(read.document, RECEIVED_ON);
      if (adapted.ok) throw new Error('adapted');
      const { sopInstanceUid } = outcome;
      return { ...adapted, sopInstanceUid, findings: [], reading: 'earlier' };
    };
  }

  it('the notes that an earlier release refused are read, and all that depended on what they name is judged again', async () => {
    await readsAsBefore();
    await come(BASELINE, FOLLOW_UP, NOTE);
    expect(await states()).toEqual(['stored', 'stored', 'refused NOT_DXA']);
    files.afterReading.do = async (outcome) => outcome;

    const before = await nightContent(database.pool);
    await night({ dryRun: true });
    expect(await nightContent(database.pool)).toEqual(before);
    expect(await statuses()).toEqual([]);

    const changes = await night();
    expect(await states()).toEqual(['stored', 'stored', 'noted']);
    expect([await statuses(), await standing()]).toEqual([['applied', 'waiting'], ['1']]);
    expect(await currentComparisons(database.pool)).toEqual([]);
    expect(changes.map(({ kind, sourceFileId }) => `${kind} ${sourceFileId}`)).toEqual(['file 3', 'patient null']);
    expect(changes[0]?.detail).toMatchObject({ outcome: { before: 'refused NOT_DXA', after: 'noted' } });
    expect(changes[1]?.detail).toMatchObject({
      comparisons: [{ after: null }, { after: null }],
      cases: [{ rule: 'D1_SPINE_UP_HIP_DOWN', event: 'withdrawn' }],
    });
    expect(await night()).toEqual([]);
  });

  it('reading everything again keeps what is out of use out of use', async () => {
    await come(BASELINE, FOLLOW_UP, NOTE);
    const since = await lines('select status_since::text as line from rejection_target order by id');
    await database.pool.query(`update stored_report set adapter_version = '0'`);
    await database.pool.query(`update source_file set reader_version = 'earlier' where state = 'noted'`);
    expect((await night()).filter(({ kind }) => kind !== 'file')).toEqual([]);
    expect(
      await lines(`select distinct adapter_version as line from stored_report where adapter_version = '0'`),
    ).toEqual([]);
    expect([await statuses(), await standing(), await states()]).toEqual([
      ['applied', 'waiting'],
      ['1'],
      ['stored', 'stored', 'noted'],
    ]);
    expect((await lines('select status_since::text as line from rejection_target order by id'))[1]).toEqual(since[1]);
    expect(await lines(`select state as line from review_case where state <> 'withdrawn'`)).toEqual([]);
  });

  it('and in every sweep what an earlier release stored despite the notes is corrected', async () => {
    await come(NOTE, BASELINE, FOLLOW_UP);
    // As a process of 0.1.0 writes: by the name that it knows, and without asking.
    await database.pool.query(`
      create temporary table kept as select * from stored_report where source_file_id = 3;
      alter table kept drop column out_of_use, drop column id;
      delete from stored_report where source_file_id = 3;
      insert into report (source_file_id, sop_instance_uid, study_id, scanner_id, series_instance_uid, vendor, adapter_version,
             reader_version, scanned_at, content_at)
      select source_file_id, sop_instance_uid, study_id, scanner_id, series_instance_uid, vendor, adapter_version, reader_version,
             scanned_at, content_at from kept`);
    expect(await standing()).toEqual(['2', '3']);
    const queues = await openJobQueues(connectQueues(database.url, QUEUE_NAMESPACE), () => undefined);
    try {
      const { patientsEnqueued } = await sweepLostWork(database.pool, files.archiveDir, queues, { evenIfBusy: true });
      expect(patientsEnqueued).toBe(1);
    } finally {
      await queues.close();
    }
    expect([await standing(), await statuses()]).toEqual([['2'], ['applied', 'waiting']]);
  });
});
