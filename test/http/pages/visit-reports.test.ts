import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileTestLsc, judge, storeVisit } from '../../support/stored/stored-visit.ts';
import { signedIn } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const SPINE =
  'Lumbar spine L1-L4: 0.890 g/cm². Compared with 2022-03-05 (same scanner): rose by 0.040 g/cm² (4.7 %), significant at 95 % confidence (LSC 0.033 g/cm²).';
const HIP =
  'Left total hip: 0.755 g/cm². Compared with 2022-03-05 (same scanner): fell by 0.025 g/cm² (3.2 %), significant at 95 % confidence (LSC 0.017 g/cm²).';

describe('the draft of a follow-up report', () => {
  let site: TestServer;
  let patient: string;
  let cookie: string;
  const read = async (url: string) => (await site.server.inject({ method: 'GET', url, headers: { cookie } })).body;

  beforeAll(async () => {
    site = await createTestServer({ singleUser: false });
    const { pool } = site.database;
    cookie = (await signedIn(pool, 'viewer', 'a.reader')).cookie;
    await fileTestLsc(pool, '0.033', '0.017');
    patient = await storeVisit(pool, { patientId: 'P1', scannedOn: '2022-03-05', spine: '0.850', leftHip: '0.780' });
    await storeVisit(pool, { patientId: 'P1', scannedOn: '2024-03-05', spine: '0.890', leftHip: '0.755' });
    await judge(pool, patient);
  });
  afterAll(async () => {
    await site.close();
  });

  it('is stored with its visit, without the name of the patient, and judging again changes nothing', async () => {
    const stored = async () =>
      (await site.database.pool.query<{ report: string }>('select report from visit order by scanned_on')).rows;
    const [first, second] = await stored();
    expect(first?.report).toContain('First scan of this site on record.');
    expect(second?.report.split('\n').slice(1, 3)).toEqual([SPINE, HIP]);
    expect(second?.report).toMatch(/\nPattern: The spine rose and the hip fell/);
    expect(second?.report).not.toMatch(/DOE|JANE|P1/);
    expect((await judge(site.database.pool, patient))?.changed).toBe(false);
    expect(await stored()).toEqual([first, second]);
  });

  it('is written again when the registry says otherwise', async () => {
    const { pool } = site.database;
    const latest = async () =>
      (await pool.query<{ report: string }>('select report from visit order by scanned_on desc limit 1')).rows[0]
        ?.report;
    await fileTestLsc(pool, '0.050', '0.017');
    expect((await judge(pool, patient))?.changed).toBe(true);
    expect(await latest()).toContain('not significant at 95 % confidence (LSC 0.050 g/cm²)');
    await fileTestLsc(pool, '0.033', '0.017');
    await judge(pool, patient);
    expect(await latest()).toContain(SPINE);
  });

  it('stands on the page of the patient and of the case, ready to be copied', async () => {
    const page = await read(`/patients/${patient}`);
    const drafts = [...page.matchAll(/<pre class="draft"[^>]*>([^<]*)<\/pre>/g)].map(([, text]) => text ?? '');
    expect(drafts).toHaveLength(2);
    expect(drafts[0]?.split('\n').slice(1, 3)).toEqual([SPINE, HIP]);
    const { rows } = await site.database.pool.query<{ id: string }>(
      `select id::text from review_case where rule = 'D1_SPINE_UP_HIP_DOWN'`,
    );
    const ofCase = await read(`/cases/${rows[0]?.id}`);
    expect([...ofCase.matchAll(/<pre class="draft"/g)]).toHaveLength(1);
    expect(ofCase).toContain(HIP);
  });

  it('comes by the API with its visits, and only of a patient that is there', async () => {
    const { visits } = JSON.parse(await read(`/api/patients/${patient}/visits`));
    expect(visits.map(({ scannedOn }: { scannedOn: string }) => scannedOn)).toEqual(['2022-03-05', '2024-03-05']);
    expect(visits[1].report).toContain(HIP);
    const missing = await site.server.inject({
      method: 'GET',
      url: '/api/patients/999999/visits',
      headers: { cookie },
    });
    expect(missing.statusCode).toBe(404);
  });

  it('is printed by dxaflow report: the latest, that of a day, or all; and the access log says so', {
    timeout: 240_000,
  }, async () => {
    const env = { ...process.env, DATABASE_URL: site.database.url, DXAFLOW_HOME: site.archiveDir };
    const report = async (...given: readonly string[]) =>
      await promisify(execFile)(process.execPath, [CLI, 'report', ...given], { env }).then(
        ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
        ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
      );
    const latest = await report('P1');
    expect(latest.stdout.split('\n').slice(1, 3)).toEqual([SPINE, HIP]);
    expect((await report('P1', '--visit', '2022-03-05')).stdout).toContain('2022-03-05 on GE Healthcare Lunar iDXA');
    expect((await report('P1', '--all')).stdout.match(/^DRAFT/gm)).toHaveLength(2);
    expect(await report('P1', '--visit', '2023-01-01')).toMatchObject({ code: 1, stdout: '' });
    expect(await report('P1', '--visit', 'today')).toMatchObject({ code: 2, stdout: '' });
    const unknown = await report('nobody');
    expect(unknown.stderr).toContain('(PATIENT_UNKNOWN)');
    const { rows } = await site.database.pool.query<{ n: number }>(
      `select count(*)::int as n from access_log where route = 'dxaflow report' and patient_ids = array[$1::bigint]`,
      [patient],
    );
    expect(rows[0]?.n).toBe(4);
  });
});
