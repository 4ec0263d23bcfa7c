import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listSourceFiles } from '../../../src/db/files/source-file.ts';
import type { NewSiteMapping } from '../../../src/db/registry/site-mapping.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { openFileIngest } from '../../../src/jobs/ingest/ingest.ts';
import { openReadingPool, READING } from '../../../src/jobs/ingest/reading-pool.ts';
import { openFileTaker } from '../../../src/jobs/intake/take-file.ts';
import { addSiteMappings, openMappingSource } from '../../../src/jobs/registry/site-mapping.ts';
import { createTestDatabase, type TestDatabase } from '../database/database.ts';

export const SIGNED = { by: 'M. Weber', note: 'German labels' };

export type MappedSite = {
  readonly database: TestDatabase;
  readonly archiveDir: string;
  /** Takes bytes into the archive. */
  readonly take: (bytes: Uint8Array) => Promise<void>;
  /** Reads whatever waits as the ingest process does, and returns how many files that were. */
  readonly ingestWaiting: () => Promise<number>;
  /** Files mappings and returns how many files are to be read again. */
  readonly map: (...mappings: readonly NewSiteMapping[]) => Promise<number>;
  /** Values as "patient region side quantity value". */
  readonly stored: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
};

/** Database and archive that something else made and closes. */
type Given = Pick<MappedSite, 'database' | 'archiveDir'>;

/** A site with a database, an archive and a real reading pool that follows its mappings. */
export async function openMappedSite(given: Given | null = null): Promise<MappedSite> {
  const database = given?.database ?? (await createTestDatabase());
  const { pool } = database;
  const folder = mkdtempSync(join(tmpdir(), 'dxaflow-mapped-'));
  const archiveDir = given?.archiveDir ?? join(folder, 'archive');
  const source = openMappingSource(pool);
  const reader = openReadingPool({ ...READING, limits: READ_LIMITS, threads: 1, mappings: source });
  const takeFile = openFileTaker({ pool, archiveDir, folders: null });
  return {
    database,
    archiveDir,
    take: async (bytes) => {
      const path = join(folder, createHash('sha256').update(bytes).digest('hex'));
      writeFileSync(path, bytes);
      await takeFile({ path, dropName: 'x' });
    },
    ingestWaiting: async () => {
      const files = await listSourceFiles(pool, ['received'], '0', 100);
      const ingest = openFileIngest({ pool, archiveDir, reader });
      for (const { id } of files) await ingest(id);
      return files.length;
    },
    map: async (...mappings) => (await addSiteMappings(pool, mappings, SIGNED)).filesToRead.length,
    stored: async () => {
      const { rows } = await pool.query<{ line: string }>(
        `select concat_ws(' ', n.patient_id, v.region, v.laterality, v.quantity, v.value) as line
           from measured_value v join report r on r.id = v.report_id join study s on s.id = r.study_id
           join patient n on n.id = s.named_patient_id order by 1`,
      );
      return rows.map(({ line }) => line);
    },
    close: async () => {
      await reader.close();
      if (given === null) await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
