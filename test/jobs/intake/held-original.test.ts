import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listPatientsNotJudged } from '../../../src/db/files/failure.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { archivePathOf } from '../../../src/jobs/archive/archive.ts';
import { openFileIngest } from '../../../src/jobs/ingest/ingest.ts';
import { readAndAdapt } from '../../../src/jobs/ingest/read-thread.ts';
import { openReadingPool, READING } from '../../../src/jobs/ingest/reading-pool.ts';
import { type Intake, type IntakeContext, openIntake } from '../../../src/jobs/intake/intake.ts';
import type { TakenFile } from '../../../src/jobs/intake/take-file.ts';
import { simulateCohort } from '../../../src/simulate/cohort/simulate-cohort.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { everythingBelow, sendByName, sendSizeFirst, sendSlowly, sha, wrongInArchive } from '../../support/sending.ts';
import { until } from '../../support/until.ts';

/** A report an instance, and none that is refused for its content. */
const REPORTS = [
  ...new Map(
    [...simulateCohort({ patients: 60, seed: 5 }).files].flatMap(({ bytes }) => {
      const read = readAndAdapt({ bytes, limits: READ_LIMITS, receivedOn: RECEIVED_ON });
      return read.ok ? [[read.report.sopInstanceUid, bytes] as const] : [];
    }),
  ).values(),
];
const report = (index: number): Uint8Array => REPORTS[index] ?? new Uint8Array();
/** Another file system than that of the temporary folder, on Linux. */
const ELSEWHERE = '/dev/shm';
const PLACES = ['the same file system', 'another file system'] as const;

type Row = { id: string; sha256: string; state: string; code: string | null; superseded: string | null; times: number };

describe('the original of a file that was taken in', () => {
  let database: TestDatabase;
  let reader: ReturnType<typeof openReadingPool>;
  let folder: string;
  let dropDir: string;
  let archiveDir: string;
  const opened: Intake[] = [];
  let taken: TakenFile[];
  let ingests: Promise<unknown>[];

  beforeAll(() => {
    reader = openReadingPool({ ...READING, limits: READ_LIMITS });
  });
  afterAll(() => reader.close());
  beforeEach(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-held-'));
    dropDir = join(folder, 'drop');
    archiveDir = join(folder, 'archive');
    mkdirSync(dropDir);
    taken = [];
    ingests = [];
  });
  afterEach(async () => {
    await closeAll();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
    if (dropDir.startsWith(ELSEWHERE)) rmSync(dropDir, { recursive: true, force: true });
  });

  async function closeAll(): Promise<void> {
    for (const intake of opened.splice(0)) await intake.close();
    await Promise.allSettled(ingests);
  }

  /** The intake, with files read as soon as they are taken. */
  async function open(changes: Partial<Pick<IntakeContext, 'stableMs' | 'holdMs' | 'maxBytes'>> = {}): Promise<void> {
    const { pool } = database;
    const ingest = openFileIngest({ pool, archiveDir, reader });
    opened.push(
      await openIntake({
        ...{ pool, log: recordedLog(), dropDir, archiveDir, stableMs: 60, holdMs: 1500, sweepMs: 200, concurrency: 8 },
        onTaken: async (file) => {
          taken.push(file);
          if (file.outcome === 'received') ingests.push(ingest(file.sourceFileId));
        },
        ...changes,
      }),
    );
  }

  const rows = async () =>
    (
      await database.pool.query<Row>(
        `select id::text, sha256, state, reason_code as code, superseded_by_id::text as superseded, times_received as times
           from source_file order by id`,
      )
    ).rows;
  const rowOf = async (bytes: Uint8Array | string) => (await rows()).find((row) => row.sha256 === sha(bytes));
  const isStored = async (bytes: Uint8Array) => (await rowOf(bytes))?.state === 'stored';
  const untilRead = (bytes: Uint8Array) =>
    until(async () => (await rowOf(bytes))?.state === 'refused', 'the first part is read', 60_000);
  const archived = (bytes: Uint8Array | string) => join(archiveDir, archivePathOf(sha(bytes)));
  const held = () => database.pool.query('select 1 from held_original').then(({ rows: all }) => all.length);
  const heldFiles = () =>
    [join(archiveDir, 'held'), join(dropDir, '.dxaflow-held')]
      .filter((place) => existsSync(place))
      .flatMap((place) => everythingBelow(place).filter(({ isFile }) => isFile));
  const useElsewhere = (where: (typeof PLACES)[number]) => {
    if (where === 'another file system') dropDir = mkdtempSync(join(ELSEWHERE, 'dxaflow-drop-'));
  };

  it.each(PLACES)(
    'is taken again when its sender pauses and goes on: 100 files, %s',
    { timeout: 120_000 },
    async (where) => {
      useElsewhere(where);
      await open({ holdMs: 4000 });
      const files = REPORTS.slice(0, 100);
      await Promise.all(files.map((bytes, index) => sendSlowly(join(dropDir, `${index}.dcm`), bytes, untilRead)));
      await until(
        async () => (await rows()).filter(({ state }) => state === 'stored').length === 100,
        'stored',
        60_000,
      );
      const all = await rows();
      expect(
        all
          .filter(({ state }) => state === 'stored')
          .map((row) => row.sha256)
          .sort(),
      ).toEqual(files.map(sha).sort());
      const others = all.filter(({ state }) => state !== 'stored');
      expect(others).toHaveLength(100);
      for (const { code, superseded } of others) {
        expect(code).toBe('CHANGED_AFTER_READING');
        expect(all.find(({ id }) => id === superseded)?.state).toBe('stored');
      }
      expect(wrongInArchive(archiveDir)).toEqual([]);
      await until(async () => (await held()) === 0 && heldFiles().length === 0, 'all quiet', 30_000);
      await until(() => readdirSync(dropDir).length === 0, 'nothing left in the drop folder');
    },
  );

  it.each(PLACES)(
    'is joined by what its sender appends by name after it was taken, %s',
    { timeout: 60_000 },
    async (where) => {
      useElsewhere(where);
      await open({ holdMs: 10_000 });
      const files = REPORTS.slice(0, 6);
      const parts = (index: number) => (index % 2 === 0 ? 2 : 3);
      await Promise.all(
        files.map((bytes, index) => sendByName(join(dropDir, `${index}.dcm`), bytes, parts(index), untilRead)),
      );
      for (const bytes of files) await until(() => isStored(bytes), 'joined and stored', 30_000);
      expect((await rows()).filter(({ state }) => state === 'stored')).toHaveLength(files.length);
      expect(new Set((await rows()).filter(({ state }) => state !== 'stored').map(({ code }) => code))).toEqual(
        new Set(['CHANGED_AFTER_READING']),
      );
      expect(wrongInArchive(archiveDir)).toEqual([]);
    },
  );

  it('is not joined to a file that was read whole, nor to one that is no report', async () => {
    await open();
    writeFileSync(join(dropDir, 'a.dcm'), report(0));
    writeFileSync(join(dropDir, 'b.txt'), 'notes');
    await until(() => isStored(report(0)), 'stored');
    await until(async () => (await rowOf('notes'))?.state === 'refused', 'refused');
    writeFileSync(join(dropDir, 'a.dcm'), 'appended to nothing');
    writeFileSync(join(dropDir, 'b.txt'), 'more notes');
    await until(async () => (await rowOf('appended to nothing'))?.state === 'refused', 'refused');
    await until(async () => (await rowOf('more notes'))?.state === 'refused', 'refused');
    await until(async () => (await held()) === 0, 'all quiet');
    expect(await isStored(report(0))).toBe(true);
    expect(await rows()).toHaveLength(4);
    expect((await rows()).map(({ superseded }) => superseded)).toEqual([null, null, null, null]);
  });

  it('is taken again when its size came first and its bytes later, with the time set back', {
    timeout: 60_000,
  }, async () => {
    await open();
    await sendSizeFirst(join(dropDir, 'a.dcm'), report(0), untilRead);
    await until(() => isStored(report(0)), 'stored', 30_000);
    expect(await rowOf(Buffer.alloc(report(0).length))).toMatchObject({ code: 'CHANGED_AFTER_READING' });
    expect(wrongInArchive(archiveDir)).toEqual([]);
  });

  it('marks its first reading as possibly not the last, until nothing has changed for long enough', async () => {
    await open({ holdMs: 1000 });
    const half = report(0).subarray(0, 2000);
    writeFileSync(join(dropDir, 'a.dcm'), half);
    await until(async () => (await rowOf(half))?.code === 'TRUNCATED', 'refused');
    expect(await held()).toBe(1);
    expect(heldFiles()).toHaveLength(1);
    await until(async () => (await held()) === 0 && heldFiles().length === 0, 'final');
    expect(await rowOf(half)).toMatchObject({ state: 'refused', code: 'TRUNCATED', superseded: null });
  });

  it('takes its earlier values out of the history, and has the patient judged again', async () => {
    await open({ holdMs: 3000 });
    const file = openSync(join(dropDir, 'a.dcm'), 'w');
    writeSync(file, report(0));
    await until(() => isStored(report(0)), 'stored');
    await database.pool.query('update patient set assessed_revision = revision');
    appendFileSync(file, 'and something behind it');
    const whole = Buffer.concat([report(0), Buffer.from('and something behind it')]);
    await until(async () => (await rowOf(whole))?.state === 'refused', 'read again');
    expect(await rowOf(report(0))).toMatchObject({
      code: 'CHANGED_AFTER_READING',
      superseded: (await rowOf(whole))?.id,
    });
    const { rows: reports } = await database.pool.query('select 1 from report');
    expect(reports).toEqual([]);
    const waiting = await listPatientsNotJudged(database.pool, '0', 10);
    expect(waiting).toHaveLength(1);
    expect(taken.flatMap(({ patientIds }) => patientIds)).toEqual(waiting);
    expect(readFileSync(archived(report(0)))).toEqual(Buffer.from(report(0)));
    // The same report sent once more stands again: it is a file of its own, and it is whole.
    writeFileSync(join(dropDir, 'b.dcm'), report(0));
    await until(() => isStored(report(0)), 'stands again');
    expect(await rowOf(report(0))).toMatchObject({ superseded: null, times: 2 });
  });

  it('continues to be watched after a restart, by any of several processes', {
    timeout: 60_000,
  }, async () => {
    await open({ holdMs: 3000 });
    const file = openSync(join(dropDir, 'a.dcm'), 'w');
    writeSync(file, report(0).subarray(0, 3000));
    await until(async () => (await rows()).length === 1 && heldFiles().length === 1, 'half taken');
    await closeAll();
    // As if the process had died between the move and its note.
    await database.pool.query('delete from held_original');
    writeSync(file, report(0).subarray(3000));
    await Promise.all([open({ holdMs: 3000 }), open({ holdMs: 3000 })]);
    await until(() => isStored(report(0)), 'stored', 30_000);
    expect(await rowOf(report(0).subarray(0, 3000))).toMatchObject({ code: 'CHANGED_AFTER_READING' });
    expect(await rowOf(report(0))).toMatchObject({ times: 1 });
    await until(async () => (await held()) === 0 && heldFiles().length === 0, 'all quiet', 30_000);
  });

  it('is taken again and not removed when archive and database were restored to an earlier state meanwhile', async () => {
    await open({ holdMs: 1200 });
    writeFileSync(join(dropDir, 'a.dcm'), report(0));
    await until(() => isStored(report(0)), 'stored');
    await Promise.allSettled(ingests);
    await database.pool.query('delete from finding');
    await database.pool.query('delete from report');
    await database.pool.query('delete from source_file');
    rmSync(archived(report(0)));
    await until(() => isStored(report(0)), 'stored again');
    expect(existsSync(archived(report(0)))).toBe(true);
  });

  it('is removed without another reading when it is only touched, and when the same bytes are received again meanwhile', async () => {
    await open({ holdMs: 1000 });
    writeFileSync(join(dropDir, 'a.dcm'), report(0));
    await until(() => isStored(report(0)), 'stored');
    const [original] = heldFiles();
    chmodSync(original?.path ?? '', 0o600);
    appendFileSync(original?.path ?? '', '');
    writeFileSync(join(dropDir, 'b.dcm'), report(0));
    await until(() => taken.length === 2, 'came again');
    expect(taken[1]?.outcome).toBe('duplicate');
    await until(async () => (await held()) === 0 && heldFiles().length === 0, 'all quiet', 30_000);
    expect(await rows()).toMatchObject([{ state: 'stored', times: 2 }]);
  });

  it('cannot be used to change the archive, by another name of it or by its permissions', async () => {
    writeFileSync(join(folder, 'kept.dcm'), report(0));
    chmodSync(join(folder, 'kept.dcm'), 0o666);
    linkSync(join(folder, 'kept.dcm'), join(dropDir, 'a.dcm'));
    await open({ holdMs: 500 });
    await until(() => isStored(report(0)), 'stored');
    await until(async () => (await held()) === 0, 'all quiet');
    writeFileSync(join(folder, 'kept.dcm'), 'changed by its sender');
    expect(sha(readFileSync(archived(report(0))))).toBe(sha(report(0)));
    const { nlink, mode } = statSync(archived(report(0)));
    expect([nlink, mode & 0o777]).toEqual([1, 0o400]);
  });

  it('lies with the archive where no other account can read it, also what an older release left open', async () => {
    const old = Buffer.from('archived by an older release');
    const shared = Buffer.from('archived by a rename');
    for (const bytes of [old, shared]) {
      mkdirSync(join(archived(bytes), '..'), { recursive: true, mode: 0o755 });
      writeFileSync(archived(bytes), bytes, { mode: 0o644 });
    }
    linkSync(archived(shared), join(folder, 'the sender keeps it'));
    writeFileSync(join(dropDir, 'a.dcm'), report(0), { mode: 0o666 });
    await open({ holdMs: 60_000 });
    await until(() => isStored(report(0)), 'stored');
    await until(() => everythingBelow(archiveDir).every(({ mode }) => (mode & 0o077) === 0), 'shut against others');
    expect(statSync(archived(old)).mode & 0o777).toBe(0o400);
    expect(statSync(archived(shared)).nlink).toBe(1);
    expect(heldFiles()).toHaveLength(1);
    expect(wrongInArchive(archiveDir)).toEqual([]);
  });

  it('continues to be watched in a folder that is renamed, also in a drop folder on another file system', async () => {
    useElsewhere('another file system');
    mkdirSync(join(dropDir, 'one'));
    await open({ holdMs: 2000 });
    const file = openSync(join(dropDir, 'one', 'a.dcm'), 'w');
    writeSync(file, report(0).subarray(0, 3000));
    await until(() => taken.length === 1, 'half taken');
    renameSync(join(dropDir, 'one'), join(dropDir, 'two'));
    writeSync(file, report(0).subarray(3000));
    await until(() => isStored(report(0)), 'stored');
    await until(() => readdirSync(dropDir).join() === 'two', 'the original is gone and its folder with it');
  });
});
