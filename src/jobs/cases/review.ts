import { z } from 'zod';
import { listReviewers } from '../../db/access/user.ts';
import {
  type CaseUpdate,
  DISPOSITIONS,
  dispositionsOf,
  fitsRule,
  holdPatientOfCase,
  type LockedCase,
  lockCase,
  recordAction,
  removeTick,
  writeTick,
} from '../../db/cases/case-life.ts';
import { type CaseEvent, listCaseEvents } from '../../db/cases/review-case.ts';
import { touchPatient } from '../../db/judgement/dependents.ts';
import { inTransaction, type Pool, type Queryable } from '../../db/pool.ts';
import { type CaseState, isWaiting } from '../../dxa/cases/case-decision.ts';
import { maybeAnotherPerson } from '../../dxa/discordance/whose-scan.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';

const text = (limit: number) => z.string().trim().max(limit);
const name = text(200).min(1);
/** Names of users are kept in small letters. */
export const ASSIGNEE = name.toLowerCase();
/** An integer column: a larger number is not a version of any case. */
export const CASE_VERSION = z.int().positive().max(2_147_483_647);
const common = {
  caseId: z.string().regex(/^[1-9]\d{0,17}$/, { error: 'must be the number of a case' }),
  by: name,
  /** The version that the person looked at; null takes whatever stands there now. */
  version: CASE_VERSION.nullable(),
};

/** What a person can do to a case; the same shape for the command line and for HTTP. */
export const CASE_ACTION = z.discriminatedUnion('kind', [
  z.object({ ...common, kind: z.literal('assign'), to: ASSIGNEE.nullable() }),
  z.object({ ...common, kind: z.literal('comment'), text: text(10_000).min(1) }),
  z.object({ ...common, kind: z.literal('tick'), item: name, note: text(2000), ticked: z.boolean() }),
  z.object({ ...common, kind: z.literal('resolve'), disposition: z.enum(DISPOSITIONS), note: text(10_000) }),
  z.object({ ...common, kind: z.literal('reopen'), note: text(10_000).min(1) }),
]);
export type CaseAction = z.infer<typeof CASE_ACTION>;

/** The case was changed since the person viewed it. Nothing of the action was written. */
export class StaleCaseError extends DxaflowError {
  readonly currentVersion: number;
  readonly changes: readonly CaseEvent[];

  constructor(found: LockedCase, expected: number, changes: readonly CaseEvent[]) {
    const happened = changes.map(({ event, actor }) => `${event.replaceAll('_', ' ')} by ${actor}`).join(', ');
    super(
      'STALE_CASE',
      `Case ${found.id} is at version ${found.version}, not ${expected}: ${happened}. Review it again, then repeat.`,
    );
    this.currentVersion = found.version;
    this.changes = changes;
  }
}

const wrongState = (found: LockedCase, wanted: string) =>
  new DxaflowError('CASE_STATE', `Case ${found.id} is ${found.state.replaceAll('_', ' ')}; only ${wanted}.`);

const MOST_NAMES = 30;

/** An unknown, disabled or unauthorised assignee would leave the case unnoticed. */
async function requireReviewer(database: Queryable, name: string): Promise<void> {
  const reviewers = await listReviewers(database);
  if (reviewers.includes(name)) return;
  const named = reviewers.slice(0, MOST_NAMES).join(', ');
  const more = reviewers.length > MOST_NAMES ? `, and ${reviewers.length - MOST_NAMES} more` : '';
  const who = reviewers.length === 0 ? 'none yet; see dxaflow user add' : `${named}${more}`;
  throw new DxaflowError(
    'ASSIGNEE_UNKNOWN',
    `There is no active reviewer of this name. A case can be assigned to: ${who}.`,
    { exitCode: EXIT.usage },
  );
}

async function assign(database: Queryable, found: LockedCase, { by, to }: Extract<CaseAction, { kind: 'assign' }>) {
  if (!isWaiting(found.state)) throw wrongState(found, 'a case waiting for review can be assigned');
  if (to !== null) await requireReviewer(database, to);
  const idle: CaseState = found.timesReopened > 0 ? 'reopened' : 'open';
  const state: CaseState = to === null ? idle : 'in_review';
  const update = { state, assignee: to, disposition: null, resolvedBy: null, reopened: false };
  const event = to === null ? 'unassigned' : 'assigned';
  return await recordAction(database, found.id, by, event, { to, from: found.assignee }, update);
}

async function tick(database: Queryable, found: LockedCase, action: Extract<CaseAction, { kind: 'tick' }>) {
  const { by, item, note, ticked } = action;
  if (!found.checklist.some(({ code }) => code === item)) {
    const codes = found.checklist.map(({ code }) => code).join(', ');
    throw new DxaflowError('CHECKLIST_ITEM_UNKNOWN', `The checklist of case ${found.id} has the items ${codes}.`, {
      exitCode: EXIT.usage,
    });
  }
  if (!isWaiting(found.state)) throw wrongState(found, 'the checklist of a case waiting for review can be ticked');
  if (ticked) await writeTick(database, found.id, { item, note, by, evidenceHash: found.evidenceHash });
  else await removeTick(database, found.id, item);
  return await recordAction(database, found.id, by, ticked ? 'ticked' : 'unticked', { item, note }, null);
}

async function resolve(database: Queryable, found: LockedCase, action: Extract<CaseAction, { kind: 'resolve' }>) {
  const { by, disposition, note } = action;
  if (!isWaiting(found.state)) throw wrongState(found, 'a case waiting for review can be resolved');
  if (disposition === 'other' && note === '') {
    throw new DxaflowError('NOTE_MISSING', 'The disposition "other" needs a note that says which.', {
      exitCode: EXIT.usage,
    });
  }
  if (!fitsRule(disposition, found.rule)) {
    throw new DxaflowError(
      'DISPOSITION_UNFIT',
      `Case ${found.id} can be resolved as ${dispositionsOf(found.rule).join(', ')}.`,
      { exitCode: EXIT.usage },
    );
  }
  const { assignee, evidence, statement } = found;
  const update: CaseUpdate = { state: 'resolved', assignee, disposition, resolvedBy: by, reopened: false };
  await judgeIdentityAgain(database, found);
  // The evidence goes into the event: whatever the case shows later, this is what was decided on.
  return await recordAction(database, found.id, by, 'resolved', { disposition, note, evidence, statement }, update);
}

/** What a person says of whose scan it is decides what the visit is compared with: the patient is judged again. */
async function judgeIdentityAgain(database: Queryable, { rule, patientId }: LockedCase): Promise<void> {
  if (rule === maybeAnotherPerson.code) await touchPatient(database, patientId);
}

async function reopen(database: Queryable, found: LockedCase, { by, note }: Extract<CaseAction, { kind: 'reopen' }>) {
  if (isWaiting(found.state)) throw wrongState(found, 'a resolved or withdrawn case can be reopened');
  const { assignee } = found;
  await judgeIdentityAgain(database, found);
  const update: CaseUpdate = { state: 'reopened', assignee, disposition: null, resolvedBy: null, reopened: true };
  return await recordAction(database, found.id, by, 'reopened', { note, from: found.state }, update);
}

async function act(database: Queryable, found: LockedCase, action: CaseAction): Promise<number> {
  switch (action.kind) {
    case 'assign':
      return await assign(database, found, action);
    case 'comment':
      return await recordAction(database, found.id, action.by, 'commented', { text: action.text }, null);
    case 'tick':
      return await tick(database, found, action);
    case 'resolve':
      return await resolve(database, found, action);
    case 'reopen':
      return await reopen(database, found, action);
    default:
      return action satisfies never;
  }
}

/**
 * Carries out what a person decided and returns the case's new version, and the patient who is to be judged again where the
 * decision was whose scan it is. Throws STALE_CASE with what happened in between
 * when the person looked at an earlier version, CASE_STATE when the case is not in a state for it, CASE_UNKNOWN.
 */
export async function actOnCase(
  pool: Pool,
  action: CaseAction,
): Promise<{ readonly version: number; readonly patientToAssess: string | null }> {
  return await inTransaction(pool, async (transaction) => {
    const decides = action.kind === 'resolve' || action.kind === 'reopen';
    if (decides) await holdPatientOfCase(transaction, action.caseId, maybeAnotherPerson.code);
    const found = await lockCase(transaction, action.caseId);
    if (found === null) throw new DxaflowError('CASE_UNKNOWN', `There is no case ${action.caseId}.`);
    if (action.version !== null && action.version !== found.version) {
      const changes = await listCaseEvents(transaction, found.id, action.version);
      throw new StaleCaseError(found, action.version, changes);
    }
    const version = await act(transaction, found, action);
    return { version, patientToAssess: decides && found.rule === maybeAnotherPerson.code ? found.patientId : null };
  });
}
