import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listAuditEvents } from '../../../src/db/audit.ts';
import { listMissingLsc } from '../../../src/db/judgement/provisional.ts';
import { openPool, type Pool } from '../../../src/db/pool.ts';
import { countList, readList } from '../../../src/db/qa-list/read-list.ts';
import { readSettings } from '../../../src/db/registry/setting.ts';
import { assessStoredPatient } from '../../../src/jobs/assess/assess.ts';
import { actOnCase } from '../../../src/jobs/cases/review.ts';
import { importLsc, parseLscCsv } from '../../../src/jobs/registry/lsc-import.ts';
import { showSettingHistory, showSettings } from '../../../src/jobs/settings/list-settings.ts';
import { previewSetting } from '../../../src/jobs/settings/preview-setting.ts';
import { setSetting } from '../../../src/jobs/settings/set-setting.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { assessWaiting, currentComparisons, lscCsvOf, lscLine } from '../../support/stored/judged.ts';
import { IDXA as EQUIPMENT, hip, spine, storeStudy } from '../../support/stored/stored-study.ts';

const BY = { by: 'B. Physicist', note: 'QA board of 12 May' };

/** Spine up and hip down by exactly the LSC for P, by more than it for Q, and nothing for R. */
async function storePatients(pool: Pool): Promise<void> {
  await importLsc(pool, parseLscCsv(lscCsvOf(lscLine('total_hip', '0.020'), lscLine('spine', '0.030'))), BY);
  for (const [patient, spines, hips] of [
    ['P', ['0.900', '0.930'], ['0.800', '0.780']],
    ['Q', ['0.900', '0.960'], ['0.800', '0.740']],
    ['R', ['0.900', '0.901'], ['0.800', '0.801']],
  ] as const) {
    for (const [index, year] of [2020, 2022].entries()) {
      await storeStudy(pool, {
        patient,
        uid: `1.${patient.charCodeAt(0)}.${year}`,
        scannedAt: `${year}-05-01`,
        scans: [spine(spines[index] ?? ''), hip('left', hips[index] ?? '')],
      });
    }
  }
  await assessWaiting(pool);
}

const casesOf = async (pool: Pool) =>
  (
    await pool.query<{ line: string }>(
      `select concat_ws(' ', p.patient_id, c.rule, c.state, c.settings_version) as line
         from review_case c join patient p on p.id = c.patient_id order by 1`,
    )
  ).rows.map(({ line }) => line);

describe('settings', () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeEach(async () => {
    database = await createTestDatabase();
    pool = database.pool;
  });
  afterEach(async () => database.drop());

  it('judge all history from the moment they are set, and say in each row which of them did', async () => {
    await storePatients(pool);
    expect(await casesOf(pool)).toEqual(['P D1_SPINE_UP_HIP_DOWN open 0', 'Q D1_SPINE_UP_HIP_DOWN open 0']);
    const change = await setSetting(pool, { name: 'significanceOperator', text: '>' }, BY);
    expect(change).toMatchObject({ before: '>=', after: '>', written: true, version: '1', patientsToAssess: 3 });
    expect(await assessWaiting(pool)).toHaveLength(3);
    expect(await casesOf(pool)).toEqual(['P D1_SPINE_UP_HIP_DOWN withdrawn 1', 'Q D1_SPINE_UP_HIP_DOWN open 0']);
    // Only what came out differently was written again.
    const { rows } = await pool.query(
      `select p.patient_id as patient, c.settings_version::int as version, count(*)::int as rows,
              count(*) filter (where c.superseded_at is null)::int as current
         from comparison c join patient p on p.id = c.patient_id group by 1, 2 order by 1, 2`,
    );
    expect(rows).toEqual([
      { patient: 'P', version: 0, rows: 2, current: 0 },
      { patient: 'P', version: 1, rows: 2, current: 2 },
      { patient: 'Q', version: 0, rows: 2, current: 2 },
      { patient: 'R', version: 0, rows: 2, current: 2 },
    ]);
    const judged = await pool.query('select distinct assessed_settings_version::int as version from patient');
    expect(judged.rows).toEqual([{ version: 1 }]);
  });

  it('reopen a decided case only where its evidence is another', async () => {
    await storePatients(pool);
    const { rows } = await pool.query<{ id: string }>('select c.id::text from review_case c order by c.id');
    for (const { id } of rows) {
      const action = { kind: 'resolve', disposition: 'true_discordance', note: 'seen' } as const;
      await actOnCase(pool, { ...action, caseId: id, by: 'dr one', version: null });
    }
    expect((await casesOf(pool)).map((line) => line.split(' ')[2])).toEqual(['resolved', 'resolved']);
    // Marked as area-driven or not: no case here has areas.
    await setSetting(pool, { name: 'areaDrivenShare', text: '60 %' }, BY);
    await assessWaiting(pool);
    expect((await casesOf(pool)).map((line) => line.split(' ')[2])).toEqual(['resolved', 'resolved']);
    // Two years between the scans: each pair is marked now, which is another evidence.
    await setSetting(pool, { name: 'shortIntervalDays', text: '800' }, BY);
    await assessWaiting(pool);
    expect((await casesOf(pool)).map((line) => line.split(' ').slice(2).join(' '))).toEqual([
      'reopened 2',
      'reopened 2',
    ]);
  });

  it('are the same for a worker that has been running all along as for a new one', async () => {
    await storePatients(pool);
    const other = openPool(database.url, { max: 2, applicationName: 'other worker', onError: () => undefined });
    try {
      const { rows } = await pool.query<{ id: string }>('select id::text from patient order by id');
      for (const { id } of rows) await assessStoredPatient(other, id);
      await setSetting(pool, { name: 'significanceOperator', text: '>' }, BY);
      const [mine, theirs] = [rows.slice(0, 1), rows.slice(1)];
      await Promise.all([
        ...mine.map(({ id }) => assessStoredPatient(pool, id)),
        ...theirs.map(({ id }) => assessStoredPatient(other, id)),
      ]);
      const { rows: versions } = await pool.query(
        'select assessed_settings_version::int as version, count(*)::int as patients from patient group by 1',
      );
      expect(versions).toEqual([{ version: 1, patients: 3 }]);
      expect((await currentComparisons(pool)).filter((line) => line.includes('0.030000 lsc 0.030000'))).toEqual([
        'previous spine none 2020-05-01>2022-05-01 not_significant 0.030000 lsc 0.030000',
      ]);
    } finally {
      await other.end();
    }
  });

  it('leave nobody judged by a value that is no longer in force, while patients are scanned and judged', async () => {
    await importLsc(pool, parseLscCsv(lscCsvOf(lscLine('total_hip', '0.020'))), BY);
    const scanAndJudge = async (index: number) => {
      for (const year of [2018, 2020, 2022]) {
        const patientId = await storeStudy(pool, {
          patient: `P${index}`,
          uid: `${index}.${year}`,
          scannedAt: `${year}-05-01`,
          scans: [hip('left', `0.${800 - (year - 2018) * 10}`)],
        });
        await assessStoredPatient(pool, patientId);
      }
    };
    const change = async () => {
      for (let turn = 0; turn < 9; turn += 1) {
        await setSetting(pool, { name: 'significanceOperator', text: turn % 2 === 0 ? '>' : '>=' }, BY);
      }
    };
    await Promise.all([
      change(),
      ...[0, 1].map(async (lane) => {
        for (let index = lane; index < 12; index += 2) await scanAndJudge(index);
      }),
    ]);
    await assessWaiting(pool);
    const { rows } = await pool.query(
      `select c.verdict, count(*)::int as rows from comparison c
        where c.superseded_at is null and c.delta_g_per_cm2 = -0.02 group by 1`,
    );
    expect(rows).toEqual([{ verdict: 'not_significant', rows: 24 }]);
  }, 60_000);

  it('show beforehand what they would change, judge it exactly so, and keep nothing of it', async () => {
    await storePatients(pool);
    // Another study waits for its judgement: that is not laid at the door of the setting.
    await storeStudy(pool, { patient: 'R', uid: '1.82.2024', scannedAt: '2024-05-01', scans: [hip('left', '0.700')] });
    const content = async () =>
      (
        await pool.query(
          `select (select count(*) from comparison) as comparisons, (select count(*) from review_case_event) as events,
                  (select count(*) from setting) as settings, (select sum(revision) from patient) as revisions,
                  (select sum(assessed_revision) from patient) as assessed`,
        )
      ).rows;
    const before = await content();
    const preview = await previewSetting(pool, { name: 'significanceOperator', text: '>' }, 100);
    expect(preview).toEqual({
      name: 'significanceOperator',
      before: '>=',
      after: '>',
      patients: 3,
      judged: 3,
      patientsChanged: 1,
      comparisons: { 'up → not_significant': 1, 'down → not_significant': 1 },
      trends: {},
      cases: { D1_SPINE_UP_HIP_DOWN: { withdrawn: 1 } },
    });
    expect(await previewSetting(pool, { name: 'significanceOperator', text: '>' }, 2)).toMatchObject({
      patients: 3,
      judged: 2,
    });
    expect(await content()).toEqual(before);
  });

  it('are refused with a code where the value makes no sense, and change nothing', async () => {
    const codeOfSetting = async (name: string, text: string, note = 'why') =>
      await setSetting(pool, { name, text }, { by: 'B', note }).then(
        () => 'set',
        (error) => error.code as string,
      );
    expect(await codeOfSetting('weightLimit', '5')).toBe('SETTING_UNKNOWN');
    expect(await codeOfSetting('lscFactor', '-2.77')).toBe('SETTING_INVALID');
    expect(await codeOfSetting('monitoredVertebrae', '')).toBe('SETTING_INVALID');
    expect(await codeOfSetting('monitoredVertebrae', 'L1, L1')).toBe('SETTING_INVALID');
    expect(await codeOfSetting('weightChangeLimit', '5 lb')).toBe('SETTING_INVALID');
    expect(await codeOfSetting('minimumVertebrae', '2.5')).toBe('SETTING_INVALID');
    expect(await codeOfSetting('monitoredVertebrae', 'L1')).toBe('SETTING_CONTRADICTS');
    expect(await codeOfSetting('weightChangeLimit', '4', ' ')).toBe('REASON_EMPTY');
    expect(await readSettings(pool)).toMatchObject({ version: '0', unusable: [] });
  });

  it('are signed and dated rows that only ever come to more, with a line in the audit log', async () => {
    await setSetting(pool, { name: 'weightChangeLimit', text: '4 kg' }, BY);
    expect((await setSetting(pool, { name: 'weightChangeLimit', text: '4.0' }, BY)).written).toBe(false);
    await setSetting(pool, { name: 'weightChangeLimit', text: null }, { by: 'C. Head', note: 'back' });
    const history = await showSettingHistory(pool, 'weightChangeLimit');
    expect(history.map(({ value, setBy, reason }) => [value, setBy, reason])).toEqual([
      [null, 'C. Head', 'back'],
      ['4 kg', 'B. Physicist', 'QA board of 12 May'],
    ]);
    const audited = await listAuditEvents(pool, 'setting', history[1]?.settingId ?? '');
    expect(audited.map(({ actor, action, note, after }) => [actor, action, note, after?.['value']])).toEqual([
      ['B. Physicist', 'set', 'QA board of 12 May', 4],
    ]);
    await expect(pool.query(`update setting set reason = 'other'`)).rejects.toThrow('only ever added to');
    await expect(pool.query('delete from setting')).rejects.toThrow('only ever added to');
    const shown = (await showSettings(pool)).settings.find(({ name }) => name === 'weightChangeLimit');
    expect(shown).toMatchObject({ value: '5 kg', default: '5 kg', set: { setBy: 'C. Head' } });
  });

  it('of another release stay on record and are named, while the default judges', async () => {
    await pool.query(
      `insert into setting (name, value, reason, set_by) values
         ('phaseOfTheMoon', '"full"', 'later release', 'Z'), ('weightChangeLimit', '"heavy"', 'later release', 'Z')`,
    );
    const { settings, unusable, version } = await showSettings(pool);
    expect(version).toBe('2');
    expect(unusable.map(({ name, why, set }) => [name, why, set.value])).toEqual([
      ['phaseOfTheMoon', 'unknown_name', 'full'],
      ['weightChangeLimit', 'value_not_taken', 'heavy'],
    ]);
    expect(settings.find(({ name }) => name === 'weightChangeLimit')?.value).toBe('5 kg');
  });

  it('say which regions fill the lists of missing LSCs and of pairs that cannot be compared', async () => {
    for (const year of [2020, 2022]) {
      const scans = ['trochanter', 'femoral_neck', 'wards'].map((region) => ({
        region: region as 'trochanter',
        laterality: 'left' as const,
        bmd: year === 2020 ? '0.700' : '0.650',
      }));
      await storeStudy(pool, { patient: 'P', uid: `1.${year}`, scannedAt: `${year}-05-01`, scans });
      const uid = `2.${year}`;
      const equipment = { ...EQUIPMENT, deviceSerialNumber: `S${year}` };
      await storeStudy(pool, { patient: 'Q', uid, scannedAt: `${year}-05-01`, scans: scans.slice(0, 2), equipment });
    }
    await assessWaiting(pool);
    const regions = async (list: 'lsc' | 'not-comparable', filters = {}) => {
      const { rows } = await readList(pool, { list, filters, sort: null, limit: 50, after: null });
      expect((await countList(pool, { list, filters }, 100)).rows).toBe(rows.length);
      return [...new Set(rows.map(({ region }) => region))].sort();
    };
    expect(await regions('lsc')).toEqual(['femoral_neck']);
    expect(await regions('not-comparable')).toEqual(['femoral_neck']);
    expect(await regions('lsc', { region: 'trochanter' })).toEqual(['trochanter']);
    expect((await listMissingLsc(pool)).map(({ region }) => region)).toEqual(['femoral_neck']);
    await setSetting(pool, { name: 'monitoredRegions', text: 'femoral_neck, trochanter' }, BY);
    expect(await regions('lsc')).toEqual(['femoral_neck', 'trochanter']);
    expect(await regions('not-comparable')).toEqual(['femoral_neck', 'trochanter']);
    expect((await listMissingLsc(pool)).map(({ region }) => region).sort()).toEqual(['femoral_neck', 'trochanter']);
  });
});
