import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lineOf } from '../../../src/cli/cases/qa-lines.ts';
import { inTransaction, type Pool, TO_JUDGE } from '../../../src/db/pool.ts';
import { readList } from '../../../src/db/qa-list/read-list.ts';
import { parseMicro } from '../../../src/dxa/values/quantity.ts';
import type { VendorClaim } from '../../../src/dxa/values/report.ts';
import { assessInTransaction, assessStoredPatient } from '../../../src/jobs/assess/assess.ts';
import { parseListQuery } from '../../../src/jobs/cases/list-query.ts';
import { pinBaseline, unpinBaseline } from '../../../src/jobs/registry/baseline-pin.ts';
import { importLsc, parseLscCsv } from '../../../src/jobs/registry/lsc-import.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { assessWaiting, currentComparisons, lscCsvOf, lscLine } from '../../support/stored/judged.ts';
import { type GivenStudy, hip, L1_L4, spine, storeStudy } from '../../support/stored/stored-study.ts';

const SIGNATURE = { by: 'B. Physicist', note: '' };

const fileLscs = async (pool: Pool) =>
  await importLsc(pool, parseLscCsv(lscCsvOf(lscLine('total_hip', '0.017'), lscLine('spine', '0.033'))), SIGNATURE);

const visit = (year: number, hipBmd: string, spineBmd: string): GivenStudy => ({
  patient: 'P',
  uid: `1.${year}`,
  scannedAt: `${year}-05-01`,
  scans: [hip('left', hipBmd), spine(spineBmd)],
});
const VISITS = [
  visit(2014, '0.800', '1.000'),
  visit(2016, '0.790', '1.020'),
  visit(2018, '0.770', '1.040'),
  visit(2020, '0.780', '1.050'),
];

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

/** Current rows with studies by UID in place of row ids, and without the times of writing. */
async function rowsWithoutIds(pool: Pool, patientId: string): Promise<unknown> {
  const { rows: comparisons } = await pool.query(
    `select f.study_instance_uid as "followUp", r.study_instance_uid as reference, l.source as "lsc",
            to_jsonb(c) - array['id', 'patient_id', 'follow_up_study_id', 'reference_study_id', 'lsc_id', 'checks',
              'content_hash', 'made_at'] as comparison,
            (select jsonb_agg(x - 'facts' || jsonb_build_object('facts', (x -> 'facts') - 'lscIds') order by n)
               from jsonb_array_elements(c.checks) with ordinality as e (x, n)) as checks
       from comparison c join study f on f.id = c.follow_up_study_id join study r on r.id = c.reference_study_id
       left join least_significant_change l on l.id = c.lsc_id
      where c.superseded_at is null and c.patient_id = (select id from patient where patient_id = $1)
      order by 1, c.region, c.kind`,
    [patientId],
  );
  const { rows: trends } = await pool.query(
    `select to_jsonb(t) - array['id', 'patient_id', 'follow_up_study_id', 'baseline_study_id', 'study_ids', 'lsc_id',
              'content_hash', 'made_at'] as trend,
            (select jsonb_agg(s.study_instance_uid order by n)
               from unnest(t.study_ids) with ordinality as e (id, n) join study s on s.id = e.id) as studies
       from trend t
      where t.superseded_at is null and t.patient_id = (select id from patient where patient_id = $1) order by t.region`,
    [patientId],
  );
  const { rows: cases } = await pool.query(
    `select rule, tier, region_pair, strength, statement from review_case
      where state <> 'withdrawn' and patient_id = (select id from patient where patient_id = $1) order by 1, 3, 4`,
    [patientId],
  );
  return { comparisons, trends, cases };
}

describe('judging again', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => database.drop());

  it('writes nothing when nothing has changed', async () => {
    const { pool } = database;
    await fileLscs(pool);
    for (const one of VISITS) await storeStudy(pool, one);
    const [patientId] = await assessWaiting(pool);
    const all = async () =>
      (await pool.query('select to_jsonb(c) as c from comparison c order by id')).rows.concat(
        (await pool.query('select to_jsonb(t) as t from trend t order by id')).rows,
        (await pool.query('select to_jsonb(v) as v from review_case_event v order by id')).rows,
      );
    const before = await all();
    expect(before.length).toBeGreaterThan(10);
    await assessStoredPatient(pool, patientId ?? '');
    expect(await all()).toEqual(before);
  });

  it('gives the same rows whatever order the studies arrived in', async () => {
    const { pool } = database;
    await fileLscs(pool);
    const seen = new Set<string>();
    for (const [index, order] of permutations(VISITS).entries()) {
      const prefix = `99${index}99.`;
      for (const one of order) {
        const uid = one.uid.replace('1.', prefix);
        const patientId = await storeStudy(pool, { ...one, patient: `P${index}`, uid });
        await assessStoredPatient(pool, patientId);
      }
      seen.add(JSON.stringify(await rowsWithoutIds(pool, `P${index}`)).replaceAll(prefix, '1.'));
    }
    expect(seen.size).toBe(1);
    expect(JSON.parse([...seen][0] ?? '{}')).toMatchObject({ comparisons: { length: 10 }, trends: { length: 2 } });
  }, 120_000);

  it('replaces exactly the comparisons that a late study changes', async () => {
    const { pool } = database;
    await fileLscs(pool);
    for (const one of [VISITS[0], VISITS[1], VISITS[3]]) if (one !== undefined) await storeStudy(pool, one);
    await storeStudy(pool, { ...visit(2014, '0.900', '1.100'), patient: 'Q', uid: '9.1' });
    await storeStudy(pool, { ...visit(2016, '0.900', '1.100'), patient: 'Q', uid: '9.2' });
    await assessWaiting(pool);
    const ids = async (where: string) =>
      (await pool.query(`select id::text from comparison where ${where} order by id`)).rows.map(({ id }) => id);
    const before = await ids('superseded_at is null');
    await storeStudy(pool, visit(2018, '0.770', '1.040'));
    expect(await assessWaiting(pool)).toHaveLength(1);
    // 2020 had 2016 as its previous scan and has 2018 now; 2016 and the baselines stand, 2018 is new.
    const { rows } = await pool.query(
      `select c.region, c.kind, c.reference_on, c.follow_up_on from comparison c where superseded_at is not null order by 1`,
    );
    expect(rows).toEqual([
      { region: 'spine', kind: 'previous', reference_on: '2016-05-01', follow_up_on: '2020-05-01' },
      { region: 'total_hip', kind: 'previous', reference_on: '2016-05-01', follow_up_on: '2020-05-01' },
    ]);
    const after = await ids('superseded_at is null');
    expect(before.filter((id) => !after.includes(id))).toHaveLength(2);
    expect(after.filter((id) => !before.includes(id))).toHaveLength(6);
  });

  it('draws the trend of three and more scans by the LSC that judges them', async () => {
    const { pool } = database;
    await fileLscs(pool);
    for (const one of VISITS) await storeStudy(pool, one);
    await assessWaiting(pool);
    const { rows } = await pool.query(
      `select region, cardinality(study_ids) as scans, baseline_on, follow_up_on, round(years::numeric, 2) as years, verdict,
              lsc_g_per_cm2 as lsc, annual_rate_g_per_cm2 as rate from trend where superseded_at is null order by region`,
    );
    expect(rows).toEqual([
      // Slopes of 1.000 1.020 1.040 1.050 and 0.800 0.790 0.770 0.780 over two years each.
      expect.objectContaining({ region: 'spine', scans: 4, baseline_on: '2014-05-01', verdict: 'up', lsc: '0.033000' }),
      expect.objectContaining({
        region: 'total_hip',
        scans: 4,
        follow_up_on: '2020-05-01',
        verdict: 'down',
        lsc: '0.017000',
      }),
    ]);
    expect(rows.map(({ rate }) => Number(rate).toFixed(4))).toEqual(['0.0085', '-0.0040']);
    expect(rows.map(({ years }) => years)).toEqual(['6.00', '6.00']);
  });

  it('starts from the baseline that a person pinned, and from the first scan again without the pin', async () => {
    const { pool } = database;
    await fileLscs(pool);
    for (const one of VISITS) await storeStudy(pool, one);
    await assessWaiting(pool);
    const baselines = async () =>
      (await currentComparisons(pool)).filter((line) => line.startsWith('baseline total_hip'));
    const before = await baselines();
    const place = { studyInstanceUid: '1.2016', region: 'total_hip', laterality: 'left' } as const;
    expect(await pinBaseline(pool, place, SIGNATURE)).toMatch(/^\d+$/);
    expect(await pinBaseline(pool, place, SIGNATURE)).toBeNull();
    expect(await assessWaiting(pool)).toHaveLength(1);
    // 2018 has 2016 as its previous scan and baseline alike.
    expect(await baselines()).toEqual([
      'baseline total_hip left 2016-05-01>2020-05-01 not_significant -0.010000 lsc 0.017000',
    ]);
    expect(await unpinBaseline(pool, { ...place, studyInstanceUid: '1.2020' }, SIGNATURE)).toBe(true);
    expect(await unpinBaseline(pool, place, SIGNATURE)).toBe(false);
    await assessWaiting(pool);
    expect(await baselines()).toEqual(before);
    await expect(pinBaseline(pool, { ...place, laterality: 'right' }, SIGNATURE)).rejects.toMatchObject({
      code: 'STUDY_UNKNOWN',
      exitCode: 2,
    });
    const { rows } = await pool.query(
      `select action, actor from audit_event where table_name = 'baseline_pin' order by id`,
    );
    expect(rows).toEqual([
      { action: 'pin', actor: 'B. Physicist' },
      { action: 'retire', actor: 'B. Physicist' },
    ]);
  });

  it("puts the vendor's change beside ours and tells where they differ", async () => {
    const { pool } = database;
    await fileLscs(pool);
    const claim = (kind: VendorClaim['kind'], rawText: string, more: Partial<VendorClaim> = {}): VendorClaim => ({
      kind,
      scanType: 'spine',
      roi: { region: 'spine', vertebrae: L1_L4 },
      laterality: 'none',
      date: '2016-05-01',
      rawDate: '05/01/2016',
      value: parseMicro(rawText),
      rawText,
      rawUnit: kind.startsWith('percent') ? '%' : 'g/cm2',
      path: `1.9.${rawText}`,
      ...more,
    });
    const ofHip = { scanType: 'hip', roi: { region: 'total_hip', vertebrae: [] }, laterality: 'left' } as const;
    await storeStudy(pool, visit(2014, '0.800', '1.000'));
    await storeStudy(pool, {
      ...visit(2016, '0.790', '1.020'),
      // Ours: spine +0.020 and +2.0 %, hip -0.010.
      claims: [
        claim('change_vs_previous', '0.021'),
        claim('percent_change_vs_previous', '2.1'),
        claim('change_vs_baseline', '0.020'),
        claim('change_vs_previous', '-0.014', ofHip),
      ],
    });
    await assessWaiting(pool);
    const { rows } = await pool.query(
      `select region, vendor_agrees as agrees, vendor_change as change from comparison where superseded_at is null order by 1`,
    );
    expect(rows).toEqual([
      {
        region: 'spine',
        agrees: true,
        change: {
          agrees: true,
          deltas: ['0.020000', '0.021000'],
          percents: ['2.100000'],
          sources: ['1.2016.1#1.9.0.020', '1.2016.1#1.9.0.021', '1.2016.1#1.9.2.1'],
        },
      },
      {
        region: 'total_hip',
        agrees: false,
        change: { agrees: false, deltas: ['-0.014000'], percents: [], sources: ['1.2016.1#1.9.-0.014'] },
      },
    ]);
    const query = parseListQuery({ list: 'vendor-change', filters: {}, sort: null, limit: 10, after: null });
    const { rows: listed } = await readList(pool, query);
    expect(listed).toMatchObject([
      {
        region: 'total_hip',
        deltaGramsPerCm2: '-0.010000',
        vendorDeltas: ['-0.014000'],
        reason: 'VENDOR_CHANGE_DIFFERS',
      },
    ]);
    expect(lineOf('vendor-change', listed[0] ?? {})).toMatchObject({ delta: '−0.010', vendor_delta: '-0.014000' });
  });

  it('takes over the studies of a patient that was merged into this one', async () => {
    const { pool } = database;
    await fileLscs(pool);
    await storeStudy(pool, { ...visit(2014, '0.800', '1.000'), patient: 'old id' });
    await storeStudy(pool, { ...visit(2016, '0.790', '1.020'), patient: 'old id' });
    await storeStudy(pool, visit(2018, '0.770', '1.040'));
    await assessWaiting(pool);
    await pinBaseline(pool, { studyInstanceUid: '1.2016', region: 'total_hip', laterality: 'left' }, SIGNATURE);
    await pool.query(
      `with two as (select max(id) filter (where patient_id = 'old id') as old, max(id) filter (where patient_id = 'P') as new from patient),
            moved as (update study set patient_id = two.new from two where patient_id = two.old)
       update patient set revision = revision + 1`,
    );
    // The survivor comes first, while the other's rows still stand.
    const { rows } = await pool.query<{ id: string }>('select id::text from patient order by patient_id = $1 desc', [
      'P',
    ]);
    for (const { id } of rows) await assessStoredPatient(pool, id);
    expect((await currentComparisons(pool)).map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
      'previous spine none 2014-05-01>2016-05-01',
      'previous total_hip left 2014-05-01>2016-05-01',
      'previous spine none 2016-05-01>2018-05-01',
      'baseline spine none 2014-05-01>2018-05-01',
      // The pin came along: 2016 is the baseline of 2018 and its previous scan alike.
      'previous total_hip left 2016-05-01>2018-05-01',
    ]);
  });

  it('waits for the disk where any patient of the transaction has a case that changed', async () => {
    await fileLscs(database.pool);
    const discordant = {
      patient: 'D',
      uid: '2.1',
      scannedAt: '2020-05-01',
      scans: [hip('left', '0.800'), spine('1.000')],
    };
    await storeStudy(database.pool, discordant);
    const later = { ...discordant, uid: '2.2', scannedAt: '2022-05-01', scans: [hip('left', '0.700'), spine('1.100')] };
    const withCase = await storeStudy(database.pool, later);
    const without = await storeStudy(database.pool, visit(2014, '0.800', '1.000'));
    const waits = async (patients: readonly string[]) =>
      await inTransaction(
        database.pool,
        async (transaction) => {
          for (const id of patients) await assessInTransaction(transaction, id, null);
          const { rows } = await transaction.query<{ synchronous_commit: string }>('show synchronous_commit');
          return rows[0]?.synchronous_commit;
        },
        TO_JUDGE,
      );
    expect(await waits([without])).toBe('off');
    expect(await waits([withCase, without])).toBe('on');
    expect(await waits([withCase, without])).toBe('off'); // nothing new
  });
});
