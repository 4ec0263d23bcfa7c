import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requeueFailures } from '../../../src/db/files/failure.ts';
import { announceSourceFiles, markReceived } from '../../../src/db/files/source-file.ts';
import { listFilesToRetry } from '../../../src/db/night/selection.ts';
import { archivePathOf } from '../../../src/jobs/archive/archive.ts';
import { MAX_DEATHS } from '../../../src/jobs/ingest/read-source-file.ts';
import { READING_VERSION } from '../../../src/jobs/versions.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';

const READING_PROCESS = fileURLToPath(new URL('../../support/process/reading-process.ts', import.meta.url));
const GOOD = 12;

describe('a file that takes its process down', () => {
  let database: TestDatabase;
  let archiveDir: string;
  beforeEach(async () => {
    database = await createTestDatabase();
    archiveDir = mkdtempSync(join(tmpdir(), 'dxaflow-deadly-'));
  });
  afterEach(async () => {
    await database.drop();
    rmSync(archiveDir, { recursive: true, force: true });
  });

  async function receive(text: string): Promise<string> {
    const sha256 = createHash('sha256').update(text).digest('hex');
    const archivePath = archivePathOf(sha256);
    mkdirSync(join(archiveDir, dirname(archivePath)), { recursive: true });
    writeFileSync(join(archiveDir, archivePath), text);
    const file = { sha256, byteCount: text.length, archivePath, dropName: 'x.dcm' };
    const [row] = await announceSourceFiles(database.pool, [file]);
    await markReceived(database.pool, [row?.id ?? '']);
    return row?.id ?? '';
  }

  /** True when the process came to its own end. */
  const readsAll = async () =>
    await new Promise<boolean>((resolve) => {
      const child = spawn(process.execPath, [READING_PROCESS, database.url, archiveDir], { stdio: 'inherit' });
      child.once('exit', (code) => resolve(code === 0));
    });

  const outcomes = async () => {
    const { rows } = await database.pool.query<{ id: string; code: string | null }>(
      'select id::text, reason_code as code from source_file',
    );
    return new Map(rows.map(({ id, code }) => [id, code]));
  };

  it('is left alone after three deaths, and every other file gets through', { timeout: 120_000 }, async () => {
    const deadly = await receive('deadly');
    const good = await Promise.all(Array.from({ length: GOOD }, (_, index) => receive(`good ${index}`)));
    let deaths = 0;
    while (!(await readsAll())) {
      deaths += 1;
      expect(deaths).toBeLessThanOrEqual(MAX_DEATHS);
    }
    expect(deaths).toBe(MAX_DEATHS);
    const became = await outcomes();
    expect(became.get(deadly)).toBe('WORKER_CRASHED');
    expect(good.map((id) => became.get(id))).toEqual(good.map(() => 'FINE'));
    const night = await listFilesToRetry(
      database.pool,
      { afterId: '0', endId: '999999', limit: 100 },
      READING_VERSION,
      {},
    );
    expect(night.map(({ id }) => id)).not.toContain(deadly);
  });

  it('is tried again when a person asks for it', { timeout: 120_000 }, async () => {
    const deadly = await receive('deadly');
    while (!(await readsAll())) expect(await outcomes()).toEqual(new Map([[deadly, null]]));
    expect((await requeueFailures(database.pool, { kind: 'file', id: deadly })).files).toEqual([deadly]);
    expect(await readsAll()).toBe(false);
  });
});
