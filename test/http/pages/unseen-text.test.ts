import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { type PlantedSite, plantSite } from '../../support/stored/planted-site.ts';
import { openBrowser } from '../../support/web/browser.ts';
import { browserCookie, signedIn } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Steers a terminal, turns the line round, hides a letter. */
const HOSTILE = 'a\u001b[2J\u202egpj\u2066\u200b';
const WRITTEN_OUT = 'a\\u001b[2J\\u202egpj\\u2066\\u200b';

describe('text from outside on the pages', () => {
  let site: TestServer;
  let planted: PlantedSite;
  let cookie: string;

  beforeAll(async () => {
    site = await createTestServer({ singleUser: false });
    const { pool } = site.database;
    planted = await plantSite(pool, site.archiveDir);
    cookie = (await signedIn(pool, 'administrator', 'm.weber')).cookie;
    await pool.query(`update report set patient_name = $1, accession_number = $1, software_versions = array[$1]`, [
      HOSTILE,
    ]);
    await pool.query(`update source_file set drop_name = $1 || id`, [`b\nc${HOSTILE}`]);
    await pool.query(`update intake_problem set drop_name = $1`, [HOSTILE]);
    await pool.query(`update scanner set institution_name = $1, model_name = $1`, [HOSTILE]);
    await pool.query(`update finding set facts = facts || jsonb_build_object('label', $1::text)`, [HOSTILE]);
    const all = (column: string) => `${column} = array_fill($1::text, array[cardinality(${column})])`;
    await pool.query(`update report_values set ${['raw_text', 'raw_label', 'scan_label'].map(all).join(', ')}`, [
      HOSTILE,
    ]);
  });
  afterAll(async () => {
    await site.close();
  });

  const get = async (url: string) => await site.server.inject({ url, headers: { cookie } });

  test('has what cannot be seen written out', async () => {
    const [patient = '', night = '', scanner = ''] = [planted.patients[0], planted.nights[0], planted.scanners[0]];
    const paths = [
      ...['/', '/patients', '/files', '/failed', '/unmapped', '/lists/files', '/lists/unmapped', '/scanners'],
      ...[`/patients/${patient}`, `/nights/${night}`, `/scanners/${scanner}`],
      ...planted.cases.map((id) => `/cases/${id}`),
      ...planted.files.flatMap((id) => [`/files/${id}`, `/files/${id}/tree`]),
    ];
    const without: string[] = [];
    for (const path of paths) {
      const { body, statusCode } = await get(path);
      if (statusCode === 503) continue; // a file that was never archived
      expect(body.replaceAll('\n', ''), path).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      if (!body.includes(WRITTEN_OUT)) without.push(path);
    }
    expect(without).toEqual([]);
  });

  test('keeps the lines of a comment, and the exact text of what a form sends back', async () => {
    const [id = ''] = planted.cases;
    const { rows } = await site.database.pool.query<{ version: number }>(
      'select version from review_case where id = $1',
      [id],
    );
    const text = 'first line\nsecond\u202e line';
    const send = async (version: number) =>
      await site.server.inject({
        method: 'POST',
        url: `/cases/${id}/comment`,
        payload: { version, text },
        headers: { cookie },
      });
    const stale = await send(999);
    expect(stale.body).toContain(
      '<textarea name="text" required maxlength="10000" data-key="comment">first line\nsecond\\u202e line</textarea>',
    );
    expect((await send(rows[0]?.version ?? 0)).statusCode).toBe(303);
    expect((await get(`/cases/${id}`)).body).toContain('first line\nsecond\\u202e line');
    // The model and label of a concept that is to be mapped goes back as the file has it.
    expect((await get('/unmapped')).body).toContain(`name="model_name" value="a&#x1b;[2J&#x202e;gpj&#x2066;&#x200b;"`);
  });

  test.skipIf(inject('chromium') === '')('is read in a browser in the order in which it stands', async () => {
    const base = await site.server.listen({ host: '127.0.0.1', port: 0 });
    const browser = await openBrowser();
    try {
      const context = await browser.newContext();
      await context.addCookies([await browserCookie(site.database.pool, base)]);
      const page = await context.newPage();
      await page.goto(`${base}/files`);
      await expect(page.locator('tbody a').first().innerText()).resolves.toContain(`b\\nc${WRITTEN_OUT}`);
    } finally {
      await browser.close();
    }
  });
});
