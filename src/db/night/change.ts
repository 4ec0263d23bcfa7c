import type { Queryable } from '../pool.ts';

/** Why something was computed again: what made it then, and what makes it now. */
export type Cause = { readonly what: string; readonly before: string | null; readonly after: string | null };

/** Differences for one file or patient, or what could not be computed again. */
export type NightChange = {
  readonly step: string;
  readonly kind: 'file' | 'patient' | 'archive' | 'failure';
  readonly sourceFileId: string | null;
  readonly patientId: string | null;
  readonly causes: readonly Cause[];
  readonly detail: Readonly<Record<string, unknown>>;
};

export async function addNightChanges(
  database: Queryable,
  runId: string,
  changes: readonly NightChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await database.query(
    `insert into night_change (night_run_id, step, kind, source_file_id, patient_id, causes, detail)
     select $1, n.* from jsonb_to_recordset($2::jsonb) as n (step text, kind text, "sourceFileId" bigint,
            "patientId" bigint, causes jsonb, detail jsonb)`,
    [runId, JSON.stringify(changes)],
  );
}

/** A page of a run's report, in the order in which things changed. */
export async function listNightChanges(
  database: Queryable,
  runId: string,
  afterId: string,
  limit: number,
): Promise<readonly (NightChange & { readonly id: string })[]> {
  const { rows } = await database.query<NightChange & { readonly id: string }>(
    `select id::text, step, kind, source_file_id::text as "sourceFileId", patient_id::text as "patientId", causes, detail
       from night_change where night_run_id = $1 and id > $2 order by night_change.id limit $3`,
    [runId, afterId, limit],
  );
  return rows;
}
