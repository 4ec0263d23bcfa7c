import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { LIST_NAMES } from '../../../src/db/qa-list/definition.ts';
import type { RouteRole } from '../../../src/http/access/guard.ts';
import { PLANTED, type PlantedSite, plantSite } from '../../support/stored/planted-site.ts';
import { signedIn } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

type AccessRow = { actor: string; route: string; patients: readonly string[]; files: readonly string[] };

/** Bodies with which a form or call does what it is for; others are sent empty. */
const BODIES: Readonly<Record<string, object>> = {
  '/patients': { text: PLANTED },
  // A label of a file may hold a name.
  '/unmapped': { vendor: 'hologic', kind: 'scan', label: PLANTED, scan_type: 'spine' },
  // A page of "changed meanwhile" shows the case as it is.
  '/cases/:id/assign': { version: 999, assignee: 'm.weber' },
  '/cases/:id/comment': { version: 999, text: 'looked at' },
  '/cases/:id/tick': { version: 999, item: 'IMAGES', ticked: 'yes', note: '' },
  '/cases/:id/resolve': { version: 999, disposition: 'other', note: '' },
  '/cases/:id/reopen': { version: 999, note: 'again' },
  '/api/cases/:id/assignee': { to: 'm.weber' },
  '/api/cases/:id/comments': { text: 'looked at' },
  '/api/cases/:id/checklist/:item': { ticked: true },
  '/api/cases/:id/resolution': { disposition: 'artefact' },
  '/api/cases/:id/reopenings': { note: 'again' },
  '/patients/:id/merge': { into: `${PLANTED}-2` },
  '/api/patients/:id/merge-preview': { into: `${PLANTED}-2` },
  '/api/failed/requeue': { kind: 'patient', id: '999999' },
};

let site: TestServer;
let planted: PlantedSite;
let cookie: string;
let item: string;

beforeAll(async () => {
  site = await createTestServer({ singleUser: false });
  planted = await plantSite(site.database.pool, site.archiveDir);
  cookie = (await signedIn(site.database.pool, 'administrator', 'm.weber')).cookie;
  const { rows } = await site.database.pool.query<{ item: string }>(
    `select checklist -> 0 ->> 'code' as item from review_case limit 1`,
  );
  item = rows[0]?.item ?? '';
});
afterAll(async () => {
  await site.close();
});

/** Every address that the pattern of a route stands for, with the ids that are there. */
function addressesOf(url: string): readonly string[] {
  const ids = [...new Set(Object.values(planted).flat())];
  const names = url.includes(':name') ? LIST_NAMES : [''];
  const numbers = url.includes(':id') ? ids : [''];
  return names.flatMap((name) =>
    numbers.map((id) =>
      url
        .replace(':name', name)
        .replace(':id', id)
        .replace(':item', item)
        .replace(':kind', 'therapy')
        .replace(':secret', 'x'),
    ),
  );
}

async function lastAccesses(after: string): Promise<{ readonly rows: readonly AccessRow[]; readonly last: string }> {
  const { rows } = await site.database.pool.query<AccessRow & { id: string }>(
    `select id::text, actor, route, patient_ids::text[] as patients, file_ids::text[] as files from access_log
      where id > $1 order by access_log.id`,
    [after],
  );
  return { rows: rows.map(({ id: _id, ...row }) => row), last: rows.at(-1)?.id ?? after };
}

async function ask(route: Pick<RouteRole, 'method' | 'url'>, address: string) {
  const { rows } = await site.database.pool.query<{ version: number }>('select version from review_case limit 1');
  return await site.server.inject({
    method: route.method as 'GET',
    url: address,
    headers: { cookie, 'if-match': `"${rows[0]?.version}"` },
    ...(route.method === 'POST' || route.method === 'PUT' ? { payload: BODIES[route.url] ?? {} } : {}),
  });
}
const get = async (address: string) => await ask({ method: 'GET', url: '' }, address);

describe('what a route shows of patients', () => {
  test('is declared by every route, and an answer with text about a patient is recorded in the access log', async () => {
    const wrong: string[] = [];
    const showing = new Set<string>();
    let last = '0';
    for (const route of site.routes.filter(({ url }) => url !== '/sign-out')) {
      for (const address of addressesOf(route.url)) {
        const what = `${route.method} ${address}`;
        const answer = await ask(route, address);
        const found = await lastAccesses(last);
        last = found.last;
        const isShown = answer.body.includes(PLANTED);
        if (answer.statusCode >= 500 && !address.endsWith('/tree')) wrong.push(`${what}: ${answer.statusCode}`);
        if (isShown) showing.add(`${route.method} ${route.url}`);
        if (isShown && route.shows === 'nothing') wrong.push(`${what} is declared to show nothing`);
        if (isShown && found.rows.length === 0) wrong.push(`${what} shows a patient and no line says so`);
        if (route.shows === 'nothing' && found.rows.length > 0) wrong.push(`${what} is written down for nothing`);
        if (route.shows === 'patients' && answer.statusCode === 200 && found.rows.length !== 1)
          wrong.push(`${what} has ${found.rows.length} lines`);
        if (found.rows.some(({ actor }) => actor !== 'm.weber')) wrong.push(`${what} is written down for another`);
      }
    }
    expect(wrong).toEqual([]);
    // Those that are declared to show patients do, so that the walk above has seen them all at work. The access log holds
    // row ids only, and looking into it is written down as well.
    const silent = site.routes
      .filter(({ method, shows }) => method !== 'HEAD' && shows === 'patients')
      .map(({ method, url }) => `${method} ${url}`)
      .filter((route) => !showing.has(route));
    expect(silent.sort()).toEqual(['GET /access', 'GET /api/access']);
  });

  test('names a file without a report, whose tree holds a name as any other does', async () => {
    const [refused = ''] = planted.files;
    const { last } = await lastAccesses('0');
    const page = await get(`/files/${refused}/tree`);
    expect(page.body).toContain(`${PLANTED}^REFUSED`);
    await get(`/api/files/${refused}`);
    await ask({ method: 'HEAD', url: '' }, `/files/${refused}`);
    expect((await lastAccesses(last)).rows).toEqual([
      { actor: 'm.weber', route: 'GET /files/:id/tree', patients: [], files: [refused] },
      { actor: 'm.weber', route: 'GET /api/files/:id', patients: [], files: [refused] },
      { actor: 'm.weber', route: 'HEAD /files/:id', patients: [], files: [refused] },
    ]);
    const { accesses } = (await get(`/api/access?file=${refused}&limit=3`)).json<{ accesses: { route: string }[] }>();
    expect(accesses.map(({ route }) => route)).toEqual([
      'HEAD /files/:id',
      'GET /api/files/:id',
      'GET /files/:id/tree',
    ]);
    expect((await get(`/access?file=${refused}`)).body).toContain(`Of file <a href="/files/${refused}">`);
  });

  test('is not shown when it cannot be written down', async () => {
    const { pool } = site.database;
    await pool.query('alter table access_log rename to access_log_away');
    try {
      for (const address of ['/', '/files', `/patients/${planted.patients[0]}`, '/api/cases']) {
        const answer = await get(address);
        expect([address, answer.statusCode, answer.body.includes(PLANTED)]).toEqual([address, 500, false]);
      }
    } finally {
      await pool.query('alter table access_log_away rename to access_log');
    }
  });
});
