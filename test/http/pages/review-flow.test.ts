import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { importLsc, parseLscCsv } from '../../../src/jobs/registry/lsc-import.ts';
import { lscCsv } from '../../../src/simulate/cohort/lsc-csv.ts';
import { simulateCohort } from '../../../src/simulate/cohort/simulate-cohort.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { startWorker, type WorkerProcess } from '../../support/process/worker-process.ts';
import { until } from '../../support/until.ts';
import { openBrowser } from '../../support/web/browser.ts';
import { browserCookie } from '../../support/web/sign-in.ts';

const COHORT = simulateCohort({ patients: 60, seed: 2 });
const DOCS = fileURLToPath(new URL('../../../docs/', import.meta.url));
/** Set to write the pictures of the docs anew. */
const SCREENSHOTS = process.env['UPDATE_SCREENSHOTS'] === '1';

describe.skipIf(inject('chromium') === '')('from drop to decision', () => {
  let database: TestDatabase;
  let folder: string;
  let worker: WorkerProcess;
  let browser: Browser;
  let base: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    await importLsc(database.pool, parseLscCsv(lscCsv()), { by: 'test', note: '' });
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-review-'));
    mkdirSync(join(folder, 'drop'));
    worker = await startWorker('all', {
      DATABASE_URL: database.url,
      DXAFLOW_HOME: folder,
      DROP_STABLE_MS: '50',
      DROP_SWEEP_MS: '500',
      HTTP_PORT: '0',
    });
    base = /Review page: (http:\S+)\//.exec(worker.log())?.[1] ?? '';
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await worker.stop('SIGKILL');
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('files that are dropped become cases, and one is taken and resolved by keyboard alone', {
    timeout: 180_000,
  }, async () => {
    for (const { name, bytes } of COHORT.files) {
      writeFileSync(join(folder, name), bytes);
      renameSync(join(folder, name), join(folder, 'drop', name));
    }
    const count = async (sql: string) =>
      (await database.pool.query<{ n: number }>(`select (${sql})::int as n`)).rows[0]?.n ?? 0;
    await until(
      async () =>
        (await count(`select sum(times_received) from source_file where state not in ('arriving', 'received')`)) >=
          COHORT.truth.counts.files &&
        (await count('select count(*) from patient where assessed_revision < revision')) === 0,
      'every file judged',
      120_000,
    );
    const planted = COHORT.truth.d1_cases.length;
    expect(await count(`select count(*) from review_case where rule = 'D1_SPINE_UP_HIP_DOWN' and state = 'open'`)).toBe(
      planted,
    );

    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    await context.addCookies([await browserCookie(database.pool, base, 'reviewer', 'k.meier')]);
    const page = await context.newPage();
    await page.goto(`${base}/?rule=D1_SPINE_UP_HIP_DOWN`);
    expect(await page.locator('tr[data-href]').count()).toBe(planted);
    if (SCREENSHOTS) {
      await page.goto(`${base}/`);
      await page.screenshot({
        path: join(DOCS, 'screenshot-worklist.png'),
        clip: { x: 0, y: 0, width: 1280, height: 760 },
      });
      await page.goto(`${base}/?rule=D1_SPINE_UP_HIP_DOWN`);
    }

    const { keyboard } = page;
    await keyboard.press('j');
    await keyboard.press('j');
    await keyboard.press('k');
    const chosen = page.locator('tr[aria-current]');
    expect(await chosen.count()).toBe(1);
    const href = (await chosen.getAttribute('data-href')) ?? '';
    expect(href).toBe(await page.locator('tr[data-href]').first().getAttribute('data-href'));
    await Promise.all([page.waitForEvent('load'), keyboard.press('a')]);
    expect(await page.locator(`tr[data-href="${href}"]`).innerText()).toContain('k.meier');

    await keyboard.press('j');
    await Promise.all([page.waitForURL(`${base}${href}`), keyboard.press('Enter')]);
    if (SCREENSHOTS)
      await page.screenshot({
        path: join(DOCS, 'screenshot-case.png'),
        clip: { x: 0, y: 0, width: 1280, height: 1430 },
        fullPage: true,
      });
    await keyboard.press('r');
    await keyboard.type('artefact');
    await keyboard.press('Tab');
    await keyboard.type('osteophytes at L3 and L4');
    await keyboard.press('Tab');
    await Promise.all([page.waitForEvent('load'), keyboard.press('Enter')]);
    expect(await page.locator('h1').innerText()).toContain('resolved');
    const { rows } = await database.pool.query<{ state: string; disposition: string; by: string; note: string }>(
      `select c.state, c.disposition, c.resolved_by as by, e.detail ->> 'note' as note
         from review_case c join review_case_event e on e.review_case_id = c.id and e.event = 'resolved' where c.id = $1`,
      [href.split('/').at(-1)],
    );
    expect(rows).toEqual([
      { state: 'resolved', disposition: 'artefact', by: 'k.meier', note: 'osteophytes at L3 and L4' },
    ]);
    await keyboard.press('u');
    await page.waitForURL(`${base}/`);
    await context.close();
  });

  test('a number leads to its place in the archived file', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    await context.addCookies([await browserCookie(database.pool, base, 'viewer', 'onlooker')]);
    const page = await context.newPage();
    await page.goto(`${base}/?rule=D1_SPINE_UP_HIP_DOWN&state=all`);
    await page.locator('tr[data-href] a').first().click();
    const number = page.getByRole('region', { name: 'Compared values' }).locator('td.number a').first();
    const text = await number.innerText();
    await number.click();
    const item = await page.locator(':target').innerText();
    expect(item).toContain('NUM');
    expect(item).toContain(`"${text}"`);
    await context.close();
  });
});
