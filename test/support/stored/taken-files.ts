import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { announceSourceFiles, listSourceFiles, markReceived } from '../../../src/db/files/source-file.ts';
import type { Pool } from '../../../src/db/pool.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { archivePathOf } from '../../../src/jobs/archive/archive.ts';
import { type Ingested, openFileIngest } from '../../../src/jobs/ingest/ingest.ts';
import { type ReadOutcome, readAndAdapt } from '../../../src/jobs/ingest/read-thread.ts';
import type { ReadingPool } from '../../../src/jobs/ingest/reading-pool.ts';
import { openMappingSource } from '../../../src/jobs/registry/site-mapping.ts';

/** An archive with files that were received, and the ingest of the product in this very process. */
export type TakenFiles = {
  readonly archiveDir: string;
  readonly reader: ReadingPool;
  readonly take: (bytes: Uint8Array) => Promise<string>;
  /** Reads whatever waits, `lanes` at a time, until nothing does. */
  readonly ingestWaiting: (lanes?: number) => Promise<readonly Ingested[]>;
  /** What is done with a file's outcome between its reading and its storing. */
  readonly afterReading: { do: (outcome: ReadOutcome) => Promise<ReadOutcome> };
  readonly close: () => void;
};

/** With the archive of `others`, it works beside them as another process does. */
export function openTakenFiles(pool: Pool, others: TakenFiles | null = null): TakenFiles {
  const archiveDir = others?.archiveDir ?? mkdtempSync(join(tmpdir(), 'dxaflow-taken-'));
  const afterReading = { do: async (outcome: ReadOutcome) => outcome };
  const mappings = openMappingSource(pool);
  const reader = {
    read: async (bytes: Uint8Array, receivedOn: string) => {
      const { revision, rules } = await mappings();
      const outcome = readAndAdapt({ bytes, limits: READ_LIMITS, receivedOn, mappings: rules });
      return await afterReading.do({ ...outcome, mappingRevision: revision });
    },
    close: async () => undefined,
    limits: READ_LIMITS,
  };
  const ingest = openFileIngest({ pool, archiveDir, reader });
  return {
    archiveDir,
    reader,
    afterReading,
    take: async (bytes) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const archivePath = archivePathOf(sha256);
      mkdirSync(dirname(join(archiveDir, archivePath)), { recursive: true });
      writeFileSync(join(archiveDir, archivePath), bytes);
      const [file] = await announceSourceFiles(pool, [
        { sha256, byteCount: bytes.length, archivePath, dropName: `${sha256.slice(0, 8)}.dcm` },
      ]);
      await markReceived(pool, [file?.id ?? '']);
      return file?.id ?? '';
    },
    ingestWaiting: async (lanes = 1) => {
      const results: Ingested[] = [];
      for (;;) {
        const waiting = (await listSourceFiles(pool, ['received'], '0', 1000)).map(({ id }) => id);
        if (waiting.length === 0) return results;
        const lane = async () => {
          for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) results.push(await ingest(id));
        };
        await Promise.all(Array.from({ length: lanes }, lane));
      }
    },
    close: () => rmSync(archiveDir, { recursive: true, force: true }),
  };
}
