import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileReport } from '../../../src/db/records/report.ts';
import { reportRow } from '../../../src/db/records/report-row.ts';
import { parseMicro } from '../../../src/dxa/values/quantity.ts';
import type { NormalisedReport } from '../../../src/dxa/values/report.ts';
import { openReportStore } from '../../../src/jobs/ingest/store-reports.ts';
import { mergePatients } from '../../../src/jobs/merge/patient-merge.ts';
import { canonicalDump } from '../../support/database/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { measured, reportWith } from '../../support/stored/arriving-report.ts';

const SIGNED = { by: 'M. Weber', note: 'double registration' };
const of = (patientId: string) => ({ patient: { patientId } });
const BMD = [measured('spine', 'none', 'bmd', '0.900'), measured('total_hip', 'left', 'bmd', '0.800')];
const value = parseMicro('0.011');

const REPORTS: readonly NormalisedReport[] = [
  reportWith({ uid: '1.1', day: '2020-01-10', values: BMD, ...of('A') }),
  // The same study, whose scanner is now spelled otherwise, with a claim and a finding.
  reportWith({
    uid: '1.2',
    day: '2020-01-10',
    values: [measured('femoral_neck', 'right', 'bmd', '0.700')],
    claims: [
      {
        kind: 'change_vs_previous',
        scanType: 'spine',
        roi: { region: 'spine', vertebrae: ['L1', 'L2'] },
        laterality: 'none',
        date: '2018-01-10',
        rawDate: '20180110',
        value,
        rawText: '0.011 "up", {x}',
        rawUnit: 'g/cm2',
        path: '1.9',
      },
    ],
    findings: [{ code: 'ITEM_UNKNOWN', path: '1.7', facts: { label: 'a "b" \\ {c},NULL' } }],
    equipment: {
      manufacturer: 'GE HEALTHCARE',
      institutionName: 'North, "Ward" 1',
      softwareVersions: ['18', 'a "b", {c}'],
    },
    ...of('A'),
  }),
  reportWith({ uid: '1.3', day: '2021-01-10', values: BMD, ...of('OLD') }), // merged into NEW
  reportWith({ uid: '1.4', day: '2021-01-11', values: [], ...of('NEW') }),
  reportWith({ uid: '1.5', day: '2021-01-12', values: BMD, ...of('GONE') }), // merged into A
  reportWith({ uid: '1.6', day: '2021-01-13', values: BMD, equipment: { deviceSerialNumber: 'Z' }, ...of('') }),
].map((report) => (report.patient.patientId === '' ? { ...report, ...withId(report, 'P "1"\\') } : report));

function withId(report: NormalisedReport, patientId: string): Pick<NormalisedReport, 'patient'> {
  return { patient: { ...report.patient, patientId } };
}

describe('reports stored together', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => await database.drop());

  async function files(reports: readonly NormalisedReport[], on = database): Promise<readonly FileReport[]> {
    const given: FileReport[] = [];
    for (const report of reports) {
      const sha256 = createHash('sha256').update(JSON.stringify(report)).digest('hex');
      const { rows } = await on.pool.query<{ id: string }>(
        `insert into source_file (sha256, byte_count, archive_path, drop_name, state)
         values ($1, 1, $1, 'test', 'received') returning id::text`,
        [sha256],
      );
      given.push({ sourceFileId: rows[0]?.id ?? '', report: reportRow(report, 'test') });
    }
    return given;
  }
  const storeAll = async (given: readonly FileReport[], on = database) => {
    const expectReport = openReportStore(on.pool);
    const expected = given.map(() => expectReport());
    return await Promise.allSettled(given.map(async (file, index) => await expected[index]?.store(file)));
  };
  const transactions = async () =>
    (await database.pool.query<{ n: number }>('select count(distinct xmin::text)::int as n from stored_report')).rows[0]
      ?.n;

  async function withMergedPatients(on: TestDatabase): Promise<void> {
    for (const id of ['OLD', 'NEW', 'A', 'GONE']) {
      await on.pool.query(`insert into patient (issuer_of_patient_id, patient_id) values ('H', $1)`, [id]);
    }
    await mergePatients(on.pool, { from: 'OLD', into: 'NEW^^^H', signature: SIGNED, despite: null });
    await mergePatients(on.pool, { from: 'GONE', into: 'A^^^H', signature: SIGNED, despite: null });
  }

  it('leave the same as one after the other, in one transaction', async () => {
    const single = await createTestDatabase();
    try {
      for (const on of [database, single]) await withMergedPatients(on);
      const results = await storeAll(await files(REPORTS));
      expect(results.map(({ status }) => status)).toEqual(REPORTS.map(() => 'fulfilled'));
      expect(await transactions()).toBe(1);
      const expectReport = openReportStore(single.pool);
      for (const file of await files(REPORTS, single)) expect(await expectReport().store(file)).not.toBeNull();
      const dump = await canonicalDump(database.pool, { places: true });
      expect(dump).toBe(await canonicalDump(single.pool, { places: true }));
      expect(dump).toContain('a \\"b\\", {c}');
      // Each is to be judged with whom its patient is today, at a revision that holds the report.
      const judged = results.map((result) => (result.status === 'fulfilled' ? result.value : null));
      const { rows } = await database.pool.query<{ id: string; name: string; revision: string }>(
        'select id::text, patient_id as name, revision::text from patient',
      );
      const names = judged.map((stored) => rows.find(({ id }) => id === stored?.patientId)?.name);
      expect(names).toEqual(['A', 'A', 'NEW', 'NEW', 'A', 'P "1"\\']);
      for (const stored of judged) {
        expect(stored?.revision).toBe(rows.find(({ id }) => id === stored?.patientId)?.revision);
      }
    } finally {
      await single.drop();
    }
  });

  it('are stored without the one that cannot be', async () => {
    const [known] = await files([reportWith({ uid: '2.1', day: '2019-01-10', values: BMD })]);
    if (known === undefined) throw new Error('no file');
    await storeAll([known]);
    const impossible = measured('spine', 'none', 'bmd', '3.5');
    const results = await storeAll(
      await files([
        reportWith({ uid: '1.1', day: '2020-01-10', values: BMD }),
        reportWith({ uid: '2.1', day: '2020-01-11', values: BMD }), // this SOP Instance UID is taken
        reportWith({ uid: '1.3', day: '2020-01-12', values: [impossible] }),
        reportWith({ uid: '1.4', day: '2020-01-13', values: BMD }),
      ]),
    );
    expect(results).toMatchObject([
      { status: 'fulfilled', value: { ok: true } },
      { status: 'fulfilled', value: null },
      { status: 'rejected', reason: { code: '23514' } },
      { status: 'fulfilled', value: { ok: true } },
    ]);
    const { rows } = await database.pool.query('select sop_instance_uid as uid from report order by 1');
    expect(rows).toEqual([{ uid: '1.1' }, { uid: '1.4' }, { uid: '2.1' }]);
  });

  it('under one SOP Instance UID are not stored together', async () => {
    const given = await files([
      reportWith({ uid: '1.1', day: '2020-01-10', values: BMD }),
      reportWith({ uid: '1.1', day: '2020-01-11', values: BMD }),
      reportWith({ uid: '1.2', day: '2020-01-12', values: BMD }),
    ]);
    expect(await storeAll(given)).toMatchObject([
      { status: 'fulfilled', value: { ok: true } },
      { status: 'fulfilled', value: null },
      { status: 'fulfilled', value: { ok: true } },
    ]);
    expect(await transactions()).toBe(1);
  });

  it('wait for those that are being read, but not for long', async () => {
    const [first, second] = await files([
      reportWith({ uid: '1.1', day: '2020-01-10', values: BMD }),
      reportWith({ uid: '1.2', day: '2020-01-11', values: BMD }),
    ]);
    if (first === undefined || second === undefined) throw new Error('no file');
    const expectReport = openReportStore(database.pool);
    const other = expectReport();
    const storing = expectReport().store(first);
    await nextTurn(); // one that did not wait would have begun by now
    const stored = await Promise.all([storing, other.store(second)]);
    expect(stored).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await transactions()).toBe(1);

    const [third, fourth] = await files([
      reportWith({ uid: '1.4', day: '2020-01-13', values: BMD }),
      reportWith({ uid: '1.5', day: '2020-01-14', values: BMD }),
    ]);
    if (third === undefined || fourth === undefined) throw new Error('no file');
    const neverRead = expectReport();
    expect(await expectReport().store(third)).toMatchObject({ ok: true });
    const later = expectReport().store(fourth);
    neverRead.withdraw();
    neverRead.withdraw(); // counts once
    expect(await later).toMatchObject({ ok: true });
    const alone = await files([reportWith({ uid: '1.3', day: '2020-01-12', values: BMD })]);
    for (const file of alone) expect(await expectReport().store(file)).toMatchObject({ ok: true });
  });

  it('of the same patients and scanners, stored by several processes at once, wait for each other in a line', async () => {
    const reports = Array.from({ length: 48 }, (_, index) =>
      reportWith({ uid: `3.${index}`, day: `2020-01-${10 + (index % 12)}`, values: BMD, ...of(`P${(index * 7) % 5}`) }),
    );
    const given = await files(reports);
    const parts = [0, 1, 2].map((part) => given.filter((_, index) => index % 3 === part));
    const results = (await Promise.all(parts.map((part) => storeAll(part)))).flat();
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
    // A batch that met another in a circle would have been taken apart.
    expect(await transactions()).toBe(parts.length);
  });
});
