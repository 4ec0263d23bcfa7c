import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { readAndAdapt } from '../../../src/jobs/ingest/read-thread.ts';
import { openReadingPool, READ_THREAD, type ReadingPool } from '../../../src/jobs/ingest/reading-pool.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';
import { oneReport } from '../../support/dicom/simulated.ts';

const HOSTILE = fileURLToPath(new URL('../../../../shared/samples/hostile/', import.meta.url));
const THREADS_THAT_BREAK = fileURLToPath(new URL('../../support/process/breaking-thread.ts', import.meta.url));
const ORDINARY = { threads: 2, deadlineMs: 20_000, memoryMb: 512, limits: READ_LIMITS, file: READ_THREAD };

describe('the reading pool', () => {
  let pool: ReadingPool;
  beforeAll(() => {
    pool = openReadingPool(ORDINARY);
  });
  afterAll(async () => pool.close());

  it('reads and adapts a report apart from the process', async () => {
    const { bytes } = oneReport();
    const outcome = await pool.read(Buffer.from(bytes), RECEIVED_ON);
    const alone = readAndAdapt({ bytes, limits: READ_LIMITS, receivedOn: RECEIVED_ON });
    expect(outcome).toEqual({ ...alone, mappingRevision: null });
    expect(outcome.ok && outcome.report.columns).toContain('ge-lunar');
  });

  it('refuses what is not DICOM', async () => {
    expect(await pool.read(Buffer.from('<html></html>'), RECEIVED_ON)).toMatchObject({ ok: false, code: 'NOT_DICOM' });
  });

  it.skipIf(!existsSync(HOSTILE))('gives every hostile file an outcome and goes on', { timeout: 60_000 }, async () => {
    const names = readdirSync(HOSTILE).filter((name) => name.endsWith('.dcm'));
    const outcomes = await Promise.all(
      names.map(async (name) => await pool.read(readFileSync(HOSTILE + name), RECEIVED_ON)),
    );
    const broken = names.filter((_, index) => {
      const outcome = outcomes[index];
      return outcome?.ok === false && outcome.note === undefined && outcome.code.startsWith('READER_');
    });
    expect(broken).toEqual([]);
    expect(await pool.read(oneReport().bytes, RECEIVED_ON)).toMatchObject({ ok: true });
  });
});

// A reader that hangs or eats memory, in the place of ours, which should do neither.
describe('a reading thread that breaks', () => {
  const open = (changes: Partial<typeof ORDINARY>) =>
    openReadingPool({ ...ORDINARY, ...changes, file: THREADS_THAT_BREAK });

  it('is given up at the deadline; the file is quarantined as READER_TIMEOUT and the next one is read', async () => {
    const pool = open({ deadlineMs: 2000 }); // on a busy machine a thread takes a second to start
    const [hung, read] = await Promise.all([
      pool.read(Buffer.from('hang'), RECEIVED_ON),
      pool.read(Buffer.from('fine'), RECEIVED_ON),
    ]);
    expect(hung).toMatchObject({ ok: false, code: 'READER_TIMEOUT' });
    expect(read).toMatchObject({ ok: false, code: 'FINE' });
    expect(await pool.read(Buffer.from('fine'), RECEIVED_ON)).toMatchObject({ code: 'FINE' });
    await pool.close();
  });

  it.each(['throw', 'memory', 'exit'])(
    'that ends by %s is replaced; the file is quarantined as READER_CRASHED',
    { timeout: 60_000 },
    async (how) => {
      const pool = open({ memoryMb: 64 });
      expect(await pool.read(Buffer.from(how), RECEIVED_ON)).toMatchObject({ ok: false, code: 'READER_CRASHED' });
      expect(await pool.read(Buffer.from('fine'), RECEIVED_ON)).toMatchObject({ code: 'FINE' });
      await pool.close();
    },
  );
});
