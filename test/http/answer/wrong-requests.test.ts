import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createLog } from '../../../src/runtime/log.ts';
import { PLANTED, plantSite } from '../../support/stored/planted-site.ts';
import { sendRaw } from '../../support/web/raw-request.ts';
import { signedIn, withToken } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

type Problem = { status: number; code: string; errors?: { field: string; rule: string }[] };

let site: TestServer;
let cookie: string;
let token: { readonly authorization: string };
let port: number;
const lines: string[] = [];

beforeAll(async () => {
  site = await createTestServer({
    singleUser: false,
    log: createLog('trace', 'test', { write: (line) => void lines.push(line) }),
  });
  await plantSite(site.database.pool, site.archiveDir);
  cookie = (await signedIn(site.database.pool, 'administrator', 'm.weber')).cookie;
  token = await withToken(site.database.pool, 'administrator');
  port = Number(new URL(await site.server.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(async () => {
  await site.close();
});

const get = async (url: string) => await site.server.inject({ url, headers: { ...token, accept: 'application/json' } });
const cursorOf = (...parts: readonly unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');

describe('an impossible value is answered with 400', () => {
  test.each([
    '/api/lists/cases?limit=0',
    '/api/lists/cases?limit=1e9',
    '/api/lists/cases?limit=',
    '/api/lists/cases?limit=1&limit=2',
    '/api/cases?limit=0',
    '/api/failed?limit=1.5',
    '/api/lists/cases?sort=constructor',
    '/api/lists/cases?sort=-constructor',
    '/lists/files?sort=valueof',
    '/api/lists/cases?constructor=x',
    '/api/lists/cases?hasOwnProperty=x',
    '/api/lists/cases?from=0000-01-01',
    '/api/lists/cases?from=2024-02-30',
    '/api/lists/files?to=0000-12-31',
    '/?from=0000-01-01',
    '/api/cases?to=2023-02-29',
    `/api/cases?after=${cursorOf('-priority', '1e999', '5')}`,
    `/api/cases?after=${cursorOf('-priority', '1e-999', '5')}`,
    `/api/cases?after=${cursorOf('-priority', '5', '5', '5')}`,
    `/api/cases?after=${cursorOf('-priority', '5')}`,
    `/api/cases?after=${cursorOf('-priority', '5', '99999999999999999999')}`,
    '/api/cases?after=5~5',
    `/api/cases?sort=oldest&after=${cursorOf('-priority', '5', '5')}`,
    `/api/cases?sort=oldest&after=${cursorOf('opened', '5', '5')}`,
    `/api/cases?sort=oldest&after=${cursorOf('opened', '2024-02-30 10:00:00+00', '5')}`,
    `/api/cases?sort=newest&after=${cursorOf('-date', '1e5', '5')}`,
    `/?sort=newest&after=${cursorOf('-date', '2024-13-01', '5')}`,
    `/api/lists/cases?after=${cursorOf('-priority', '1e999', '5')}`,
    `/api/lists/cases?sort=-date&after=${cursorOf('-date', '2024-02-30', '5')}`,
    `/api/lists/cases?sort=-opened&after=${cursorOf('-opened', 'infinity', '5')}`,
    `/api/lists/short-intervals?sort=interval&after=${cursorOf('interval', '99999999999', '5')}`,
    `/api/lists/cases?after=${cursorOf('-priority', 'a', '5')}`,
    '/api/lists/cases?after=%00',
    '/api/lists/cases?assignee=%00',
    '/api/lists/cases?scanner=a%00b',
    '/api/lists/cases?%00=x',
    '/?assignee=%00',
    '/cases/%00',
    '/cases/9999999999999999999999',
    '/files/1%00/tree',
    '/api/access?patient=-1',
    '/failed?after=file-%00',
    '/nights/1?after=1e3',
  ])('%s', async (url) => {
    const answer = await get(url);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
    expect(answer.json<Problem>().code).toMatch(/^(REQUEST|QUERY|CURSOR|SORT|FILTER)_(INVALID|UNKNOWN)$/);
  });

  test.each([
    ['/api/cases/1/comments', 'POST', '{"text":"a\\u0000b"}'],
    ['/api/cases/1/comments', 'POST', '{"text":"\\ud800"}'],
    ['/api/cases/1/comments', 'POST', '{"text":"   "}'],
    ['/api/cases/1/resolution', 'PUT', '{"disposition":"other","note":"\\udfff\\ud83d"}'],
    ['/api/cases/1/resolution', 'PUT', '{"disposition":"other","note":"  "}'],
    ['/api/cases/1/assignee', 'PUT', '{"to":"x\\u0000"}'],
    ['/api/cases/1/comments', 'POST', '{"__proto__":{"text":"x"}}'],
    ['/api/cases/1/comments', 'POST', '{"text":'],
    ['/api/cases/1/comments', 'POST', '['.repeat(30_000)],
    ['/api/cases/1/comments', 'POST', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
    ['/api/cases/1/comments', 'POST', 'null'],
    ['/api/failed/requeue', 'POST', '{"note":"\\u0000","all":true}'],
    ['/unmapped', 'POST', '{"label":"\\u0000"}'],
    ['/unmapped', 'POST', '{"constructor":"x"}'],
    ['/patients', 'POST', '{"text":"\\ud800"}'],
    ['/sign-in', 'POST', '{"name":"\\u0000","password":"x"}'],
    ['/cases/1/comment', 'POST', '{"version":99999999999,"text":"x"}'],
  ])('%s %s %s', async (url, method, payload) => {
    const answer = await site.server.inject({
      method: method as 'POST',
      url,
      payload,
      headers: { ...token, accept: 'application/json', 'if-match': '"1"', 'content-type': 'application/json' },
    });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
  });

  test.each(['text=%00', 'text=a%00b'])('a form with %s', async (payload) => {
    const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await site.server.inject({ method: 'POST', url: '/patients', payload, headers });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('body: must not hold NUL');
  });

  test.each([
    ['CSV with NUL', Buffer.from('patient_id,agent\n\0,none\n')],
    [
      'CSV in Latin-1',
      Buffer.from('patient_id,agent,started_on,source,recorded_by\nP1,none,2024-01-01,M\xfcller,x\n', 'latin1'),
    ],
    ['a day of the year 0', Buffer.from('patient_id,agent,started_on,source,recorded_by\nP1,none,0000-01-01,a,x\n')],
  ])('%s', async (_what, payload) => {
    const headers = { ...token, 'content-type': 'text/csv' };
    const answer = await site.server.inject({ method: 'PUT', url: '/api/context/therapy', payload, headers });
    expect([answer.statusCode, answer.json<Problem>().code]).toEqual([400, expect.stringMatching(/_INVALID$/)]);
  });
});

describe('what no route answers', () => {
  const rawGet = async (path: string | Buffer, headers = '') =>
    await sendRaw(port, [
      Buffer.concat([
        Buffer.from('GET '),
        Buffer.from(path),
        Buffer.from(` HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${headers}\r\n`),
      ]),
    ]);

  test.each([
    ['/%', 'accept: application/json\r\n', 400],
    [`/%${PLANTED}%`, 'accept: application/json\r\n', 400],
    ['/files/%E0%A4%A/tree', 'accept: application/json\r\n', 400],
    [`/files/${'9'.repeat(300)}`, 'accept: application/json\r\n', 414],
    ['/nowhere', 'accept: application/json\r\n', 404],
    ['/api/nowhere', '', 404],
    [`/${'x'.repeat(20_000)}`, '', 431],
    ['/', `x-long: ${'x'.repeat(20_000)}\r\n`, 431],
  ])('%s is a problem document with our headers', async (path, headers, status) => {
    const answer = await rawGet(path, headers);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(/content-type: application\/problem\+json/i);
    expect(answer.text).toMatch(/content-security-policy: default-src 'none'/i);
    expect(answer.text).toMatch(/cache-control: no-store/i);
    expect(answer.text).toContain(`"status":${status}`);
    expect(answer.text).not.toContain(PLANTED);
  });

  test('is a page for a browser, with our headers and without an echo', async () => {
    const answer = await rawGet(`/%${PLANTED}`, 'accept: text/html\r\n');
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(/content-type: text\/html/i);
    expect(answer.text).toMatch(/content-security-policy/i);
    expect(answer.text).toContain('<h1>The request does not have the required form.</h1>');
    expect(answer.text).not.toContain(PLANTED);
  });

  test.each([
    'nonsense\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET / HTTP/1.1\r\nbad header\r\n\r\n',
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
  ])('bytes that are no HTTP are a problem document: %j', async (bytes) => {
    const answer = await sendRaw(port, [bytes]);
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(/content-type: application\/problem\+json/);
    expect(answer.text).toMatch(/x-frame-options: DENY/);
  });

  test('an answer to HEAD has no body, also where the headers are too large', async () => {
    const answer = await sendRaw(port, [`HEAD /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`]);
    expect(answer.status).toBe(431);
    expect(answer.text.endsWith('\r\n\r\n')).toBe(true);
  });

  test('says which methods an address takes', async () => {
    const ask = async (method: string, url: string) =>
      await new Promise<{ status: number; allow: string | undefined }>((resolve, reject) => {
        request({ port, method, path: url, headers: { ...token, accept: 'application/json' } }, (answer) => {
          answer.resume();
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, allow: answer.headers.allow }));
        })
          .on('error', reject)
          .end();
      });
    expect(await ask('DELETE', '/api/cases/1')).toEqual({ status: 405, allow: 'GET, HEAD' });
    expect(await ask('OPTIONS', '/patients?x=1')).toEqual({ status: 204, allow: 'GET, HEAD, POST' });
    expect(await ask('PROPFIND', '/')).toEqual({ status: 405, allow: 'GET, HEAD' });
    expect(await ask('TRACE', '/nowhere')).toEqual({ status: 404, allow: undefined });
  });

  test('a body of another type, and one that is too large', async () => {
    const send = async (type: string, payload: string) =>
      await site.server.inject({
        method: 'POST',
        url: '/api/cases/1/comments',
        payload,
        headers: { ...token, 'content-type': type, 'if-match': '"1"' },
      });
    const part = '--b\r\ncontent-disposition: form-data; name="text"\r\n\r\nx\r\n--b';
    for (const type of ['multipart/form-data; boundary=b', 'multipart/form-data', 'text/html', 'x', ';']) {
      const answer = await send(type, part);
      expect([type, answer.statusCode, answer.json<Problem>().code]).toEqual([type, 415, 'MEDIA_TYPE_UNKNOWN']);
    }
    expect((await send('text/csv', 'x'.repeat(70_000))).json<Problem>().code).toBe('REQUEST_TOO_LARGE');
  });

  test('nothing of what was sent reaches the log', async () => {
    await get(`/api/lists/${PLANTED}?${PLANTED}=${PLANTED}&sort=${PLANTED}`);
    await get(`/${PLANTED}`);
    await site.server.inject({
      url: '/files',
      headers: { cookie: `dxaflow_session=${PLANTED}`, referer: `http://x/${PLANTED}` },
    });
    await rawGet(`/%${PLANTED}`, `referer: ${PLANTED}\r\n`);
    await sendRaw(port, [`${PLANTED} ${PLANTED}\r\n\r\n`]);
    expect(lines.filter((line) => line.includes(PLANTED))).toEqual([]);
  });
});

test('a request that expects the impossible is answered with our headers', async () => {
  const request = 'GET / HTTP/1.1\r\nHost: here\r\nExpect: pigs\r\n\r\n';
  const { status, text } = await sendRaw(port, [Buffer.from(request)]);
  expect(status).toBe(400);
  expect(text).toMatch(/content-security-policy/i);
  expect(text).toContain('application/problem+json');
});
