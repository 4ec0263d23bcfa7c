import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { pinBaseline } from '../../../src/jobs/registry/baseline-pin.ts';
import { assessWaiting } from '../../support/stored/judged.ts';
import { noteFile, reportFile, studyUid, uid } from '../../support/stored/rejected-visit.ts';
import { fileTestLsc } from '../../support/stored/stored-visit.ts';
import { openTakenFiles, type TakenFiles } from '../../support/stored/taken-files.ts';
import { signedIn, withToken } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

vi.setConfig({ testTimeout: 60_000 });

const WORDS = 'rejected for patient safety reasons: Positioning; hip &#60;rotated&#62;';

describe('a rejected report', () => {
  let site: TestServer;
  let files: TakenFiles;
  let headers: { readonly cookie: string };
  let ids: readonly string[];
  let patient: string;
  let found: string;

  beforeAll(async () => {
    site = await createTestServer({ singleUser: false });
    files = openTakenFiles(site.database.pool);
    headers = await signedIn(site.database.pool, 'administrator', 'm.weber');
    await fileTestLsc(site.database.pool, '0.020', '0.020');
    const taken: string[] = [];
    for (const bytes of [
      reportFile({ what: 'R1', day: '2020-01-10', spine: '0.900', hip: '0.800' }),
      reportFile({ what: 'R2', day: '2022-01-10', spine: '0.960', hip: '0.750' }),
      noteFile({
        ...{ what: 'N', title: 'patient_safety', names: ['R2', 'never sent'] },
        ...{ reason: ['111209', 'DCM', 'Positioning'], description: 'hip <rotated>' },
      }),
    ]) {
      taken.push(await files.take(bytes));
      await files.ingestWaiting();
      await assessWaiting(site.database.pool);
    }
    ids = taken;
    const { rows } = await site.database.pool.query<{ patient: string; id: string }>(
      `select patient_id::text as patient, id::text from review_case where rule = 'D1_SPINE_UP_HIP_DOWN'`,
    );
    [patient, found] = [rows[0]?.patient ?? '', rows[0]?.id ?? ''];
  });
  afterAll(async () => {
    files.close();
    await site.close();
  });

  const get = async (url: string) => await site.server.inject({ url, headers });
  const post = async (url: string, payload: object, as: object = headers) =>
    await site.server.inject({ method: 'POST', url, payload, headers: { ...as } });
  const standing = async () =>
    (
      await site.database.pool.query<{ id: string }>('select source_file_id::text as id from report order by 1')
    ).rows.map(({ id }) => id);

  test('says so on the pages of file, patient and case, with the note that did it, and its values stay', async () => {
    const [, rejected = '', note = ''] = ids;
    const file = (await get(`/files/${rejected}`)).body;
    expect(file).toContain('Out of use: its values are kept but not used.');
    for (const page of [file, (await get(`/patients/${patient}`)).body, (await get(`/cases/${found}`)).body]) {
      expect(page).toContain(WORDS);
      expect(page).toContain(`href="/files/${note}"`);
    }
    expect(file).toContain('“0.960”');
    expect((await get(`/patients/${patient}`)).body).toContain('out of use</span>');
    expect((await get(`/patients/${patient}`)).body).toContain('waiting: no report of it received yet');
    expect((await get(`/cases/${found}`)).body).toContain('This case is based on values that are now out of use.');
    expect((await get(`/cases/${found}`)).body).toContain('values out of use');
  });

  test('is named on the page of the note, among the files and in the list', async () => {
    const [, rejected = '', note = ''] = ids;
    const page = (await get(`/files/${note}`)).body;
    expect(page).toContain(`A rejection note, 2024-05-01 08:00:00, about patient P1: <strong>${WORDS}</strong>.`);
    expect(page).toContain(`href="/files/${rejected}"`);
    expect((await get('/files')).body).toContain('1 out of use, 1 waiting');
    const list = (await get('/lists/rejections?reason=REJECTION_WAITING')).body;
    expect(list).toContain(uid('never sent'));
    expect(list).not.toContain(uid('R2'));
  });

  test('has its fields in the API', async () => {
    const [, rejected = '', note = ''] = ids;
    const of = {
      sopInstanceUid: uid('R2'),
      outOfUse: true,
      fileId: rejected,
      notes: [{ noteFileId: note, status: 'applied' }],
    };
    expect((await get(`/api/files/${rejected}`)).json()).toMatchObject({ rejectionNote: null, rejections: [of] });
    expect((await get(`/api/files/${note}`)).json()).toMatchObject({
      file: { state: 'noted' },
      rejectionNote: { title: 'patient_safety', reasons: ['Positioning'] },
    });
    expect((await get(`/api/patients/${patient}`)).json()).toMatchObject({
      studies: [{ outOfUse: false }, { outOfUse: true }],
      rejections: expect.arrayContaining([expect.objectContaining({ sopInstanceUid: uid('R2') })]),
    });
    expect((await get(`/api/cases/${found}`)).json()).toMatchObject({ state: 'withdrawn', rejections: [of] });
    expect((await get('/api/lists/rejections')).json()).toMatchObject({
      rows: expect.arrayContaining([
        expect.objectContaining({ reason: 'REJECTION_APPLIED', instanceFileId: rejected }),
      ]),
    });
  });

  test('is put back and taken out by administrators, with a reason, on its page and in the API', async () => {
    const [, rejected = ''] = ids;
    const reviewer = await signedIn(site.database.pool, 'reviewer', 'dr.one');
    expect((await post(`/files/${rejected}/restore`, { note: 'why' }, reviewer)).statusCode).toBe(403);
    const seen = await site.server.inject({ url: `/files/${rejected}`, headers: reviewer });
    expect([seen.body.includes(WORDS), seen.body.includes('Put back in use')]).toEqual([true, false]);
    expect((await post(`/files/${rejected}/restore`, { note: ' ' })).statusCode).toBe(400);
    expect((await get(`/files/${rejected}`)).body).toContain('Put back in use');

    const done = await post(`/files/${rejected}/restore`, { note: 'rejected by <mistake>' });
    expect([done.statusCode, done.headers['location']]).toEqual([303, `/files/${rejected}`]);
    expect(await standing()).toEqual(ids.slice(0, 2));
    const page = (await get(`/files/${rejected}`)).body;
    expect(page).toMatch(/put back in use by m\.weber, [\d-]+ [\d:]+ UTC: rejected by &#60;mistake&#62;/);
    expect(page).toContain('Take out of use');

    const token = await withToken(site.database.pool, 'administrator');
    const out = await post(`/api/files/${rejected}/take-out`, { note: 'looked again' }, token);
    expect([out.statusCode, out.json()]).toEqual([200, { instances: 1, patientsToAssess: 1 }]);
    expect(await standing()).toEqual(ids.slice(0, 1));
    const again = await post(`/api/files/${rejected}/take-out`, { note: 'looked again' }, token);
    expect(again.json()).toEqual({ instances: 0, patientsToAssess: 0 });
    expect((await post('/api/files/999/restore', { note: 'why' }, token)).json()).toMatchObject({
      code: 'INSTANCE_UNKNOWN',
    });
  });

  test('that was pinned as a baseline is named with the day of its scan and the region', async () => {
    const [, pinned = ''] = ids;
    const { pool } = site.database;
    await post(`/files/${pinned}/restore`, { note: 'was right' });
    const place = { studyInstanceUid: studyUid({ day: '2022-01-10' }), region: 'spine', laterality: 'none' } as const;
    await pinBaseline(pool, place, { by: 'm.weber', note: 'after surgery' });
    const section = async () => {
      while ((await assessWaiting(pool)).length > 0);
      return (await get(`/patients/${patient}`)).body.split('aria-label="Contradictions"')[1]?.split('</section>')[0];
    };
    expect(await section()).toBeUndefined();
    await post(`/files/${pinned}/take-out`, { note: 'wrong after all' });
    expect(await section()).toContain(
      '<td class="nowrap">2022-01-10</td><td>Spine</td><td>The scan that a person pinned',
    );
  });
});
