import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storeVisit } from '../../support/stored/stored-visit.ts';
import { signedIn } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

const FIELDS = {
  vendor: 'test',
  kind: 'region',
  code_scheme: '99SITE',
  code_value: 'COL',
  scan_type: 'hip',
  region: 'femoral_neck',
  vertebrae: '',
  laterality: 'left',
  note: 'French labels',
  confirm: 'yes',
};

describe('a concept that no adapter knows', () => {
  let site: TestServer;
  let cookie: string;
  let fileId: string;

  beforeAll(async () => {
    site = await createTestServer({ singleUser: false });
    const { pool } = site.database;
    cookie = (await signedIn(pool, 'administrator', 'm.weber')).cookie;
    await storeVisit(pool, { patientId: 'unmapped', scannedOn: '2020-03-01', spine: '1.000' });
    const { rows } = await pool.query<{ id: string }>(
      `update report set vendor = 'ge-lunar' returning source_file_id::text as id`,
    );
    fileId = rows[0]?.id ?? '';
    await pool.query(
      `insert into finding (source_file_id, code, path, facts) values ($1, 'UNKNOWN_REGION', '1.3',
         '{"scanType": "hip", "scheme": "99SITE", "value": "COL", "label": "Col fémoral <b>"}')`,
      [fileId],
    );
  });
  afterAll(async () => {
    await site.close();
  });

  const post = async (url: string, payload: object, headers: object = { cookie }) =>
    await site.server.inject({ method: 'POST', url, payload, headers: { ...headers } });

  test('is in the list with a form', async () => {
    const { body } = await site.server.inject({ url: '/unmapped', headers: { cookie } });
    expect(body).toContain('COL, 99SITE');
    expect(body).toContain('Show the effect');
    expect(body).not.toContain('<b>');
  });

  test('is refused an invalid meaning, with the rule that it breaks', async () => {
    const answer = await post('/unmapped', { ...FIELDS, vendor: 'ge-lunar', region: 'spine' });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('vertebrae must be given for the spine');
  });

  test('is mapped under the name of who did it, and its files are read again', async () => {
    expect((await post('/unmapped', { ...FIELDS, vendor: 'ge-lunar' })).statusCode).toBe(303);
    const { pool } = site.database;
    const { rows } = await pool.query('select author, note, region, laterality from site_mapping');
    expect(rows).toEqual([{ author: 'm.weber', note: 'French labels', region: 'femoral_neck', laterality: 'left' }]);
    const files = await pool.query<{ state: string }>('select state from source_file where id = $1', [fileId]);
    expect(files.rows).toEqual([{ state: 'received' }]);
  });

  test('loses its meaning again when the mapping is retired, with a reason', async () => {
    const { rows } = await site.database.pool.query<{ id: string }>('select id::text from site_mapping');
    expect((await post(`/unmapped/${rows[0]?.id}/retire`, { note: 'was the shaft' })).statusCode).toBe(303);
    const retired = await site.database.pool.query('select retired_by, retired_why from site_mapping');
    expect(retired.rows).toEqual([{ retired_by: 'm.weber', retired_why: 'was the shaft' }]);
  });

  test('can be mapped to another kind, or ignored permanently, and an ignored one can be restored', async () => {
    const { pool } = site.database;
    const { body } = await site.server.inject({ url: '/unmapped', headers: { cookie } });
    expect(body).toContain('it is a result');
    expect(body).toContain('ignore it permanently');
    const concept = { vendor: 'ge-lunar', code_scheme: '99SITE', code_value: 'COL', confirm: 'yes' };
    expect((await post('/unmapped', { ...concept, kind: 'measure', quantity: 'bmd' })).statusCode).toBe(303);
    expect(
      (await post('/unmapped', { ...concept, kind: 'region', scan_type: 'hip', ignored: 'yes', note: 'screws' }))
        .statusCode,
    ).toBe(303);
    const { rows } = await pool.query<{ id: string; kind: string; author: string; note: string }>(
      'select id::text, kind, author, note from ignored_concept',
    );
    expect(rows).toEqual([{ id: expect.any(String), kind: 'region', author: 'm.weber', note: 'screws' }]);
    const listed = await site.server.inject({ url: '/unmapped', headers: { cookie } });
    expect(listed.body).toContain('a region: ignored in a hip scan');
    expect(listed.body).toContain('a result: bmd');
    expect((await post(`/unmapped/${rows[0]?.id}/retire`, { note: 'screws count' })).statusCode).toBe(303);
    const retired = await pool.query('select retired_by, retired_why from ignored_concept');
    expect(retired.rows).toEqual([{ retired_by: 'm.weber', retired_why: 'screws count' }]);
  });

  test('is listed with its kind wherever it occurs, units included', async () => {
    const { pool } = site.database;
    await pool.query(
      `insert into finding (source_file_id, code, path, facts) values
         ($1, 'UNIT_NOT_SUPPORTED', '1.4', '{"quantity": "bmd", "label": "g/qcm"}'), ($1, 'UNIT_NOT_SUPPORTED', '1.5', '{"quantity": "bmd"}')`,
      [fileId],
    );
    const { body } = await site.server.inject({ url: '/lists/unmapped', headers: { cookie } });
    expect(body).toContain('<th scope="col">Kind</th>');
    expect(body).toContain('g/qcm');
    expect(body).not.toContain('1.5');
    const page = await site.server.inject({ url: '/unmapped', headers: { cookie } });
    expect(page.body).toContain('a unit<br><span class="soft">of bmd</span>');
  });

  test('is left alone by a reviewer', async () => {
    const { cookie: other } = await signedIn(site.database.pool, 'reviewer', 'k.meier');
    expect((await post('/unmapped', { ...FIELDS, vendor: 'ge-lunar' }, { cookie: other })).statusCode).toBe(403);
  });
});

test('clinical context of a patient is imported from CSV once', async () => {
  const site = await createTestServer({ singleUser: false });
  const { cookie } = await signedIn(site.database.pool, 'reviewer', 'k.meier');
  const csv = 'patient_id,agent,started_on,source,recorded_by\nP1,alendronate,2019-01-01,letter,k.meier\n';
  const send = async (payload: string) =>
    await site.server.inject({
      method: 'PUT',
      url: '/api/context/therapy',
      headers: { cookie, 'content-type': 'text/csv' },
      payload,
    });
  expect((await send(csv)).json()).toMatchObject({ lines: 1, changed: 1, notSeenYet: 1 });
  expect((await send(csv)).json()).toMatchObject({ lines: 1, changed: 0 });
  const wrong = await send('patient_id,agent\nP1,aspirin\n');
  expect([wrong.statusCode, wrong.json<{ code: string }>().code]).toEqual([400, 'CONTEXT_INVALID']);
  await site.close();
});
