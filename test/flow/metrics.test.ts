import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { importLsc, parseLscCsv } from '../../src/jobs/registry/lsc-import.ts';
import { lscCsv } from '../../src/simulate/cohort/lsc-csv.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { SMALL_COHORT, simulatedFiles } from '../support/dicom/simulated.ts';
import { place } from '../support/process/leaky-drop.ts';
import { startWorker, type WorkerProcess } from '../support/process/worker-process.ts';
import { until } from '../support/until.ts';

const LINE = z.object({
  msg: z.string(),
  sourceFileId: z.string().optional(),
  patient: z.string().optional(),
  revision: z.string().optional(),
  port: z.number().optional(),
  cases: z.array(z.object({ id: z.string(), rule: z.string(), event: z.string() })).optional(),
});

const { counts, d1_cases, d2_cases } = SMALL_COHORT.truth;

describe('after a cohort has gone through', () => {
  let database: TestDatabase;
  let folder: string;
  let worker: WorkerProcess;
  let metrics: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-metrics-'));
    mkdirSync(join(folder, 'drop'));
    await importLsc(database.pool, parseLscCsv(lscCsv()), { by: 'test', note: 'metrics test' });
    worker = await startWorker('all', {
      DATABASE_URL: database.url,
      DXAFLOW_HOME: folder,
      DROP_STABLE_MS: '50',
      DROP_SWEEP_MS: '300',
      HTTP_PORT: '0',
      METRICS_PORT: '0',
    });
    for (const { name, bytes } of simulatedFiles()) place(join(folder, 'drop'), name, bytes);
    const waiting = async (sql: string) => (await database.pool.query<{ n: number }>(sql)).rows[0]?.n;
    await until(
      async () =>
        (await waiting('select coalesce(sum(times_received), 0)::int as n from source_file')) === counts.files &&
        (await waiting(`select count(*)::int as n from source_file where state in ('arriving', 'received')`)) === 0 &&
        (await waiting('select count(*)::int as n from patient where assessed_revision < revision')) === 0,
      'every file has an outcome and every patient is judged',
      60_000,
    );
    const url = /Review page: (\S+)/.exec(worker.log())?.[1] ?? '';
    metrics = await (await fetch(new URL('/metrics', url))).text();
  }, 120_000);
  afterAll(async () => {
    await worker.stop('SIGKILL');
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const lines = () =>
    worker
      .log()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => LINE.parse(JSON.parse(line)));

  const sample = (start: string) =>
    metrics
      .split('\n')
      .find((line) => line.startsWith(start))
      ?.split(' ')
      .at(-1);

  it('the metrics count every file by its outcome', () => {
    // A copy that comes while the first is still on its way into the archive is taken in as received as well.
    const [received, duplicate] = ['received', 'duplicate'].map((outcome) =>
      Number(sample(`dxaflow_intake_files_total{outcome="${outcome}"`) ?? 0),
    );
    expect((received ?? 0) + (duplicate ?? 0)).toBe(counts.files);
    expect(received).toBeGreaterThanOrEqual(counts.files - counts.duplicates);
    expect(sample('dxaflow_source_files{state="stored",code=""')).toBe(String(counts.stored));
    expect(sample('dxaflow_source_files{state="refused",code="TRUNCATED"')).toBe('1');
    expect(Number(sample('dxaflow_ingest_files_total{state="stored",code=""'))).toBeGreaterThanOrEqual(counts.stored);
    expect(Number(sample('dxaflow_stage_duration_seconds_count{process="all",stage="store"'))).toBeGreaterThanOrEqual(
      counts.stored,
    );
  });

  it('the metrics count the cases by rule', () => {
    const opened = (rule: string) => Number(sample(`dxaflow_review_cases{rule="${rule}",tier="review",state="open"`));
    expect(opened('D1_SPINE_UP_HIP_DOWN')).toBe(d1_cases.length);
    expect(opened('D2_SPINE_DOWN_HIP_UP')).toBe(d2_cases.length);
    // Coalesced assessments may open a case, withdraw it and open it again while files of a study are still coming.
    expect(
      Number(sample('dxaflow_case_changes_total{rule="D1_SPINE_UP_HIP_DOWN",event="opened"')),
    ).toBeGreaterThanOrEqual(d1_cases.length);
  });

  it('the metrics say that nothing waits', () => {
    expect(sample('dxaflow_state_up{source="database"')).toBe('1');
    expect(sample('dxaflow_state_up{source="queue"')).toBe('1');
    expect(sample('dxaflow_oldest_file_age_seconds')).toBe('0');
    expect(sample('dxaflow_patients_to_assess')).toBe('0');
    expect(sample('dxaflow_queue_jobs{queue="ingest",state="wait"')).toBe('0');
    expect(sample('dxaflow_queue_oldest_job_age_seconds{queue="ingest"')).toBe('0');
  });

  it('METRICS_PORT serves the same counts and a health check', async () => {
    const port = lines().find(({ msg }) => msg === 'metrics')?.port;
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(text.split('\n').find((line) => line.startsWith('dxaflow_intake_files_total'))).toBe(
      metrics.split('\n').find((line) => line.startsWith('dxaflow_intake_files_total')),
    );
  });

  it('the log leads from every file of a case by ids to the assessment that opened it', async () => {
    const { rows } = await database.pool.query<{ caseId: string; patient: string; files: string[] }>(
      `select c.id::text as "caseId", c.patient_id::text as patient, array_agg(r.source_file_id::text) as files
         from review_case c join report r on r.study_id = c.follow_up_study_id
        where c.rule = any($1) group by c.id`,
      [['D1_SPINE_UP_HIP_DOWN', 'D2_SPINE_DOWN_HIP_UP']],
    );
    expect(rows.length).toBe(d1_cases.length + d2_cases.length);
    for (const { caseId, patient, files } of rows) {
      const last = lines().findLast((line) => line.msg === 'patient assessed' && line.patient === patient);
      const opening = lines().find((line) => line.cases?.some(({ id, event }) => id === caseId && event === 'opened'));
      expect(opening?.patient).toBe(patient);
      for (const file of files) {
        expect(lines().some((line) => line.msg === 'file taken in' && line.sourceFileId === file)).toBe(true);
        const ingested = lines().find((line) => line.msg === 'file ingested' && line.sourceFileId === file);
        expect(ingested?.patient).toBe(patient);
        expect(BigInt(ingested?.revision ?? -1)).toBeLessThanOrEqual(BigInt(last?.revision ?? -1));
      }
    }
  });

  it('the metrics say within seconds that the database is away', async () => {
    const url = /Review page: (\S+)/.exec(worker.log())?.[1] ?? '';
    // Whatever the scrape's own query, it waits for this lock.
    const client = await database.pool.connect();
    try {
      await client.query('begin; lock table source_file in access exclusive mode');
      const startedAt = performance.now();
      const text = await (await fetch(new URL('/metrics', url))).text();
      expect(text).toContain('dxaflow_state_up{source="database",process="all"} 0');
      expect(performance.now() - startedAt).toBeLessThan(8000);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});
