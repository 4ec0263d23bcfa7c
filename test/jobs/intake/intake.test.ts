import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mountSmallDisk } from '../../../bench/faults/disk.ts';
import { noteArchiveProblem } from '../../../src/db/files/archive-problem.ts';
import { listIntakeProblems } from '../../../src/db/files/intake-problem.ts';
import {
  announceSourceFiles,
  listArrivalsLeftBehind,
  listFilesWithReasons,
} from '../../../src/db/files/source-file.ts';
import { findSourceFileDetail } from '../../../src/db/files/source-file-detail.ts';
import { archivePathOf } from '../../../src/jobs/archive/archive.ts';
import { createStabilityGate } from '../../../src/jobs/intake/drop-folder.ts';
import { type Intake, type IntakeContext, openIntake } from '../../../src/jobs/intake/intake.ts';
import { LEFT_BEHIND_MS, recoverClaimed, recoverStaged } from '../../../src/jobs/intake/recover-staged.ts';
import type { TakenFile } from '../../../src/jobs/intake/take-file.ts';
import type { JobQueues } from '../../../src/jobs/work/enqueue.ts';
import { sweepLostWork } from '../../../src/jobs/work/sweep.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { sha } from '../../support/sending.ts';
import { until } from '../../support/until.ts';

type Row = { sha256: string; state: string; times_received: number; drop_name: string; byte_count: string };

const NO_QUEUES: JobQueues = {
  enqueueIngests: async () => undefined,
  enqueueAssessments: async () => undefined,
  counts: async () => ({}),
  waitingSince: async () => ({}),
  failed: { file: { removeFailed: async () => 0 }, patient: { removeFailed: async () => 0 } },
  freeOverdue: async () => undefined,
  close: async () => undefined,
};

describe('the intake', () => {
  let database: TestDatabase;
  let folder: string;
  let dropDir: string;
  let archiveDir: string;
  let intake: Intake | undefined;
  let taken: TakenFile[];

  beforeEach(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-intake-'));
    dropDir = join(folder, 'drop');
    archiveDir = join(folder, 'archive');
    mkdirSync(dropDir);
    taken = [];
  });
  afterEach(async () => {
    await intake?.close();
    intake = undefined;
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(changes: Partial<IntakeContext> = {}): Promise<Intake> {
    intake = await openIntake({
      pool: database.pool,
      log: recordedLog(),
      dropDir,
      archiveDir,
      stableMs: 100,
      holdMs: 60_000,
      sweepMs: 300,
      concurrency: 8,
      onTaken: async (file) => void taken.push(file),
      ...changes,
    });
    return intake;
  }

  const rows = async () =>
    (
      await database.pool.query<Row>(
        'select sha256, state, times_received, drop_name, byte_count from source_file order by id',
      )
    ).rows;
  const archived = (bytes: Uint8Array | string) => join(archiveDir, archivePathOf(sha(bytes)));
  const left = () => readdirSync(dropDir);

  it('moves a file into the archive under the hash of its bytes and says so in one row', async () => {
    writeFileSync(join(dropDir, 'a.dcm'), 'hello');
    await open();
    await until(() => taken.length === 1, 'file taken');
    expect(await rows()).toEqual([
      { sha256: sha('hello'), state: 'received', times_received: 1, drop_name: 'a.dcm', byte_count: '5' },
    ]);
    expect(readFileSync(archived('hello'), 'utf8')).toBe('hello');
    expect(left()).toEqual([]);
    expect(readdirSync(join(archiveDir, 'incoming'))).toEqual([]);
  });

  it('waits for a slow writer and takes the whole file, never a part', async () => {
    await open({ stableMs: 2000 }); // 25 times the pause of the writer
    const path = join(dropDir, 'slow.dcm');
    let whole = '';
    for (let part = 0; part < 8; part += 1) {
      await appendFile(path, `part ${part};`);
      whole += `part ${part};`;
      await sleep(80); // the writer's pause
    }
    await until(() => taken.length > 0, 'file taken');
    expect((await rows()).map((row) => row.sha256)).toEqual([sha(whole)]);
  });

  it('trusts no clock but its own: a file dated an hour back is still being written', async () => {
    await open({ stableMs: 2000, sweepMs: 50 });
    const path = join(dropDir, 'slow.dcm');
    const old = new Date(Date.now() - 3_600_000);
    let whole = '';
    for (let part = 0; part < 6; part += 1) {
      await appendFile(path, `part ${part};`);
      utimesSync(path, old, old);
      whole += `part ${part};`;
      await sleep(100); // the writer's pause
    }
    await until(() => taken.length > 0, 'file taken');
    expect((await rows()).map((row) => row.sha256)).toEqual([sha(whole)]);
  });

  it('takes a file that is renamed in at once, without waiting for the sweep', async () => {
    await open({ sweepMs: 3_600_000, stableMs: 50 });
    await writeFile(join(dropDir, 'b.dcm.part'), 'renamed');
    await writeFile(join(dropDir, 'a.dcm'), 'written later');
    await until(() => taken.length === 1, 'the later file taken by its event');
    expect(left()).toEqual(['b.dcm.part']);
    await rename(join(dropDir, 'b.dcm.part'), join(dropDir, 'b.dcm'));
    await until(() => taken.length === 2, 'file taken by its event');
  });

  it('finds by its sweep files that send no events, at any depth and with any bytes in the name', async () => {
    await open({ sweepMs: 3_600_000 });
    await intake?.sweep();
    await mkdir(join(dropDir, 'one/two/three'), { recursive: true });
    const odd = Buffer.concat([
      Buffer.from(`${dropDir}/one/two/three/`),
      Buffer.from([0xe4, 0xff, 0x27, 0x0a]),
      Buffer.from('.dcm'),
    ]);
    writeFileSync(odd, 'odd name');
    await until(async () => {
      await intake?.sweep();
      return taken.length === 1;
    }, 'file swept');
    expect((await rows()).map((row) => row.sha256)).toEqual([sha('odd name')]);
    expect(readdirSync(join(dropDir, 'one/two/three'))).toEqual([]);
  });

  it('takes a file in a folder that is made while it watches, long before the next sweep is due', async () => {
    await open({ sweepMs: 3_600_000, stableMs: 50 });
    await intake?.sweep(); // the folder is watched from here on
    await mkdir(join(dropDir, 'new/deeper'), { recursive: true });
    await writeFile(join(dropDir, 'new/deeper/a.dcm'), 'deep');
    await until(() => taken.length === 1, 'file taken');
    await writeFile(join(dropDir, 'new/deeper/b.dcm'), 'deeper');
    await until(() => taken.length === 2, 'second file taken by its event');
  });

  it('leaves temporary names, dot files and symbolic links alone', async () => {
    const outside = join(folder, 'outside.dcm');
    writeFileSync(outside, 'secret');
    mkdirSync(join(folder, 'elsewhere'));
    writeFileSync(join(folder, 'elsewhere', 'x.dcm'), 'x');
    for (const name of ['a.part', 'b.tmp', '.c.dcm', 'd.dcm~']) writeFileSync(join(dropDir, name), name);
    symlinkSync(outside, join(dropDir, 'link.dcm'));
    symlinkSync(join(folder, 'elsewhere'), join(dropDir, 'folder'));
    await open({ stableMs: 0 });
    await intake?.sweep();
    await intake?.sweep();
    expect(await rows()).toEqual([]);
    expect(left().sort()).toEqual(['.c.dcm', 'a.part', 'b.tmp', 'd.dcm~', 'folder', 'link.dcm']);
    expect(existsSync(outside)).toBe(true);
  });

  it('counts the same bytes and does nothing else, whatever their name', async () => {
    writeFileSync(join(dropDir, 'a.dcm'), 'same');
    await open({ stableMs: 0 });
    await until(() => taken.length === 1, 'first');
    await database.pool.query(`update source_file set state = 'stored'`);
    writeFileSync(join(dropDir, 'b.dcm'), 'same');
    await until(() => taken.length === 2, 'second');
    expect(taken[1]).toMatchObject({ sourceFileId: taken[0]?.sourceFileId, outcome: 'duplicate' });
    expect(await rows()).toMatchObject([{ state: 'stored', times_received: 2, drop_name: 'a.dcm' }]);
    expect(left()).toEqual([]);
  });

  it('takes forty copies received at the same time as one file received forty times', async () => {
    for (let copy = 0; copy < 40; copy += 1) writeFileSync(join(dropDir, `${copy}.dcm`), 'storm');
    await open({ stableMs: 0, sweepMs: 3_600_000, concurrency: 16 });
    await until(() => left().length === 0, 'drop folder empty');
    await until(() => taken.length === 40, 'all taken');
    expect(await rows()).toMatchObject([{ state: 'received', times_received: 40 }]);
    expect(readFileSync(archived('storm'), 'utf8')).toBe('storm');
  });

  it('shares one drop folder with a second intake: nothing lost, nothing doubled', async () => {
    for (let index = 0; index < 60; index += 1) writeFileSync(join(dropDir, `${index}.dcm`), `file ${index}`);
    const first = await open({ stableMs: 0 });
    const second = await openIntake({
      pool: database.pool,
      log: recordedLog(),
      dropDir,
      archiveDir,
      stableMs: 0,
      holdMs: 60_000,
      sweepMs: 300,
      concurrency: 8,
      onTaken: async (file) => void taken.push(file),
    });
    await until(() => left().length === 0, 'drop folder empty');
    await until(async () => (await rows()).every((row) => row.state === 'received'), 'all received');
    await second.close();
    await first.close();
    intake = undefined;
    const all = await rows();
    expect(all.map((row) => row.sha256).sort()).toEqual(
      Array.from({ length: 60 }, (_, index) => sha(`file ${index}`)).sort(),
    );
    for (let index = 0; index < 60; index += 1) expect(existsSync(archived(`file ${index}`))).toBe(true);
  });

  it('recovers from a crash between announcing and archiving', async () => {
    await announceSourceFiles(database.pool, [
      { sha256: sha('cut'), byteCount: 3, archivePath: archivePathOf(sha('cut')), dropName: 'cut.dcm' },
    ]);
    writeFileSync(join(dropDir, 'cut.dcm'), 'cut');
    await open({ stableMs: 0 });
    await until(() => taken.length === 1, 'file taken');
    expect(taken[0]?.outcome).toBe('received');
    expect(await rows()).toMatchObject([{ state: 'received' }]);
    expect(existsSync(archived('cut'))).toBe(true);
  });

  it('recovers from a crash after the move, but never touches a move in progress', async () => {
    const hash = sha('moved');
    await announceSourceFiles(database.pool, [
      { sha256: hash, byteCount: 5, archivePath: archivePathOf(hash), dropName: 'moved.dcm' },
    ]);
    mkdirSync(join(archived('moved'), '..'), { recursive: true });
    writeFileSync(archived('moved'), 'moved');
    const enqueued: string[] = [];
    const queues: JobQueues = { ...NO_QUEUES, enqueueIngests: async (ids) => void enqueued.push(...ids) };
    const sweep = () => sweepLostWork(database.pool, archiveDir, queues, { evenIfBusy: true });
    expect(await sweep()).toMatchObject({ finished: 0, filesEnqueued: 0 });
    expect(await rows()).toMatchObject([{ state: 'arriving', times_received: 0 }]);
    await database.pool.query(`update source_file set last_received_at = now() - interval '1 minute'`);
    expect(await sweep()).toMatchObject({ finished: 1, filesEnqueued: 1 });
    expect(await rows()).toMatchObject([{ state: 'received', times_received: 1 }]);
    expect(enqueued).toHaveLength(1);
  });

  it('recovers from a crash after the move although the database was restored to an earlier state since', async () => {
    const hash = sha('moved');
    await announceSourceFiles(database.pool, [
      { sha256: hash, byteCount: 5, archivePath: archivePathOf(hash), dropName: 'moved.dcm' },
    ]);
    mkdirSync(join(archived('moved'), '..'), { recursive: true });
    writeFileSync(archived('moved'), 'moved');
    await database.pool.query(`update source_file set last_received_at = now() + interval '3 hours'`);
    expect(await listArrivalsLeftBehind(database.pool, LEFT_BEHIND_MS, '0', 10)).toMatchObject([{ sha256: hash }]);
  });

  it('waits for a half-moved file by its own clock, whatever age the file claims', async () => {
    mkdirSync(join(archiveDir, 'incoming'), { recursive: true });
    const staging = join(archiveDir, 'incoming', '99-1-1');
    writeFileSync(staging, 'between');
    const gate = createStabilityGate(300);
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: Date.now() + 3 * 3_600_000 });
    expect(await recoverStaged(archiveDir, dropDir, gate)).toBe(0);
    vi.setSystemTime(Date.now() - 6 * 3_600_000);
    vi.advanceTimersByTime(299);
    expect(await recoverStaged(archiveDir, dropDir, gate)).toBe(0);
    vi.advanceTimersByTime(1);
    expect(await recoverStaged(archiveDir, dropDir, gate)).toBe(1);
  });

  it('recovers from a crash in the middle of the move', async () => {
    mkdirSync(join(archiveDir, 'incoming'), { recursive: true });
    writeFileSync(join(archiveDir, 'incoming', '99-1-1'), 'between');
    expect(await recoverStaged(archiveDir, dropDir, createStabilityGate(0))).toBe(1);
    await open({ stableMs: 0 });
    await until(() => taken.length === 1, 'file taken');
    expect(await rows()).toMatchObject([{ sha256: sha('between'), state: 'received' }]);
  });

  it('repairs an archive that lost the file when the same bytes are received again', async () => {
    writeFileSync(join(dropDir, 'a.dcm'), 'lost');
    await open({ stableMs: 0 });
    await until(() => taken.length === 1, 'first');
    rmSync(archived('lost'));
    writeFileSync(join(dropDir, 'a.dcm'), 'lost');
    await until(() => taken.length === 2, 'second');
    expect(readFileSync(archived('lost'), 'utf8')).toBe('lost');
  });

  it('removes half a copy that a crash left, and returns a claimed file', async () => {
    mkdirSync(join(archiveDir, 'incoming'), { recursive: true });
    writeFileSync(join(archiveDir, 'incoming', 'copy-9-9-9'), 'ha');
    writeFileSync(join(dropDir, '.dxaflow-claimed-9-9-9'), 'half');
    expect(await recoverStaged(archiveDir, dropDir, createStabilityGate(0))).toBe(0);
    expect(readdirSync(join(archiveDir, 'incoming'))).toEqual([]);
    expect(
      await recoverClaimed(Buffer.from(join(dropDir, '.dxaflow-claimed-9-9-9')), createStabilityGate(60_000)),
    ).toBe(false);
    expect(await recoverClaimed(Buffer.from(join(dropDir, '.dxaflow-claimed-9-9-9')), createStabilityGate(0))).toBe(
      true,
    );
    await open({ stableMs: 0 });
    await until(() => taken.length === 1, 'file taken');
    expect(await rows()).toMatchObject([{ sha256: sha('half'), times_received: 1 }]);
  });

  it.skipIf(process.getuid?.() === 0)('shows a file that it may not read, and goes on with the others', async () => {
    writeFileSync(join(dropDir, 'locked.dcm'), 'locked');
    chmodSync(join(dropDir, 'locked.dcm'), 0o000);
    writeFileSync(join(dropDir, 'open.dcm'), 'open');
    await open({ stableMs: 0 });
    await until(() => taken.length === 1, 'other file');
    await until(async () => (await listIntakeProblems(database.pool, 10)).length === 1, 'problem');
    expect(await listIntakeProblems(database.pool, 10)).toMatchObject([{ dropName: 'locked.dcm', code: 'EACCES' }]);
  });

  it('waits while the disk of the archive is full, says so, and resumes by itself', async ({ skip }) => {
    mkdirSync(archiveDir);
    const disk = mountSmallDisk(archiveDir, 1);
    if (disk === null) return skip('nothing may be mounted here');
    try {
      disk.fill();
      writeFileSync(join(dropDir, 'a.dcm'), 'waits for room');
      await open({ stableMs: 0, sweepMs: 100 });
      const problem = await until(async () => (await listIntakeProblems(database.pool, 10))[0], 'problem shown');
      expect(problem).toMatchObject({ dropName: 'a.dcm', code: 'ENOSPC' });
      expect(existsSync(join(dropDir, 'a.dcm'))).toBe(true);
      disk.free();
      await until(() => taken.length > 0, 'file taken');
      disk.setReadOnly(true);
      writeFileSync(join(dropDir, 'b.dcm'), 'waits for leave to write');
      await until(async () => (await listIntakeProblems(database.pool, 10))[0]?.code === 'EROFS', 'problem shown');
      disk.setReadOnly(false);
      await until(() => taken.length > 1, 'second file taken');
      expect(readFileSync(archived('waits for leave to write'), 'utf8')).toBe('waits for leave to write');
      await until(async () => (await listIntakeProblems(database.pool, 10)).length === 0, 'problem gone');
    } finally {
      await intake?.close();
      intake = undefined;
      disk.unmount();
    }
  });

  it('repairs a damaged file of the same size when the same bytes are received again, and reads what failed because of it', async () => {
    writeFileSync(join(dropDir, 'a.dcm'), 'sound');
    await open({ stableMs: 0 });
    await until(() => taken.length === 1, 'first');
    const id = taken[0]?.sourceFileId ?? '';
    rmSync(archived('sound'));
    writeFileSync(archived('sound'), 'bound');
    await noteArchiveProblem(database.pool, id, 'ARCHIVE_DAMAGED');
    await database.pool.query(
      `update source_file set state = 'failed', reason_code = 'ARCHIVE_DAMAGED' where sha256 = $1`,
      [sha('sound')],
    );
    writeFileSync(join(dropDir, 'a.dcm'), 'sound');
    await until(() => taken.length === 2, 'second');
    expect(readFileSync(archived('sound'), 'utf8')).toBe('sound');
    expect(taken[1]).toMatchObject({ sourceFileId: id, outcome: 'received' });
    expect(await rows()).toMatchObject([{ state: 'received', times_received: 2 }]);
    const detail = await findSourceFileDetail(database.pool, id);
    expect(detail).toMatchObject({ archiveProblem: null, archiveHealedAt: expect.any(Date), reasonCode: null });
  });

  it('finds by the sweep for lost work that the archive was restored', async () => {
    writeFileSync(join(dropDir, 'a.dcm'), 'gone');
    await open({ stableMs: 0 });
    await until(() => taken.length === 1, 'taken');
    const id = taken[0]?.sourceFileId ?? '';
    rmSync(archived('gone'));
    await noteArchiveProblem(database.pool, id, 'ARCHIVE_MISSING');
    const listed = async () => (await listFilesWithReasons(database.pool, 10)).map((file) => file.archiveProblem);
    await sweepLostWork(database.pool, archiveDir, NO_QUEUES, { evenIfBusy: true });
    expect(await listed()).toEqual(['ARCHIVE_MISSING']);
    writeFileSync(archived('gone'), 'gone');
    await sweepLostWork(database.pool, archiveDir, NO_QUEUES, { evenIfBusy: true });
    expect(await listed()).toEqual([null]);
  });

  it('withdraws an announcement whose file changed before the process that made it restarted', async () => {
    const announced = { sha256: sha('half'), byteCount: 4, archivePath: archivePathOf(sha('half')), dropName: 'a.dcm' };
    await announceSourceFiles(database.pool, [announced]);
    const lostWork = () => sweepLostWork(database.pool, archiveDir, NO_QUEUES, { evenIfBusy: true });
    await database.pool.query(`update source_file set last_received_at = now() - interval '30 seconds'`);
    await lostWork();
    expect(await rows()).toHaveLength(1);
    await database.pool.query(`update source_file set last_received_at = now() - interval '2 minutes'`);
    await lostWork();
    expect(await rows()).toEqual([]);
  });

  it('says once in the log that something is stuck, when its reason changes, and when it is over', async () => {
    const lines: { msg: string; code?: string; err?: unknown }[] = [];
    const log = createLog('info', 'test', { write: (line: string) => void lines.push(JSON.parse(line)) });
    mkdirSync(archiveDir);
    const hash = sha('later');
    const inTheWay = join(archiveDir, hash.slice(0, 2));
    writeFileSync(inTheWay, 'in the way');
    writeFileSync(join(dropDir, 'SURNAME.dcm'), 'later');
    await open({ stableMs: 0, sweepMs: 100, log });
    const seen = async () => (await listIntakeProblems(database.pool, 10))[0]?.timesSeen ?? 0;
    await until(async () => (await seen()) > 5, 'seen again and again');
    const said = () => lines.filter(({ msg }) => msg.includes('taken in'));
    expect(said()).toHaveLength(1);
    rmSync(inTheWay);
    await until(() => taken.length > 0, 'taken');
    await until(() => lines.some(({ msg }) => msg.includes('has been')), 'end said');
    expect(lines.every((line) => line.err === undefined)).toBe(true);
    expect(JSON.stringify(lines)).not.toContain('SURNAME');
  });

  it('shows names with terminal control characters by the numbers of these characters', async () => {
    const names = ['\u001b]0;owned\u0007.dcm', '\u009b31m.dcm', 'a\u202egnp.dcm', 'two\nlines.dcm', 'Müller ß.dcm'];
    for (const name of names) writeFileSync(join(dropDir, name), name);
    await open({ stableMs: 0 });
    await until(() => taken.length === names.length, 'all taken');
    expect((await rows()).map((row) => row.drop_name).sort()).toEqual(
      ['\\u001b]0;owned\\u0007.dcm', '\\u009b31m.dcm', 'a\\u202egnp.dcm', 'two\\nlines.dcm', 'Müller ß.dcm'].sort(),
    );
  });

  it('never archives or removes a file that took the place of the one that was copied', async () => {
    await open({ stableMs: 0, sweepMs: 3_600_000 });
    const path = join(dropDir, 'a.dcm');
    // Replaced again and again while it is taken: every one of them is archived under its own hash or still there.
    const contents = Array.from({ length: 60 }, (_, index) => `content ${index}`);
    for (const content of contents) {
      writeFileSync(join(dropDir, '.next'), content);
      await rename(join(dropDir, '.next'), path);
      if (content.endsWith('3')) await sleep(5); // waits for nothing: meets the intake at another moment
      await intake?.sweep();
    }
    await until(async () => {
      await intake?.sweep();
      return left().length === 0;
    }, 'all taken');
    for (const row of await rows()) {
      const place = join(archiveDir, archivePathOf(row.sha256));
      if (existsSync(place)) expect(sha(readFileSync(place))).toBe(row.sha256);
    }
    expect((await rows()).filter(({ state }) => state === 'received').map((row) => row.sha256)).toContain(
      sha(contents.at(-1) ?? ''),
    );
  });

  it('shows a file that it cannot archive, keeps it, and takes it once it can', async () => {
    writeFileSync(join(dropDir, 'a.dcm'), 'later');
    // A file stands where the archive's folder must be: as good as a disk that refuses.
    mkdirSync(archiveDir);
    const hash = sha('later');
    writeFileSync(join(archiveDir, hash.slice(0, 2)), 'in the way');
    await open({ stableMs: 0, sweepMs: 100 });
    const problem = await until(async () => (await listIntakeProblems(database.pool, 10))[0], 'problem shown');
    expect(problem).toMatchObject({ code: expect.stringMatching(/^(EEXIST|ENOTDIR)$/) });
    expect(taken).toEqual([]);
    rmSync(join(archiveDir, hash.slice(0, 2)));
    await recoverStaged(archiveDir, dropDir, createStabilityGate(0));
    await until(() => taken.length > 0, 'file taken');
    expect(readFileSync(archived('later'), 'utf8')).toBe('later');
    await until(async () => (await listIntakeProblems(database.pool, 10)).length === 0, 'problem gone');
  });
});
