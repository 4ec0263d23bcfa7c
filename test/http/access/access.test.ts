import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hashPassword } from '../../../src/credentials/password.ts';
import { hashSecret, newSecret } from '../../../src/credentials/secret.ts';
import { addEnterLink } from '../../../src/db/access/session.ts';
import { addUser, disableUser, ROLES, type Role } from '../../../src/db/access/user.ts';
import { signedIn } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

// Generous: a browser and scrypt on a busy machine with two processors.
vi.setConfig({ testTimeout: 120_000 });

let site: TestServer;
beforeAll(async () => {
  site = await createTestServer({ singleUser: true });
});
afterAll(async () => {
  await site.close();
});

const addressOf = (url: string) =>
  url.replace(':secret', 'x'.repeat(43)).replace(':name', 'cases').replace(':item', 'IMAGES').replace(/:id/g, '1');

describe('every route', () => {
  test('names a role, and the list of routes is the one that reviewers of this test know', () => {
    const known = site.routes
      .filter(({ method }) => method !== 'HEAD')
      .map(({ method, url, role }) => `${method} ${url} ${role}`);
    expect(known.sort()).toMatchInlineSnapshot(`
      [
        "GET / viewer",
        "GET /access administrator",
        "GET /api viewer",
        "GET /api/access administrator",
        "GET /api/cases viewer",
        "GET /api/cases/:id viewer",
        "GET /api/failed viewer",
        "GET /api/files/:id viewer",
        "GET /api/lists/:name viewer",
        "GET /api/lsc viewer",
        "GET /api/nights viewer",
        "GET /api/nights/:id viewer",
        "GET /api/nights/:id/changes viewer",
        "GET /api/openapi.json viewer",
        "GET /api/patients/:id viewer",
        "GET /api/patients/:id/visits viewer",
        "GET /api/scanners viewer",
        "GET /api/settings viewer",
        "GET /api/settings/:name/history viewer",
        "GET /api/status viewer",
        "GET /app.js none",
        "GET /cases/:id viewer",
        "GET /enter/:secret none",
        "GET /failed viewer",
        "GET /files viewer",
        "GET /files/:id viewer",
        "GET /files/:id/tree viewer",
        "GET /healthz none",
        "GET /lists viewer",
        "GET /lists/:name viewer",
        "GET /nights viewer",
        "GET /nights/:id viewer",
        "GET /patients viewer",
        "GET /patients/:id viewer",
        "GET /readyz none",
        "GET /scanners viewer",
        "GET /scanners/:id viewer",
        "GET /settings viewer",
        "GET /settings/:name viewer",
        "GET /sign-in none",
        "GET /status viewer",
        "GET /style.css none",
        "GET /unmapped viewer",
        "POST /api/cases/:id/comments reviewer",
        "POST /api/cases/:id/reopenings reviewer",
        "POST /api/failed/requeue administrator",
        "POST /api/files/:id/restore administrator",
        "POST /api/files/:id/take-out administrator",
        "POST /api/patients/:id/merge administrator",
        "POST /api/patients/:id/merge-preview administrator",
        "POST /api/patients/:id/unmerge administrator",
        "POST /api/settings/:name administrator",
        "POST /api/settings/:name/preview administrator",
        "POST /cases/:id/assign reviewer",
        "POST /cases/:id/comment reviewer",
        "POST /cases/:id/reopen reviewer",
        "POST /cases/:id/resolve reviewer",
        "POST /cases/:id/tick reviewer",
        "POST /failed administrator",
        "POST /files/:id/restore administrator",
        "POST /files/:id/take-out administrator",
        "POST /patients viewer",
        "POST /patients/:id/merge administrator",
        "POST /patients/:id/unmerge administrator",
        "POST /settings/:name administrator",
        "POST /sign-in none",
        "POST /sign-out viewer",
        "POST /unmapped administrator",
        "POST /unmapped/:id/retire administrator",
        "PUT /api/cases/:id/assignee reviewer",
        "PUT /api/cases/:id/checklist/:item reviewer",
        "PUT /api/cases/:id/resolution reviewer",
        "PUT /api/context/:kind reviewer",
      ]
    `);
  });

  test('refuses a request without a role or with too low a role, and accepts the named role', async () => {
    const headers = Object.fromEntries(
      await Promise.all(
        ROLES.map(async (role) => [role, await signedIn(site.database.pool, role, `walk-${role}`)] as const),
      ),
    ) as Record<Role, { cookie: string }>;
    const wrong: string[] = [];
    for (const { method, url, role } of site.routes) {
      const ask = async (given: { readonly cookie?: string }) =>
        await site.server.inject({
          method: method as 'GET',
          url: addressOf(url),
          headers: { accept: 'application/json', ...given },
        });
      const anonymous = await ask({});
      if (role === 'none') {
        if (anonymous.statusCode === 401 && !url.startsWith('/sign-in'))
          wrong.push(`${method} ${url} asks nobody to sign in`);
        continue;
      }
      const turnedAway = anonymous.statusCode === 401 || anonymous.headers['location'] === '/sign-in';
      if (!turnedAway) wrong.push(`${method} ${url} without a role: ${anonymous.statusCode}`);
      for (const given of ROLES) {
        if (url === '/sign-out') continue; // it would end the session of the walk
        const answer = await ask(headers[given]);
        const refused = answer.statusCode === 403 || answer.statusCode === 401;
        const mayPass = ROLES.indexOf(given) >= ROLES.indexOf(role);
        if (refused === mayPass) wrong.push(`${method} ${url} (${role}) as ${given}: ${answer.statusCode}`);
        if (answer.statusCode >= 500) wrong.push(`${method} ${url} as ${given}: ${answer.statusCode}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('answers with headers that keep pages out of caches, frames and other sites', async () => {
    const answer = await site.server.inject({ url: '/sign-in' });
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['content-security-policy']).not.toContain('unsafe');
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'x-frame-options': 'DENY',
    });
  });
});

describe('the link printed at start', () => {
  const makeLink = async () => {
    const secret = newSecret();
    await addEnterLink(site.database.pool, hashSecret(secret), 60);
    return `/enter/${secret}`;
  };

  test('signs one browser in, once, with a cookie that no script and no other site can use', async () => {
    const url = await makeLink();
    const first = await site.server.inject({ url });
    expect(first.statusCode).toBe(303);
    const [cookie = ''] = [first.headers['set-cookie'] ?? ''].flat();
    expect(cookie).toMatch(/^dxaflow_session=[\w-]{43}; .*HttpOnly.*SameSite=Strict/);
    const page = await site.server.inject({ url: '/', headers: { cookie: cookie.split(';')[0] ?? '' } });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('local (administrator)');
    expect((await site.server.inject({ url })).statusCode).toBe(403);
  });

  test('does not work from another machine', async () => {
    const url = await makeLink();
    const answer = await site.server.inject({ url, remoteAddress: '192.0.2.7' });
    expect(answer.statusCode).toBe(403);
    expect((await site.server.inject({ url })).statusCode).toBe(303);
  });

  test('leaves only hashes in the database', async () => {
    const { rows } = await site.database.pool.query<{ length: number }>(
      `select distinct length(token_hash) as length from (select token_hash from session union all select token_hash from enter_link) x`,
    );
    expect(rows).toEqual([{ length: 64 }]);
  });
});

describe('signing in with a password', () => {
  const password = 'correct horse battery';
  const send = async (
    name: string,
    given: string,
    headers: Record<string, string> = {},
    remoteAddress = '198.51.100.1',
  ) =>
    await site.server.inject({
      method: 'POST',
      url: '/sign-in',
      payload: { name, password: given },
      headers,
      remoteAddress,
    });

  beforeAll(async () => {
    await addUser(site.database.pool, {
      name: 'k.meier',
      role: 'reviewer',
      passwordHash: await hashPassword(password),
    });
  });

  test('works with the right one and says the same to a wrong one and to an unknown name', async () => {
    expect((await send('k.meier', password)).statusCode).toBe(303);
    const [wrong, unknown] = [await send('k.meier', 'wrong password 1'), await send('nobody', 'wrong password 1')];
    expect([wrong.statusCode, unknown.statusCode]).toEqual([401, 401]);
    expect(wrong.body).toBe(unknown.body);
  });

  test('is throttled after five tries, for this name from this address', async () => {
    const address = '198.51.100.9';
    const tries = await Promise.all(
      Array.from({ length: 7 }, async () => (await send('k.meier', 'guess guess guess', {}, address)).statusCode),
    );
    expect(tries.filter((status) => status === 429)).toHaveLength(2);
    expect((await send('k.meier', password, {}, address)).statusCode).toBe(429);
    expect((await send('k.meier', password, {}, '198.51.100.10')).statusCode).toBe(303);
  });

  test('is refused when a page of another site sends the form', async () => {
    expect((await send('k.meier', password, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    expect((await send('k.meier', password, { origin: 'https://evil.example', host: 'dxa.example' })).statusCode).toBe(
      403,
    );
    expect((await send('k.meier', password, { origin: 'https://dxa.example', host: 'dxa.example' })).statusCode).toBe(
      303,
    );
  });

  test('ends at once for a user who is disabled', async () => {
    await addUser(site.database.pool, { name: 'leaver', role: 'viewer', passwordHash: await hashPassword(password) });
    const answer = await send('leaver', password);
    const cookie = [answer.headers['set-cookie'] ?? ''].flat()[0]?.split(';')[0] ?? '';
    expect((await site.server.inject({ url: '/files', headers: { cookie } })).statusCode).toBe(200);
    await disableUser(site.database.pool, 'leaver');
    expect((await site.server.inject({ url: '/files', headers: { cookie } })).statusCode).toBe(303);
    expect((await send('leaver', password)).statusCode).toBe(401);
  });
});
