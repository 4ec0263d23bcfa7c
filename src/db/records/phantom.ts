import { auditCreation, lockRegistry, retireRow, type Signature } from '../audit.ts';
import { raiseRevisions } from '../locks.ts';
import type { Queryable } from '../pool.ts';

export type PhantomPattern = {
  readonly patternId: string;
  readonly pattern: string;
  readonly source: string;
  readonly author: string;
};

export async function listPhantomPatterns(database: Queryable): Promise<readonly PhantomPattern[]> {
  const { rows } = await database.query<PhantomPattern>(
    `select id::text as "patternId", pattern, source, author from phantom_pattern where retired_at is null order by id`,
  );
  return rows;
}

/** Marks for reassessment the patients whose phantom status the patterns would change. */
async function touchRecognised(database: Queryable): Promise<number> {
  return await raiseRevisions(
    database,
    `select p.id from patient p
      where p.is_phantom <> exists (
        select 1 from study s join report r on r.study_id = s.id join patient n on n.id = s.named_patient_id
          join phantom_pattern f on f.retired_at is null and (r.patient_name ~* f.pattern or n.patient_id ~* f.pattern)
         where s.patient_id = p.id)`,
    [],
  );
}

/**
 * Adds a pattern (a POSIX regular expression) and returns how many patients are to be judged; null when it is there. Run it
 * in a transaction: no patient is assessed meanwhile.
 */
export async function addPhantomPattern(
  database: Queryable,
  pattern: string,
  signature: Signature,
): Promise<number | null> {
  await lockRegistry(database);
  const { rows } = await database.query<{ id: string }>(
    `insert into phantom_pattern (pattern, source, author) values ($1, $2, $3)
     on conflict (pattern) where retired_at is null do nothing returning id::text`,
    [pattern, signature.note, signature.by],
  );
  const id = rows[0]?.id;
  if (id === undefined) return null;
  await auditCreation(database, 'phantom_pattern', id, 'create', signature);
  return await touchRecognised(database);
}

/** Takes a pattern out of force, in a transaction as well; null when there is none under the id. */
export async function retirePhantomPattern(
  database: Queryable,
  patternId: string,
  signature: Signature,
): Promise<number | null> {
  await lockRegistry(database);
  const gone = await retireRow(database, 'phantom_pattern', patternId, 'retire', signature);
  return gone ? await touchRecognised(database) : null;
}
