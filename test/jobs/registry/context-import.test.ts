import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findReviewCase, listCaseEvents } from '../../../src/db/cases/review-case.ts';
import { readPatientContext } from '../../../src/db/records/context.ts';
import { actOnCase } from '../../../src/jobs/cases/review.ts';
import { importContext } from '../../../src/jobs/registry/context-import.ts';
import { NOTHING_KNOWN } from '../../dxa/nothing-known.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { fileTestLsc, judge, storeVisit } from '../../support/stored/stored-visit.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await fileTestLsc(database.pool, '0.030', '0.020');
});
afterAll(async () => {
  await database.drop();
});

const store = async (patientId: string) => {
  await storeVisit(database.pool, { patientId, scannedOn: '2020-01-10', spine: '0.900', leftHip: '0.800' });
  return await storeVisit(database.pool, { patientId, scannedOn: '2021-02-10', spine: '0.950', leftHip: '0.760' });
};

const therapy = (...lines: readonly string[]) =>
  importContext(
    database.pool,
    'therapy',
    ['patient_id,agent,started_on,ended_on,source,recorded_by', ...lines].join('\n'),
  );

async function d1Of(rowId: string) {
  const { rows } = await database.pool.query<{ id: string }>(
    `select id::text from review_case where patient_id = $1 and rule = 'D1_SPINE_UP_HIP_DOWN'`,
    [rowId],
  );
  const found = await findReviewCase(database.pool, rows[0]?.id ?? '0');
  if (found === null) throw new Error('no case');
  return found;
}

describe('context', () => {
  it('is "not known" until it is recorded, and "none" is an answer', async () => {
    const rowId = await store('CTX1');
    expect(await readPatientContext(database.pool, rowId)).toEqual(NOTHING_KNOWN);
    await therapy('CTX1,none,2020-01-01,,chart,Dr One');
    expect((await readPatientContext(database.pool, rowId)).therapies).toEqual([]);
    await therapy('CTX1,alendronate,2020-03-01,2020-12-31,chart,Dr One');
    expect((await readPatientContext(database.pool, rowId)).therapies).toEqual([
      { agent: 'alendronate', startedOn: '2020-03-01', endedOn: '2020-12-31' },
    ]);
  });

  it('reaches the explanations and the checklist of a case without opening what was resolved', async () => {
    const rowId = await store('CTX2');
    await judge(database.pool, rowId);
    const before = await d1Of(rowId);
    const knownOf = (found: typeof before, item: string) => found.checklist.find(({ code }) => code === item)?.known;
    expect(knownOf(before, 'DRUG_AND_SEQUENCE')).toBe('not known');
    await actOnCase(database.pool, {
      caseId: before.id,
      by: 'Dr One',
      version: null,
      kind: 'resolve',
      disposition: 'expected_treatment_effect',
      note: '',
    });
    expect(await therapy('CTX2,teriparatide,2020-08-01,,chart,Dr One')).toMatchObject({
      changed: 1,
      patientsToAssess: 1,
    });
    await judge(database.pool, rowId);
    const after = await d1Of(rowId);
    expect(after).toMatchObject({ state: 'resolved', disposition: 'expected_treatment_effect' });
    expect(knownOf(after, 'DRUG_AND_SEQUENCE')).toBe('teriparatide 2020-08-01 to now');
    expect(after.explanations.map(({ group }) => group)).toContain('treatment');
    expect((await listCaseEvents(database.pool, after.id)).map(({ event }) => event)).toEqual([
      'opened',
      'resolved',
      'explanations_changed',
    ]);
  });

  it('may arrive before the first scan, and follows a patient into a merge', async () => {
    expect(await therapy('CTX3,denosumab,2020-01-01,,chart,Dr One')).toMatchObject({
      patientsToAssess: 0,
      notSeenYet: 1,
    });
    const from = await store('CTX3');
    const into = await store('CTX4');
    expect((await readPatientContext(database.pool, from)).therapies).toHaveLength(1);
    await database.pool.query('update patient set merged_into_id = $2 where id = $1', [from, into]);
    expect((await readPatientContext(database.pool, into)).therapies).toHaveLength(1);
    const { rows } = await database.pool.query<{ revision: string }>(
      'select revision::text from patient where id = $1',
      [into],
    );
    await therapy('CTX3,denosumab,2020-01-01,2020-06-01,chart,Dr One');
    const after = await database.pool.query<{ revision: string }>('select revision::text from patient where id = $1', [
      into,
    ]);
    expect(Number(after.rows[0]?.revision)).toBe(Number(rows[0]?.revision) + 1);
  });

  it('takes the latest of single facts, converts markers to one unit and keeps every secondary cause', async () => {
    const rowId = await store('CTX5');
    const head = 'patient_id,marker,taken_on,value,unit,source,recorded_by';
    await importContext(
      database.pool,
      'markers',
      `${head}\nCTX5,CTX,2020-01-01,0.6,ng/mL,lab,Dr One\nCTX5,CTX,2020-04-01,200,ng/L,lab,Dr One`,
    );
    const risk = (factor: string, value: string, on: string) => `CTX5,${factor},${value},${on},chart,Dr One`;
    await importContext(
      database.pool,
      'risks',
      [
        'patient_id,factor,value,noted_on,source,recorded_by',
        risk('adherence', 'not_taken', '2020-02-01'),
        risk('adherence', 'taken', '2021-02-01'),
        risk('falls_in_last_year', '2', '2021-02-01'),
        risk('secondary_cause', 'vitamin D deficiency', '2020-02-01'),
        risk('secondary_cause', 'glucocorticoids', '2021-02-01'),
        risk('vertebral_fracture_assessment', 'not_done', '2021-02-01'),
      ].join('\n'),
    );
    expect(await readPatientContext(database.pool, rowId)).toEqual({
      therapies: null,
      markers: [
        { marker: 'CTX', takenOn: '2020-01-01', value: 600 },
        { marker: 'CTX', takenOn: '2020-04-01', value: 200 },
      ],
      adherence: 'taken',
      secondaryCauses: ['vitamin D deficiency', 'glucocorticoids'],
      fallsInLastYear: 2,
      vertebralFractureAssessment: 'not_done',
    });
  });

  it('is imported as a whole or not at all, and a message holds no value of the file', async () => {
    const bad = therapy(
      'CTX6,alendronate,2020-03-01,2019-01-01,chart,Dr One',
      'CTX6,aspirin,01.02.2020,,chart,Dr One',
      'CTX6,denosumab,2020-01-01,,chart,Dr One',
      'CTX6,denosumab,2020-01-01,2021-01-01,chart,Dr One',
    );
    await expect(bad).rejects.toMatchObject({ code: 'CONTEXT_INVALID', exitCode: 2 });
    const message = await bad.catch((error: Error) => error.message);
    expect(message).toContain('line 2: ended_on must not be before started_on');
    expect(message).toContain('line 3: agent');
    expect(message).toContain('line 5: says the same fact as line 4');
    expect(message).not.toMatch(/CTX6|aspirin|01\.02/);
    const { rows } = await database.pool.query(`select 1 from therapy_episode where patient_id = 'CTX6'`);
    expect(rows).toEqual([]);
  });

  it('changes nothing when the same file is imported again', async () => {
    await store('CTX7');
    expect(await therapy('CTX7,alendronate,2020-03-01,,chart,Dr One')).toMatchObject({ changed: 1 });
    expect(await therapy('CTX7,alendronate,2020-03-01,,chart,Dr One')).toMatchObject({
      changed: 0,
      patientsToAssess: 0,
    });
  });
});
