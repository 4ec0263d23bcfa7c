import { afterAll, beforeAll, expect, test } from 'vitest';
import { revokeApiToken } from '../../../src/db/access/api-token.ts';
import { SESSION_COOKIE } from '../../../src/http/access/guard.ts';
import { withToken } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

let site: TestServer;
beforeAll(async () => {
  site = await createTestServer({ singleUser: false });
});
afterAll(async () => {
  await site.close();
});

test('a token stops working when it is revoked, and never is a cookie', async () => {
  const headers = await withToken(site.database.pool, 'viewer');
  expect((await site.server.inject({ url: '/api/cases', headers })).statusCode).toBe(200);
  const cookie = `${SESSION_COOKIE}=${headers.authorization.slice(7)}`;
  expect((await site.server.inject({ url: '/api/cases', headers: { cookie } })).statusCode).toBe(401);
  const { rows } = await site.database.pool.query<{ name: string }>('select name from api_token');
  for (const { name } of rows) await revokeApiToken(site.database.pool, name);
  const answer = await site.server.inject({ url: '/api/cases', headers });
  expect(answer.statusCode).toBe(401);
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.json()).toMatchObject({ status: 401, code: 'SIGN_IN_NEEDED' });
});

test('a request of the wrong form names field and rule, not the value', async () => {
  const headers = await withToken(site.database.pool, 'viewer');
  const answer = await site.server.inject({ url: '/api/cases?tier=SECRET^VALUE', headers });
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({ code: 'REQUEST_INVALID', errors: [{ field: 'tier' }] });
  expect(answer.body).not.toContain('SECRET');
});

test('a body beyond the limit is refused', async () => {
  const headers = await withToken(site.database.pool, 'reviewer');
  const answer = await site.server.inject({
    method: 'POST',
    url: '/api/cases/1/comments',
    headers: { ...headers, 'if-match': '"1"' },
    payload: { text: 'x'.repeat(70_000) },
  });
  expect(answer.statusCode).toBe(413);
  expect(answer.json()).toMatchObject({ code: 'REQUEST_TOO_LARGE' });
});

test('the OpenAPI document holds every route of the API', async () => {
  const headers = await withToken(site.database.pool, 'viewer');
  const document = (await site.server.inject({ url: '/api/openapi.json', headers })).json<{
    openapi: string;
    paths: Record<string, Record<string, unknown>>;
  }>();
  const listed = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = site.routes
    .filter(({ method, url }) => url.startsWith('/api/') && method !== 'HEAD' && url !== '/api/openapi.json')
    .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
  expect(document.openapi).toBe('3.1.0');
  expect(listed.sort()).toEqual(served.sort());
});
