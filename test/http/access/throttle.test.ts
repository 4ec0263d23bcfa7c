import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { hashPassword } from '../../../src/credentials/password.ts';
import { addUser } from '../../../src/db/access/user.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { watchStates } from '../../../src/health/states.ts';
import { SESSION_COOKIE } from '../../../src/http/access/guard.ts';
import { createThrottle } from '../../../src/http/access/throttle.ts';
import { createTurns } from '../../../src/http/access/turns.ts';
import { buildServer } from '../../../src/http/server.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { signedIn, withToken } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

// Passwords are looked at for real, a tenth of a second each on a machine that is not busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

const PROXY = '10.1.1.1';
const PASSWORD = 'correct horse battery';

let passwordHash: string;
let site: TestServer;
let lines: string[];
let failures: string[];
beforeAll(async () => {
  passwordHash = await hashPassword(PASSWORD);
});
beforeEach(async () => {
  lines = [];
  failures = [];
  site = await createTestServer({
    singleUser: false,
    trustedProxies: [PROXY, '10.9.0.0/16', 'fd00:1::/64'],
    log: createLog('trace', 'test', { write: (line) => void lines.push(line) }),
    countSignInFailure: (failure) => void failures.push(failure),
  });
  for (const name of ['k.meier', 'a.novak'])
    await addUser(site.database.pool, { name, role: 'reviewer', passwordHash });
});
afterEach(async () => {
  await site.close();
});

type From = { readonly peer?: string; readonly forwarded?: string; readonly headers?: Record<string, string> };

const send = async (
  name: string,
  password: string,
  { peer = PROXY, forwarded, headers = {} }: From = {},
  on = site.server,
) =>
  await on.inject({
    method: 'POST',
    url: '/sign-in',
    payload: { name, password },
    remoteAddress: peer,
    headers: { ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }), ...headers },
  });
const status = async (...given: Parameters<typeof send>) => (await send(...given)).statusCode;
const rowCount = async () =>
  (await site.database.pool.query<{ n: number }>('select count(*)::int as n from sign_in_attempt')).rows[0]?.n;

describe('tries to sign in', () => {
  test('block a name after five failures for that client, and for no other', async () => {
    const [here, there] = [{ forwarded: '192.0.2.1' }, { forwarded: '192.0.2.2' }];
    for (let i = 0; i < 5; i += 1) expect(await status('k.meier', 'guess guess', here)).toBe(401);
    const locked = await send('k.meier', PASSWORD, here);
    expect(locked.statusCode).toBe(429);
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(800);
    expect(Number(locked.headers['retry-after'])).toBeLessThanOrEqual(900);
    expect(await status('k.meier', PASSWORD, there)).toBe(303);
    expect(await status('a.novak', PASSWORD, here)).toBe(303);
    // Who keeps trying a locked name does not bring the address as a whole to its limit.
    for (let i = 0; i < 200; i += 1) expect(await status('k.meier', 'guess guess', here)).toBe(429);
    expect(await status('a.novak', PASSWORD, here)).toBe(303);
  });

  test('do not count where they succeed', async () => {
    for (let i = 0; i < 8; i += 1) expect(await status('k.meier', PASSWORD, { forwarded: '192.0.2.1' })).toBe(303);
    for (let i = 0; i < 4; i += 1) expect(await status('k.meier', 'guess', { forwarded: '192.0.2.1' })).toBe(401);
    expect(await status('K.Meier ', PASSWORD, { forwarded: '192.0.2.1' })).toBe(303);
    for (let i = 0; i < 4; i += 1) expect(await status('k.meier', 'guess', { forwarded: '192.0.2.1' })).toBe(401);
    expect(await status('k.meier', PASSWORD, { forwarded: '192.0.2.1' })).toBe(303);
    expect(failures).toEqual(Array(8).fill('wrong'));
  });

  test('of two hundred names from one client stop at a hundred, leave others unharmed and few rows behind', async () => {
    const bad = { forwarded: '192.0.2.66' };
    // Most of the hundred without their passwords, which would take a tenth of a second each.
    const client = { address: '192.0.2.66', network: '192.0.2.66', isLocal: false };
    const { begin } = createThrottle(site.database.pool, createLog('silent', 'test'), () => undefined);
    for (let i = 0; i < 90; i += 1) expect(await begin(`before-${i}`, client)).toBeNull();
    const tries = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => await status(`name-${index}`, 'guess guess', bad)),
    );
    expect(tries.filter((code) => code === 401)).toHaveLength(10);
    expect(tries.filter((code) => code === 429)).toHaveLength(190);
    expect(await status('k.meier', PASSWORD, bad)).toBe(429);
    expect(await status('k.meier', PASSWORD, { forwarded: '192.0.2.67' })).toBe(303);
    for (let i = 0; i < 300; i += 1) await status(`more-${i}`, 'guess', bad);
    expect(await rowCount()).toBeLessThanOrEqual(201 + 2);
    expect(failures.filter((one) => one === 'wrong')).toHaveLength(10);
  });

  test('are swept from the table once their window is over', async () => {
    const { pool } = site.database;
    await pool.query(
      `insert into sign_in_attempt (subject, attempts, started_at) select 'old-' || n, 3, now() - interval '16 minutes' from generate_series(1, 150) n`,
    );
    for (let i = 0; i < 3; i += 1) await status('k.meier', 'guess', { forwarded: '192.0.2.1' });
    expect(await rowCount()).toBe(2);
    await pool.query(`update sign_in_attempt set attempts = 5, started_at = now() - interval '16 minutes'`);
    expect(await status('k.meier', PASSWORD, { forwarded: '192.0.2.1' })).toBe(303);
  });

  test('are counted together by all http processes', async () => {
    const other = await buildServer({
      pool: site.database.pool,
      log: createLog('silent', 'test'),
      states: watchStates(createLog('silent', 'test')),
      queues: {
        counts: async () => ({}),
        enqueueIngests: async () => undefined,
        enqueueAssessments: async () => undefined,
      },
      limits: READ_LIMITS,
      archiveDir: site.archiveDir,
      dropDir: site.archiveDir,
      singleUser: false,
    });
    for (let i = 0; i < 3; i += 1) expect(await status('k.meier', 'guess', { peer: '192.0.2.1' })).toBe(401);
    for (let i = 0; i < 2; i += 1) expect(await status('k.meier', 'guess', { peer: '192.0.2.1' }, other)).toBe(401);
    expect(await status('k.meier', PASSWORD, { peer: '192.0.2.1' })).toBe(429);
    expect(await status('k.meier', PASSWORD, { peer: '192.0.2.1' }, other)).toBe(429);
    await other.close();
  });
});

describe('the address that tries are counted by', () => {
  const lock = async (from: From) => {
    for (let i = 0; i < 5; i += 1) await status('k.meier', 'guess', from);
    expect(await status('k.meier', PASSWORD, from)).toBe(429);
  };

  test('is what a trusted proxy says, and never what anyone else says', async () => {
    // A stranger who makes up a new address each time is still one stranger, and told of once.
    for (let i = 0; i < 5; i += 1)
      await status('k.meier', 'guess', { peer: '198.51.100.7', forwarded: `192.0.2.${i}` });
    expect(await status('k.meier', PASSWORD, { peer: '198.51.100.7', forwarded: '192.0.2.200' })).toBe(429);
    expect(lines.filter((line) => line.includes('TRUSTED_PROXIES'))).toHaveLength(1);
    // Through the proxy, what comes before the proxy's own entry is made up as well.
    for (let i = 0; i < 5; i += 1) await status('k.meier', 'guess', { forwarded: `203.0.113.${i}, 192.0.2.9` });
    expect(await status('k.meier', PASSWORD, { forwarded: '203.0.113.99, 192.0.2.9' })).toBe(429);
    expect(await status('k.meier', PASSWORD, { forwarded: '192.0.2.9, 10.9.3.4' })).toBe(429);
    expect(await status('k.meier', PASSWORD, { forwarded: '203.0.113.99' })).toBe(303);
  });

  test('is found with a port, in brackets, as IPv4 in IPv6, and is the proxy where it writes no address', async () => {
    await lock({ forwarded: '192.0.2.1' });
    for (const forwarded of ['192.0.2.1:4711', '::ffff:192.0.2.1'])
      expect(await status('k.meier', PASSWORD, { forwarded })).toBe(429);
    await lock({ forwarded: 'unknown' });
    expect(await status('k.meier', PASSWORD, { forwarded: '_hidden' })).toBe(429);
    expect(await status('k.meier', PASSWORD, {})).toBe(429);
    expect(await status('k.meier', PASSWORD, { peer: '::ffff:10.1.1.1', forwarded: '192.0.2.2' })).toBe(303);
  });

  test('is the whole /64 of an IPv6 line', async () => {
    await lock({ forwarded: '2001:db8:0:1::1' });
    for (const forwarded of ['2001:db8::1:ffff:ffff:ffff:ffff', '2001:0DB8:0000:0001::77', '[2001:db8:0:1::5]:443'])
      expect(await status('k.meier', PASSWORD, { forwarded })).toBe(429);
    expect(await status('k.meier', PASSWORD, { peer: 'fd00:1::9', forwarded: '2001:db8:0:2::1' })).toBe(303);
  });

  test('decides over secure cookies and strict transport only where the proxy is trusted', async () => {
    const https = { 'x-forwarded-proto': 'https' };
    const answer = await send('k.meier', PASSWORD, { forwarded: '192.0.2.1', headers: https });
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    expect(String(answer.headers['set-cookie'])).toContain('Secure');
    const plain = await send('k.meier', PASSWORD, { forwarded: '192.0.2.1' });
    expect(plain.headers['strict-transport-security']).toBeUndefined();
    expect(String(plain.headers['set-cookie'])).not.toContain('Secure');
    const stranger = await send('k.meier', PASSWORD, { peer: '198.51.100.7', headers: https });
    expect(stranger.headers['strict-transport-security']).toBeUndefined();
  });
});

test('what failed is logged with address and user, and never with what was typed', async () => {
  await status('k.meier', 'my secret typed', { forwarded: '192.0.2.1' });
  await status('Typed^Into The Wrong Field', 'x', { forwarded: '192.0.2.1' });
  const said = lines.map((line) => JSON.parse(line) as { msg: string; userId?: string; address?: string });
  const { rows } = await site.database.pool.query<{ id: string }>(
    `select id::text from app_user where name = 'k.meier'`,
  );
  expect(said.filter(({ msg }) => msg === 'sign-in failed').map(({ userId, address }) => [userId, address])).toEqual([
    [rows[0]?.id, '192.0.2.1'],
    [null, '192.0.2.1'],
  ]);
  expect(lines.join('').toLowerCase()).not.toMatch(/typed|wrong field|k\.meier/);
});

test('refused tokens are counted and end in 429, and a valid token is still accepted', async () => {
  const good = await withToken(site.database.pool, 'viewer');
  const ask = async (authorization: string, forwarded = '192.0.2.1') =>
    (
      await site.server.inject({
        url: '/api/cases',
        headers: { authorization, 'x-forwarded-for': forwarded },
        remoteAddress: PROXY,
      })
    ).statusCode;
  const codes: number[] = [];
  for (let i = 0; i < 200; i += 1) codes.push(await ask(i % 2 === 0 ? `Bearer ${'x'.repeat(43)}` : 'Bearer abc'));
  expect(codes).toEqual([...Array(100).fill(401), ...Array(100).fill(429)]);
  expect(await ask(good.authorization)).toBe(200);
  // What a proxy in front wants to know is no token, and hides no session.
  const { cookie } = await signedIn(site.database.pool, 'viewer', 'k.meier');
  const headers = { authorization: 'Basic YTpi', cookie };
  expect((await site.server.inject({ url: '/api/cases', headers })).statusCode).toBe(200);
  expect(await ask(`Bearer ${'y'.repeat(43)}`, '192.0.2.2')).toBe(401);
  expect(failures.filter((one) => one === 'token_throttled')).toHaveLength(100);
  expect(lines.filter((line) => line.includes('token')).length).toBeLessThan(10);
});

test('signing in again ends the session that the browser had, and a session from outside is not taken over', async () => {
  const cookieOf = (answer: Awaited<ReturnType<typeof send>>) =>
    String(answer.headers['set-cookie']).split(';')[0] ?? '';
  const planted = `${SESSION_COOKIE}=${'p'.repeat(43)}`;
  const first = cookieOf(await send('k.meier', PASSWORD, { headers: { cookie: planted } }));
  expect(first).not.toBe(planted);
  const page = async (cookie: string) => (await site.server.inject({ url: '/files', headers: { cookie } })).statusCode;
  expect([await page(first), await page(planted)]).toEqual([200, 303]);
  const second = cookieOf(await send('k.meier', PASSWORD, { headers: { cookie: first } }));
  expect([await page(second), await page(first)]).toEqual([200, 303]);
});

test('a client with a hundred passwords to check delays the next client by a few of them only', async () => {
  const byTurns = createTurns(2);
  const done: string[] = [];
  const work = async (asker: string) =>
    await byTurns(asker, async () => {
      await nextTurn();
      done.push(asker);
    });
  const many = Array.from({ length: 100 }, async () => await work('many'));
  await Promise.all([work('one'), work('another')]);
  expect(done.filter((asker) => asker === 'many').length).toBeLessThan(8);
  await Promise.all(many);
  expect(done).toHaveLength(102);
});
