import type { CaseState } from '../../dxa/cases/case-decision.ts';
import type { Queryable } from '../pool.ts';

export const DISPOSITIONS = [
  'technical_error',
  'artefact',
  'true_discordance',
  'expected_treatment_effect',
  'weight_change',
  'rescan_requested',
  'other',
] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

/** What a person's action looks at, read under the lock of the case. */
export type LockedCase = {
  readonly id: string;
  readonly state: CaseState;
  readonly version: number;
  readonly timesReopened: number;
  readonly assignee: string | null;
  readonly evidence: unknown;
  readonly statement: string;
  readonly evidenceHash: string;
  readonly checklist: readonly { readonly code: string }[];
};

/** Locks a case until the end of the transaction; null when there is none of this id. */
export async function lockCase(database: Queryable, id: string): Promise<LockedCase | null> {
  const { rows } = await database.query<LockedCase>(
    `select id::text, state, version, times_reopened as "timesReopened", assignee, evidence, statement,
            evidence_hash as "evidenceHash", checklist
       from review_case where id = $1 for update`,
    [id],
  );
  return rows[0] ?? null;
}

/** Columns that a person's action can change; what is not named stays. */
export type CaseUpdate = {
  readonly state: CaseState;
  readonly assignee: string | null;
  readonly disposition: Disposition | null;
  /** Sets or clears who resolved it and when. */
  readonly resolvedBy: string | null;
  readonly reopened: boolean;
};

/** Writes a person's action with its event in one go and returns the new version. */
export async function recordAction(
  database: Queryable,
  id: string,
  by: string,
  event: string,
  detail: Readonly<Record<string, unknown>>,
  update: CaseUpdate | null,
): Promise<number> {
  const { rows } = await database.query<{ version: number }>(
    `with changed as (
       update review_case set version = version + 1, updated_at = now(),
              state = case when $5 then $6 else state end,
              assignee = case when $5 then $7 else assignee end,
              disposition = case when $5 then $8 else disposition end,
              resolved_by = case when $5 then $9 else resolved_by end,
              resolved_at = case when $5 then case when $9::text is null then null else now() end else resolved_at end,
              times_reopened = times_reopened + case when $10 then 1 else 0 end,
              withdrawn_reason = case when $5 then null else withdrawn_reason end
        where id = $1 returning id, version)
     insert into review_case_event (review_case_id, actor, actor_kind, event, detail, case_version)
     select id, $2, 'person', $3, $4, version from changed
     returning case_version as version`,
    [
      id,
      by,
      event,
      detail,
      update !== null,
      update?.state ?? null,
      update?.assignee ?? null,
      update?.disposition ?? null,
      update?.resolvedBy ?? null,
      update?.reopened ?? false,
    ],
  );
  const version = rows[0]?.version;
  if (version === undefined) throw new Error('the case vanished under its lock');
  return version;
}

export async function writeTick(
  database: Queryable,
  caseId: string,
  tick: { readonly item: string; readonly note: string; readonly by: string; readonly evidenceHash: string },
): Promise<void> {
  await database.query(
    `insert into review_case_tick (review_case_id, item, note, ticked_by, evidence_hash) values ($1, $2, $3, $4, $5)
     on conflict (review_case_id, item) do update set note = excluded.note, ticked_by = excluded.ticked_by,
       ticked_at = now(), evidence_hash = excluded.evidence_hash`,
    [caseId, tick.item, tick.note, tick.by, tick.evidenceHash],
  );
}

export async function removeTick(database: Queryable, caseId: string, item: string): Promise<void> {
  await database.query('delete from review_case_tick where review_case_id = $1 and item = $2', [caseId, item]);
}
