import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockStoring } from '../../../src/db/locks.ts';
import { listFilesToRetry, listPatientsToReread } from '../../../src/db/night/selection.ts';
import { inTransaction } from '../../../src/db/pool.ts';
import { insertSiteMapping, listSiteMappings } from '../../../src/db/registry/site-mapping.ts';
import { addSiteMappings, retireSiteMapping } from '../../../src/jobs/registry/site-mapping.ts';
import { readMapping } from '../../../src/jobs/registry/site-mapping-csv.ts';
import { READING_VERSION, VERSIONS } from '../../../src/jobs/versions.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { dicomFile } from '../../support/dicom/dicom-bytes.ts';
import { concept, item, num, report } from '../../support/dicom/dicom-report.ts';
import { openTakenFiles, type TakenFiles } from '../../support/stored/taken-files.ts';
import { until } from '../../support/until.ts';

const SIGNED = { by: 'M. Weber', note: 'French labels' };
const ge = (value: string, meaning: string) => [value, 'GELUNAR', meaning] as const;

const region = (code: string, label: string, bmd: string) =>
  item(
    'CONTAINER',
    [code, 'GELUNAR', label],
    [
      [0x0040a050, 'CS', 'SEPARATE'],
      [0x0040a730, 'SQ', [num(ge('3', 'BMD'), bmd)]],
    ],
  );
const scan = item('CONTAINER', ge('2000-2', 'Left Femur'), [
  [0x0040a050, 'CS', 'SEPARATE'],
  [0x0040a730, 'SQ', [region('1000-77', 'Col femoral', '0.812')]],
]);
const FRENCH = dicomFile(report([scan]));
const NECK = {
  ...{ vendor: 'ge-lunar', kind: 'region', code_scheme: 'GELUNAR', code_value: '1000-77', scan_type: 'hip' },
  region: 'femoral_neck',
};

/** What a person maps while a file is between its reader and the database; clocks and commits say nothing of it. */
describe('a site mapping that changes while a file is being read', () => {
  let database: TestDatabase;
  let files: TakenFiles;
  beforeEach(async () => {
    database = await createTestDatabase();
    files = openTakenFiles(database.pool);
  });
  afterEach(async () => {
    files.close();
    await database.drop();
  });

  const values = async () =>
    (
      await database.pool.query<{ line: string }>(`select concat_ws(' ', region, value) as line from measured_value`)
    ).rows.map(({ line }) => line);
  /** Does something once, when a file was read and before it is stored. */
  const meanwhile = (work: () => Promise<unknown>) => {
    files.afterReading.do = async (outcome) => {
      files.afterReading.do = async (later) => later;
      await work();
      return outcome;
    };
  };
  const add = async () => await addSiteMappings(database.pool, [readMapping(NECK)], SIGNED);
  const retire = async () => {
    const [mapping] = await listSiteMappings(database.pool);
    await retireSiteMapping(database.pool, mapping?.mappingId ?? '', SIGNED);
  };

  it('is used when it was added', async () => {
    await files.take(FRENCH);
    meanwhile(add);
    await files.ingestWaiting();
    expect(await values()).toEqual(['femoral_neck 0.812000']);
  });

  it('is not used when it was retired', async () => {
    await add();
    await files.take(FRENCH);
    meanwhile(retire);
    await files.ingestWaiting();
    expect(await values()).toEqual([]);
    const { rows } = await database.pool.query('select site_mapping_ids as ids from report');
    expect(rows).toEqual([{ ids: [] }]);
  });

  it('is used for a file that is read again', async () => {
    await files.take(FRENCH);
    await files.ingestWaiting();
    await database.pool.query(`update source_file set state = 'received'`);
    meanwhile(add);
    await files.ingestWaiting();
    expect(await values()).toEqual(['femoral_neck 0.812000']);
  });

  it('is used although it commits after the file was read, and had not seen it', async () => {
    await files.take(FRENCH);
    let ingesting: Promise<unknown> | undefined;
    await inTransaction(database.pool, async (transaction) => {
      await lockStoring(transaction);
      await insertSiteMapping(transaction, readMapping(NECK), SIGNED);
      ingesting = files.ingestWaiting();
      await until(async () => {
        const { rowCount } = await database.pool.query(
          `select 1 from pg_locks where locktype = 'advisory' and not granted`,
        );
        return rowCount === 1;
      }, 'the file waits for the mapping');
    });
    await ingesting;
    expect(await values()).toEqual(['femoral_neck 0.812000']);
  });

  it('is found by the night where an earlier release stored a file without it', async () => {
    const id = await files.take(FRENCH);
    await files.ingestWaiting();
    await add();
    // As it came about: read before the mapping, stored after it, and by the clock of the database the later of the two.
    await database.pool.query(`update source_file set state = 'stored', reason_code = null, mapping_revision = null`);
    await database.pool.query('update report set stored_at = now()');
    const page = { afterId: '0', endId: '1000000', limit: 10 };
    const choice = { versions: { ...VERSIONS }, filters: {} };
    expect(await listPatientsToReread(database.pool, page, choice)).toHaveLength(1);
    await database.pool.query(`update source_file set state = 'received' where id = $1`, [id]);
    await files.ingestWaiting();
    expect(await listPatientsToReread(database.pool, page, choice)).toEqual([]);
    await retire();
    await database.pool.query(`update source_file set state = 'stored'`);
    expect(await listPatientsToReread(database.pool, page, choice)).toHaveLength(1);
  });

  it('has refusals tried again that were read without it', async () => {
    const page = { afterId: '0', endId: '1000000', limit: 10 };
    const attributes = [
      [0x00080070, 'LO', 'Other'],
      [0x00081090, 'LO', 'Other'],
      concept(['1', '99X', 'Consultation']),
    ] as const;
    await files.take(
      dicomFile(report([item('TEXT', ['1', '99X', 'Comment'], [[0x0040a160, 'UT', 'none']])], { attributes })),
    );
    await files.ingestWaiting();
    const { rows } = await database.pool.query('select state, mapping_revision::text as revision from source_file');
    expect(rows).toEqual([{ state: 'refused', revision: '0' }]);
    expect(await listFilesToRetry(database.pool, page, READING_VERSION, {})).toEqual([]);
    await database.pool.query(`update source_file set processed_at = now() + interval '1 hour'`);
    await add();
    expect(await listFilesToRetry(database.pool, page, READING_VERSION, {})).toHaveLength(1);
  });
});
