import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findReviewCase } from '../../../src/db/cases/review-case.ts';
import { type Page, readList } from '../../../src/db/qa-list/read-list.ts';
import { listWorklist, type WorklistFilter, type WorklistRow } from '../../../src/db/qa-list/worklist.ts';
import { removeReport } from '../../../src/db/records/report.ts';
import { parseListQuery } from '../../../src/jobs/cases/list-query.ts';
import { actOnCase, CASE_ACTION } from '../../../src/jobs/cases/review.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { fileTestLsc, judge, storeVisit } from '../../support/stored/stored-visit.ts';

const RULE = 'D1_SPINE_UP_HIP_DOWN';
const EVERY: WorklistFilter = {
  state: 'all',
  tier: null,
  topic: null,
  rule: RULE,
  patientKey: null,
  assignee: null,
  scannerId: null,
  from: null,
  to: null,
  sort: 'strength',
};

describe('a case whose study has no report left', () => {
  let database: TestDatabase;
  let orphan = '';
  beforeAll(async () => {
    database = await createTestDatabase();
    const { pool } = database;
    await fileTestLsc(pool, '0.030', '0.020');
    for (const [patientId, spine, leftHip] of [
      ['P1', '0.990', '0.740'],
      ['P2', '0.970', '0.755'],
      ['P3', '0.950', '0.760'],
    ] as const) {
      await storeVisit(pool, { patientId, scannedOn: '2020-01-10', spine: '0.900', leftHip: '0.800' });
      await judge(pool, await storeVisit(pool, { patientId, scannedOn: '2022-02-10', spine, leftHip }));
    }
    const { rows } = await pool.query<{ id: string; fileId: string }>(
      `select c.id::text, r.source_file_id::text as "fileId"
         from review_case c join patient p on p.id = c.patient_id join report r on r.study_id = c.follow_up_study_id
        where p.patient_id = 'P2' and c.rule = $1`,
      [RULE],
    );
    orphan = rows[0]?.id ?? '';
    await actOnCase(
      pool,
      CASE_ACTION.parse({
        ...{ caseId: orphan, by: 'Dr One', version: null, kind: 'resolve', note: 'seen' },
        disposition: 'artefact',
      }),
    );
    await removeReport(pool, rows[0]?.fileId ?? '');
  });
  afterAll(async () => await database.drop());

  it('is found with its day and patient, without a name, sex or birth date', async () => {
    expect(await findReviewCase(database.pool, orphan)).toMatchObject({
      state: 'resolved',
      patientId: 'P2',
      followUpOn: '2022-02-10',
      patientName: null,
      birthDate: null,
      sex: null,
      accessionNumber: null,
    });
  });

  it('is in its place in the worklist, page by page', async () => {
    const pages: string[][] = [];
    let after: string | null = null;
    do {
      const page: Page<WorklistRow> = await listWorklist(database.pool, EVERY, after, 1);
      pages.push(page.rows.map(({ patientId, patientName }) => `${patientId} ${patientName}`));
      after = page.next;
    } while (after !== null);
    expect(pages).toEqual([['P1 DOE^JANE'], ['P2 null'], ['P3 DOE^JANE']]);
  });

  it('is in its place in the case list, page by page', async () => {
    const pages: unknown[][] = [];
    let after: string | null = null;
    do {
      const page = await readList(
        database.pool,
        parseListQuery({ list: 'cases', filters: { state: 'all', rule: RULE }, sort: null, limit: 1, after }),
      );
      pages.push(page.rows.map((row) => [row['patientId'], row['followUpOn']]));
      after = page.next;
    } while (after !== null);
    expect(pages).toEqual([[['P1', '2022-02-10']], [['P2', '2022-02-10']], [['P3', '2022-02-10']]]);
  });
});
