import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listHistoryFindings } from '../../../src/db/records/history-finding.ts';
import type { NormalisedReport } from '../../../src/dxa/values/report.ts';
import { canonicalDump } from '../../support/database/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { arrive, measured, reportWith } from '../../support/stored/arriving-report.ts';
import { assessWaiting } from '../../support/stored/judged.ts';
import { fileTestLsc } from '../../support/stored/stored-visit.ts';

const spine = (bmd: string) => measured('spine', 'none', 'bmd', bmd);
const hip = (bmd: string, scanLabel?: string) => measured('total_hip', 'left', 'bmd', bmd, scanLabel);

// Everything that reports of one patient can do to each other.
const REPORTS: readonly NormalisedReport[] = [
  reportWith({ uid: '1.1', day: '2020-01-10', values: [spine('0.900'), hip('0.800')] }),
  // Spine and hip of one study apart, and the hip again in a DualFemur report.
  reportWith({ uid: '1.2', day: '2022-01-10', values: [spine('0.960')] }),
  reportWith({ uid: '1.3', day: '2022-01-10', values: [hip('0.750', 'Left Femur')] }),
  reportWith({ uid: '1.4', day: '2022-01-10', values: [hip('0.750', 'DualFemur')] }),
  // Scores and area come apart from the BMD; another report gives the BMD alone, later.
  reportWith({ uid: '1.5', day: '2022-01-10', values: [spine('0.960'), measured('spine', 'none', 'area', '55.1')] }),
  reportWith({ uid: '1.6', day: '2022-01-10', contentAt: '2022-01-10T18:00:00', values: [spine('0.960')] }),
  // Analysed again on the next day.
  reportWith({ uid: '1.7', day: '2022-01-10', contentAt: '2022-01-11T08:00:00', values: [hip('0.745')] }),
  // Two reports of one moment that contradict each other.
  reportWith({ uid: '1.8', day: '2023-01-10', values: [spine('0.970')] }),
  reportWith({ uid: '1.9', day: '2023-01-10', values: [spine('0.950')] }),
  // The same SOP Instance UID with other contents.
  reportWith({ uid: '1.10', day: '2023-01-10', values: [hip('0.790')] }),
  reportWith({ uid: '1.10', day: '2023-01-10', values: [hip('0.700')] }),
  // Another spelling of the scanner, another sex, the same contents under another UID.
  reportWith({
    uid: '1.11',
    day: '2023-01-10',
    values: [spine('0.970')],
    equipment: { manufacturer: 'GE', stationName: 'DXA' },
  }),
  reportWith({ uid: '1.12', day: '2023-01-10', values: [], patient: { sex: 'M' } }),
  // One study under two patients.
  reportWith({ uid: '1.13', day: '2024-01-10', values: [spine('0.990')] }),
  reportWith({ uid: '1.14', day: '2024-01-10', values: [hip('0.780')], patient: { patientId: 'P2' } }),
  // A phantom.
  reportWith({
    uid: '1.15',
    day: '2024-02-01',
    values: [spine('1.000')],
    patient: { patientId: 'QC', name: 'Phantom^Spine' },
  }),
];

/** The same numbers give the same order at every run. */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  let state = seed * 2654435761;
  const random = () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
  return items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

async function contentAfter(reports: readonly NormalisedReport[], workers: number, places: boolean): Promise<string> {
  const database = await createTestDatabase();
  try {
    await fileTestLsc(database.pool, '0.020', '0.020');
    let next = 0;
    const work = async () => {
      for (let report = reports[next++]; report !== undefined; report = reports[next++])
        await arrive(database.pool, report);
    };
    await Promise.all(Array.from({ length: workers }, work));
    while ((await assessWaiting(database.pool)).length > 0);
    return await canonicalDump(database.pool, { places });
  } finally {
    await database.drop();
  }
}

describe('the content of the database', () => {
  it('does not depend on order, duplication or the number of workers', async () => {
    const expected = await contentAfter(REPORTS, 1, true);
    expect(expected.split('\n').filter((line) => line.startsWith('comparison '))).not.toEqual([]);
    expect(await contentAfter(REPORTS.toReversed(), 1, true)).toBe(expected);
    for (const [seed, workers] of [
      [1, 1],
      [2, 2],
      [3, 4],
      [4, 4],
    ] as const) {
      const twice = [...REPORTS, ...REPORTS.filter((_, index) => index % 3 === seed % 3)];
      expect(await contentAfter(shuffled(twice, seed), workers, true)).toBe(expected);
    }
  }, 120_000);

  it('does not depend on how a study is split into reports', async () => {
    const values = [
      [
        spine('0.900'),
        measured('spine', 'none', 'bmc', '50.0'),
        measured('spine', 'none', 't_score', '-1.5'),
        hip('0.800'),
      ],
      [
        spine('0.960'),
        measured('spine', 'none', 'bmc', '53.0'),
        measured('spine', 'none', 't_score', '-1.1'),
        hip('0.750'),
      ],
    ];
    const days = ['2020-01-10', '2022-01-10'];
    const whole = days.map((day, index) => reportWith({ uid: `2.${index}`, day, values: values[index] ?? [] }));
    const apart = whole.flatMap((report) =>
      report.values.map((value, index) => ({
        ...report,
        sopInstanceUid: `${report.sopInstanceUid}.${index}`,
        values: [value],
      })),
    );
    const expected = await contentAfter(whole, 1, false);
    expect(expected).toContain('"verdict":"up"');
    expect(await contentAfter(shuffled(apart, 5), 2, false)).toBe(expected);
    expect(await contentAfter(shuffled([...apart, ...whole], 6), 4, false)).toBe(expected);
  }, 60_000);
});

describe('a study of several reports', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => await database.drop());

  const findings = async () =>
    (await listHistoryFindings(database.pool, { code: null, limit: 100 }))
      .map(({ code, subject, studyInstanceUid, patientId }) =>
        [code, subject, studyInstanceUid.slice(5), patientId].join(' '),
      )
      .sort();

  it('shows what its reports say against each other', async () => {
    for (const report of REPORTS) await arrive(database.pool, report);
    await assessWaiting(database.pool);
    expect(await findings()).toEqual([
      'ANALYSED_AGAIN hip|total_hip||left 20220110 P1',
      'REPORTS_CONTRADICT spine|spine|L1,L2,L3,L4|none 20230110 P1',
      'SAME_CONTENT_AGAIN report 20220110 P1',
      'SAME_CONTENT_AGAIN report 20230110 P1',
      'STUDY_DEMOGRAPHICS_DIFFER sex 20230110 P1',
      'STUDY_OF_TWO_PATIENTS patient 20240110 P1',
      'STUDY_OF_TWO_PATIENTS patient 20240110 P2',
    ]);
    const { rows } = await database.pool.query<{ state: string; reason: string | null; files: number }>(
      'select state, reason_code as reason, count(*)::int as files from source_file group by 1, 2 order by 1',
    );
    expect(rows).toEqual([
      { state: 'conflicted', reason: 'SOP_INSTANCE_CONFLICT', files: 1 },
      { state: 'stored', reason: null, files: 15 },
    ]);
  });

  it('has one current value a region and quantity, from the latest analysis', async () => {
    for (const report of shuffled(REPORTS, 9)) await arrive(database.pool, report);
    const { rows } = await database.pool.query<{ line: string }>(
      `select concat_ws(' ', scan_type, laterality, quantity, value, sop_instance_uid) as line from current_measurement
        where study_instance_uid = '2.25.20220110' order by 1`,
    );
    expect(rows.map(({ line }) => line)).toEqual([
      'hip left bmd 0.745000 1.7',
      'spine none area 55.100000 1.5',
      'spine none bmd 0.960000 1.6',
    ]);
  });

  it('keeps phantoms and contested studies, and judges neither', async () => {
    for (const report of REPORTS) await arrive(database.pool, report);
    await assessWaiting(database.pool);
    const { rows } = await database.pool.query<{ patient: string; phantom: boolean; values: number; judged: number }>(
      `select p.patient_id as patient, p.is_phantom as phantom,
              (select count(*)::int from measured_value v join report r on r.id = v.report_id join study s on s.id = r.study_id
                where s.patient_id = p.id) as values,
              (select count(*)::int from study_follow_up u where u.patient_id = p.id) as judged
         from patient p where p.patient_id <> 'P1' order by 1`,
    );
    expect(rows).toEqual([
      { patient: 'P2', phantom: false, values: 1, judged: 0 },
      { patient: 'QC', phantom: true, values: 1, judged: 0 },
    ]);
  });

  it('makes one row each of patient, study and scanner when eight workers create them at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const reports = Array.from({ length: 8 }, (_, index) =>
        reportWith({
          uid: `3.${round}.${index}`,
          study: `4.${round}`,
          patient: { patientId: `N${round}` },
          values: [spine('0.9')],
          equipment: { deviceSerialNumber: `S${round}` },
        }),
      );
      await Promise.all(reports.map((report) => arrive(database.pool, report)));
    }
    const { rows } = await database.pool.query(
      `select (select count(*)::int from patient) as patients, (select count(*)::int from study) as studies,
              (select count(*)::int from scanner) as scanners, (select count(*)::int from report) as reports,
              (select count(*)::int from patient where revision <> 8) as "patients with another revision"`,
    );
    expect(rows).toEqual([{ patients: 5, studies: 5, scanners: 5, reports: 40, 'patients with another revision': 0 }]);
  });
});
