import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mountSmallDisk } from '../../../bench/faults/disk.ts';
import { probeDatabase } from '../../../src/db/health/probe.ts';
import { openArchiveProbe, openDropProbe } from '../../../src/jobs/intake/folder-probe.ts';
import { createTestDatabase } from '../../support/database/database.ts';

const trial = mkdtempSync(join(tmpdir(), 'dxaflow-probe-'));
const small = mountSmallDisk(trial, 1);
small?.unmount();
if (small === null) console.warn('\n!! SKIPPING full and read-only disks: no right to mount one\n');

describe.skipIf(small === null)('a disk', () => {
  const withDisk = async (
    megabytes: number,
    work: (folder: string, disk: NonNullable<typeof small>) => Promise<void>,
  ) => {
    const folder = mkdtempSync(join(tmpdir(), 'dxaflow-disk-'));
    const disk = mountSmallDisk(folder, megabytes);
    if (disk === null) throw new Error('not mounted');
    try {
      await work(folder, disk);
    } finally {
      disk.unmount();
      rmSync(folder, { recursive: true, force: true });
    }
  };

  it('that is full under the database is found by a page that cannot be written, and by its end', async () => {
    const database = await createTestDatabase();
    const { rows } = await database.pool.query<{ folder: string }>('show data_directory').then(({ rows: found }) => ({
      rows: found.map((row) => ({ folder: String(Object.values(row)[0]) })),
    }));
    await withDisk(2, async (folder, disk) => {
      const place = join(folder, 'space');
      mkdirSync(place, { mode: 0o700 });
      const { uid, gid } = statSync(rows[0]?.folder ?? '');
      chownSync(place, uid, gid);
      const name = `small_${process.pid}`;
      await database.pool.query(`create tablespace ${name} location '${place}'`);
      await database.pool.query(`alter table health_probe set tablespace ${name}`);
      expect((await probeDatabase(database.url)).trouble).toBeNull();
      disk.fill();
      expect((await probeDatabase(database.url)).trouble).toEqual({ code: 'DATABASE_FULL', cause: '53100' });
      disk.free();
      expect((await probeDatabase(database.url)).trouble).toBeNull();
      await database.pool.query(`alter table health_probe set tablespace pg_default; select 1`);
      await database.pool.query(`drop tablespace ${name}`);
    });
    await database.drop();
  });

  it('that is full, read-only or gone under archive and drop folder is named, and its end', async () => {
    await withDisk(1, async (folder, disk) => {
      const [archive, drop] = [openArchiveProbe(folder), openDropProbe(folder)];
      expect([await archive(), await drop()]).toEqual([null, null]);
      disk.fill();
      expect(await archive()).toEqual({ code: 'ARCHIVE_FULL', cause: 'ENOSPC' });
      disk.free();
      expect(await archive()).toBeNull();
      disk.setReadOnly(true);
      expect(await archive()).toEqual({ code: 'ARCHIVE_READ_ONLY', cause: 'EROFS' });
      expect(await drop()).toEqual({ code: 'DROP_READ_ONLY', cause: 'EROFS' });
      disk.setReadOnly(false);
      expect([await archive(), await drop()]).toEqual([null, null]);
      // The folder is still there, empty, as where a share was not mounted again.
      disk.unmount();
      expect(await archive()).toEqual({ code: 'ARCHIVE_GONE', cause: 'ENOENT' });
      expect(await drop()).toEqual({ code: 'DROP_GONE', cause: 'ENOENT' });
      mountSmallDisk(folder, 1);
      expect([await archive(), await drop()]).toEqual([null, null]);
    });
  });
});
