import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dicomFile } from '../../support/dicom/dicom-bytes.ts';
import { hipReport } from '../../support/dicom/hip-report.ts';
import { openTakenFiles, type TakenFiles } from '../../support/stored/taken-files.ts';
import { signedIn } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

describe('a report that came again in another encoding', () => {
  let site: TestServer;
  let files: TakenFiles;
  let cookie: string;
  let stands: string;
  let again: string;

  beforeAll(async () => {
    site = await createTestServer({ singleUser: false });
    const { pool } = site.database;
    files = openTakenFiles(pool);
    cookie = (await signedIn(pool, 'viewer', 'a.reader')).cookie;
    await files.take(dicomFile(hipReport('0.812')));
    await files.take(dicomFile(hipReport('0.812'), { syntax: 'implicit' }));
    await files.ingestWaiting();
    const { rows } = await pool.query(
      'select id::text, duplicate_of_id::text as of from source_file order by state desc',
    );
    [stands, again] = rows.map(({ id }) => id) as [string, string];
    expect(rows[1]?.of).toBe(stands);
  });
  afterAll(async () => {
    files.close();
    await site.close();
  });

  const page = async (url: string) => (await site.server.inject({ url, headers: { cookie } })).body;

  test('is counted and listed with the file in use, and not among those that need attention', async () => {
    const body = await page('/files');
    expect(body).toContain('<td>duplicate</td>');
    expect(body).toMatch(new RegExp(`aria-label="Duplicates"[^]*href="/files/${again}"[^]*href="/files/${stands}"`));
    expect(body).not.toContain('aria-label="Files"');
  });

  test('says on its page whose content it has', async () => {
    const body = await page(`/files/${again}`);
    expect(body).toContain(`<a href="/files/${stands}">file ${stands}</a>, whose values are used`);
  });

  test('is an arrival of the file in use', async () => {
    const body = await page(`/files/${stands}`);
    expect(body).toContain('its content 2 times in all');
    expect(body).toMatch(new RegExp(`Arrivals[^]*drop folder[^]*href="/files/${again}"`));
  });
});
