import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addUser } from '../../../src/db/access/user.ts';
import { LIST_NAMES, type ListName, type ListRow } from '../../../src/db/qa-list/definition.ts';
import { countByGroup, countList, readList, readWholeList } from '../../../src/db/qa-list/read-list.ts';
import { deleteView, findView, listViews, saveView } from '../../../src/db/qa-list/saved-view.ts';
import { parseFilterTexts, parseListQuery } from '../../../src/jobs/cases/list-query.ts';
import { actOnCase } from '../../../src/jobs/cases/review.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { fileTestLsc, judge, storeVisit } from '../../support/stored/stored-visit.ts';

let database: TestDatabase;

const page = (list: ListName, given: Record<string, unknown> = {}) =>
  readList(database.pool, parseListQuery({ list, filters: {}, sort: null, limit: 100, after: null, ...given }));

const patients = (rows: readonly ListRow[]) => [...new Set(rows.map((row) => row['patientId']))].sort();

async function twoVisits(patientId: string, first: Record<string, string>, second: Record<string, string>) {
  await storeVisit(database.pool, { patientId, scannedOn: '2020-01-10', spine: '0.900', leftHip: '0.800', ...first });
  const id = await storeVisit(database.pool, {
    patientId,
    scannedOn: '2022-02-10',
    spine: '0.900',
    leftHip: '0.800',
    ...second,
  });
  await judge(database.pool, id);
  return id;
}

beforeAll(async () => {
  database = await createTestDatabase();
  await addUser(database.pool, { name: 'dr.two', role: 'reviewer', passwordHash: 'none' });
  await fileTestLsc(database.pool, '0.030', '0.020', { serial: 'A1' });
  await fileTestLsc(database.pool, '0.030', '0.020', { serial: 'E1', validTo: '2020-12-31' });
  await twoVisits('KEY', {}, { spine: '0.950', leftHip: '0.760' });
  await twoVisits('STRONG', { institution: 'Hospital South' }, { spine: '0.990', leftHip: '0.700' });
  await twoVisits('OTHER_SCANNER', {}, { serial: 'B1' });
  await twoVisits('NO_LSC', { serial: 'C1' }, { serial: 'C1' });
  await twoVisits('EXPIRED', { serial: 'E1' }, { serial: 'E1' });
  await twoVisits('SHORT', { scannedOn: '2022-01-01' }, {});
  await twoVisits('SHRUNK', { heightM: '1.600' }, { heightM: '1.570', sex: 'M' });
  await twoVisits('QUIET', {}, {});
  const scanned = await storeVisit(database.pool, {
    patientId: 'SHIFTED',
    scannedOn: '2022-01-01',
    spine: '0.900',
    findings: [
      { code: 'VERTEBRAL_AREA_NOT_RISING', path: '1.4' },
      { code: 'UNKNOWN_REGION', path: '1.5' },
      { code: 'UNREADABLE_VALUE', path: '1.6' },
    ],
  });
  await judge(database.pool, scanned);
  await database.pool.query(
    `insert into source_file (sha256, byte_count, archive_path, drop_name, state, reason_code)
     values (repeat('a', 64), 1, 'a', '=cmd()', 'refused', 'NOT_DXA'), (repeat('b', 64), 1, 'b', 'b', 'conflicted', 'SOP_INSTANCE_CONFLICT')`,
  );
});
afterAll(async () => {
  await database.drop();
});

describe('each QA list', () => {
  it('cases: the strongest first, only those that wait', async () => {
    const { rows } = await page('cases', { filters: { tier: 'review' } });
    expect(rows.map((row) => row['patientId'])).toEqual(['STRONG', 'KEY', 'SHRUNK']);
  });

  it('files: refused and conflicted, with the reason', async () => {
    const { rows } = await page('files');
    expect(rows.map((row) => row['reason']).sort()).toEqual(['NOT_DXA', 'SOP_INSTANCE_CONFLICT']);
    expect((await page('files', { filters: { state: 'refused' } })).rows).toHaveLength(1);
  });

  it('unmapped and consistency: each its own findings', async () => {
    expect((await page('unmapped')).rows).toMatchObject([
      { reason: 'UNKNOWN_REGION', path: '1.5', patientId: 'SHIFTED' },
    ]);
    expect((await page('consistency')).rows).toMatchObject([
      { reason: 'VERTEBRAL_AREA_NOT_RISING', scannedOn: '2022-01-01' },
    ]);
    expect((await page('consistency', { filters: { scanner: 'A1' } })).rows).toHaveLength(1);
    expect((await page('consistency', { filters: { scanner: 'B1' } })).rows).toEqual([]);
  });

  it('history: what the reports of one study say against each other', async () => {
    await database.pool.query(
      `insert into history_finding (patient_id, study_id, code, subject)
       select patient_id, id, 'STUDY_SCANNERS_DIFFER', 'scanner' from study order by id limit 1`,
    );
    expect((await page('history', { filters: { reason: 'STUDY_SCANNERS_DIFFER' } })).rows).toMatchObject([
      { reason: 'STUDY_SCANNERS_DIFFER', path: 'scanner', patientId: 'KEY' },
    ]);
  });

  it('lsc: tells a scanner without an LSC from one whose LSC has expired', async () => {
    const { rows } = await page('lsc');
    expect(patients(rows)).toEqual(['EXPIRED', 'NO_LSC']);
    const reasonOf = (patientId: string) =>
      new Set(rows.filter((row) => row['patientId'] === patientId).map((row) => row['reason']));
    expect(reasonOf('NO_LSC')).toEqual(new Set(['NO_LSC']));
    expect(reasonOf('EXPIRED')).toEqual(new Set(['LSC_NOT_IN_FORCE']));
  });

  it('not comparable: by reason', async () => {
    const { rows } = await page('not-comparable');
    expect(patients(rows)).toEqual(['OTHER_SCANNER']);
    expect(rows[0]).toMatchObject({ reason: 'SCANNER_DIFFERS', reasons: ['SCANNER_DIFFERS'] });
    expect((await page('not-comparable', { filters: { reason: 'SIDE_DIFFERS' } })).rows).toEqual([]);
    expect(await countByGroup(database.pool, { list: 'not-comparable', filters: {} })).toEqual([
      { group: 'SCANNER_DIFFERS', rows: rows.length },
    ]);
  });

  it('uncompared, short intervals, changed demographics: by study', async () => {
    expect(patients((await page('uncompared')).rows)).toEqual(['OTHER_SCANNER']);
    expect((await page('short-intervals')).rows).toMatchObject([{ patientId: 'SHORT', intervalDays: 40 }]);
    expect((await page('demographics')).rows).toMatchObject([
      { patientId: 'SHRUNK', changedDemographics: ['sex', 'height'] },
    ]);
    expect((await page('demographics', { filters: { reason: 'birth_date' } })).rows).toEqual([]);
  });
});

describe('filters', () => {
  it('narrow by day, scanner, institution, rule, state and assignee', async () => {
    const review = async (filters: Record<string, string>) =>
      (await page('cases', { filters: { tier: 'review', ...filters } })).rows.map((row) => row['patientId']);
    expect(await review({ from: '2022-02-10', to: '2022-02-10' })).toEqual(['STRONG', 'KEY', 'SHRUNK']);
    expect(await review({ from: '2022-02-11' })).toEqual([]);
    expect(await review({ scanner: 'a1' })).toEqual(['STRONG', 'KEY', 'SHRUNK']);
    expect(await review({ scanner: 'Z9' })).toEqual([]);
    expect(await review({ institution: 'hospital north' })).toEqual(['STRONG', 'KEY', 'SHRUNK']);
    expect(await review({ rule: 'D2_SPINE_DOWN_HIP_UP' })).toEqual([]);
    expect(await review({ 'min-age-days': '1' })).toEqual([]);
    expect(await review({ 'max-age-days': '1' })).toEqual(['STRONG', 'KEY', 'SHRUNK']);
    const { rows } = await page('cases', { filters: { tier: 'review' }, limit: 1 });
    const caseId = String(rows[0]?.['id']);
    await actOnCase(database.pool, { caseId, by: 'Dr One', version: null, kind: 'assign', to: 'dr.two' });
    expect(await review({ assignee: 'dr.two' })).toEqual(['STRONG']);
    expect(await review({ state: 'in_review' })).toEqual(['STRONG']);
    expect(await review({ state: 'open' })).toEqual(['KEY', 'SHRUNK']);
    expect(await review({ state: 'all' })).toEqual(['STRONG', 'KEY', 'SHRUNK']);
  });

  it('are refused where a list does not have them, and never repeated', async () => {
    await expect(page('files', { filters: { rule: 'D1' } })).rejects.toMatchObject({ code: 'FILTER_UNKNOWN' });
    await expect(page('files', { filters: { scanner: 'A1' } })).rejects.toMatchObject({ code: 'FILTER_UNKNOWN' });
    await expect(page('cases', { sort: '-name' })).rejects.toMatchObject({ code: 'SORT_UNKNOWN' });
    await expect(page('cases', { after: 'DOE' })).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
    expect(() =>
      parseListQuery({ list: 'cases', filters: { from: 'DOE^JANE' }, sort: null, limit: 1, after: null }),
    ).toThrow(expect.objectContaining({ code: 'QUERY_INVALID', message: expect.not.stringContaining('DOE') }));
    expect(() => parseFilterTexts(['=x'])).toThrow(expect.objectContaining({ code: 'QUERY_INVALID' }));
  });
});

describe('pages', () => {
  it('of every list and order hold every row once, in order', async () => {
    for (const list of LIST_NAMES) {
      const filters = list === 'cases' ? { state: 'all' } : {};
      const whole = await page(list, { filters });
      const { rows } = await countList(database.pool, { list, filters }, 1000);
      expect([list, whole.rows.length]).toEqual([list, rows]);
      const paged: unknown[] = [];
      for await (const { rows: some } of readWholeList(database.pool, { list, filters, sort: null }, 1000, 2))
        paged.push(...some.map((row) => row['id']));
      expect(paged).toEqual(whole.rows.map((row) => row['id']));
    }
  });

  it('keep their place while rows are added before and after them', async () => {
    const insert = (count: number, day: string) =>
      database.pool.query(
        `insert into source_file (sha256, byte_count, archive_path, drop_name, state, reason_code, received_at)
         select encode(sha256(($2 || n)::bytea), 'hex'), 1, 'x', 'x', 'refused', 'PAGED', $2::date + n * interval '1 minute'
           from generate_series(1, $1) n`,
        [count, day],
      );
    await insert(25, '2020-02-02');
    const filters = { reason: 'PAGED' };
    const first = await page('files', { filters, sort: 'date', limit: 10 });
    const expected = (await page('files', { filters, sort: 'date' })).rows.map((row) => row['id']);
    await insert(5, '2020-01-01');
    const second = await page('files', { filters, sort: 'date', limit: 10, after: first.next });
    const third = await page('files', { filters, sort: 'date', limit: 10, after: second.next });
    expect([...first.rows, ...second.rows, ...third.rows].map((row) => row['id'])).toEqual(expected);
    expect(third.next).toBeNull();
    await expect(page('files', { filters, sort: '-date', after: first.next })).rejects.toMatchObject({
      code: 'CURSOR_INVALID',
    });
    expect(await countList(database.pool, { list: 'files', filters }, 10)).toEqual({ rows: 10, capped: true });
  });
});

describe('saved views', () => {
  it('are kept, replaced, listed and deleted by name', async () => {
    const view = { name: 'mine', list: 'cases', filters: { tier: 'review' }, sort: '-date', author: 'Dr One' } as const;
    await saveView(database.pool, view);
    await saveView(database.pool, { ...view, sort: null });
    expect(await findView(database.pool, 'mine')).toMatchObject({ filters: { tier: 'review' }, sort: null });
    expect(await listViews(database.pool)).toHaveLength(1);
    expect(await deleteView(database.pool, 'mine')).toBe(true);
    expect(await deleteView(database.pool, 'mine')).toBe(false);
  });
});
