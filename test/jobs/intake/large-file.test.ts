import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readInputBytes } from '../../../src/cli/terminal/input-file.ts';
import { listIntakeProblems } from '../../../src/db/files/intake-problem.ts';
import { findSourceFileDetail } from '../../../src/db/files/source-file-detail.ts';
import { listFilesToCheck, listFilesToRetry } from '../../../src/db/night/selection.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { archivePathOf, readArchived } from '../../../src/jobs/archive/archive.ts';
import { openByteBudget } from '../../../src/jobs/ingest/byte-budget.ts';
import { openFileReading } from '../../../src/jobs/ingest/read-source-file.ts';
import { openReadingPool, READING } from '../../../src/jobs/ingest/reading-pool.ts';
import { type Intake, openIntake } from '../../../src/jobs/intake/intake.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { sha } from '../../support/sending.ts';
import { until } from '../../support/until.ts';

const MIB = 1024 * 1024;
const SIZES = [65 * MIB, 1024 * MIB, 2048 * MIB, 10_240 * MIB];
const LIMIT = 64 * MIB;
const rss = () => process.memoryUsage().rss / MIB;

describe('a file that is too large to be read', () => {
  let database: TestDatabase;
  let folder: string;
  let dropDir: string;
  let archiveDir: string;
  let intake: Intake | undefined;
  beforeEach(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-large-'));
    dropDir = join(folder, 'drop');
    archiveDir = join(folder, 'archive');
    mkdirSync(dropDir);
  });
  afterEach(async () => {
    await intake?.close();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
    if (!dropDir.startsWith(folder)) rmSync(dropDir, { recursive: true, force: true });
  });

  async function open(): Promise<void> {
    intake = await openIntake({
      ...{ pool: database.pool, log: recordedLog(), dropDir, archiveDir },
      ...{ stableMs: 50, holdMs: 500, sweepMs: 200, concurrency: 8, onTaken: async () => undefined },
    });
  }

  function sparse(path: string, bytes: number): void {
    writeFileSync(path, '');
    truncateSync(path, bytes);
  }

  const rows = async () =>
    (
      await database.pool.query<{ id: string; bytes: string; path: string; code: string; sha256: string | null }>(
        `select id::text, byte_count::text as bytes, archive_path as path, reason_code as code, sha256 from source_file
          order by byte_count`,
      )
    ).rows;

  it('is moved aside unread, and its row says where it is', { timeout: 60_000 }, async () => {
    for (const bytes of SIZES) sparse(join(dropDir, `${bytes}.dcm`), bytes);
    const before = rss();
    let most = before;
    await open();
    await until(async () => {
      most = Math.max(most, rss());
      return (await rows()).length === SIZES.length;
    }, 'all refused');
    expect(most - before).toBeLessThan(100);
    const all = await rows();
    expect(all.map(({ bytes, code, sha256 }) => [Number(bytes), code, sha256])).toEqual(
      SIZES.map((bytes) => [bytes, 'LIMIT_BYTES', null]),
    );
    for (const { path, bytes } of all) {
      expect(statSync(join(archiveDir, path))).toMatchObject({ size: Number(bytes), blocks: 0 });
    }
    expect(readdirSync(dropDir)).toEqual([]);
    const detail = await findSourceFileDetail(database.pool, all[0]?.id ?? '');
    expect(detail).toMatchObject({ reasonFacts: { bytes: SIZES[0], limit: LIMIT, movedTo: all[0]?.path } });
    // Neither the night nor its proof of the archive opens it.
    const page = { afterId: '0', endId: '999999', limit: 10 };
    expect(await listFilesToRetry(database.pool, page, 'a later release', {})).toEqual([]);
    expect(await listFilesToCheck(database.pool, page)).toEqual([]);
  });

  it('is recorded after a crash between the move and the row', async () => {
    sparse(join(dropDir, 'a.dcm'), 65 * MIB);
    await open();
    await until(async () => (await rows()).length === 1, 'refused');
    await intake?.close();
    await database.pool.query('delete from source_file');
    await open();
    await until(async () => (await rows()).length === 1, 'refused again');
    const { rows: names } = await database.pool.query('select drop_name from source_file');
    expect(names).toEqual([{ drop_name: 'a.dcm' }]);
  });

  it.skipIf(!existsSync('/dev/shm'))('stays in a drop folder on another file system, listed', async () => {
    dropDir = mkdtempSync('/dev/shm/dxaflow-large-');
    sparse(join(dropDir, 'a.dcm'), 2048 * MIB);
    await open();
    const problem = await until(async () => (await listIntakeProblems(database.pool, 10))[0], 'listed');
    expect(problem).toMatchObject({ dropName: 'a.dcm', code: 'LIMIT_BYTES' });
    expect(readdirSync(dropDir)).toEqual(['a.dcm']);
    expect(await rows()).toEqual([]);
    rmSync(join(dropDir, 'a.dcm'));
    await until(async () => (await listIntakeProblems(database.pool, 10)).length === 0, 'forgotten');
  });

  it('is not read from the archive either, nor where a person names it', { timeout: 60_000 }, async () => {
    const path = archivePathOf(sha('x'));
    mkdirSync(join(archiveDir, path, '..'), { recursive: true });
    sparse(join(archiveDir, path), 10_240 * MIB);
    const before = rss();
    await expect(readArchived(archiveDir, path, sha('x'))).rejects.toMatchObject({ code: 'LIMIT_BYTES' });
    await expect(readInputBytes(join(archiveDir, path))).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    const reader = openReadingPool({ ...READING, limits: READ_LIMITS });
    const { rows: made } = await database.pool.query<{ id: string }>(
      `insert into source_file (sha256, byte_count, archive_path, drop_name, state)
       values ($1, 1, $2, 'x', 'received') returning id::text`,
      [sha('x'), path],
    );
    const file = { id: made[0]?.id ?? '', sha256: sha('x'), archivePath: path, receivedOn: RECEIVED_ON };
    const read = openFileReading({ pool: database.pool, archiveDir, reader });
    expect(await read(file)).toMatchObject({
      ok: false,
      code: 'LIMIT_BYTES',
      facts: { bytes: 10_240 * MIB, limit: LIMIT },
    });
    await reader.close();
    expect(rss() - before).toBeLessThan(100);
  });
});

describe('a pipe that somebody names', () => {
  it('is read no further than the limit', async () => {
    await expect(readInputBytes('/dev/zero', 5 * MIB)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  });
});

describe('the bytes of files in memory', () => {
  it('are limited in total, and a file larger than the limit is read alone', async () => {
    const budget = openByteBudget(100);
    const events: string[] = [];
    const enter = async (name: string, bytes: number) => {
      const leave = await budget(bytes);
      events.push(name);
      return leave;
    };
    const leaveA = await enter('a', 60);
    const leaveB = await enter('b', 40);
    const big = enter('big', 500);
    const small = enter('small', 1);
    await Promise.resolve();
    leaveA();
    await new Promise(setImmediate);
    expect(events).toEqual(['a', 'b']);
    leaveB();
    (await big)();
    (await small)();
    expect(events).toEqual(['a', 'b', 'big', 'small']);
  });
});
