import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { listFailures } from '../../../src/db/files/failure.ts';
import { plantFailedFile, plantFailedPatient } from '../../support/stored/planted-failures.ts';
import { openBrowser } from '../../support/web/browser.ts';
import { browserCookie, signedIn, withToken } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

vi.setConfig({ testTimeout: 120_000 });

type Answer = {
  failures: { kind: string; id: string; name: string; code: string; cause: string; remedy: string; attempts: number }[];
  next: string | null;
  counts: { kind: string; code: string; count: number }[];
};

let site: TestServer;
let headers: { readonly cookie: string };
let files: readonly string[];
let patient: string;
let tests = 0;

beforeAll(async () => {
  site = await createTestServer({ singleUser: false });
  headers = await signedIn(site.database.pool, 'administrator', 'm.weber');
});
afterAll(async () => {
  await site.close();
});
beforeEach(async () => {
  const { pool } = site.database;
  tests += 1;
  await pool.query(`update source_file set state = 'stored', reason_code = null where state in ('failed', 'received')`);
  await pool.query('delete from failed_assessment');
  files = [
    await plantFailedFile(pool, 'a/ONE.dcm', 'PROCESSING_FAILED', '23514'),
    await plantFailedFile(pool, 'TWO<b>.dcm', 'ARCHIVE_MISSING', 'ENOENT'),
    await plantFailedFile(pool, 'THREE.dcm', 'PROCESSING_FAILED', 'EIO'),
  ];
  patient = await plantFailedPatient(pool, `P-${tests}`, 'P0001');
});

const get = async (url: string) => await site.server.inject({ url, headers });
const list = async (query = '') => (await get(`/api/failed${query}`)).json<Answer>();
const requeue = async (payload: object, given: object = headers) =>
  await site.server.inject({ method: 'POST', url: '/api/failed/requeue', payload, headers: { ...given } });
const left = async () =>
  (await listFailures(site.database.pool, { kind: 'file', id: '0' }, 100)).map(({ kind, id }) => `${kind}-${id}`);
const audit = async () =>
  (
    await site.database.pool.query<{ line: string }>(
      `select concat_ws(' ', actor, action, table_name, row_id, note, before ->> 'cause', before ->> 'cause_code',
                before ->> 'attempts') as line from audit_event order by id desc limit 4`,
    )
  ).rows.map(({ line }) => line);

describe('the API of what failed', () => {
  test('lists files before patients, with reason, cause, attempts and what to do, in pages', async () => {
    const first = await list('?limit=3');
    expect(first.failures.map(({ kind, id, code, cause }) => [kind, id, code, cause])).toEqual([
      ['file', files[0], 'PROCESSING_FAILED', '23514'],
      ['file', files[1], 'ARCHIVE_MISSING', 'ENOENT'],
      ['file', files[2], 'PROCESSING_FAILED', 'EIO'],
    ]);
    expect(first.failures[1]).toMatchObject({
      name: 'TWO<b>.dcm',
      attempts: 1,
      remedy: expect.stringContaining('backup'),
    });
    const second = await list(`?limit=3&after=${first.next}`);
    expect(second.failures).toMatchObject([{ kind: 'patient', id: patient, name: `P-${tests}`, cause: 'P0001' }]);
    expect(second.next).toBeNull();
    expect(second.counts).toEqual([
      { kind: 'file', code: 'ARCHIVE_MISSING', count: 1 },
      { kind: 'file', code: 'PROCESSING_FAILED', count: 2 },
      { kind: 'patient', code: 'PROCESSING_FAILED', count: 1 },
    ]);
  });

  test('filters by kind and by code', async () => {
    expect((await list('?kind=patient')).failures.map(({ id }) => id)).toEqual([patient]);
    expect((await list('?code=PROCESSING_FAILED')).failures).toHaveLength(3);
    expect((await list('?code=PROCESSING_FAILED&kind=file')).failures.map(({ id }) => id)).toEqual([
      files[0],
      files[2],
    ]);
    expect((await get('/api/failed?kind=else')).statusCode).toBe(400);
  });

  test('tries one again, those of a filter, or all, and the audit says who asked and what had failed', async () => {
    expect((await requeue({ kind: 'file', id: files[0], note: 'disk replaced' })).json()).toEqual({
      files: 1,
      patients: 0,
    });
    expect((await audit())[0]).toBe(`m.weber requeue source_file ${files[0]} disk replaced 23514 1`);
    expect((await requeue({ code: 'PROCESSING_FAILED' })).json()).toEqual({ files: 1, patients: 1 });
    expect(await left()).toEqual([`file-${files[1]}`]);
    expect((await requeue({ all: true })).json()).toEqual({ files: 1, patients: 0 });
    expect(await left()).toEqual([]);
    expect((await audit())[0]).toBe(`m.weber requeue source_file ${files[1]}  ENOENT 1`);
    expect((await audit())[1]).toBe(`m.weber requeue failed_assessment ${patient}  P0001 1`);
    const { rows } = await site.database.pool.query(
      'select distinct state, reason_code from source_file where id = any($1)',
      [files],
    );
    expect(rows).toEqual([{ state: 'received', reason_code: null }]);
    expect((await requeue({ kind: 'file', id: files[0] })).json()).toEqual({ files: 0, patients: 0 });
  });

  test.each([
    [{}],
    [{ all: false }],
    [{ id: '1' }],
    [{ all: true, kind: 'file' }],
    [{ kind: 'file', id: '1', code: 'X' }],
  ])('takes no choice that could mean more than was meant: %j', async (choice) => {
    const answer = await requeue(choice);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'REQUEUE_CHOICE']);
    expect(await left()).toHaveLength(4);
  });

  test('is changed by administrators only, and from no other site', async () => {
    expect((await requeue({ all: true }, await withToken(site.database.pool, 'reviewer'))).statusCode).toBe(403);
    expect((await requeue({ all: true }, { ...headers, 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    expect(await left()).toHaveLength(4);
  });

  test('notes whose id was shown to whom', async () => {
    await list();
    const { rows } = await site.database.pool.query(
      'select actor, route, patient_ids::text[] as ids from access_log order by id desc limit 1',
    );
    expect(rows).toEqual([{ actor: 'm.weber', route: 'GET /api/failed', ids: [patient] }]);
  });

  test('no longer lists a patient who was judged since, and lists one again who fails again', async () => {
    const { pool } = site.database;
    await pool.query('update patient set assessed_revision = revision where id = $1', [patient]);
    expect((await list('?kind=patient')).failures).toEqual([]);
    expect((await requeue({ kind: 'patient' })).json()).toEqual({ files: 0, patients: 0 });
    await pool.query('update patient set revision = revision + 1 where id = $1', [patient]);
    expect((await list('?kind=patient')).failures).toEqual([]);
  });
});

describe('the page of what failed', () => {
  test('says nothing of trying again to a viewer, and keeps names that look like markup text', async () => {
    const viewer = await signedIn(site.database.pool, 'viewer', 'v.iewer');
    const { body } = await site.server.inject({ url: '/failed', headers: viewer });
    expect(body).toContain('TWO&#60;b&#62;.dcm');
    expect(body).toContain('restore the archive folder from the backup');
    expect(body.split('<main')[1]).not.toContain('method="post"');
    expect((await get('/status')).body).toContain('href="/failed"');
    expect((await get('/files')).body).toContain('href="/failed?kind=file"');
  });

  test.skipIf(inject('chromium') === '')('has one, a filter and everything tried again by its buttons', async () => {
    const base = await site.server.listen({ host: '127.0.0.1', port: 0 });
    const browser = await openBrowser();
    const context = await browser.newContext({ javaScriptEnabled: false });
    await context.addCookies([await browserCookie(site.database.pool, base, 'administrator', 'p.acs')]);
    const page = await context.newPage();
    await page.goto(`${base}/failed`);
    await page.getByRole('button', { name: `Retry: file ${files[2]}` }).click();
    expect(await page.getByRole('status').innerText()).toBe('1 file and 0 patients will be retried, after new scans.');
    expect(await left()).toEqual([`file-${files[0]}`, `file-${files[1]}`, `patient-${patient}`]);

    await page.getByRole('combobox', { name: 'Reason' }).selectOption('PROCESSING_FAILED');
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('file');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByLabel('Note for the audit').fill('constraint dropped');
    await page.getByRole('button', { name: 'Retry the 1 matching this filter' }).click();
    expect(await left()).toEqual([`file-${files[1]}`, `patient-${patient}`]);
    expect(await audit()).toContain(`p.acs requeue source_file ${files[0]} constraint dropped 23514 1`);

    await page.getByRole('link', { name: 'Reset' }).click();
    await page.getByRole('button', { name: 'Retry all 2' }).click();
    expect(await page.getByRole('status').innerText()).toBe('1 file and 1 patient will be retried, after new scans.');
    expect(await page.getByText('No failures.').count()).toBe(1);
    expect(await left()).toEqual([]);
    await browser.close();
  });
});
