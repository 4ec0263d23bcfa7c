import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Queryable } from '../../../src/db/pool.ts';
import { migrate, readMigrations } from '../../../src/db/schema/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';

const BEFORE_ARRAYS = 15;

/** A report without values; returns its id. */
async function makeReport(database: Queryable): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    `with f as (insert into source_file (sha256, byte_count, archive_path, drop_name, state)
                values (repeat('a', 64), 1, 'a', 'a', 'stored') returning id),
          p as (insert into patient (issuer_of_patient_id, patient_id) values ('', 'P') returning id),
          c as (insert into scanner (manufacturer, model_name, identity_key, identified) values ('a', 'b', 'c', false) returning id),
          s as (insert into study (study_instance_uid, patient_id, named_patient_id) select '1.2', id, id from p returning id)
     insert into report (source_file_id, sop_instance_uid, study_id, scanner_id, vendor, adapter_version, reader_version,
         scanned_at, content_at)
     select f.id, '1.2.3', s.id, c.id, 'test', '1', '1', '2024-03-05', '2024-03-05' from f, s, c returning id::text`,
  );
  return rows[0]?.id ?? '';
}

describe('values of a report', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase({ empty: true });
  });
  afterEach(async () => database.drop());

  it('are unchanged after the move out of the older table, in the order of the file', async () => {
    const migrations = await readMigrations();
    await migrate(database.pool, migrations.slice(0, BEFORE_ARRAYS));
    const report = await makeReport(database.pool);
    await database.pool.query(
      `insert into measured_value (report_id, scan_type, scan_label, region, vertebrae, laterality, quantity,
           reference_population, value, unit, raw_text, raw_unit, raw_label, code_value, code_scheme, code_meaning, tree_path)
       values ($1, 'spine', 'AP "Spine", {all}', 'spine', 'L1,L2', 'none', 'bmd', '', 0.985, 'g/cm2', '0.985', 'g/cm²', 'L1-L2', '3', 'GELUNAR', 'BMD', '1.2'),
              ($1, 'spine', 'AP "Spine", {all}', 'spine', 'L1,L2', 'none', 't_score', 'USA', -1.4, '1', '-1.4', null, 'null', null, null, null, '1.1')`,
      [report],
    );
    const read = async (order: string) =>
      (
        await database.pool.query(
          `select to_jsonb(v) - 'id' - 'place' as row from measured_value v where report_id = $1 order by ${order}`,
          [report],
        )
      ).rows;
    const before = await read('id');
    await migrate(database.pool, migrations);
    expect(await read('place')).toEqual(before);
    expect(before).toHaveLength(2);
  });

  it('hold or are refused as a whole', async () => {
    await migrate(database.pool, await readMigrations());
    const report = await makeReport(database.pool);
    const good = {
      scan_type: ['spine', 'hip'],
      scan_label: ['AP Spine', 'Hip'],
      region: ['spine', 'total_hip'],
      vertebrae: ['L1,L2', ''],
      laterality: ['none', 'left'],
      quantity: ['bmd', 'bmd'],
      reference_population: ['', ''],
      value: ['0.985', '0.8'],
      unit: ['g/cm2', 'g/cm2'],
      raw_text: ['0.985', '0.800'],
      raw_unit: [null, 'g/cm²'],
      raw_label: ['L1-L2', 'Total'],
      code_value: [null, null],
      code_scheme: [null, null],
      code_meaning: [null, null],
      tree_path: ['1.1', '1.2'],
    };
    const insert = async (change: Partial<Record<keyof typeof good, readonly (string | null)[]>>) => {
      const row = { ...good, ...change };
      const names = Object.keys(row);
      await database.pool.query(
        `insert into report_values (report_id, ${names.join(', ')}) values ($1, ${names.map((_, index) => `$${index + 2}`).join(', ')})`,
        [report, ...Object.values(row)],
      );
    };
    const refused = async (change: Parameters<typeof insert>[0]) =>
      await expect(insert(change)).rejects.toMatchObject({ code: '23514' });
    await refused({ scan_type: ['spine', 'knee'] });
    await refused({ laterality: ['none', 'both'] });
    await refused({ quantity: ['bmd', 'mass'] });
    await refused({ vertebrae: ['L1,L2', 'L1'] });
    await refused({ vertebrae: ['', ''] });
    await refused({ vertebrae: ['L6', ''] });
    await refused({ vertebrae: ['L1;L2', ''] });
    await refused({ reference_population: ['USA', ''] });
    await refused({ value: ['3.1', '0.8'] });
    await refused({ value: ['0.099', '0.8'] });
    await refused({ unit: ['g/cm2', 'mg/cm2'] });
    await refused({ quantity: ['bmd', 'area'], value: ['0.985', '0'] });
    await refused({ tree_path: ['1.1', null] });
    await refused({ value: ['0.985', null] });
    await refused({ raw_text: ['0.985'] });
    await refused({ code_meaning: [] });
    const twice = { scan_type: ['hip', 'hip'], scan_label: ['Hip', 'Hip'], region: ['total_hip', 'total_hip'] };
    await refused({ ...twice, vertebrae: ['', ''], laterality: ['left', 'left'] });
    await insert({ ...twice, vertebrae: ['', ''], laterality: ['left', 'right'] });
    await database.pool.query('delete from report');
    expect((await database.pool.query('select * from report_values')).rows).toEqual([]);
  });
});
