import type { Queryable } from './pool.ts';

/** Who makes a change to the facility's records, and why. Free text of a person; never put patient values into it. */
export type Signature = { readonly by: string; readonly note: string };

/**
 * Tables whose every change is written down, and of source_file and failed_assessment that a person had them tried again.
 */
export type AuditedTable =
  | 'least_significant_change'
  | 'precision_study'
  | 'cross_calibration'
  | 'scanner_epoch'
  | 'baseline_pin'
  | 'patient'
  | 'patient_merge'
  | 'phantom_pattern'
  | 'site_mapping'
  | 'ignored_concept'
  | 'instance_decision'
  | 'setting'
  | 'source_file'
  | 'failed_assessment';

export type RetirableTable = Exclude<
  AuditedTable,
  'precision_study' | 'patient' | 'patient_merge' | 'setting' | 'source_file' | 'failed_assessment'
>;

/** First key of the advisory lock that orders registry changes among themselves and against assessments (locks.ts). */
export const REGISTRY_LOCK = 2;

/**
 * Takes the registry for itself until the end of the transaction. Assessments hold it shared: one that read the registry
 * before the change also read its patient before it, so that the change sees that patient and marks it.
 */
export async function lockRegistry(database: Queryable): Promise<void> {
  await database.query('select pg_advisory_xact_lock($1, 0)', [REGISTRY_LOCK]);
}

/** Writes down a row that was just made. */
export async function auditCreation(
  database: Queryable,
  table: AuditedTable,
  rowId: string,
  action: string,
  { by, note }: Signature,
): Promise<void> {
  await database.query(
    `insert into audit_event (actor, action, table_name, row_id, note, after)
     select $2, $3, $4, t.id, $5, to_jsonb(t) from ${table} t where t.id = $1`,
    [rowId, by, action, table, note],
  );
}

/** Takes a row out of force and writes it down. False when there is none in force under the id. */
export async function retireRow(
  database: Queryable,
  table: RetirableTable,
  rowId: string,
  action: 'retire' | 'replace',
  { by, note }: Signature,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `with old as (select * from ${table} where id = $1 and retired_at is null for update),
          new as (update ${table} t set retired_at = now(), retired_by = $2, retired_why = $5
                    from old where t.id = old.id returning t.*)
     insert into audit_event (actor, action, table_name, row_id, note, before, after)
     select $2, $3, $4, old.id, $5, to_jsonb(old), to_jsonb(new) from old join new using (id)`,
    [rowId, by, action, table, note],
  );
  return (rowCount ?? 0) > 0;
}

export type AuditEvent = {
  readonly happenedAt: Date;
  readonly actor: string;
  readonly action: string;
  readonly note: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
};

/** Everything that happened to a row, oldest first. */
export async function listAuditEvents(
  database: Queryable,
  table: AuditedTable,
  rowId: string,
): Promise<readonly AuditEvent[]> {
  const { rows } = await database.query<AuditEvent>(
    `select happened_at as "happenedAt", actor, action, note, before, after
       from audit_event where table_name = $1 and row_id = $2 order by id`,
    [table, rowId],
  );
  return rows;
}
