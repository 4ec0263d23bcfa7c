import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { listNightChanges, type NightChange } from '../../../src/db/night/change.ts';
import { takeNightLock } from '../../../src/db/night/lock.ts';
import { listNightRuns } from '../../../src/db/night/run.ts';
import { listNightSteps } from '../../../src/db/night/step.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { archivePathOf } from '../../../src/jobs/archive/archive.ts';
import { assessStoredPatient } from '../../../src/jobs/assess/assess.ts';
import { openFileIngest } from '../../../src/jobs/ingest/ingest.ts';
import { openReadingPool, READ_THREAD } from '../../../src/jobs/ingest/reading-pool.ts';
import { openFileTaker } from '../../../src/jobs/intake/take-file.ts';
import { type NightOptions, runNight } from '../../../src/jobs/nightly/night.ts';
import { runScheduledNight } from '../../../src/jobs/nightly/scheduled-night.ts';
import { importLsc, parseLscCsv } from '../../../src/jobs/registry/lsc-import.ts';
import { openMappingSource } from '../../../src/jobs/registry/site-mapping.ts';
import { lscCsv } from '../../../src/simulate/cohort/lsc-csv.ts';
import { simulateCohort } from '../../../src/simulate/cohort/simulate-cohort.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { comparable, nightContent } from '../../support/stored/night-content.ts';
import { ORDINARY_NIGHT } from '../../support/stored/planted-night.ts';

const COHORT = simulateCohort({ patients: 20, seed: 11 });

let database: TestDatabase;
let folder: string;
let archiveDir: string;
let reader: ReturnType<typeof openReadingPool>;

const options = (more: Partial<NightOptions> = {}): NightOptions => ({
  ...ORDINARY_NIGHT,
  pool: database.pool,
  log: recordedLog(),
  archiveDir,
  reader,
  concurrency: 2,
  ...more,
});

async function assessAll(): Promise<void> {
  const { rows } = await database.pool.query<{ id: string }>('select id::text from patient order by id');
  for (const { id } of rows) await assessStoredPatient(database.pool, id);
}

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'dxaflow-night-'));
  archiveDir = join(folder, 'archive');
  reader = openReadingPool({
    threads: 1,
    deadlineMs: 30_000,
    memoryMb: 512,
    limits: READ_LIMITS,
    file: READ_THREAD,
    mappings: openMappingSource(database.pool),
  });
  await importLsc(database.pool, parseLscCsv(lscCsv()), { by: 'test', note: 'night test' });
  const takeFile = openFileTaker({ pool: database.pool, archiveDir: archiveDir, folders: null });
  for (const { name, bytes } of COHORT.files) {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    const taken = await takeFile({ path, dropName: name });
    await openFileIngest({ pool: database.pool, archiveDir, reader })(taken.sourceFileId);
  }
  await assessAll();
});
afterAll(async () => {
  await reader.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const content = () => nightContent(database.pool);

/** Makes one stored value look like what an older adapter would have read. */
async function plantOlderAdapter(): Promise<string> {
  const { rows } = await database.pool.query<{ id: string }>(
    `with one as (select report_id from measured_value where region = 'spine' and quantity = 'bmd' order by report_id limit 1),
          aged as (update report set adapter_version = '0' where id in (select report_id from one) returning source_file_id)
     update report_values r set value = array(
              select case when v.region = 'spine' and v.quantity = 'bmd' then v.value + 0.1 else v.value end
                from measured_value v where v.report_id = r.report_id order by v.place)
      where report_id in (select report_id from one)
     returning (select source_file_id::text from aged) as id`,
  );
  await assessAll();
  return rows[0]?.id ?? '';
}

const changesOf = async (runId: string | null) => await listNightChanges(database.pool, runId ?? '0', '0', 1000);

describe('a night', () => {
  beforeEach(async () => {
    await runNight(options()); // whatever an earlier test left
  });

  it('changes nothing when nothing is out of date', async () => {
    const before = await content();
    const result = await runNight(options({ dryRun: true }));
    expect(result.outcome).toBe('done');
    expect(await content()).toEqual(before);
    const night = await runNight(options());
    expect(await changesOf(night.runId)).toEqual([]);
  });

  it('reads again what an older adapter made, and says what that changed and why', { timeout: 60_000 }, async () => {
    const right = (await content()) as { values: unknown; comparisons: unknown };
    const fileId = await plantOlderAdapter();
    const planted = await content();

    const told: NightChange[] = [];
    await runNight(options({ dryRun: true, onChange: (change) => told.push(change) }));
    expect(await content()).toEqual(planted);

    const result = await runNight(options());
    const changes = await changesOf(result.runId);
    expect(comparable(told)).toEqual(comparable(changes));
    const file = changes.find((change) => change.kind === 'file');
    expect(file?.sourceFileId).toBe(fileId);
    expect(file?.causes).toEqual([
      { what: 'adapter', before: expect.stringMatching(/ 0$/), after: expect.any(String) },
    ]);
    expect(Object.keys(file?.detail ?? {})).toEqual(['values']);
    expect(changes.some((change) => change.kind === 'patient')).toBe(true);
    const after = (await content()) as { values: unknown; comparisons: unknown };
    expect(after.values).toEqual(right.values);
    expect(after.comparisons).toEqual(right.comparisons);
  });

  it('judges again what an older rule set judged, without opening a file', { timeout: 60_000 }, async () => {
    await database.pool.query(`update patient set assessed_rule_set = '0'`);
    const closed = {
      read: async () => Promise.reject(new Error('a file was read')),
      close: async () => undefined,
      limits: READ_LIMITS,
    };
    const { steps } = await runNight(options({ reader: closed }));
    expect(steps.find(({ step }) => step === 'reassess')?.counts).toMatchObject({ examined: 20, failed: 0 });
    const { rows } = await database.pool.query(`select 1 from patient where assessed_rule_set = '0'`);
    expect(rows).toEqual([]);
  });

  it('names the LSC behind a change, and keeps what a person decided', { timeout: 60_000 }, async () => {
    const { rows } = await database.pool.query<{ id: string; patient: string }>(
      `update review_case set state = 'resolved', disposition = 'artefact', resolved_by = 'test', resolved_at = now(), version = version + 1
        where id = (select min(id) from review_case where tier = 'review') returning id::text, patient_id::text as patient`,
    );
    await database.pool.query(
      `insert into review_case_event (review_case_id, actor, actor_kind, event) values ($1, 'test', 'person', 'resolved')`,
      [rows[0]?.id],
    );
    const doubled = lscCsv().replaceAll(/\b0\.0(\d+)\b/g, (text) => (Number(text) * 4).toFixed(3));
    const filed = await importLsc(database.pool, parseLscCsv(doubled), { by: 'test', note: 'larger' }, 'a test');
    expect(filed.imported).toBeGreaterThan(0);
    const result = await runNight(options());
    const changes = (await changesOf(result.runId)).filter((change) => change.kind === 'patient');
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.every(({ causes }) => causes.some(({ what }) => what === 'lsc'))).toBe(true);
    const { rows: kept } = await database.pool.query(
      'select state, disposition, flagged from review_case where id = $1',
      [rows[0]?.id],
    );
    expect(kept).toEqual([{ state: 'resolved', disposition: 'artefact', flagged: false }]);
    await importLsc(database.pool, parseLscCsv(lscCsv()), { by: 'test', note: 'as before' });
  });

  it('is refused while another one is at work', async () => {
    const lock = await takeNightLock(database.pool);
    await expect(runNight(options())).rejects.toMatchObject({ code: 'NIGHT_RUNNING' });
    await lock?.release();
  });

  it('pauses when its window is over and resumes the next night', { timeout: 60_000 }, async () => {
    await database.pool.query(`update report set adapter_version = '0'`);
    vi.useFakeTimers({ toFake: ['performance'] });
    const first = await runNight(
      options({ windowSeconds: 600, onProgress: () => void vi.advanceTimersByTime(600_000) }),
    );
    vi.useRealTimers();
    expect(first.outcome).toBe('window');
    expect((await listNightRuns(database.pool, 1))[0]).toMatchObject({ id: first.runId, state: 'paused' });
    const [step] = await listNightSteps(database.pool, first.runId ?? '');
    expect(step?.finishedAt).toBeNull();
    const second = await runNight(options({ windowSeconds: 600 }));
    expect(second.runId).toBe(first.runId);
    expect(second.outcome).toBe('done');
    const { rows } = await database.pool.query(`select 1 from report where adapter_version = '0'`);
    expect(rows).toEqual([]);
  });

  it('has its whole window when its clock is far ahead of the database', { timeout: 60_000 }, async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 12 * 3_600_000 });
    expect((await runNight(options({ windowSeconds: 3600 }))).outcome).toBe('done');
  });

  it('resumes where it lost the database, and neither loses nor doubles a line', { timeout: 60_000 }, async () => {
    await plantOlderAdapter();
    await database.pool.query(`update report set adapter_version = '0'`);
    let cut = false;
    const cutting = options({
      onChange: () => undefined,
      onProgress: () => {
        if (cut) return;
        cut = true;
        void database.pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
        );
      },
    });
    const first = await runNight(cutting).then(
      (result) => result.outcome,
      () => 'broken',
    );
    expect(['broken', 'stopping']).toContain(first);
    const result = await runNight(options());
    expect(result.outcome).toBe('done');
    expect((await listNightRuns(database.pool, 1))[0]?.timesResumed).toBe(1);
    const files = (await changesOf(result.runId)).filter(({ kind }) => kind === 'file');
    expect(files).toHaveLength(1);
  });

  it('tries failed files again and finds what the archive has lost', { timeout: 60_000 }, async () => {
    const { rows } = await database.pool.query<{ id: string; sha256: string }>(
      `select id::text, sha256 from source_file where state = 'stored' order by id limit 2`,
    );
    const [failed, lost] = rows;
    await database.pool.query('delete from report where source_file_id = $1', [failed?.id]);
    await database.pool.query(
      `update source_file set state = 'failed', reason_code = 'PROCESSING_FAILED' where id = $1`,
      [failed?.id],
    );
    await rm(join(archiveDir, archivePathOf(lost?.sha256 ?? '')));
    const result = await runNight(options());
    const changes = await changesOf(result.runId);
    expect(changes.find(({ kind }) => kind === 'file')).toMatchObject({
      step: 'retry_files',
      sourceFileId: failed?.id,
      causes: [{ what: 'retry', before: 'PROCESSING_FAILED', after: 'stored' }],
    });
    expect(changes.find(({ kind }) => kind === 'archive')).toMatchObject({
      sourceFileId: lost?.id,
      detail: { code: 'ARCHIVE_MISSING' },
    });
  });

  it('started by hand reads again only what the filters select', { timeout: 60_000 }, async () => {
    const none = await runNight(options({ trigger: 'hand', filters: { vendor: 'nobody' } }));
    expect(none.steps[0]?.counts).toMatchObject({ examined: 0 });
    const all = await runNight(options({ trigger: 'hand', filters: { vendor: 'ge-lunar' } }));
    expect(all.steps[0]?.counts['examined']).toBeGreaterThan(10);
    expect((await changesOf(all.runId)).filter(({ kind }) => kind === 'file')).toEqual([]);
  });
});

describe('a night that a job of the queue asks for', () => {
  const asked = async (why: 'schedule' | 'cut_off', jobId: string) => {
    const { trigger: _trigger, filters: _filters, dryRun: _dry, recomputeOnly: _only, ...rest } = options();
    return await runScheduledNight({ ...rest, why, jobId, onWait: () => undefined });
  };

  it('runs once, however often the job is delivered', { timeout: 60_000 }, async () => {
    const first = await asked('schedule', 'repeat:night:1');
    expect(first?.outcome).toBe('done');
    expect(await asked('schedule', 'repeat:night:1')).toBeNull();
    const next = await asked('schedule', 'repeat:night:2');
    expect(next?.runId).not.toBe(first?.runId);
  });

  it('is not started for a run that was cut off and has finished since', { timeout: 60_000 }, async () => {
    await runNight(options());
    expect(await asked('cut_off', '1')).toBeNull();
  });

  it('keeps the code of the error that stopped it until it resumes', { timeout: 60_000 }, async () => {
    const { pool } = database;
    await runNight(options());
    await pool.query('alter view site_mapping_change rename column retired_at to retired_on');
    const broken = runNight(options());
    await expect(broken).rejects.toMatchObject({ code: '42703' });
    await pool.query('alter view site_mapping_change rename column retired_on to retired_at');
    const [run] = await listNightRuns(pool, 1);
    expect(run).toMatchObject({ state: 'running', failureCode: '42703', failedAt: expect.any(Date) });
    const result = await runNight(options());
    expect(result.runId).toBe(run?.id);
    expect((await listNightRuns(pool, 1))[0]).toMatchObject({ state: 'done', failureCode: null, failedAt: null });
  });

  it('abandons a manual run when its user stops it, because nothing resumes it', {
    timeout: 60_000,
  }, async () => {
    const stopping = AbortSignal.abort();
    const { runId, outcome } = await runNight(options({ trigger: 'hand', stopping }));
    expect(outcome).toBe('stopping');
    expect((await listNightRuns(database.pool, 1))[0]).toMatchObject({ id: runId, state: 'given_up' });
  });
});
