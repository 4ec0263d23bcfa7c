import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { explainCode } from '../../../src/codes/codes.ts';
import { describeDocument } from '../../../src/dicom/describe.ts';
import { READER_CODES } from '../../../src/dicom/document/codes.ts';
import { READ_LIMITS, type ReadLimits } from '../../../src/dicom/encoding/limits.ts';
import { readReport } from '../../../src/dicom/read-report.ts';
import { openFileIngest } from '../../../src/jobs/ingest/ingest.ts';
import { openReadingPool, READING } from '../../../src/jobs/ingest/reading-pool.ts';
import { openFileTaker } from '../../../src/jobs/intake/take-file.ts';
import { readConfig } from '../../../src/runtime/config.ts';
import { hologicScript } from '../../../src/simulate/writers/hologic-image.ts';
import { adaptImage } from '../../../src/vendors/adapt-image.ts';
import { adaptReport } from '../../../src/vendors/adapt-report.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { dicomFile } from '../../support/dicom/dicom-bytes.ts';
import { container, report } from '../../support/dicom/dicom-report.ts';
import { hologicImage } from '../../support/dicom/hologic-image.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';
import { oneReport } from '../../support/dicom/simulated.ts';
import { runTestNight } from '../../support/stored/planted-night.ts';

vi.setConfig({ testTimeout: 120_000 });

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const LIMITS = Object.keys(READER_CODES).filter((code) => code.startsWith('LIMIT_'));

describe('the limits of the reader', () => {
  it.each(LIMITS)('%s is set by the variable of its name, as its remedy says', (code) => {
    expect(explainCode(code)?.remedy).toContain(`set ${code} higher`);
    expect(() => readConfig({ [code]: '99999999999' })).toThrow(new RegExp(`${code} must be from \\d+ to \\d+`));
    expect(readConfig({ [code]: '' }).limits).toEqual(READ_LIMITS);
    const lowest = /from (\d+) to/.exec(messageOf(() => readConfig({ [code]: '1' })))?.[1] ?? '';
    const changed = readConfig({ [code]: lowest }).limits;
    const differing = Object.entries(changed).filter(
      ([limit, value]) => READ_LIMITS[limit as keyof ReadLimits] !== value,
    );
    expect(differing.map(([, value]) => value)).toEqual([Number(lowest)]);
  });

  it('are those of dxaflow inspect and survey as well', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dxaflow-limits-'));
    const path = join(folder, 'report.dcm');
    writeFileSync(path, oneReport().bytes);
    const run = async (command: string, environment: Record<string, string>) =>
      await promisify(execFile)(process.execPath, [CLI, command, path], {
        env: { ...process.env, ...environment },
      }).then(
        ({ stdout }) => stdout,
        ({ stdout }: { stdout: string }) => stdout,
      );
    expect(await run('inspect', {})).toContain('Normalised by');
    expect(await run('inspect', { LIMIT_ITEMS: '100' })).toContain('Refused. LIMIT_ITEMS');
    expect(await run('survey', { LIMIT_ITEMS: '100' })).toContain('"outcomes": {"LIMIT_ITEMS":1}');
    rmSync(folder, { recursive: true });
  });

  it('hold at their highest depth without a stack that overflows', () => {
    const most = readConfig({ LIMIT_DEPTH: '1000' }).limits;
    const nested = Array.from({ length: 990 }).reduce<ReturnType<typeof container>>(
      (inner) => container('Level', [inner]),
      container('Innermost', []),
    );
    const read = readReport(dicomFile(report([nested])), most);
    if (!read.ok) throw new Error(read.refusal.code);
    expect(describeDocument(read.document)).toContain('Innermost');
    expect(adaptReport(read.document, RECEIVED_ON)).toMatchObject({ ok: true, report: { values: [] } });
  });
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error('was accepted');
}

describe('a file that met a limit', () => {
  let database: TestDatabase;
  let folder: string;
  const narrow: ReadLimits = { ...READ_LIMITS, maxItems: 100 };

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-limit-'));
    const taker = openFileTaker({ pool: database.pool, archiveDir: join(folder, 'archive'), folders: null });
    const reader = openReadingPool({ ...READING, limits: narrow, threads: 1 });
    const files = [oneReport().bytes, Buffer.from('no report at all')];
    for (const [index, bytes] of files.entries()) {
      const path = join(folder, String(index));
      writeFileSync(path, bytes);
      const { sourceFileId } = await taker({ path, dropName: String(index) });
      await openFileIngest({ pool: database.pool, archiveDir: join(folder, 'archive'), reader })(sourceFileId);
    }
    await reader.close();
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What a night under these limits tries again, and what the files come to. */
  async function nightUnder(limits: ReadLimits): Promise<readonly [number | undefined, readonly string[]]> {
    const reader = openReadingPool({ ...READING, limits, threads: 1 });
    const { steps } = await runTestNight(database.pool, join(folder, 'archive'), { limits, reader });
    await reader.close();
    const { rows } = await database.pool.query<{ outcome: string }>(
      `select concat_ws(' ', state, reason_code) as outcome from source_file order by id`,
    );
    return [steps.find(({ step }) => step === 'retry_files')?.counts['examined'], rows.map(({ outcome }) => outcome)];
  }

  it('is left alone while the limits are the same, and read when they are raised; others are not', async () => {
    const refused = ['refused LIMIT_ITEMS', 'refused NOT_DICOM'];
    expect(await nightUnder(narrow)).toEqual([0, refused]);
    expect(await nightUnder({ ...narrow, maxItems: 110 })).toEqual([1, refused]);
    expect(await nightUnder({ ...narrow, maxItems: 110 })).toEqual([0, refused]);
    expect(await nightUnder(READ_LIMITS)).toEqual([1, ['stored', 'refused NOT_DICOM']]);
    expect(await nightUnder(READ_LIMITS)).toEqual([0, ['stored', 'refused NOT_DICOM']]);
  });
});

it('the results of a Hologic image that are longer than LIMIT_TEXT are refused for that, and not passed over', () => {
  const text = hologicScript({ ScanMode: 'a Left Hip' }, { ResultsTable1: [['Region', 'BMD (g/cm2)']] });
  const bytes = hologicImage({ patientId: 'A' }, text.padEnd(3000));
  expect(adaptImage(bytes, { ...READ_LIMITS, maxTextBytes: 2048 }, RECEIVED_ON)).toMatchObject({
    ok: false,
    code: 'LIMIT_TEXT',
  });
  expect(adaptImage(bytes, READ_LIMITS, RECEIVED_ON).ok).toBe(true);
});
