import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/pool.ts';
import { addPhantomPattern, listPhantomPatterns, retirePhantomPattern } from '../../src/db/records/phantom.ts';
import { listSiteMappings } from '../../src/db/registry/site-mapping.ts';
import { codeOf } from '../../src/errors/errors.ts';
import { assessStoredPatient } from '../../src/jobs/assess/assess.ts';
import { mergePatients, unmergePatient } from '../../src/jobs/merge/patient-merge.ts';
import { runNight } from '../../src/jobs/nightly/night.ts';
import { PREVIEWED_PATIENTS } from '../../src/jobs/preview/judgement-preview.ts';
import { previewLscImport } from '../../src/jobs/preview/lsc-preview.ts';
import { importContext } from '../../src/jobs/registry/context-import.ts';
import { importLsc, parseLscCsv } from '../../src/jobs/registry/lsc-import.ts';
import { addSiteMappings, retireSiteMapping } from '../../src/jobs/registry/site-mapping.ts';
import { readMapping } from '../../src/jobs/registry/site-mapping-csv.ts';
import { decideInstances } from '../../src/jobs/rejection/decide-instances.ts';
import { lscCsv } from '../../src/simulate/cohort/lsc-csv.ts';
import { simulateCohort } from '../../src/simulate/cohort/simulate-cohort.ts';
import { writeKeyObject } from '../../src/simulate/writers/rejection-note.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { randomFrom } from '../support/dicom/dicom-mutate.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { assessWaiting } from '../support/stored/judged.ts';
import { ORDINARY_NIGHT } from '../support/stored/planted-night.ts';
import { openTakenFiles, type TakenFiles } from '../support/stored/taken-files.ts';

const SIGNED = { by: 'B. Physicist', note: 'test' };
const COHORT = simulateCohort({ patients: 16, seed: 5 });
const ROUNDS = 4;
const REFERENCE = {
  studyInstanceUid: '2.25.97',
  seriesInstanceUid: '2.25.98',
  sopClassUid: '1.2.840.10008.5.1.4.1.1.88.22',
};
const NOTE = {
  title: 'quality',
  studyInstanceUid: '2.25.97',
  seriesInstanceUid: '2.25.98',
  patient: { name: '', id: '', issuer: null, birthDate: '', sex: 'F' },
  contentDate: '20240501',
  contentTime: '080000',
} as const;

/** Whatever locks several patients, all of it at the same time and over the same ones. */
describe('imports, merges, patterns, nights, judgements, rejection notes and files at the same time', () => {
  let database: TestDatabase;
  let files: TakenFiles;
  let patients: readonly { readonly id: string; readonly name: string }[];

  beforeAll(async () => {
    database = await createTestDatabase();
    files = openTakenFiles(database.pool);
    await importLsc(database.pool, parseLscCsv(lscCsv()), SIGNED);
    for (const { bytes } of COHORT.files) await files.take(bytes);
    await files.ingestWaiting(8);
    await assessWaiting(database.pool);
    patients = (
      await database.pool.query(
        `select id::text, patient_id || '^^^' || issuer_of_patient_id as name from patient order by id`,
      )
    ).rows;
    // Whoever goes through the table without an order meets them backwards.
    for (const { id } of patients.toReversed()) {
      await database.pool.query('update patient set created_at = created_at where id = $1', [id]);
    }
  });
  afterAll(async () => {
    files.close();
    await database.drop();
  });

  it('all get through, none by being tried again, and leave everybody judged', { timeout: 240_000 }, async () => {
    const { pool } = database;
    const random = randomFrom(20_261_127);
    const shuffled = () =>
      patients
        .map((one) => ({ one, at: random(1000) }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one);
    let working = true;
    const rounds = async (work: (round: number) => Promise<unknown>) => {
      for (let round = 0; round < ROUNDS; round += 1) await work(round);
    };
    const meanwhile = async (work: () => Promise<unknown>) => {
      while (working) await work();
    };
    const changes = Promise.all([
      rounds(async (round) => {
        const csv = lscCsv().replaceAll(
          /,0\.0(\d\d)/g,
          (_, digits: string) => `,0.0${((Number(digits) + round + 1) % 90) + 10}`,
        );
        await importLsc(pool, parseLscCsv(csv), SIGNED, 'a test of locks');
      }),
      // Two previews of other LSCs for the same scanners, which all judge and take no lock of their own beside it.
      ...[0, 1].map((lane) =>
        rounds(async (round) => {
          const csv = lscCsv().replaceAll(/,0\.0(\d\d)/g, `,0.0${20 + 10 * lane + (round % 10)}`);
          const context = { pool };
          await previewLscImport(context, parseLscCsv(csv), 'a test of locks', PREVIEWED_PATIENTS);
        }),
      ),
      ...[0, 1].map((lane) =>
        rounds(async (round) => {
          const lines = shuffled().map(({ name }) => {
            const [id, issuer] = name.split('^^^');
            return `${id},${issuer},note ${lane} ${round},chart,A. Author,alendronate,2020-01-01,`;
          });
          const header = 'patient_id,issuer_of_patient_id,note,source,recorded_by,agent,started_on,ended_on';
          await importContext(pool, 'therapy', [header, ...lines].join('\n'));
        }),
      ),
      rounds(async () => {
        await inTransaction(pool, (on) => addPhantomPattern(on, '[02468]$', SIGNED));
        const added = (await listPhantomPatterns(pool)).find(({ pattern }) => pattern === '[02468]$');
        await inTransaction(pool, (on) => retirePhantomPattern(on, added?.patternId ?? '', SIGNED));
      }),
      rounds(async () => {
        const [from, into, more] = shuffled();
        const despite = 'a test of locks';
        for (const [one, other] of [
          [from, into],
          [into, more],
        ]) {
          const merging = { from: one?.name ?? '', into: other?.name ?? '', signature: SIGNED, despite };
          const code = await mergePatients(pool, merging).then(
            () => '',
            (error: unknown) => codeOf(error),
          );
          // While the pattern is in force some of them are phantoms, whom nobody may merge with the others.
          expect(['', 'PATIENT_MERGE_PHANTOM']).toContain(code);
        }
        for (const one of [from, into]) {
          const code = await unmergePatient(pool, one?.name ?? '', SIGNED).then(
            () => '',
            (error: unknown) => codeOf(error),
          );
          expect(['', 'PATIENT_NOT_MERGED']).toContain(code);
        }
      }),
      rounds(async (round) => {
        const fields = {
          vendor: 'ge-lunar',
          kind: 'region',
          label: `Region ${round}`,
          scan_type: 'hip',
          region: 'wards',
        };
        await addSiteMappings(pool, [readMapping(fields)], SIGNED);
        const [added] = await listSiteMappings(pool);
        await retireSiteMapping(pool, added?.mappingId ?? '', SIGNED);
      }),
      rounds(async () => {
        await pool.query(`update source_file set state = 'received' where id in (
          select source_file_id from report order by random() limit 20)`);
        await files.ingestWaiting(8);
      }),
      // Notes about nobody, so that each takes out reports of many patients; and a person who puts them back.
      rounds(async (round) => {
        const { rows: some } = await pool.query<{ uid: string }>(
          'select sop_instance_uid as uid from stored_report order by random() limit 12',
        );
        const names = some.map(({ uid: sopInstanceUid }) => ({ ...REFERENCE, sopInstanceUid }));
        const note = await files.take(writeKeyObject({ ...NOTE, sopInstanceUid: `2.25.99${round}`, names }));
        await files.ingestWaiting(2);
        await decideInstances(pool, { fileId: note }, 'in_use', SIGNED);
      }),
      (async () => {
        const night = {
          ...ORDINARY_NIGHT,
          pool,
          log: recordedLog(),
          archiveDir: files.archiveDir,
          reader: files.reader,
        };
        const filters = { since: '2000-01-01' };
        await runNight({ ...night, trigger: 'hand', filters, concurrency: 3 });
      })(),
    ]).finally(() => {
      working = false;
    });
    const judged = [0, 1].map(() =>
      meanwhile(async () => {
        for (const { id } of shuffled().slice(0, 8)) await assessStoredPatient(pool, id);
      }),
    );
    await Promise.all([changes, ...judged]);
    const { rows: failed } = await pool.query(
      `select kind, detail from night_change where kind = 'failure' union all
       select state, reason_facts from source_file where state in ('received', 'failed')`,
    );
    expect(failed).toEqual([]);
    while ((await assessWaiting(pool)).length > 0);
    expect((await pool.query('select 1 from stored_report where out_of_use')).rows).toEqual([]);
    await pool.query('select pg_stat_force_next_flush()');
    const { rows } = await pool.query('select deadlocks::int from pg_stat_database where datname = current_database()');
    expect(rows).toEqual([{ deadlocks: 0 }]);
  });
});
