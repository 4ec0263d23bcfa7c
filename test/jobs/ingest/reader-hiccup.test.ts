import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSourceFile } from '../../../src/db/files/source-file.ts';
import { listFilesToRetry } from '../../../src/db/night/selection.ts';
import { inTransaction } from '../../../src/db/pool.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import type { ReadOutcome } from '../../../src/jobs/ingest/read-thread.ts';
import { openReadingPool } from '../../../src/jobs/ingest/reading-pool.ts';
import { storeOutcome } from '../../../src/jobs/ingest/store-outcome.ts';
import { READING_VERSION } from '../../../src/jobs/versions.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';
import { storeVisit } from '../../support/stored/stored-visit.ts';

const refusal = (code: string): ReadOutcome => ({
  ok: false,
  code,
  path: null,
  facts: {},
  sopInstanceUid: null,
  findings: [],
});

describe('a reader that fails on a file', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => await database.drop());

  const readAgain = async (id: string, code: string) => {
    const file = await findSourceFile(database.pool, id);
    if (file === null) throw new Error('no file');
    return await inTransaction(database.pool, (transaction) => storeOutcome(transaction, file, refusal(code)));
  };
  const fileOf = async (patientId: string) => {
    const { rows } = await database.pool.query<{ id: string }>(
      `select r.source_file_id::text as id from report r join study s on s.id = r.study_id
         join patient p on p.id = s.patient_id where p.patient_id = $1`,
      [patientId],
    );
    return rows[0]?.id ?? '';
  };
  const kept = async (id: string) => {
    const { rows } = await database.pool.query(
      `select f.state, f.reason_code as reason, p.revision::int, r.id as report,
              array(select v.value::text from measured_value v where v.report_id = r.id order by v.tree_path) as values
         from source_file f left join report r on r.source_file_id = f.id
         left join study s on s.id = r.study_id left join patient p on p.id = s.patient_id where f.id = $1`,
      [id],
    );
    return rows[0];
  };

  it.each(['READER_TIMEOUT', 'READER_CRASHED'])(
    'leaves what is stored of it as it is and notes %s as a finding, once',
    async (code) => {
      await storeVisit(database.pool, { patientId: code, scannedOn: '2022-01-10', spine: '0.900', leftHip: '0.800' });
      const id = await fileOf(code);
      const before = await kept(id);
      expect(before).toMatchObject({ state: 'stored', reason: null, values: ['0.900000', '0.800000'] });
      expect(await readAgain(id, code)).toMatchObject({ state: 'stored', code, patientId: null, trace: null });
      await readAgain(id, code);
      expect(await kept(id)).toEqual(before);
      const { rows } = await database.pool.query(
        'select code, scanner_key is not null as "ofScanner" from finding where source_file_id = $1',
        [id],
      );
      expect(rows).toEqual([{ code, ofScanner: true }]);
    },
  );

  it('removes what is stored when the file itself is refused', async () => {
    await storeVisit(database.pool, { patientId: 'REFUSED', scannedOn: '2022-01-10', spine: '0.900' });
    const id = await fileOf('REFUSED');
    await readAgain(id, 'READER_TIMEOUT');
    expect(await readAgain(id, 'NOT_DXA')).toMatchObject({ state: 'refused', code: 'NOT_DXA' });
    expect(await kept(id)).toMatchObject({ state: 'refused', reason: 'NOT_DXA', report: null });
  });

  it('tries a file without a report again the next night, whatever version refused it', async () => {
    const { rows } = await database.pool.query<{ id: string }>(
      `insert into source_file (sha256, byte_count, archive_path, drop_name, state)
       select repeat(x, 64), 1, x, x, 'received' from unnest(array['c', 'd', 'e']) as x returning id::text`,
    );
    const [timeout = '', crash = '', other = ''] = rows.map(({ id }) => id);
    expect(await readAgain(timeout, 'READER_TIMEOUT')).toMatchObject({ state: 'refused', code: 'READER_TIMEOUT' });
    await readAgain(crash, 'READER_CRASHED');
    await readAgain(other, 'NOT_DICOM');
    const page = { afterId: '0', endId: other, limit: 100 };
    const retried = (await listFilesToRetry(database.pool, page, READING_VERSION, {})).map(({ id }) => id);
    expect(retried).toEqual([timeout, crash]);
  });

  it.each(['no-such-thread.ts', 'database.ts'])(
    'blames no file when no reading thread starts from %s',
    async (name) => {
      const file = fileURLToPath(new URL(`../../support/database/${name}`, import.meta.url));
      const pool = openReadingPool({ threads: 1, deadlineMs: 3_000, memoryMb: 512, limits: READ_LIMITS, file });
      const unavailable = { code: 'READER_UNAVAILABLE', transient: true };
      await expect(pool.read(Buffer.from('a report'), RECEIVED_ON)).rejects.toMatchObject(unavailable);
      // The second file waits for a thread that never takes it.
      await expect(pool.read(Buffer.from('another'), RECEIVED_ON)).rejects.toMatchObject(unavailable);
      await pool.close();
    },
  );
});
