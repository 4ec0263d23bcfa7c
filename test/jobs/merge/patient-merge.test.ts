import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listAuditEvents } from '../../../src/db/audit.ts';
import { inTransaction } from '../../../src/db/pool.ts';
import { listPatientMerges } from '../../../src/db/records/patient-merge.ts';
import { addPhantomPattern } from '../../../src/db/records/phantom.ts';
import { previewMerge } from '../../../src/jobs/merge/merge-preview.ts';
import { mergePatients, unmergePatient } from '../../../src/jobs/merge/patient-merge.ts';
import { canonicalDump } from '../../support/database/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { arrive, measured, reportWith } from '../../support/stored/arriving-report.ts';
import { assessWaiting, currentComparisons } from '../../support/stored/judged.ts';
import { fileTestLsc } from '../../support/stored/stored-visit.ts';

const SIGNED = { by: 'M. Weber', note: 'double registration' };
const scans = (spine: string, hip: string) => [
  measured('spine', 'none', 'bmd', spine),
  measured('total_hip', 'left', 'bmd', hip),
];
const OLD = { patient: { patientId: 'OLD' } };
const NEW = { patient: { patientId: 'NEW' } };
const BASELINE = reportWith({ uid: '1.1', day: '2020-01-10', values: scans('0.900', '0.800'), ...OLD });
const FOLLOW_UP = reportWith({ uid: '1.2', day: '2022-01-10', values: scans('0.960', '0.750'), ...NEW });

describe('merging patients', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
    await fileTestLsc(database.pool, '0.020', '0.020');
  });
  afterEach(async () => await database.drop());

  const cases = async () =>
    (
      await database.pool.query<{ line: string }>(
        `select concat_ws(' ', p.patient_id, c.rule, c.state) as line
           from review_case c join patient p on p.id = c.patient_id order by c.id`,
      )
    ).rows.map(({ line }) => line);

  const merge = async (from: string, into: string, despite: string | null = null) =>
    await mergePatients(database.pool, { from, into, signature: SIGNED, despite });

  async function settle(): Promise<void> {
    while ((await assessWaiting(database.pool)).length > 0);
  }

  it('compares across both ids, opens the case, and takes all of it back', async () => {
    await arrive(database.pool, BASELINE);
    await arrive(database.pool, FOLLOW_UP);
    const before = await canonicalDump(database.pool, { places: true });
    expect(await currentComparisons(database.pool)).toEqual([]);

    expect(await merge('OLD', 'NEW^^^H')).toEqual({ patientsToAssess: 2 });
    await settle();
    expect(await currentComparisons(database.pool)).toEqual([
      'previous spine none 2020-01-10>2022-01-10 up 0.060000 lsc 0.020000',
      'previous total_hip left 2020-01-10>2022-01-10 down -0.050000 lsc 0.020000',
    ]);
    expect(await cases()).toEqual(['NEW D1_SPINE_UP_HIP_DOWN open']);

    await unmergePatient(database.pool, 'OLD', SIGNED);
    await settle();
    expect(await cases()).toEqual(['NEW D1_SPINE_UP_HIP_DOWN withdrawn']);
    expect(await canonicalDump(database.pool, { places: true })).toBe(before);
    const merges = await listPatientMerges(database.pool, { all: true });
    expect(merges).toMatchObject([{ from: 'OLD', into: 'NEW', mergedBy: 'M. Weber', unmergedBy: 'M. Weber' }]);
    const events = await listAuditEvents(database.pool, 'patient_merge', merges[0]?.mergeId ?? '');
    expect(events.map(({ action, actor }) => `${action} ${actor}`)).toEqual(['merge M. Weber', 'unmerge M. Weber']);
  });

  it('takes cases along with their decisions', async () => {
    await arrive(database.pool, { ...BASELINE, patient: FOLLOW_UP.patient });
    await arrive(database.pool, FOLLOW_UP);
    await settle();
    await database.pool.query(
      `update review_case set state = 'resolved', disposition = 'true_discordance', resolved_by = 'Dr A', resolved_at = now()`,
    );
    await arrive(
      database.pool,
      reportWith({ uid: '1.9', day: '2010-01-10', values: [], patient: { patientId: 'THIRD' } }),
    );
    await merge('NEW', 'THIRD');
    await settle();
    expect(await cases()).toEqual(['THIRD D1_SPINE_UP_HIP_DOWN resolved']);
    await unmergePatient(database.pool, 'NEW', SIGNED);
    await settle();
    expect(await cases()).toEqual(['NEW D1_SPINE_UP_HIP_DOWN resolved']);
  });

  it('gives later reports for the merged id to the one that is kept, along a chain', async () => {
    await arrive(database.pool, BASELINE);
    await arrive(database.pool, reportWith({ uid: '1.8', day: '2010-01-10', values: [], ...NEW }));
    await arrive(
      database.pool,
      reportWith({ uid: '1.9', day: '2010-01-11', values: [], patient: { patientId: 'THIRD' } }),
    );
    await merge('OLD', 'NEW');
    await merge('NEW', 'THIRD');
    const late = await arrive(database.pool, { ...FOLLOW_UP, patient: { ...FOLLOW_UP.patient, patientId: 'OLD' } });
    await settle();
    const { rows } = await database.pool.query<{ owner: string; studies: number }>(
      'select p.patient_id as owner, count(*)::int as studies from study s join patient p on p.id = s.patient_id group by 1',
    );
    expect(rows).toEqual([{ owner: 'THIRD', studies: 4 }]);
    expect(await cases()).toEqual(['THIRD D1_SPINE_UP_HIP_DOWN open']);
    expect(late).toBe(
      (await database.pool.query(`select id::text from patient where patient_id = 'THIRD'`)).rows[0]?.id,
    );
  });

  it('makes one study of a study that both ids hold a part of', async () => {
    await arrive(database.pool, BASELINE);
    const half = (uid: string, index: number, who: object) =>
      reportWith({ uid, day: '2022-01-10', values: FOLLOW_UP.values.slice(index, index + 1), ...who });
    await arrive(database.pool, half('1.2', 0, OLD));
    await arrive(database.pool, half('1.3', 1, NEW));
    await settle();
    expect(await currentComparisons(database.pool)).toEqual([]);
    await merge('OLD', 'NEW');
    await settle();
    expect(await currentComparisons(database.pool)).toHaveLength(2);
    expect(await cases()).toEqual(['NEW D1_SPINE_UP_HIP_DOWN open']);
  });

  it('refuses circles, second merges, unknown ids and ids of several issuers', async () => {
    await arrive(database.pool, BASELINE);
    await arrive(database.pool, FOLLOW_UP);
    await arrive(
      database.pool,
      reportWith({ uid: '1.3', day: '2021-01-10', patient: { patientId: 'NEW', issuerOfPatientId: 'X' } }),
    );
    const codeOf = async (work: Promise<unknown>) =>
      await work.then(
        () => 'done',
        (error: { code: string }) => error.code,
      );
    const { pool } = database;
    expect(await codeOf(merge('OLD', 'NEW'))).toBe('PATIENT_AMBIGUOUS');
    expect(await codeOf(merge('OLD', 'NOBODY'))).toBe('PATIENT_UNKNOWN');
    expect(await codeOf(merge('OLD', 'OLD'))).toBe('PATIENT_MERGE_CIRCLE');
    expect(await codeOf(merge('OLD', 'NEW^^^H'))).toBe('done');
    expect(await codeOf(merge('OLD', 'NEW^^^X'))).toBe('PATIENT_MERGED_ALREADY');
    expect(await codeOf(merge('NEW^^^H', 'OLD'))).toBe('PATIENT_MERGE_CIRCLE');
    expect(await codeOf(unmergePatient(pool, 'NEW^^^X', SIGNED))).toBe('PATIENT_NOT_MERGED');
  });

  it('withdraws what was judged of a patient that a new pattern makes a phantom', async () => {
    await arrive(database.pool, reportWith({ uid: '1.1', day: '2020-01-10', values: scans('0.900', '0.800') }));
    await arrive(database.pool, reportWith({ uid: '1.2', day: '2022-01-10', values: scans('0.960', '0.750') }));
    expect(await cases()).toEqual(['P1 D1_SPINE_UP_HIP_DOWN open']);
    const touched = await inTransaction(database.pool, (transaction) =>
      addPhantomPattern(transaction, '^p\\d$', SIGNED),
    );
    expect(touched).toBe(1);
    await settle();
    expect(await cases()).toEqual(['P1 D1_SPINE_UP_HIP_DOWN withdrawn']);
    expect(await currentComparisons(database.pool)).toEqual([]);
  });

  const person = (patientId: string, more: object = {}) => ({ patient: { patientId, ...more } });
  const WOMAN = { sex: 'F', birthDate: '1939-05-01', name: 'Muster^Erika' } as const;
  const MAN = { sex: 'M', birthDate: '1941-02-03', name: 'Beispiel^Karl' } as const;
  const failure = async (work: Promise<unknown>): Promise<{ code: string; message: string }> =>
    await work.then(
      () => ({ code: 'done', message: '' }),
      ({ code, message }: { code: string; message: string }) => ({ code, message }),
    );

  it('refuses two whose reports disagree, names the fields and no value, and writes nothing', async () => {
    await arrive(
      database.pool,
      reportWith({ uid: '1.1', day: '2020-01-10', values: BASELINE.values, ...person('OLD', WOMAN) }),
    );
    await arrive(database.pool, reportWith({ uid: '1.2', day: '2022-01-10', ...person('NEW', MAN) }));
    const before = await canonicalDump(database.pool, { places: true });
    const refused = await failure(merge('OLD', 'NEW'));
    expect(refused.code).toBe('PATIENT_MERGE_DISAGREES');
    expect(refused.message).toContain('disagree in name, sex and birth date');
    for (const value of [...Object.values(WOMAN), ...Object.values(MAN), 'OLD', 'NEW', 'Muster', 'Karl']) {
      if (value.length > 1) expect(refused.message).not.toContain(value);
    }
    expect(await failure(merge('OLD', 'NEW', '   '))).toMatchObject({ code: 'PATIENT_MERGE_DISAGREES' });
    expect(await canonicalDump(database.pool, { places: true })).toBe(before);
    expect(await listPatientMerges(database.pool, { all: true })).toEqual([]);
  });

  it('merges them for a reason, which the audit records with the fields', async () => {
    await arrive(database.pool, reportWith({ uid: '1.1', ...person('OLD', { ...WOMAN, name: 'Muster^Erika' }) }));
    await arrive(
      database.pool,
      reportWith({ uid: '1.2', day: '2022-01-10', ...person('NEW', { ...WOMAN, name: 'Beispiel^Erika' }) }),
    );
    expect(await merge('OLD', 'NEW', 'married, identity card seen')).toEqual({ patientsToAssess: 2 });
    const [merged] = await listPatientMerges(database.pool, { all: true });
    expect(merged).toMatchObject({ disagreements: ['name'], despite: 'married, identity card seen' });
    const [event] = await listAuditEvents(database.pool, 'patient_merge', merged?.mergeId ?? '');
    expect(event?.after).toMatchObject({ disagreements: ['name'], despite: 'married, identity card seen' });
  });

  it('looks at every report of both, at those of whom was merged before, and at whom the other was merged into', async () => {
    await arrive(database.pool, reportWith({ uid: '1.1', ...person('A', { sex: null, birthDate: null }) }));
    await arrive(database.pool, reportWith({ uid: '1.2', day: '2021-01-10', ...person('A', WOMAN) }));
    await arrive(
      database.pool,
      reportWith({ uid: '1.3', day: '2022-01-10', ...person('B', { sex: null, birthDate: null }) }),
    );
    await arrive(database.pool, reportWith({ uid: '1.4', day: '2023-01-10', ...person('C', MAN) }));
    // Nothing is known of B that could disagree.
    await merge('B', 'A');
    expect(await failure(merge('C', 'B'))).toMatchObject({ code: 'PATIENT_MERGE_DISAGREES' });
    await unmergePatient(database.pool, 'B', SIGNED);
    await merge('B', 'C');
    expect(await failure(merge('B', 'A'))).toMatchObject({ code: 'PATIENT_MERGED_ALREADY' });
    expect(await failure(merge('C', 'A'))).toMatchObject({ code: 'PATIENT_MERGE_DISAGREES' });
  });

  it('never merges a phantom with a person, whatever the reason, but merges two phantoms', async () => {
    await arrive(database.pool, reportWith({ uid: '1.1', ...person('QC', { name: 'Spine Phantom' }) }));
    await arrive(database.pool, reportWith({ uid: '1.2', day: '2021-01-10', ...person('P') }));
    await arrive(
      database.pool,
      reportWith({ uid: '1.3', day: '2022-01-10', ...person('QC2', { name: 'Spine Phantom' }) }),
    );
    for (const [from, into] of [
      ['QC', 'P'],
      ['P', 'QC'],
    ] as const) {
      expect(await failure(merge(from, into, 'surely'))).toMatchObject({ code: 'PATIENT_MERGE_PHANTOM' });
    }
    expect(await failure(merge('QC', 'QC2'))).toMatchObject({ code: 'done' });
  });

  it('shows both side by side and what would change, and writes nothing', async () => {
    await arrive(
      database.pool,
      reportWith({ uid: '1.1', day: '2020-01-10', values: BASELINE.values, ...person('OLD', WOMAN) }),
    );
    await arrive(
      database.pool,
      reportWith({ uid: '1.2', day: '2022-01-10', values: FOLLOW_UP.values, ...person('NEW', { ...WOMAN, sex: 'M' }) }),
    );
    await settle();
    const before = await canonicalDump(database.pool, { places: true });
    const preview = await previewMerge(database.pool, 'OLD', 'NEW^^^H');
    expect(preview).toMatchObject({
      disagreements: ['sex'],
      from: { ids: ['OLD^^^H'], studies: 1, firstScanOn: '2020-01-10', identities: [WOMAN], cases: {} },
      into: { ids: ['NEW^^^H'], studies: 1, lastScanOn: '2022-01-10', identities: [{ ...WOMAN, sex: 'M' }] },
      comparisons: 2,
      cases: [{ caseId: null, rule: 'MAYBE_OTHER_PERSON', event: 'opened' }],
    });
    expect(preview.from.scanners).toHaveLength(1);
    expect(await canonicalDump(database.pool, { places: true })).toBe(before);
    await merge('OLD', 'NEW', 'typing error at registration');
    await settle();
    // The reports go on saying two sexes, so a person is asked about the visit as well.
    expect(await cases()).toEqual(['NEW MAYBE_OTHER_PERSON open']);
  });
});
