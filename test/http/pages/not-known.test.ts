import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addUser } from '../../../src/db/access/user.ts';
import { listComparisonsOfPatient } from '../../../src/db/records/patient.ts';
import { NOT_KNOWN_CODES } from '../../../src/dxa/comparability/checks.ts';
import { actOnCase } from '../../../src/jobs/cases/review.ts';
import { fileTestLsc, judge, storeVisit } from '../../support/stored/stored-visit.ts';
import { signedIn } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

const NOT_KNOWN = [
  'AREA_NOT_STATED',
  'DEMOGRAPHICS_NOT_STATED',
  'PHANTOM_NOT_KNOWN',
  'SCAN_MODE_NOT_STATED',
  'WEIGHT_NOT_STATED',
];

describe('checks that could not be made', () => {
  let site: TestServer;
  let headers: Record<string, string>;
  let patient: string;
  let id: string;

  beforeAll(async () => {
    site = await createTestServer({ singleUser: false });
    const { pool } = site.database;
    headers = await signedIn(pool, 'reviewer', 'dr.one');
    await addUser(pool, { name: 'dr.two', role: 'reviewer', passwordHash: 'none' });
    await fileTestLsc(pool, '0.030', '0.020');
    await storeVisit(pool, { patientId: 'P1', scannedOn: '2018-03-01', spine: '1.000', leftHip: '0.800' });
    patient = await storeVisit(pool, { patientId: 'P1', scannedOn: '2020-03-01', spine: '1.060', leftHip: '0.760' });
    await judge(pool, patient);
    const { rows } = await pool.query<{ id: string }>(
      `select id::text from review_case where rule = 'D1_SPINE_UP_HIP_DOWN'`,
    );
    id = rows[0]?.id ?? '';
  });
  afterAll(async () => {
    await site.close();
  });

  const get = async (url: string) => {
    const answer = await site.server.inject({ method: 'GET', url, headers });
    expect(answer.statusCode).toBe(200);
    return answer;
  };

  /** What rule set 5 and those before wrote: what is not known called in order. */
  async function asWrittenBefore(): Promise<void> {
    const { rowCount } = await site.database.pool.query(
      `update comparison set content_hash = 'of rule set 5', checks = replace(checks::text, '"unknown"', '"ok"')::jsonb where patient_id = $1 and checks::text like '%"unknown"%'`,
      [patient],
    );
    expect(rowCount).toBe(2);
    await site.database.pool.query(
      `update review_case set evidence = replace(evidence::text, '"unknown"', '"ok"')::jsonb where id = $1`,
      [id],
    );
  }

  async function expectShown(): Promise<void> {
    const page = (await get(`/cases/${id}`)).body;
    expect(page).toContain('10 comparability checks not known: A file does not name its scan mode.');
    expect(page).toContain('No phantom log covers both days.');
    // Warnings stay apart, and nothing that is not known stands among what passed.
    const [, passed = ''] = page.split('comparability checks passed');
    for (const code of NOT_KNOWN_CODES) expect(passed).not.toContain(code);
    expect((await get(`/patients/${patient}`)).body.match(/5 checks not known/g)).toHaveLength(2);
    expect((await get('/')).body).toContain('5 checks not known');
    const listed = (await get('/api/cases')).json<{
      cases: { id: string; notKnown: string[]; warnings: string[] }[];
    }>();
    const found = listed.cases.find((one) => one.id === id);
    expect(found?.notKnown).toEqual(NOT_KNOWN);
    expect(found?.warnings).toEqual([]);
    const comparisons = await listComparisonsOfPatient(site.database.pool, patient);
    expect(comparisons.map(({ notKnown }) => notKnown)).toEqual([NOT_KNOWN, NOT_KNOWN]);
  }

  it('are counted and named on the pages of case, patient and worklist and in the API', async () => {
    await expectShown();
    const detail = (await get(`/api/cases/${id}`)).json<{
      evidence: { comparisons: { checks: { code: string; outcome: string }[] }[] };
    }>();
    const outcomes = detail.evidence.comparisons.flatMap(({ checks }) =>
      checks.filter(({ code }) => NOT_KNOWN.includes(code)).map(({ outcome }) => outcome),
    );
    expect(outcomes).toEqual(Array.from({ length: 10 }, () => 'unknown'));
  });

  it('are a column of the lists and exports, and stand in the case on the command line', {
    timeout: 120_000,
  }, async () => {
    const dxaflow = async (...given: readonly string[]) =>
      await promisify(execFile)(process.execPath, [CLI, ...given], {
        env: { ...process.env, DATABASE_URL: site.database.url, DXAFLOW_HOME: site.archiveDir },
      });
    const csv = (await dxaflow('qa', 'list', '--format', 'csv')).stdout.trim().split('\n');
    expect(csv[0]).toMatch(/,likeliest_explanation,not_known$/);
    expect(csv.filter((line) => line.endsWith(`,${NOT_KNOWN.join(' ')}`))).toHaveLength(csv.length - 1);
    const shown = (await dxaflow('case', 'show', id)).stdout;
    expect(shown).toContain(`; not known: SCAN_MODE_NOT_STATED AREA_NOT_STATED WEIGHT_NOT_STATED`);
    await storeVisit(site.database.pool, { patientId: 'P2', scannedOn: '2018-03-01', spine: '1.000', serial: 'C7' });
    await judge(
      site.database.pool,
      await storeVisit(site.database.pool, { patientId: 'P2', scannedOn: '2020-03-01', spine: '1.000', serial: 'C7' }),
    );
    const provisional = (await dxaflow('qa', 'list', '--list', 'lsc', '--format', 'csv')).stdout;
    expect(provisional).toContain(`,NO_LSC,${NOT_KNOWN.join(' ')},`);
  });

  it('are shown the same of rows that call them in order, and reopen nothing when judged again', async () => {
    const { pool } = site.database;
    const before = await pool.query<{ version: number; hash: string }>(
      'select version, evidence_hash as hash from review_case where id = $1',
      [id],
    );
    await actOnCase(pool, {
      ...{ kind: 'resolve', caseId: id, version: before.rows[0]?.version ?? 0, by: 'dr.two' },
      ...{ disposition: 'artefact', note: '' },
    });
    await asWrittenBefore();
    const page = (await get(`/cases/${id}`)).body;
    expect(page).toContain('10 comparability checks not known');
    const listed = await listComparisonsOfPatient(pool, patient);
    expect(listed.map(({ notKnown }) => notKnown)).toEqual([NOT_KNOWN, NOT_KNOWN]);
    await judge(pool, patient);
    const after = await pool.query(
      'select state, evidence_hash as hash, evidence::text from review_case where id = $1',
      [id],
    );
    expect(after.rows[0]).toMatchObject({ state: 'resolved', hash: before.rows[0]?.hash });
    const { rows } = await pool.query(
      `select count(*)::int as unknown from comparison, jsonb_array_elements(checks) x
        where patient_id = $1 and superseded_at is null and x ->> 'outcome' = 'unknown'`,
      [patient],
    );
    expect(rows[0]).toEqual({ unknown: 10 });
  });
});
