import type { CaseState } from '../../dxa/cases/case-decision.ts';
import { maybeAnotherPerson } from '../../dxa/discordance/whose-scan.ts';
import type { Queryable } from '../pool.ts';
import { loadStatement } from '../statement.ts';

const WHOSE_SCAN = maybeAnotherPerson.code;

/** What a person found out about a scan that may be another person's; every other case is closed by a disposition. */
const IDENTITY_DISPOSITIONS = ['same_person', 'other_person'] as const;

export const DISPOSITIONS = [
  'technical_error',
  'artefact',
  'true_discordance',
  'true_loss',
  'expected_treatment_effect',
  'weight_change',
  'rescan_requested',
  'other',
  ...IDENTITY_DISPOSITIONS,
] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

const isIdentityDisposition = (disposition: Disposition) =>
  (IDENTITY_DISPOSITIONS as readonly Disposition[]).includes(disposition);

/** Whether a case of this rule can be closed so: "whose scan is this?" has its own two answers, which fit no other case. */
export const fitsRule = (disposition: Disposition, rule: string): boolean =>
  isIdentityDisposition(disposition) === (rule === WHOSE_SCAN);

/** The dispositions of a case of this rule. */
export const dispositionsOf = (rule: string): readonly Disposition[] =>
  DISPOSITIONS.filter((disposition) => fitsRule(disposition, rule));

/** What a person's action looks at, read under the lock of the case. */
export type LockedCase = {
  readonly id: string;
  readonly rule: string;
  readonly patientId: string;
  readonly state: CaseState;
  readonly version: number;
  readonly timesReopened: number;
  readonly assignee: string | null;
  readonly evidence: unknown;
  readonly statement: string;
  readonly evidenceHash: string;
  readonly checklist: readonly { readonly code: string }[];
};

/** Locks the patient of a case of this rule; before the case itself, as everybody does (docs/decisions/0010). */
export async function holdPatientOfCase(database: Queryable, id: string, rule: string): Promise<void> {
  await database.query(
    `select 1 from patient where id = (select patient_id from review_case where id = $1 and rule = $2) for no key update`,
    [id, rule],
  );
}

/** Locks a case until the end of the transaction; null when there is none of this id. */
export async function lockCase(database: Queryable, id: string): Promise<LockedCase | null> {
  const { rows } = await database.query<LockedCase>(
    `select id::text, rule, patient_id::text as "patientId", state, version, times_reopened as "timesReopened", assignee, evidence, statement,
            evidence_hash as "evidenceHash", checklist
       from review_case where id = $1 for update`,
    [id],
  );
  return rows[0] ?? null;
}

/** What a person's decision makes of a case. */
export type CaseUpdate = {
  readonly state: CaseState;
  readonly assignee: string | null;
  readonly disposition: Disposition | null;
  /** Sets or clears who resolved it and when. */
  readonly resolvedBy: string | null;
  readonly reopened: boolean;
};

const ACTION = { case_id: 'bigint', actor: 'text', event: 'text', detail: 'jsonb' } as const;
const NOTE = loadStatement(import.meta.dirname, 'note-on-case', ACTION);
const DECIDE = loadStatement(import.meta.dirname, 'decide-case', {
  ...ACTION,
  state: 'text',
  assignee: 'text or null',
  disposition: 'text or null',
  resolved_by: 'text or null',
  reopened: 'boolean',
});

const columnsOf = ({ resolvedBy, ...update }: CaseUpdate) => ({ ...update, resolved_by: resolvedBy });

/** Writes a person's action with its event in one go and returns the new version. */
export async function recordAction(
  database: Queryable,
  id: string,
  by: string,
  event: string,
  detail: Readonly<Record<string, unknown>>,
  update: CaseUpdate | null,
): Promise<number> {
  const action = { case_id: id, actor: by, event, detail };
  const statement = update === null ? NOTE(action) : DECIDE({ ...action, ...columnsOf(update) });
  const { rows } = await database.query<{ version: number }>(statement);
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
