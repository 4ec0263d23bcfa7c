import type { Queryable } from './pool.ts';

/** Why the last attempt failed: our code, and that of the error below it; never a message, which may quote a row. */
export type FailureReason = { readonly code: string; readonly cause: string };

/**
 * Notes that processing a file broke for good, so that it stands in the list of failures instead of only in the queue.
 * A file that another attempt has finished meanwhile stays as it is.
 */
export async function recordFailedFile(database: Queryable, sourceFileId: string, why: FailureReason): Promise<void> {
  await database.query(
    `update source_file
        set state = 'failed', reason_code = $2, reason_path = null, reason_facts = jsonb_build_object('cause', $3::text),
            attempts = attempts + 1, processed_at = now()
      where id = $1 and state in ('received', 'failed')`,
    [sourceFileId, why.code, why.cause],
  );
}

/** Notes that a patient cannot be judged as things are. */
export async function recordFailedAssessment(
  database: Queryable,
  patientId: string,
  why: FailureReason,
): Promise<void> {
  await database.query(
    `insert into failed_assessment (patient_id, revision, code, cause_code)
     select id, revision, $2, $3 from patient where id = $1 and assessed_revision < revision
     on conflict (patient_id) do update set revision = excluded.revision, code = excluded.code,
       cause_code = excluded.cause_code, attempts = failed_assessment.attempts + 1, last_failed_at = now()`,
    [patientId, why.code, why.cause],
  );
}

export async function forgetFailedAssessment(database: Queryable, patientId: string): Promise<void> {
  await database.query('delete from failed_assessment where patient_id = $1', [patientId]);
}

export type Failure = {
  readonly kind: 'file' | 'patient';
  /** Id of the source file or patient. */
  readonly id: string;
  readonly code: string;
  readonly cause: string;
  readonly attempts: number;
  readonly lastFailedAt: Date;
};

const FAILURES = `
select 'file' as kind, id, reason_code as code, coalesce(reason_facts ->> 'cause', '') as cause, attempts,
       processed_at as last_failed_at from source_file where state = 'failed'
union all
select 'patient', f.patient_id, f.code, f.cause_code, f.attempts, f.last_failed_at from failed_assessment f
  join patient p on p.id = f.patient_id where p.assessed_revision < p.revision`;

/** A page of everything that failed for good, files before patients; nothing ever leaves it but by being done. */
export async function listFailures(
  database: Queryable,
  after: { readonly kind: Failure['kind']; readonly id: string },
  limit: number,
): Promise<readonly Failure[]> {
  const { rows } = await database.query<Failure>(
    `select kind, id::text, code, cause, attempts, last_failed_at as "lastFailedAt" from (${FAILURES}) f
      where (kind, id) > ($1, $2::bigint) order by kind, f.id limit $3`,
    [after.kind, after.id, limit],
  );
  return rows;
}

export type FailureChoice = { readonly kind?: Failure['kind']; readonly id?: string; readonly code?: string };

/** Puts failures back to where the sweep finds them, and returns their ids so that they need not wait for it. */
export async function requeueFailures(
  database: Queryable,
  { kind, id, code }: FailureChoice,
): Promise<{ readonly files: readonly string[]; readonly patients: readonly string[] }> {
  const values = [id ?? null, code ?? null];
  const chosen = '($1::bigint is null or f.id = $1) and ($2::text is null or f.code = $2)';
  const files =
    kind === 'patient'
      ? []
      : (
          await database.query<{ id: string }>(
            `update source_file s set state = 'received', reason_code = null, reason_facts = '{}'
               from (select id, reason_code as code from source_file where state = 'failed') f
              where s.id = f.id and ${chosen} returning s.id::text`,
            values,
          )
        ).rows;
  const patients =
    kind === 'file'
      ? []
      : (
          await database.query<{ id: string }>(
            `delete from failed_assessment a using (select patient_id as id, code from failed_assessment) f
              where a.patient_id = f.id and ${chosen} returning a.patient_id::text as id`,
            values,
          )
        ).rows;
  return { files: files.map((row) => row.id), patients: patients.map((row) => row.id) };
}

/** Patients whose reports changed after their last judgement, without those who cannot be judged as they are. */
export async function listPatientsNotJudged(
  database: Queryable,
  afterId: string,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string }>(
    `select p.id::text from patient p
      where p.id > $1 and p.assessed_revision < p.revision
        and not exists (select 1 from failed_assessment f where f.patient_id = p.id and f.revision = p.revision)
      order by p.id limit $2`,
    [afterId, limit],
  );
  return rows.map(({ id }) => id);
}
