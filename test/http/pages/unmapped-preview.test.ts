import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { hologicImage } from '../../support/dicom/hologic-image.ts';
import { type MappedSite, openMappedSite } from '../../support/stored/mapped-site.ts';
import { openBrowser, wcagViolations } from '../../support/web/browser.ts';
import { browserCookie, signedIn } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

/** Where to put a picture of the page, to look at it. */
const PICTURE = process.env['PICTURE_OF_MAPPING_PREVIEW'];
const SCAN = { vendor: 'hologic', kind: 'scan', label: 'a Hüfte links', scan_type: 'hip', laterality: 'left' };

describe('a mapping on its page', () => {
  let site: TestServer;
  let files: MappedSite;
  let headers: { readonly cookie: string };

  beforeAll(async () => {
    site = await createTestServer({ singleUser: false });
    files = await openMappedSite(site);
    headers = await signedIn(site.database.pool, 'administrator', 'm.weber');
    await files.take(hologicImage({ patientId: 'A', scanMode: 'a Hüfte links' }));
    await files.take(hologicImage({ patientId: 'BB', scanMode: 'a  HÜFTE_LINKS', row: 'Total' }));
    await files.take(hologicImage({ patientId: 'CCC', scanMode: 'a Hüfte links', row: 'Hals <b>' }));
    await files.take(hologicImage({ patientId: 'DDDD', scanMode: 'a Hüfte rechts' }));
    await files.ingestWaiting();
  });
  afterAll(async () => {
    await files.close();
    await site.close();
  });

  const post = async (payload: object, as: object = headers) =>
    await site.server.inject({ method: 'POST', url: '/unmapped', payload, headers: { ...as } });
  const filed = async () => {
    const { pool } = site.database;
    const tables = ['site_mapping', 'ignored_concept', 'audit_event'];
    const counts = tables.map((name) => `(select count(*)::int from ${name})`);
    const { rows } = await pool.query<{ n: number[] }>(
      `select array[${counts.join(', ')}, (select count(*)::int from source_file where state = 'received')] as n`,
    );
    return rows[0]?.n;
  };

  test('shows first what it would give, and saves nothing', async () => {
    const before = await filed();
    const { statusCode, body } = await post({ ...SCAN, note: 'German "labels"' });
    expect(statusCode).toBe(200);
    const text = body.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
    expect(text).toContain(
      'a Hüfte links , in files of hologic, every model, would be a scan: hip, left . Nothing has been',
    );
    expect(text).toContain('It would give 2 values in 2 files. 3 files of 3 that may be affected were read.');
    expect(text).toMatch(/Values that would be added .* 1 femoral neck left bmd 1 total hip left bmd/);
    expect(text).toMatch(
      /Findings that would be cleared .* 3 A scan of the report is of a kind that is not read. UNKNOWN_SCAN/,
    );
    expect(text).toMatch(/Findings that would replace them .* 1 A region of interest is not known; .*UNKNOWN_REGION/);
    expect(body).not.toContain('0.812');
    expect(body).toContain('value="German &#34;labels&#34;"');
    expect(await filed()).toEqual(before);
  });

  test('that nothing uses says so', async () => {
    const { body } = await post({ ...SCAN, label: 'a Knie' });
    expect(body).toContain('It would give 0 values in 0 files.');
  });

  test('that is none is refused before anything is read', async () => {
    const before = await filed();
    const { statusCode, body } = await post({ ...SCAN, region: 'spine' });
    expect(statusCode).toBe(400);
    expect(body).toContain('a scan has a scan_type and neither region nor quantity');
    expect(await filed()).toEqual(before);
  });

  test('is shown to an administrator alone', async () => {
    const other = await signedIn(site.database.pool, 'reviewer', 'k.meier');
    expect((await post(SCAN, other)).statusCode).toBe(403);
  });

  test.skipIf(inject('chromium') === '')(
    'is saved with what was seen, by a browser without JavaScript',
    {
      timeout: 120_000,
    },
    async () => {
      const base = await site.server.listen({ host: '127.0.0.1', port: 0 });
      const browser = await openBrowser();
      try {
        const cookie = await browserCookie(site.database.pool, base, 'administrator', 'a.roth');
        const open = async (javaScriptEnabled: boolean) => {
          const made = await browser.newContext({ javaScriptEnabled, viewport: { width: 1100, height: 800 } });
          await made.addCookies([cookie]);
          const opened = await made.newPage();
          await opened.goto(`${base}/unmapped`);
          const row = opened.locator('tr', { hasText: 'a Hüfte links' }).first();
          await row.locator('summary', { hasText: 'map' }).first().click();
          const form = row.locator('form').first();
          await form.locator('select[name=scan_type]').selectOption('hip');
          await form.locator('select[name=laterality]').selectOption('left');
          await form.locator('input[name=note]').fill('German labels');
          await form.locator('button').click();
          await opened.locator('h1', { hasText: 'Effect of a mapping' }).waitFor();
          return opened;
        };
        // axe is a script itself.
        expect(await wcagViolations(await open(true))).toEqual([]);
        const page = await open(false);
        const before = await filed();
        expect(await page.locator('main').innerText()).toContain('It would give 2 values in 2 files.');
        if (PICTURE !== undefined) {
          mkdirSync(PICTURE, { recursive: true });
          await page.screenshot({ path: join(PICTURE, 'mapping-preview.png'), fullPage: true });
        }
        await page.locator('button', { hasText: 'Map and read again' }).click();
        await page.waitForURL(`${base}/unmapped`);
        expect(await filed()).toEqual([(before?.[0] ?? 0) + 1, before?.[1], (before?.[2] ?? 0) + 1, 3]);
        const { rows } = await site.database.pool.query('select author, note, label, scan_type from site_mapping');
        expect(rows).toEqual([{ author: 'a.roth', note: 'German labels', label: 'a Hüfte links', scan_type: 'hip' }]);
      } finally {
        await browser.close();
      }
      await files.ingestWaiting();
      expect(await files.stored()).toEqual(['A femoral_neck left bmd 0.812000', 'BB total_hip left bmd 0.812000']);
    },
  );

  test('says which files the archive did not give back', async () => {
    rmSync(site.archiveDir, { recursive: true, force: true });
    const { statusCode, body } = await post({ ...SCAN, label: 'a Hüfte rechts', laterality: 'right' });
    expect(statusCode).toBe(200);
    expect(body).toContain('The archive did not give back 1 file.');
  });
});
