import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import type { Role } from '../../../src/db/access/user.ts';
import { plantFailedFile, plantFailedPatient } from '../../support/stored/planted-failures.ts';
import { plantNight } from '../../support/stored/planted-night.ts';
import { noteFile, reportFile } from '../../support/stored/rejected-visit.ts';
import { fileTestLsc, judge, storeVisit } from '../../support/stored/stored-visit.ts';
import { openTakenFiles } from '../../support/stored/taken-files.ts';
import { openBrowser, wcagViolations } from '../../support/web/browser.ts';
import { browserCookie } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';
import { readCharts } from './read-charts.ts';

// Generous: a browser and scrypt on a busy machine with two processors.
vi.setConfig({ testTimeout: 300_000 });

const HOSTILE = `<script>document.title='owned'</script>`;
const WIDTHS = [1280, 390] as const;

describe.skipIf(inject('chromium') === '')('in a browser', () => {
  let site: TestServer;
  let browser: Browser;
  let base: string;

  beforeAll(async () => {
    site = await createTestServer({ singleUser: false });
    base = await site.server.listen({ host: '127.0.0.1', port: 0 });
    browser = await openBrowser();
    await fileTestLsc(site.database.pool, '0.030', '0.020');
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  /** A patient whose spine rose and whose total hip fell, both beyond the LSC; returns the ids of patient and case. */
  async function plantCase(patientId: string): Promise<{ readonly patient: string; readonly id: string }> {
    const { pool } = site.database;
    await storeVisit(pool, { patientId, scannedOn: '2016-03-01', spine: '0.980', leftHip: '0.810', serial: 'B7' });
    await storeVisit(pool, { patientId, scannedOn: '2018-03-01', spine: '1.000', leftHip: '0.800' });
    const patient = await storeVisit(pool, { patientId, scannedOn: '2020-03-01', spine: '1.060', leftHip: '0.760' });
    await judge(pool, patient);
    const { rows } = await pool.query<{ id: string }>(
      `select id::text from review_case where patient_id = $1 and rule = 'D1_SPINE_UP_HIP_DOWN'`,
      [patient],
    );
    return { patient, id: rows[0]?.id ?? '' };
  }

  async function signIn(
    userName: string,
    options: { readonly role?: Role; readonly width?: number; readonly script?: boolean } = {},
  ): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1280, height: 900 },
      javaScriptEnabled: options.script ?? true,
    });
    await context.addCookies([await browserCookie(site.database.pool, base, options.role ?? 'reviewer', userName)]);
    return { context, page: await context.newPage() };
  }

  test('every page is free of what axe finds, and fits 1280 and 390 pixels', async () => {
    const { patient, id } = await plantCase('axe');
    const { pool } = site.database;
    const { run } = await plantNight(pool, site.archiveDir, 'axe-night');
    await plantFailedFile(pool, 'a folder/a file with a long name of many words.dcm', 'PROCESSING_FAILED', '23514');
    await plantFailedPatient(pool, 'axe-failed', 'P0001');
    const { rows } = await site.database.pool.query<{ file: string; scanner: string }>(
      'select min(source_file_id)::text as file, min(scanner_id)::text as scanner from report',
    );
    const files = openTakenFiles(pool);
    const rejected = await files.take(reportFile({ what: 'axe-rejected', day: '2022-01-10', spine: '0.960' }));
    const note = await files.take(
      noteFile({ what: 'axe-note', title: 'quality', names: ['axe-rejected', 'axe-waiting'] }),
    );
    await files.ingestWaiting();
    files.close();
    const paths = [
      '/',
      `/cases/${id}`,
      '/patients',
      `/patients/${patient}`,
      '/scanners',
      `/scanners/${rows[0]?.scanner}`,
    ];
    paths.push(
      '/files',
      `/files/${rows[0]?.file}`,
      '/lists',
      '/lists/not-comparable',
      '/lists/cases',
      '/lists/rejections',
      `/files/${rejected}`,
      `/files/${note}`,
      '/unmapped',
      '/failed?files=1&patients=0',
      '/nights',
      `/nights/${run}`,
      '/status',
      '/access',
      '/api',
    );
    const wrong: string[] = [];
    for (const width of WIDTHS) {
      const { context, page } = await signIn('axe-admin', { role: 'administrator', width });
      for (const path of paths) {
        const answer = await page.goto(`${base}${path}`);
        if (answer?.status() !== 200) wrong.push(`${path}: ${answer?.status()}`);
        for (const found of await wcagViolations(page)) wrong.push(`${width} ${path} ${found}`);
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
        if (wide > width) wrong.push(`${path} is ${wide} wide at ${width}`);
      }
      await context.close();
    }
    const out = await browser.newPage();
    await out.goto(`${base}/`);
    wrong.push(...(await wcagViolations(out)));
    await out.close();
    expect(wrong).toEqual([]);
  });

  test('the chart shows exactly the values of the table, the band of the LSC and what is excluded', async () => {
    const { id } = await plantCase('chart');
    const { context, page } = await signIn('reader-chart');
    await page.goto(`${base}/cases/${id}`);
    const charts = await readCharts(page);
    expect(charts.map(({ region }) => region)).toEqual(['spine', 'total_hip']);
    expect(charts[0]?.marks.map(({ bmd, mark }) => `${mark} ${bmd}`)).toEqual([
      'other_scanner 0.980',
      'reference 1.000',
      'follow_up 1.060',
    ]);
    expect(charts[0]?.band).toEqual(['0.970', '1.030']);
    for (const { marks, cells, ticks } of charts) {
      expect(marks.map(({ bmd }) => bmd)).toEqual(cells);
      const [low, high] = [ticks[0], ticks.at(-1)];
      if (low === undefined || high === undefined) throw new Error('the axis has no ticks');
      for (const { bmd, y } of marks) {
        const drawn = low.value + ((y - low.y) / (high.y - low.y)) * (high.value - low.value);
        expect(drawn).toBeCloseTo(Number(bmd), 2);
      }
    }
    await context.close();
  });

  test('a resolved case is reopened with both evidences side by side when its numbers change', async () => {
    const { id, patient } = await plantCase('reopen');
    const { context, page } = await signIn('reader-reopen');
    await page.goto(`${base}/cases/${id}`);
    await page.getByLabel('What was found').selectOption('artefact');
    await page.getByRole('button', { name: 'Resolve' }).click();
    await page.getByText('artefact, by reader-reopen').waitFor();

    await storeVisit(site.database.pool, {
      patientId: 'reopen',
      scannedOn: '2020-03-01',
      spine: '1.080',
      leftHip: '0.760',
      analysis: 2,
    });
    await judge(site.database.pool, patient);
    await page.reload();
    expect(await page.locator('h1').innerText()).toMatch(/reopened/);
    const history = await page.getByRole('region', { name: 'History' }).innerText();
    expect(history).toContain('reopened: the evidence changed by dxaflow');
    const sides = await page.getByRole('region', { name: 'Evidence before and after' }).innerText();
    expect(sides).toMatch(/1\.060[\s\S]*1\.080/);
    await context.close();
  });

  test('the second of two reviewers is told what happened, and nothing typed is lost', async () => {
    const { id } = await plantCase('two');
    const [first, second] = [await signIn('reader-one'), await signIn('reader-two')];
    await first.page.goto(`${base}/cases/${id}`);
    await second.page.goto(`${base}/cases/${id}`);
    await first.page.getByLabel('Comment').fill('osteophytes at L3');
    await first.page.getByRole('button', { name: 'Add comment' }).click();
    await first.page.getByText('osteophytes at L3').waitFor();

    await second.page.getByLabel('What was found').selectOption('true_discordance');
    await second.page.getByLabel('Note (required').fill('looked at twice');
    await second.page.getByRole('button', { name: 'Resolve' }).click();
    const alert = await second.page.getByRole('alert').innerText();
    expect(alert).toContain('The case has changed in the meantime; nothing was saved');
    expect(alert).toContain('comment by reader-one: osteophytes at L3');
    expect(await second.page.getByLabel('Note (required').inputValue()).toBe('looked at twice');
    expect(await second.page.getByLabel('What was found').inputValue()).toBe('true_discordance');

    await second.page.getByRole('button', { name: 'Resolve' }).click();
    await second.page.getByText('true discordance, by reader-two').waitFor();
    await first.context.close();
    await second.context.close();
  });

  test('every form works without script', async () => {
    const { id } = await plantCase('noscript');
    const { context, page } = await signIn('reader-plain', { script: false });
    await page.goto(`${base}/`);
    await page.getByRole('button', { name: `take case ${id}` }).click();
    await page.goto(`${base}/cases/${id}`);
    await page.getByText('assigned by reader-plain: to reader-plain').waitFor();
    await page.getByText('Weight at both visits').click();
    await page.getByRole('button', { name: 'Tick: Weight at both visits' }).click();
    await page.getByText('ticked by reader-plain').waitFor();
    await page.getByLabel('What was found').selectOption('weight_change');
    await page.getByRole('button', { name: 'Resolve' }).click();
    await page.getByLabel('Reason for reopening').fill('a new image came');
    await page.getByRole('button', { name: 'Reopen' }).click();
    expect(await page.locator('h1').innerText()).toMatch(/reopened/);
    await context.close();
  });

  test('a viewer sees the case and no form to change it', async () => {
    const { id } = await plantCase('viewer');
    const { context, page } = await signIn('onlooker', { role: 'viewer' });
    await page.goto(`${base}/cases/${id}`);
    expect(await page.locator('main form').count()).toBe(0);
    await context.close();
  });

  test('names and texts that look like markup stay text', async () => {
    const { id, patient } = await plantCase(HOSTILE);
    await site.database.pool.query(
      'update report set patient_name = $1, study_description = $1 where study_id in (select id from study where patient_id = $2)',
      [HOSTILE, patient],
    );
    await site.database.pool.query('update source_file set drop_name = $1', [HOSTILE]);
    const { context, page } = await signIn('reader-hostile');
    for (const path of ['/', `/cases/${id}`, `/patients/${patient}`, '/patients', '/files', '/lists/cases']) {
      await page.goto(`${base}${path}`);
      expect(await page.title()).toContain('dxaflow');
      expect(await page.locator('main script').count()).toBe(0);
    }
    await page.goto(`${base}/cases/${id}`);
    expect(await page.locator('main').innerText()).toContain(HOSTILE);
    await page.getByLabel('Comment').fill(HOSTILE);
    await page.getByRole('button', { name: 'Add comment' }).click();
    await page.getByText(`comment by reader-hostile: ${HOSTILE}`).waitFor();
    expect(await page.title()).toContain('dxaflow');
    await context.close();
  });

  test('a case prints on one page', async () => {
    const { id } = await plantCase('print');
    const { context, page } = await signIn('reader-print');
    await page.goto(`${base}/cases/${id}`);
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
    expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
    await context.close();
  });

  test('who looked at a patient is on record, and the record cannot be changed', async () => {
    const { id, patient } = await plantCase('looked at');
    const { context, page } = await signIn('reader-log');
    await page.goto(`${base}/cases/${id}`);
    await page.goto(`${base}/patients/${patient}`);
    const { rows } = await site.database.pool.query<{ line: string }>(
      `select route as line from access_log where actor = 'reader-log' and patient_ids @> array[$1::bigint] order by id`,
      [patient],
    );
    expect(rows.map(({ line }) => line)).toEqual(['GET /cases/:id', 'GET /patients/:id']);
    await expect(site.database.pool.query('delete from access_log')).rejects.toMatchObject({ code: '23001' });
    await context.close();
  });
});
