import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listAuditEvents } from '../../../src/db/audit.ts';
import { importLsc, parseLscCsv } from '../../../src/jobs/registry/lsc-import.ts';
import { showSettingHistory } from '../../../src/jobs/settings/list-settings.ts';
import { assessWaiting, lscCsvOf, lscLine } from '../../support/stored/judged.ts';
import { hip, storeStudy } from '../../support/stored/stored-study.ts';
import { signedIn } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

describe('settings in the browser and for programs', { timeout: 60_000 }, () => {
  let site: TestServer;
  let headers: { readonly cookie: string };

  beforeEach(async () => {
    site = await createTestServer({ singleUser: false });
    const { pool } = site.database;
    headers = await signedIn(pool, 'administrator', 'm.weber');
    await importLsc(pool, parseLscCsv(lscCsvOf(lscLine('total_hip', '0.020'))), { by: 'B', note: '' });
    for (const [year, bmd] of [
      [2020, '0.800'],
      [2022, '0.780'],
    ] as const) {
      await storeStudy(pool, { patient: 'P', uid: `1.${year}`, scannedAt: `${year}-05-01`, scans: [hip('left', bmd)] });
    }
    await assessWaiting(pool);
  });
  afterEach(async () => {
    await site.close();
  });

  const get = async (url: string, as: object = headers) => await site.server.inject({ url, headers: { ...as } });
  const post = async (url: string, payload: object, as: object = headers) =>
    await site.server.inject({ method: 'POST', url, payload, headers: { ...as } });
  const history = async () => await showSettingHistory(site.database.pool, null);

  test('are listed with value, source and grade, and marked where they are not the default', async () => {
    const before = await get('/settings');
    expect(before.statusCode).toBe(200);
    expect(before.body).toContain('Rajamanohar 2011');
    expect(before.body).not.toContain('default &gt;=');
    await post('/settings/weightChangeLimit', { value: '4', reason: 'QA <board>', confirm: 'yes' });
    const after = await get('/settings');
    expect(after.body).toMatch(/<strong>4 kg<\/strong><br><span class="soft">default 5 kg/);
    expect(after.body).toContain('m.weber');
    expect(after.body).toContain('QA &#60;board&#62;');
  });

  test('show first what a change would do, and are set when it is confirmed, signed with who did it', async () => {
    const url = '/settings/significanceOperator';
    const looked = await post(url, { value: '>', reason: 'board' });
    expect(looked.statusCode).toBe(200);
    expect(looked.body).toContain('significanceOperator would go from');
    expect(looked.body).toContain('Verdicts of comparisons: 1 down → not significant.');
    expect(await history()).toEqual([]);
    const set = await post(url, { value: '>', reason: 'board', confirm: 'yes' });
    expect([set.statusCode, set.headers['location']]).toEqual([303, url]);
    const [row, ...others] = await history();
    expect(others).toEqual([]);
    expect(row).toMatchObject({ name: 'significanceOperator', value: '>', setBy: 'm.weber', reason: 'board' });
    const audited = await listAuditEvents(site.database.pool, 'setting', row?.settingId ?? '');
    expect(audited).toMatchObject([{ actor: 'm.weber', action: 'set', note: 'board' }]);
    expect(await assessWaiting(site.database.pool)).toHaveLength(1);
    const page = await get(url);
    expect(page.body).toContain('<td>board</td>');
    await post(url, { default: 'yes', reason: 'back', confirm: 'yes' });
    expect((await history())[0]).toMatchObject({ value: null, reason: 'back' });
  });

  test('say what they take where the input is wrong, and keep what was typed', async () => {
    const refused = await post('/settings/weightChangeLimit', { value: '-5', reason: 'board', confirm: 'yes' });
    expect(refused.statusCode).toBe(400);
    expect(refused.body).toContain('weightChangeLimit must be a number of kg from 0.1 to 50.');
    expect(refused.body).toContain('value="-5"');
    expect((await post('/settings/weightChangeLimit', { value: '4', reason: ' ', confirm: 'yes' })).statusCode).toBe(
      400,
    );
    expect((await get('/settings/weightLimit')).statusCode).toBe(404);
    expect(await history()).toEqual([]);
  });

  test('are seen by everybody and changed by administrators from these pages only', async () => {
    const reviewer = await signedIn(site.database.pool, 'reviewer', 'dr.one');
    const page = await get('/settings/weightChangeLimit', reviewer);
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toContain('<form class="filters"');
    const input = { value: '4', reason: 'board', confirm: 'yes' };
    expect((await post('/settings/weightChangeLimit', input, reviewer)).statusCode).toBe(403);
    expect((await post('/api/settings/weightChangeLimit', { value: '4', reason: 'x' }, reviewer)).statusCode).toBe(403);
    const crossSite = { ...headers, 'sec-fetch-site': 'cross-site' };
    expect((await post('/settings/weightChangeLimit', input, crossSite)).statusCode).toBe(403);
    expect(await history()).toEqual([]);
  });

  test('are read, looked at and set by programs', async () => {
    const operator = '/api/settings/significanceOperator';
    const preview = await post(`${operator}/preview`, { value: '>' });
    expect(preview.json()).toEqual({
      name: 'significanceOperator',
      before: '>=',
      after: '>',
      patients: 1,
      judged: 1,
      patientsChanged: 1,
      comparisons: { 'down → not_significant': 1 },
      trends: {},
      cases: { L4_SINGLE_LOSS: { withdrawn: 1 } },
    });
    expect((await post(operator, { value: '>', reason: 'board' })).json()).toEqual({
      name: 'significanceOperator',
      before: '>=',
      after: '>',
      written: true,
      version: '1',
      patientsToAssess: 1,
    });
    const { version, settings } = (await get('/api/settings')).json();
    expect(version).toBe('1');
    expect(settings.find(({ name }: { name: string }) => name === 'significanceOperator')).toMatchObject({
      value: '>',
      default: '>=',
      grade: 'VERIFIED',
      set: { settingId: '1', setBy: 'm.weber', reason: 'board' },
    });
    expect((await get(`${operator}/history`)).json().history).toMatchObject([{ value: '>', setBy: 'm.weber' }]);
    const wrong = await post(operator, { value: '=', reason: 'board' });
    expect([wrong.statusCode, wrong.json().code]).toEqual([400, 'SETTING_INVALID']);
    expect((await post('/api/settings/moon', { value: '1', reason: 'x' })).json()).toMatchObject({
      status: 404,
      code: 'SETTING_UNKNOWN',
    });
  });

  test('of another release are shown as stored and not in force', async () => {
    await site.database.pool.query(
      `insert into setting (name, value, reason, set_by) values ('phaseOfTheMoon', '"full"', 'later release', 'Z')`,
    );
    const page = await get('/settings');
    expect(page.body).toContain('Stored and not in force');
    expect(page.body).toContain('this release has no such setting');
    expect((await get('/api/settings')).json().unusable).toMatchObject([
      { name: 'phaseOfTheMoon', why: 'unknown_name', value: 'full', setBy: 'Z' },
    ]);
  });
});
