import type { Signature } from '../audit.ts';
import type { Queryable } from '../pool.ts';

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

/** Notes that a patient cannot be judged as things are; attempts count on only while no judgement came in between. */
export async function recordFailedAssessment(
  database: Queryable,
  patientId: string,
  why: FailureReason,
): Promise<void> {
  await database.query(
    `insert into failed_assessment as f (patient_id, revision, code, cause_code)
     select id, revision, $2, $3 from patient where id = $1 and assessed_revision < revision
     on conflict (patient_id) do update set revision = excluded.revision, code = excluded.code,
       cause_code = excluded.cause_code, last_failed_at = now(), (attempts, first_failed_at) = (
         select case when p.assessed_revision < f.revision then f.attempts + 1 else 1 end,
                case when p.assessed_revision < f.revision then f.first_failed_at else now() end
           from patient p where p.id = f.patient_id)`,
    [patientId, why.code, why.cause],
  );
}

export const FAILURE_KINDS = ['file', 'patient'] as const;

export type Failure = {
  readonly kind: (typeof FAILURE_KINDS)[number];
  /** Id of the source file or patient. */
  readonly id: string;
  readonly code: string;
  readonly cause: string;
  readonly attempts: number;
  readonly lastFailedAt: Date;
  /** The file's name in the drop folder, or the patient's id: for people to see, never for a log. */
  readonly name: string;
};

export type FailureFilter = { readonly kind?: Failure['kind']; readonly code?: string };
export type FailureChoice = FailureFilter & { readonly id?: string };

/** A failure is over once a judgement has seen the revision that it is about. */
const FAILED_PATIENTS = `failed_assessment f join patient p on p.id = f.patient_id and p.assessed_revision < f.revision`;

const LIST = {
  file: `select 'file' as kind, id::text, reason_code as code, coalesce(reason_facts ->> 'cause', '') as cause, attempts,
                processed_at as "lastFailedAt", drop_name as name
           from source_file
          where state = 'failed' and id > $1 and ($2::text is null or reason_code = $2)
          order by source_file.id limit $3`,
  patient: `select 'patient' as kind, p.id::text, f.code, f.cause_code as cause, f.attempts,
                   f.last_failed_at as "lastFailedAt", p.patient_id as name
              from ${FAILED_PATIENTS}
             where p.id > $1 and ($2::text is null or f.code = $2)
             order by p.id limit $3`,
} as const;

/** A page of everything that failed for good, files before patients; nothing ever leaves it but by being done. */
export async function listFailures(
  database: Queryable,
  after: Pick<Failure, 'kind' | 'id'>,
  limit: number,
  { kind, code }: FailureFilter = {},
): Promise<readonly Failure[]> {
  const page: Failure[] = [];
  for (const one of FAILURE_KINDS) {
    const passed = one === 'file' && after.kind === 'patient';
    if (passed || (kind !== undefined && kind !== one) || page.length >= limit) continue;
    const afterId = after.kind === one ? after.id : '0';
    const { rows } = await database.query<Failure>(LIST[one], [afterId, code ?? null, limit - page.length]);
    page.push(...rows);
  }
  return page;
}

export type FailureCount = Pick<Failure, 'kind' | 'code'> & { readonly count: number };

/** How many failed for good, by what they are and why. */
export async function countFailures(database: Queryable): Promise<readonly FailureCount[]> {
  const { rows } = await database.query<FailureCount>(
    `select 'file' as kind, reason_code as code, count(*)::int as count from source_file where state = 'failed' group by 2
     union all
     select 'patient', f.code, count(*)::int from ${FAILED_PATIENTS} group by 2
      order by 1, 2`,
  );
  return rows;
}

/** Which of these stand in the list of failures. */
export async function findFailed(
  database: Queryable,
  kind: Failure['kind'],
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ id: string }>(
    kind === 'file'
      ? `select id::text from source_file where id = any($1) and state = 'failed'`
      : `select p.id::text from ${FAILED_PATIENTS} where p.id = any($1)`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

const REQUEUE = {
  file: `
    with chosen as (
           select id, reason_code, reason_facts ->> 'cause' as cause, attempts, processed_at from source_file
            where state = 'failed' and ($1::bigint is null or id = $1) and ($2::text is null or reason_code = $2)
            order by id for update),
         back as (
           update source_file f set state = 'received', reason_code = null, reason_facts = '{}'
             from chosen c where f.id = c.id returning f.id),
         -- Crashes are counted from zero: the cause has been checked.
         forgotten as (delete from file_reading where source_file_id in (select id from chosen))
    insert into audit_event (actor, action, table_name, row_id, note, before, after)
    select $3, 'requeue', 'source_file', id, $4, to_jsonb(chosen) || '{"state": "failed"}', '{"state": "received"}'
      from chosen returning row_id::text as id`,
  patient: `
    with chosen as materialized (
           select f.patient_id from ${FAILED_PATIENTS}
            where ($1::bigint is null or p.id = $1) and ($2::text is null or f.code = $2)
            order by f.patient_id for update of f),
         gone as (delete from failed_assessment d using chosen c where d.patient_id = c.patient_id returning d.*)
    insert into audit_event (actor, action, table_name, row_id, note, before)
    select $3, 'requeue', 'failed_assessment', patient_id, $4, to_jsonb(gone) from gone returning row_id::text as id`,
} as const;

export type Requeued = { readonly files: readonly string[]; readonly patients: readonly string[] };

/**
 * Puts failures back to where the sweep finds them, and returns their ids so that they need not wait for it. What failed,
 * how often and why goes into the audit with who asked: the rows themselves no longer say it.
 */
export async function requeueFailures(
  database: Queryable,
  { kind, id, code }: FailureChoice,
  { by, note }: Signature = { by: 'dxaflow', note: '' },
): Promise<Requeued> {
  const requeue = async (one: Failure['kind']) => {
    if (kind !== undefined && kind !== one) return [];
    const { rows } = await database.query<{ id: string }>(REQUEUE[one], [id ?? null, code ?? null, by, note]);
    return rows.map((row) => row.id);
  };
  return { files: await requeue('file'), patients: await requeue('patient') };
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
