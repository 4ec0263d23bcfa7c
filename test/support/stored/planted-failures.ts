import { randomBytes } from 'node:crypto';
import { recordFailedAssessment, recordFailedFile } from '../../../src/db/files/failure.ts';
import type { Pool } from '../../../src/db/pool.ts';
import { storeVisit } from './stored-visit.ts';

/** Puts a file on record that was received and broke for good; returns its id. */
export async function plantFailedFile(pool: Pool, dropName: string, code: string, cause: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `insert into source_file (sha256, byte_count, archive_path, drop_name, state)
     values ($1, 1, $1, $2, 'received') returning id::text`,
    [randomBytes(32).toString('hex'), dropName],
  );
  const id = rows[0]?.id ?? '';
  await recordFailedFile(pool, id, { code, cause });
  return id;
}

/** Stores a visit of a patient who cannot be judged; returns the patient's row id. */
export async function plantFailedPatient(pool: Pool, patientId: string, cause: string): Promise<string> {
  const id = await storeVisit(pool, { patientId, scannedOn: '2024-01-01', spine: '1.000' });
  await pool.query('update patient set assessed_revision = 0 where id = $1', [id]);
  await recordFailedAssessment(pool, id, { code: 'PROCESSING_FAILED', cause });
  return id;
}
