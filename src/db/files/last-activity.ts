import type { Queryable } from '../pool.ts';

/** When a file last came, one was last read and a patient was last judged. */
export async function readLastActivity(database: Queryable): Promise<{
  readonly lastIntakeAt: Date | null;
  readonly lastProcessedAt: Date | null;
  readonly lastAssessedAt: Date | null;
}> {
  const { rows } = await database.query<{
    lastIntakeAt: Date | null;
    lastProcessedAt: Date | null;
    lastAssessedAt: Date | null;
  }>(
    `select (select max(last_received_at) from source_file) as "lastIntakeAt",
            (select max(processed_at) from source_file) as "lastProcessedAt",
            (select max(assessed_at) from patient) as "lastAssessedAt"`,
  );
  return rows[0] ?? { lastIntakeAt: null, lastProcessedAt: null, lastAssessedAt: null };
}
