import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { listPatientMerges } from '../../../src/db/records/patient-merge.ts';
import { arrive, reportWith } from '../../support/stored/arriving-report.ts';
import { signedIn } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

vi.setConfig({ testTimeout: 60_000 });

describe('merging two patients', () => {
  let site: TestServer;
  let headers: { readonly cookie: string };
  let woman: string;
  let man: string;
  let doubled: string;

  beforeEach(async () => {
    site = await createTestServer({ singleUser: false });
    const { pool } = site.database;
    headers = await signedIn(pool, 'administrator', 'm.weber');
    const is = async (uid: string, day: string, patient: object) =>
      (await arrive(pool, reportWith({ uid, day, patient }))) ?? '';
    woman = await is('1.1', '2020-01-10', {
      patientId: 'W<1',
      sex: 'F',
      birthDate: '1939-05-01',
      name: 'Muster^Erika',
    });
    doubled = await is('1.2', '2021-01-10', { patientId: 'W2', sex: 'F', birthDate: null, name: 'MUSTER^ERIKA' });
    man = await is('1.3', '2022-01-10', { patientId: 'M1', sex: 'M', birthDate: '1941-02-03', name: 'Beispiel^Karl' });
  });
  afterEach(async () => {
    await site.close();
  });

  const post = async (url: string, payload: object, as: object = headers) =>
    await site.server.inject({ method: 'POST', url, payload, headers: { ...as } });
  const merges = async () => await listPatientMerges(site.database.pool, { all: false });

  test('shows both side by side first, and records who saw them', async () => {
    const { body, statusCode } = await post(`/patients/${doubled}/merge`, { into: 'W<1' });
    expect(statusCode).toBe(200);
    for (const shown of ['W&#60;1', 'MUSTER^ERIKA', '1939-05-01', 'Their reports agree in name, sex and birth date.'])
      expect(body).toContain(shown);
    expect(body).not.toContain('name="despite"');
    expect(await merges()).toEqual([]);
    const { rows } = await site.database.pool.query<{ ids: string[] }>(
      `select patient_ids::text[] as ids from access_log where route = 'POST /patients/:id/merge'`,
    );
    expect(rows).toEqual([{ ids: [doubled, woman] }]);
  });

  test('is done when it is confirmed, signed with the name of who did it, and taken back', async () => {
    const done = await post(`/patients/${doubled}/merge`, { into: 'W<1', note: 'double', confirm: 'yes' });
    expect([done.statusCode, done.headers['location']]).toEqual([303, `/patients/${woman}`]);
    expect(await merges()).toMatchObject([
      { from: 'W2', into: 'W<1', mergedBy: 'm.weber', note: 'double', despite: null },
    ]);
    const page = await site.server.inject({ url: `/patients/${doubled}`, headers });
    expect(page.body).toContain('Undo the merge');
    expect((await post(`/patients/${doubled}/unmerge`, { note: 'two people' })).statusCode).toBe(303);
    expect(await merges()).toEqual([]);
  });

  test('needs a reason where their reports disagree', async () => {
    const refused = await post(`/patients/${man}/merge`, { into: 'W<1', confirm: 'yes' });
    expect(refused.statusCode).toBe(409);
    expect(refused.body).toContain('disagree in name, sex and birth date');
    expect(refused.body).toContain('name="despite" required');
    expect(await merges()).toEqual([]);
    const given = { into: 'W<1', confirm: 'yes', despite: 'typing errors at registration' };
    expect((await post(`/patients/${man}/merge`, given)).statusCode).toBe(303);
    expect(await merges()).toMatchObject([
      { despite: 'typing errors at registration', disagreements: ['name', 'sex', 'birth_date'] },
    ]);
  });

  test('is looked at and done by programs in the same way', async () => {
    const preview = await post(`/api/patients/${man}/merge-preview`, { into: 'W<1^^^H' });
    expect(preview.json()).toMatchObject({
      from: { ids: ['M1^^^H'], studies: 1 },
      into: { ids: ['W<1^^^H'] },
      disagreements: ['name', 'sex', 'birth_date'],
    });
    const refused = await post(`/api/patients/${man}/merge`, { into: 'W<1' });
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({ code: 'PATIENT_MERGE_DISAGREES' });
    expect(refused.body).not.toMatch(/Muster|Beispiel|1939|1941|W<1/);
    expect((await post(`/api/patients/${man}/merge`, { into: 'W<1', despite: 'proven' })).json()).toEqual({
      patientsToAssess: 2,
    });
    expect((await post(`/api/patients/${man}/unmerge`, {})).json()).toEqual({ patientsToAssess: 2 });
    expect((await post(`/api/patients/${man}/unmerge`, {})).json()).toMatchObject({ code: 'PATIENT_NOT_MERGED' });
    expect((await post(`/api/patients/${man}/merge`, { into: 'NOBODY' })).statusCode).toBe(404);
    expect((await post('/api/patients/999999/merge', { into: 'W<1' })).statusCode).toBe(404);
  });

  test('is not offered to reviewers, nor done for them', async () => {
    const reviewer = await signedIn(site.database.pool, 'reviewer', 'r.eader');
    const page = await site.server.inject({ url: `/patients/${woman}`, headers: reviewer });
    expect(page.body).not.toContain('Compare both');
    expect((await post(`/patients/${man}/merge`, { into: 'W<1' }, reviewer)).statusCode).toBe(403);
    expect((await site.server.inject({ url: `/patients/${woman}`, headers })).body).toContain('Compare both');
  });
});
