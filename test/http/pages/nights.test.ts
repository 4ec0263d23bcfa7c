import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { awaitNightLock, takeNightLock } from '../../../src/db/night/lock.ts';
import { plantNight } from '../../support/stored/planted-night.ts';
import { signedIn } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

vi.setConfig({ testTimeout: 60_000 });

type Run = {
  id: string;
  trigger: string;
  state: string;
  changes: Record<string, number>;
  steps: { step: string; progress: number | null; counts: Record<string, number> }[];
};
type Change = {
  id: string;
  step: string;
  kind: string;
  dropName: string | null;
  patientKey: string | null;
  patientId: string | null;
  causes: { what: string }[];
  detail: { cases?: { caseId: string; event: string }[]; code?: string };
};

let site: TestServer;
let headers: { readonly cookie: string };
let run: string;
let patient: string;

beforeAll(async () => {
  site = await createTestServer({ singleUser: false });
  headers = await signedIn(site.database.pool, 'viewer', 'v.iewer');
  ({ run, patient } = await plantNight(site.database.pool, site.archiveDir, 'P<b>9'));
});
afterAll(async () => {
  await site.close();
});

const get = async (url: string) => await site.server.inject({ url, headers });
const json = async <T>(url: string) => (await get(url)).json<T>();
const changes = async (query = '') =>
  await json<{ changes: Change[]; next: string | null }>(`/api/nights/${run}/changes${query}`);

describe('the API of nights', () => {
  test('lists the runs with what their reports hold, latest first, in pages', async () => {
    const { pool } = site.database;
    const { rows } = await pool.query<{ id: string }>(
      `insert into night_run (trigger, filters, versions, state, finished_at) select trigger, '{"vendor": "ge-lunar"}', versions, 'done', now()
         from night_run where id = $1 returning id::text`,
      [run],
    );
    const first = await json<{ runs: Run[]; next: string; nextNightAt: string }>('/api/nights?limit=1');
    expect(first).toMatchObject({
      runs: [{ id: rows[0]?.id, state: 'done', filters: { vendor: 'ge-lunar' } }],
      nextNightAt: '2030-01-02T02:00:00.000Z',
    });
    const second = await json<{ runs: Run[]; next: null }>(`/api/nights?limit=1&before=${first.next}`);
    expect(second).toMatchObject({
      runs: [{ id: run, trigger: 'schedule', changes: { file: 0, patient: 1, archive: 4, failure: 0 } }],
      next: null,
    });
  });

  test('gives a run with its steps and the progress of each', async () => {
    const found = await json<Run>(`/api/nights/${run}`);
    expect(found).toMatchObject({ id: run, state: 'done' });
    expect(found.steps.map(({ step, progress }) => [step, progress])).toEqual([
      ['reread_reports', 1],
      ['retry_files', 1],
      ['reassess', 1],
      ['sweep', 1],
      ['check_archive', 1],
      ['retain', 1],
    ]);
    expect(found.steps[0]?.counts).toEqual({ examined: 1, changed: 1, failed: 0, patients: 1, damaged: 2 });
    expect((await get('/api/nights/999')).statusCode).toBe(404);
    expect((await get('/api/nights/999/changes')).statusCode).toBe(404);
  });

  test('gives the report in pages, with causes and resulting cases, and records who was shown which patient', async () => {
    const pages: Change[] = [];
    for (let after: string | null = '0'; after !== null; ) {
      const page: { changes: Change[]; next: string | null } = await changes(`?limit=2&after=${after}`);
      pages.push(...page.changes);
      after = page.next;
    }
    expect(pages.map(({ kind }) => kind).sort()).toEqual(['archive', 'archive', 'archive', 'archive', 'patient']);
    const judged = pages.find(({ kind }) => kind === 'patient');
    expect(judged).toMatchObject({ patientKey: patient, patientId: 'P<b>9' });
    expect(judged?.causes.map(({ what }) => what)).toContain('lsc');
    const { rows } = await site.database.pool.query<{ id: string }>(
      'select id::text from review_case where patient_id = $1 order by id',
      [patient],
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(judged?.detail.cases?.map(({ caseId }) => caseId).sort()).toEqual(rows.map(({ id }) => id).sort());
    const log = await site.database.pool.query(
      `select patient_ids::text[] as ids from access_log where route = 'GET /api/nights/:id/changes'`,
    );
    // A line for each page, also for those that show files alone.
    expect(log.rows).toHaveLength(3);
    expect(log.rows.flatMap(({ ids }) => ids)).toEqual([patient]);
  });

  test('filters the report by kind and step', async () => {
    expect((await changes('?kind=archive&step=check_archive')).changes.map(({ detail }) => detail.code)).toEqual([
      'ARCHIVE_MISSING',
      'ARCHIVE_MISSING',
    ]);
    expect((await changes('?kind=failure')).changes).toEqual([]);
    expect((await get(`/api/nights/${run}/changes?step=nothing`)).statusCode).toBe(400);
  });
});

describe('the pages of nights', () => {
  test('lead from the list to the run, and from its report to file, patient and case', async () => {
    const list = await get('/nights');
    expect(list.body).toContain(`href="/nights/${run}"`);
    expect(list.body).toContain('The next night is due 2030-01-02 02:00 UTC.');
    const { body } = await get(`/nights/${run}`);
    expect(body).toContain('4 times an archived file was missing or damaged');
    expect(body).toContain(`patient <a href="/patients/${patient}">P&#60;b&#62;9</a>`);
    expect(body).toMatch(/<a href="\/files\/\d+">test\.dcm<\/a>/);
    expect(body).toMatch(/<a href="\/cases\/\d+">case \d+<\/a>, Spine up, total hip down: opened/);
    expect(body).toContain('LSC ');
    expect(body).toContain('Spine L1-L4: no significant change');
    expect((await get(`/nights/${run}?kind=failure`)).body).toContain('Nothing of this kind.');
    expect((await get('/nights/999')).statusCode).toBe(404);
  });

  test('show the progress of a run at work, and that a killed one is only cut off', async () => {
    const { pool } = site.database;
    const { rows } = await pool.query<{ id: string }>(
      `insert into night_run (trigger, versions) select 'schedule', versions from night_run where id = $1 returning id::text`,
      [run],
    );
    const id = rows[0]?.id ?? '';
    await pool.query(
      `insert into night_step (night_run_id, step, after_id, end_id, counts, started_at, finished_at) values
         ($1, 'reread_reports', 90, 90, '{"examined": 90}', now() - interval '1 hour', now()),
         ($1, 'reassess', 43, 100, '{"examined": 43}', now(), null)`,
      [id],
    );
    const cutOff = await get('/status');
    expect(cutOff.body).toContain('interrupted at reassess, 43 %');

    const lock = await takeNightLock(pool);
    expect((await get('/status')).body).toContain('running at reassess, 43 %');
    expect((await get(`/nights/${id}`)).body).toContain('running at 43 %');
    expect(await json(`/api/nights/${id}`)).toMatchObject({ state: 'running', steps: [{}, { progress: 0.43 }] });
    await lock?.release();
    await pool.query('delete from night_step where night_run_id = $1', [id]);
    await pool.query('delete from night_run where id = $1', [id]);
  });

  test('count the progress of the integrity check from where the run before it ended', async () => {
    const { pool } = site.database;
    const { rows } = await pool.query<{ id: string }>(
      `insert into night_run (trigger, versions) select 'schedule', versions from night_run where id = $1 returning id::text`,
      [run],
    );
    await pool.query(
      `insert into night_step (night_run_id, step, after_id, end_id) values ($1, 'check_archive', 4, 10)`,
      [rows[0]?.id],
    );
    // The run before ended after file 2.
    expect(await json(`/api/nights/${rows[0]?.id}`)).toMatchObject({ steps: [{ progress: 0.25 }] });
  });
});

describe('a nightly run that failed', () => {
  test('says so on Status with its code, and a manual run after it does not hide that', async () => {
    const { pool } = site.database;
    const end = `update night_run set state = 'given_up', finished_at = now() where state = 'running'`;
    await pool.query(end);
    await pool.query(
      `insert into night_run (trigger, versions, failure_code, failed_at)
       select 'schedule', versions, '53100', now() from night_run where id = $1`,
      [run],
    );
    await pool.query(
      `insert into night_run (trigger, versions, state, finished_at) select 'hand', versions, 'done', now() from night_run where id = $1`,
      [run],
    );
    const { body } = await get('/status');
    expect(body).toMatch(/scheduled: failed.*It failed with <code>53100<\/code>/s);
    expect(body).toMatch(/manual: done/);
    expect((await get('/nights')).body).toContain('failed <code>53100</code>');
    const { runs } = await json<{ runs: (Run & { failureCode: string | null })[] }>('/api/nights?limit=2');
    expect(runs).toMatchObject([
      { state: 'done', failureCode: null },
      { state: 'failed', failureCode: '53100' },
    ]);
    await pool.query(end);
  });

  test('and one that waits for the run at work says that too', async () => {
    const byHand = await takeNightLock(site.database.pool);
    const stopping = new AbortController();
    const waiting = Promise.withResolvers<void>();
    const night = awaitNightLock(site.database.pool, { stopping: stopping.signal, onWait: waiting.resolve });
    await waiting.promise;
    const says = 'A nightly run is waiting for the current run';
    expect((await get('/status')).body).toContain(says);
    expect((await get('/nights')).body).toContain(says);
    expect(await json('/api/nights')).toMatchObject({ nightWaits: true });
    stopping.abort();
    expect(await night).toBeNull();
    await byHand?.release();
    expect((await get('/status')).body).not.toContain(says);
  });
});
