import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findSourceFile } from '../../../src/db/files/source-file.ts';
import { findSourceFileDetail, listArrivals } from '../../../src/db/files/source-file-detail.ts';
import { inTransaction } from '../../../src/db/pool.ts';
import { storeOutcome } from '../../../src/jobs/ingest/store-outcome.ts';
import { giveUpFile, noteArchiveLoss } from '../../../src/jobs/work/lost-files.ts';
import { canonicalDump } from '../../support/database/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { dicomFile } from '../../support/dicom/dicom-bytes.ts';
import { encoded, hipReport as hip } from '../../support/dicom/hip-report.ts';
import { openTakenFiles, type TakenFiles } from '../../support/stored/taken-files.ts';

describe('files of one SOP instance', () => {
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

  const states = async () =>
    (
      await database.pool.query<{ state: string; n: number }>(
        'select state, count(*)::int as n from source_file group by 1 order by 1',
      )
    ).rows.map(({ state, n }) => `${n} ${state}`);
  const standing = async () =>
    (
      await database.pool.query<{ line: string }>(
        `select concat_ws(' ', v.value::text, r.content_at, f.state) as line
           from report r join source_file f on f.id = r.source_file_id left join measured_value v on v.report_id = r.id order by 1`,
      )
    ).rows.map(({ line }) => line);
  const stateOf = async (id: string) => (await findSourceFile(database.pool, id))?.state;

  it('are one report, whatever encoding it came in, and each is an arrival', async () => {
    const ids: string[] = [];
    for (const bytes of encoded(hip('0.812'))) {
      ids.push(await files.take(bytes));
      await files.ingestWaiting();
    }
    expect(await states()).toEqual(['7 duplicate', '1 stored']);
    expect(await standing()).toEqual(['0.812000 2024-03-05T10:17:22 stored']);
    await files.take(dicomFile(hip('0.812'))); // the very bytes once more
    const detail = await findSourceFileDetail(database.pool, ids[3] ?? '');
    expect(detail?.timesContentReceived).toBe(9);
    const arrivals = await listArrivals(database.pool, ids[0] ?? '', 100);
    expect(arrivals.map(({ fileId }) => fileId).sort()).toEqual([...ids, ids[0] ?? ''].sort());
    expect(new Set(arrivals.map(({ route }) => route))).toEqual(new Set(['drop folder']));
    const [stored] = (await database.pool.query(`select id::text from source_file where state = 'stored'`)).rows;
    for (const id of ids.filter((one) => one !== stored.id)) {
      expect(await findSourceFileDetail(database.pool, id)).toMatchObject({
        state: 'duplicate',
        reasonCode: null,
        duplicateOfId: stored.id,
      });
    }
  });

  it('conflict as soon as one byte of a value differs, private values included', async () => {
    await files.take(dicomFile(hip('0.812')));
    await files.take(dicomFile(hip('0.813'), { syntax: 'implicit' }));
    await files.take(dicomFile(hip('0.812').map((one) => (one[0] === 0x00091001 ? [one[0], one[1], 'privatf'] : one))));
    await files.ingestWaiting();
    expect(await states()).toEqual(['2 conflicted', '1 stored']);
  });

  it('leave the same rows whatever order they arrive in, one after the other or at once', {
    timeout: 240_000,
  }, async () => {
    const three = [hip('0.812', '101722'), hip('0.820', '111722'), hip('0.830', '111722')];
    const given = three.flatMap((elements) => encoded(elements).slice(0, 3));
    const dumpOf = async (order: readonly Buffer[], lanes: number, each: boolean) => {
      const other = await createTestDatabase();
      const taken = openTakenFiles(other.pool);
      try {
        for (const bytes of order) {
          await taken.take(bytes);
          if (each) await taken.ingestWaiting();
        }
        await taken.ingestWaiting(lanes);
        return await canonicalDump(other.pool, { places: true });
      } finally {
        taken.close();
        await other.drop();
      }
    };
    const expected = await dumpOf(given, 1, true);
    expect(expected.match(/"state":"(stored|conflicted|duplicate)"/g)?.sort()).toEqual([
      ...Array(6).fill('"state":"conflicted"'),
      ...Array(2).fill('"state":"duplicate"'),
      '"state":"stored"',
    ]);
    expect(await dumpOf(given.toReversed(), 1, true)).toBe(expected);
    expect(await dumpOf([...given.slice(4), ...given.slice(0, 4)], 8, false)).toBe(expected);
    expect(await dumpOf([...given].sort(Buffer.compare), 3, true)).toBe(expected);
  });

  it('are used one after the other when the one in use is refused by a later reader', async () => {
    const [early, late, latest] = [hip('0.812', '101722'), hip('0.820', '111722'), hip('0.830', '121722')];
    const ids = [];
    for (const elements of [early, late, latest]) ids.push(await files.take(dicomFile(elements)));
    ids.push(await files.take(dicomFile(late, { syntax: 'implicit' })));
    await files.ingestWaiting();
    expect(await standing()).toEqual(['0.830000 2024-03-05T12:17:22 stored']);
    const refuse = (from: string) => {
      files.afterReading.do = async (outcome) => {
        if (!outcome.ok || outcome.report.contentAt < from) return outcome;
        const { sopInstanceUid } = outcome.report;
        return { ok: false, code: 'NOT_DXA', path: null, facts: {}, sopInstanceUid, findings: [] };
      };
    };
    const again = async (id: string) =>
      await database.pool.query(`update source_file set state = 'received' where id = $1`, [id]);
    refuse('2024-03-05T12');
    await again(ids[2] ?? '');
    expect((await files.ingestWaiting())[0]?.requeued).toHaveLength(1);
    expect(await standing()).toEqual(['0.820000 2024-03-05T11:17:22 stored']);
    expect(await states()).toEqual(['1 conflicted', '1 duplicate', '1 refused', '1 stored']);

    refuse('2024-03-05T11');
    const [stands] = (await database.pool.query(`select source_file_id::text as id from report`)).rows;
    await again(stands.id);
    await files.ingestWaiting();
    expect(await standing()).toEqual(['0.812000 2024-03-05T10:17:22 stored']);
    expect(await states()).toEqual(['3 refused', '1 stored']);

    // And the patient who lost a report was to be judged again each time.
    const { rows } = await database.pool.query('select revision::int from patient');
    expect(rows[0].revision).toBeGreaterThanOrEqual(5);
  });

  it('are used in turn when the one before them can never be read', async () => {
    const ids = [];
    for (const time of ['101722', '111722', '121722']) ids.push(await files.take(dicomFile(hip('0.812', time))));
    await files.ingestWaiting();
    const [first = '', second = '', third = ''] = ids;
    const refused = {
      ok: false,
      code: 'NOT_DXA',
      path: null,
      facts: {},
      sopInstanceUid: '2.25.5',
      findings: [],
    } as const;
    const file = await findSourceFile(database.pool, third);
    if (file === null) throw new Error('no file');
    const { requeued } = await inTransaction(database.pool, (transaction) => storeOutcome(transaction, file, refused));
    expect(requeued).toEqual([second]);
    const why = { code: 'PROCESSING_FAILED', cause: 'XX000' };
    expect(await giveUpFile(database.pool, second, why)).toEqual([first]);
    await files.ingestWaiting();
    expect([await stateOf(first), await stateOf(second), await stateOf(third)]).toEqual([
      'stored',
      'failed',
      'refused',
    ]);
  });

  it('take over from one of the same content whose bytes the archive has lost', async () => {
    for (const bytes of encoded(hip('0.812')).slice(0, 2)) await files.take(bytes);
    await files.ingestWaiting();
    const [lost] = (
      await database.pool.query(
        `select f.id::text, f.archive_path as path from source_file f join report r on r.source_file_id = f.id`,
      )
    ).rows;
    unlinkSync(join(files.archiveDir, lost.path));
    expect(await noteArchiveLoss(database.pool, lost.id, 'ARCHIVE_MISSING')).toHaveLength(1);
    await files.ingestWaiting();
    expect(await stateOf(lost.id)).toBe('duplicate');
    expect(await states()).toEqual(['1 duplicate', '1 stored']);
    expect(await standing()).toEqual(['0.812000 2024-03-05T10:17:22 stored']);
  });

  it('that an earlier release read get their identity when another arrives', async () => {
    await files.take(dicomFile(hip('0.812')));
    await files.ingestWaiting();
    await database.pool.query(
      'update source_file set content_identity = null, content_at = null, mapping_revision = null',
    );
    await files.take(dicomFile(hip('0.812'), { syntax: 'big endian' }));
    await files.ingestWaiting();
    expect(await states()).toEqual(['1 duplicate', '1 stored']);
    const { rows } = await database.pool.query(
      'select count(distinct content_identity)::int as n, count(*)::int as files from source_file',
    );
    expect(rows).toEqual([{ n: 1, files: 2 }]);
  });

  it.each([2, 4, 16])(
    '%i at once, over three pools: none fails and the latest stands',
    { timeout: 240_000 },
    async (count) => {
      for (let round = 0; round < 3; round += 1) {
        const uid = `2.25.9${round}`;
        const times = Array.from({ length: count }, (_, index) => `${String(100000 + index).padStart(6, '0')}`);
        const order = times.toSorted(
          (a, b) => ((Number(a) * 7919 * (round + 1)) % 101) - ((Number(b) * 7919 * (round + 1)) % 101),
        );
        for (const time of order) await files.take(dicomFile(hip(`0.8${time.slice(-2)}`, time, [], uid)));
      }
      const workers = [files, openTakenFiles(database.pool, files), openTakenFiles(database.pool, files)];
      await Promise.all(workers.map(async (worker) => await worker.ingestWaiting(8)));
      const last = String(100000 + count - 1);
      const at = `2024-03-05T${last.slice(0, 2)}:${last.slice(2, 4)}:${last.slice(4)}`;
      expect(await standing()).toEqual(Array(3).fill(`0.8${last.slice(-2)}000 ${at} stored`));
      expect(await states()).toEqual([`${3 * (count - 1)} conflicted`, '3 stored']);
    },
  );
});
