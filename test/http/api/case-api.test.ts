import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addUser } from '../../../src/db/access/user.ts';
import { fileTestLsc, judge, storeVisit } from '../../support/stored/stored-visit.ts';
import { signedIn, withToken } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

type Case = {
  id: string;
  version: number;
  state: string;
  assignee: string | null;
  events: { event: string; actor: string }[];
};

describe('the API of a case', () => {
  let site: TestServer;
  let headers: { authorization: string };
  let id: string;

  beforeAll(async () => {
    site = await createTestServer({ singleUser: false });
    const { pool } = site.database;
    headers = await withToken(pool, 'reviewer');
    await fileTestLsc(pool, '0.030', '0.020');
    await storeVisit(pool, { patientId: 'api', scannedOn: '2018-03-01', spine: '1.000', leftHip: '0.800' });
    await judge(
      pool,
      await storeVisit(pool, { patientId: 'api', scannedOn: '2020-03-01', spine: '1.060', leftHip: '0.760' }),
    );
    const { rows } = await pool.query<{ id: string }>(
      `select id::text from review_case where rule = 'D1_SPINE_UP_HIP_DOWN'`,
    );
    id = rows[0]?.id ?? '';
  });
  afterAll(async () => {
    await site.close();
  });

  const send = async (
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    etag: string | null,
    payload?: object,
    more: object = headers,
  ) =>
    await site.server.inject({
      method,
      url: `/api/cases/${id}${path}`,
      headers: { ...more, ...(etag === null ? {} : { 'if-match': etag }) },
      ...(payload === undefined ? {} : { payload }),
    });

  test('gives the version as ETag and asks for it with every change', async () => {
    const answer = await send('GET', '', null);
    const found = answer.json<Case>();
    expect(answer.headers['etag']).toBe(`"${found.version}"`);
    const without = await send('PUT', '/assignee', null, { to: 'x' });
    expect([without.statusCode, without.json<{ code: string }>().code]).toEqual([428, 'VERSION_NEEDED']);
  });

  test('answers a repeated request as done and does it once', async () => {
    const etag = String((await send('GET', '', null)).headers['etag']);
    const first = await send('POST', '/comments', etag, { text: 'seen' });
    const again = await send('POST', '/comments', etag, { text: 'seen' });
    expect([first.statusCode, again.statusCode]).toEqual([200, 200]);
    expect(again.json<Case>().events.filter(({ event }) => event === 'commented')).toHaveLength(1);
  });

  test('refuses a change that was decided on an older version, and writes nothing', async () => {
    const etag = String((await send('GET', '', null)).headers['etag']);
    const other = await signedIn(site.database.pool, 'reviewer', 'somebody');
    expect((await send('POST', '/comments', etag, { text: 'mine' }, other)).statusCode).toBe(200);
    const late = await send('PUT', '/resolution', etag, { disposition: 'artefact' });
    expect(late.statusCode).toBe(412);
    expect(late.json()).toMatchObject({ code: 'STALE_CASE', status: 412 });
    expect((await send('GET', '', null)).json<Case>().state).toBe('open');
  });

  test('carries a case from assignment through checklist to resolution and back', async () => {
    const step = async (method: 'PUT' | 'POST', path: string, payload: object) => {
      const etag = String((await send('GET', '', null)).headers['etag']);
      const answer = await send(method, path, etag, payload);
      expect(answer.statusCode, answer.body).toBe(200);
      return answer.json<Case>();
    };
    const { pool } = site.database;
    await addUser(pool, { name: 'k.meier', role: 'reviewer', passwordHash: 'none' });
    await addUser(pool, { name: 'v.looks', role: 'viewer', passwordHash: 'none' });
    for (const to of ['nobody.at.all', 'v.looks']) {
      const refused = await send('PUT', '/assignee', String((await send('GET', '', null)).headers['etag']), { to });
      expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([400, 'ASSIGNEE_UNKNOWN']);
      const cookie = await signedIn(pool, 'reviewer', 'somebody');
      const { version } = (await send('GET', '', null)).json<Case>();
      const page = await site.server.inject({
        method: 'POST',
        url: `/cases/${id}/assign`,
        payload: { version, assignee: to },
        headers: cookie,
      });
      expect(page.statusCode).toBe(400);
      expect(page.body).toContain('A case can be assigned to: k.meier, somebody. Nothing was written.');
      expect([...page.body.matchAll(/<option value="([^"]*)"/g)].map(([, name]) => name)).toEqual(
        expect.arrayContaining(['somebody', 'k.meier']),
      );
      expect(page.body).not.toContain(`<option value="${to}"`);
    }
    expect((await step('PUT', '/assignee', { to: 'k.meier' })).state).toBe('in_review');
    await step('PUT', '/checklist/IMAGES', { ticked: true, note: 'in order' });
    expect((await step('PUT', '/resolution', { disposition: 'artefact', note: 'osteophytes' })).state).toBe('resolved');
    expect((await step('POST', '/reopenings', { note: 'new images' })).state).toBe('reopened');
    const etag = String((await send('GET', '', null)).headers['etag']);
    const unknown = await send('PUT', '/checklist/NO_SUCH_ITEM', etag, { ticked: true });
    expect([unknown.statusCode, unknown.json<{ code: string }>().code]).toEqual([400, 'CHECKLIST_ITEM_UNKNOWN']);
  });

  test('pages through the worklist without losing or repeating a case', async () => {
    const { pool } = site.database;
    for (let patient = 0; patient < 5; patient += 1) {
      await storeVisit(pool, {
        patientId: `page-${patient}`,
        scannedOn: '2018-03-01',
        spine: '1.000',
        leftHip: '0.800',
      });
      await judge(
        pool,
        await storeVisit(pool, {
          patientId: `page-${patient}`,
          scannedOn: '2020-03-01',
          spine: '1.060',
          leftHip: '0.760',
        }),
      );
    }
    for (const sort of ['strength', 'oldest', 'newest']) {
      const seen: string[] = [];
      let after: string | null = '';
      while (after !== null) {
        const url: string = `/api/cases?sort=${sort}&limit=2&after=${encodeURIComponent(after)}`;
        const answer = await site.server.inject({ url, headers });
        expect(answer.statusCode, answer.body).toBe(200);
        const page = answer.json<{ cases: { id: string }[]; next: string | null }>();
        seen.push(...page.cases.map((one) => one.id));
        after = page.next;
      }
      expect(new Set(seen).size).toBe(seen.length);
      const { rows } = await pool.query<{ n: number }>(
        `select count(*)::int as n from review_case where state in ('open', 'reopened', 'in_review')`,
      );
      expect(seen).toHaveLength(rows[0]?.n ?? -1);
    }
  });
});
