import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findReviewCase, listCaseEvents, type ReviewCase } from '../../../src/db/cases/review-case.ts';
import { readList } from '../../../src/db/qa-list/read-list.ts';
import { listComparisonsOfPatient } from '../../../src/db/records/patient.ts';
import { listVisitsOfPatient } from '../../../src/db/records/visit.ts';
import { actOnCase, CASE_ACTION } from '../../../src/jobs/cases/review.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { fileTestLsc, type GivenVisit, judge, storeVisit } from '../../support/stored/stored-visit.ts';

let database: TestDatabase;
let next = 0;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

/** Each patient has a scanner and LSCs of its own, so that no test can disturb another. */
async function newPatient() {
  next += 1;
  const [patientId, serial] = [`V${next}`, `VS${next}`];
  await fileTestLsc(database.pool, '0.033', '0.017', { serial });
  const store = async (visit: Omit<GivenVisit, 'patientId' | 'serial'>) =>
    await storeVisit(database.pool, { patientId, serial, ...visit });
  const rowId = await store({ scannedOn: '2020-03-05', spine: '0.850', leftHip: '0.780' });
  return { rowId, store, judge: async () => await judge(database.pool, rowId) };
}

async function casesOf(rowId: string): Promise<readonly ReviewCase[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    'select id::text from review_case where patient_id = $1 order by id',
    [rowId],
  );
  const found = await Promise.all(rows.map(({ id }) => findReviewCase(database.pool, id)));
  return found.filter((one) => one !== null);
}

const brief = ({ rule, state }: ReviewCase) => `${rule} ${state}`;

const act = (id: string, action: Record<string, unknown>) =>
  actOnCase(database.pool, CASE_ACTION.parse({ caseId: id, by: 'Dr One', version: null, ...action }));

const takeOutOfUse = async (study: string) =>
  await database.pool.query(
    `with gone as (
       update stored_report r set out_of_use = true where r.study_id = $1 returning r.study_id)
     update patient set revision = revision + 1 where id in (select patient_id from study where id = $1)`,
    [study],
  );

describe('a visit of two studies', () => {
  it.each([
    ['spine first', 'spine'],
    ['hip first', 'hip'],
  ])('is one case whichever comes first (%s)', async (_name, first) => {
    const { rowId, store, judge: assess } = await newPatient();
    const studies = [
      { scannedOn: '2022-03-05', study: 'spine', time: '09:00', spine: '0.890' },
      { scannedOn: '2022-03-05', study: 'hip', time: '09:20', leftHip: '0.750' },
    ];
    for (const given of first === 'spine' ? studies : studies.toReversed()) {
      await store(given);
      await assess();
    }
    expect((await casesOf(rowId)).map(brief)).toEqual(['D1_SPINE_UP_HIP_DOWN open']);
    const [found] = await casesOf(rowId);
    expect(found?.studyIds).toHaveLength(2);
    expect((await listVisitsOfPatient(database.pool, rowId)).map(({ studyIds }) => studyIds.length)).toEqual([1, 2]);
  });

  it('keeps the decision on what came first, and reopens it for what the other study adds', async () => {
    const { rowId, store, judge: assess } = await newPatient();
    await store({ scannedOn: '2022-03-05', study: 'hip', time: '09:20', leftHip: '0.750' });
    await assess();
    const [loss] = await casesOf(rowId);
    expect(loss?.rule).toBe('L3_ROBUST_LOSS');
    await act(loss?.id ?? '', { kind: 'resolve', disposition: 'true_loss', note: '' });
    await store({ scannedOn: '2022-03-05', study: 'spine', time: '09:00', spine: '0.890' });
    await assess();
    const [now, ...others] = await casesOf(rowId);
    expect(others).toEqual([]);
    expect(now).toMatchObject({ id: loss?.id, rule: 'D1_SPINE_UP_HIP_DOWN', state: 'reopened', topic: 'discordance' });
    const events = await listCaseEvents(database.pool, now?.id ?? '');
    expect(events.map(({ event }) => event)).toEqual(['opened', 'resolved', 'reopened']);
  });

  it('goes on under the study that is left when the one it was opened under is taken out of use', async () => {
    const { rowId, store, judge: assess } = await newPatient();
    await store({ scannedOn: '2022-03-05', study: 'hip', time: '09:20', leftHip: '0.750' });
    await assess();
    const [loss] = await casesOf(rowId);
    await store({ scannedOn: '2022-03-05', study: 'again', time: '09:40', leftHip: '0.751' });
    await assess();
    const [both] = await casesOf(rowId);
    expect(both).toMatchObject({ id: loss?.id, state: 'open' });
    expect(both?.studyIds).toHaveLength(2);
    await takeOutOfUse(loss?.studyIds[0] ?? '');
    await assess();
    const [left, ...others] = await casesOf(rowId);
    expect(others).toEqual([]);
    expect(left).toMatchObject({ id: loss?.id, state: 'open', flagged: true });
    expect(left?.studyIds).toHaveLength(1);
    expect(left?.studyIds).not.toEqual(loss?.studyIds);
  });

  it('folds two cases of an older release into the one that a person acted on', async () => {
    const { rowId, store, judge: assess } = await newPatient();
    await store({ scannedOn: '2022-03-05', study: 'spine', time: '09:00', spine: '0.800' });
    await store({ scannedOn: '2022-03-05', study: 'hip', time: '09:20', leftHip: '0.750' });
    await assess();
    const [one] = await casesOf(rowId);
    // An older release judged each study for itself.
    await database.pool.query(
      `insert into review_case (patient_id, follow_up_study_id, study_ids, case_key, topic, rule, tier, region_pair, strength,
           statement, evidence, evidence_hash, rule_set_version, follow_up_on, scanner_key)
       select patient_id, study_ids[2], array[study_ids[2]], case_key, topic, rule, tier, region_pair, strength, statement,
              evidence, 'older', '5', follow_up_on, scanner_key from review_case where id = $1`,
      [one?.id],
    );
    const second = (await casesOf(rowId))[1];
    await act(second?.id ?? '', { kind: 'comment', text: 'asked the technologist' });
    await database.pool.query('update patient set revision = revision + 1 where id = $1', [rowId]);
    await assess();
    const [first, other] = await casesOf(rowId);
    expect(first).toMatchObject({ state: 'withdrawn', withdrawnReason: 'PART_OF_ANOTHER_CASE' });
    expect(other).toMatchObject({ id: second?.id, state: 'open', flagged: true });
    expect(other?.studyIds).toHaveLength(2);
  });
});

describe('a scan that may be another person’s', () => {
  async function doubted() {
    const { rowId, store, judge: assess } = await newPatient();
    await store({ scannedOn: '2021-03-05', spine: '0.850', leftHip: '0.780', heightM: '1.60' });
    await store({ scannedOn: '2022-03-05', spine: '0.800', leftHip: '0.750', heightM: '1.75' });
    await assess();
    const all = await casesOf(rowId);
    const whose = all.find(({ rule }) => rule === 'MAYBE_OTHER_PERSON');
    return { rowId, assess, all, whose: whose?.id ?? '' };
  }

  it('is the only case of its visit until a person says', async () => {
    const { all } = await doubted();
    expect(all.map(brief)).toEqual(['MAYBE_OTHER_PERSON open']);
    expect(all[0]?.evidence.supporting?.map(({ rule }) => rule)).toContain('L1_LOSS_AT_BOTH_SITES');
  });

  it('has two answers of its own, and other cases have not', async () => {
    const { rowId, assess, whose } = await doubted();
    await expect(act(whose, { kind: 'resolve', disposition: 'artefact', note: '' })).rejects.toMatchObject({
      code: 'DISPOSITION_UNFIT',
    });
    await act(whose, { kind: 'resolve', disposition: 'same_person', note: 'height was typed wrong' });
    await assess();
    const loss = (await casesOf(rowId)).find(({ rule }) => rule === 'L1_LOSS_AT_BOTH_SITES');
    await expect(act(loss?.id ?? '', { kind: 'resolve', disposition: 'same_person', note: '' })).rejects.toMatchObject({
      code: 'DISPOSITION_UNFIT',
    });
  });

  it('"same person" brings the cases back, "other person" takes the visit out of comparison, and reopening takes that back', async () => {
    const { rowId, assess, whose } = await doubted();
    expect(await act(whose, { kind: 'resolve', disposition: 'same_person', note: '' })).toMatchObject({
      patientToAssess: rowId,
    });
    await assess();
    expect((await casesOf(rowId)).map(brief)).toEqual(['MAYBE_OTHER_PERSON resolved', 'L1_LOSS_AT_BOTH_SITES open']);
    const [, loss] = await casesOf(rowId);
    await act(loss?.id ?? '', { kind: 'resolve', disposition: 'true_loss', note: '' });

    await act(whose, { kind: 'reopen', note: 'asked again' });
    await assess();
    expect((await casesOf(rowId)).map(({ rule, state, flagged }) => `${rule} ${state} ${flagged}`)).toEqual([
      'MAYBE_OTHER_PERSON reopened true',
      'L1_LOSS_AT_BOTH_SITES resolved false',
    ]);

    await act(whose, { kind: 'resolve', disposition: 'other_person', note: '' });
    await assess();
    const compared = await listComparisonsOfPatient(database.pool, rowId);
    expect(compared.map(({ followUpOn }) => followUpOn)).not.toContain('2022-03-05');
    expect((await casesOf(rowId)).map(brief)).toEqual([
      'MAYBE_OTHER_PERSON resolved',
      'L1_LOSS_AT_BOTH_SITES resolved',
    ]);

    await act(whose, { kind: 'reopen', note: 'it was her after all' });
    await act(whose, { kind: 'resolve', disposition: 'same_person', note: '' });
    await assess();
    // The decision on the loss stands, on the same evidence.
    expect((await casesOf(rowId)).map(({ rule, state, flagged }) => `${rule} ${state} ${flagged}`)).toEqual([
      'MAYBE_OTHER_PERSON resolved true',
      'L1_LOSS_AT_BOTH_SITES resolved true',
    ]);
    const again = await judge(database.pool, rowId);
    expect(again?.changed).toBe(false);
  });
});

describe('errors that metadata shows', () => {
  it('are one line a visit in their QA list, and information is none', async () => {
    const { rowId, store, judge: assess } = await newPatient();
    await store({ scannedOn: '2021-03-05', leftHip: '0.700', heightM: '1.60' });
    await store({ scannedOn: '2022-03-05', leftHip: '0.600', heightM: '1.57' });
    await assess();
    const { rows } = await readList(database.pool, {
      list: 'visits',
      filters: {},
      sort: 'date',
      limit: 100,
      after: null,
    });
    const lines = rows.filter((row) => row['patientKey'] === rowId);
    expect(lines.map(({ scannedOn, findings }) => ({ scannedOn, findings }))).toEqual([
      { scannedOn: '2021-03-05', findings: ['IMPLAUSIBLE_RATE'] },
      { scannedOn: '2022-03-05', findings: ['HEIGHT_LOSS', 'IMPLAUSIBLE_RATE'] },
    ]);
    expect(lines[1]?.['says']).toHaveLength(2);
    const filtered = await readList(database.pool, {
      list: 'visits',
      filters: { reason: 'HEIGHT_LOSS' },
      sort: 'date',
      limit: 100,
      after: null,
    });
    expect(filtered.rows.filter((row) => row['patientKey'] === rowId)).toHaveLength(1);
  });
});

describe('a region scanned twice in one study', () => {
  it('stands with its last scan, in SQL as in the judgement', async () => {
    const { rowId, store, judge: assess } = await newPatient();
    await store({ scannedOn: '2022-03-05', time: '09:30', analysis: 1, leftHip: '0.790', spine: '0.850' });
    await store({ scannedOn: '2022-03-05', time: '09:00', analysis: 2, leftHip: '0.770' });
    await assess();
    const compared = await listComparisonsOfPatient(database.pool, rowId);
    expect(compared.find(({ region }) => region === 'total_hip')?.deltaGramsPerCm2).toBe('0.010000');
    const { rows } = await database.pool.query<{ value: string }>(
      `select value::text from current_measurement
        where patient_id = $1 and region = 'total_hip' and quantity = 'bmd' order by study_id desc limit 1`,
      [rowId],
    );
    expect(Number(rows[0]?.value)).toBe(0.79);
    const [visit] = (await listVisitsOfPatient(database.pool, rowId)).slice(-1);
    expect(visit?.remarks.map(({ code }) => code)).toEqual(['SAME_DAY_REPEAT_DISAGREES']);
  });
});
