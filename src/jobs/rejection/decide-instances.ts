import type { Signature } from '../../db/audit.ts';
import { lockInstances, lockStoring } from '../../db/locks.ts';
import { inTransaction, type Pool, type Queryable } from '../../db/pool.ts';
import {
  type InstanceOnRecord,
  listInstancesOfFile,
  readInstances,
  writeDecision,
} from '../../db/rejection/decision.ts';
import { settleInstances } from '../../db/rejection/settle.ts';
import type { InstanceDecision } from '../../dxa/study/rejection.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';

/** A file stands for its report, and a rejection note for every instance that it names. */
export type GivenInstances = { readonly fileId: string } | { readonly sopInstanceUid: string };

export type Decided = {
  /** Instances for which the decision is news. */
  readonly instances: readonly string[];
  /** Patients who are to be judged again. */
  readonly patientIds: readonly string[];
};

const refuse = (code: string, message: string) => new DxaflowError(code, message, { exitCode: EXIT.usage });

/** A person has nothing to say of an instance that is as they want it, and of which no note says otherwise. */
function isNews(
  { notes, outOfUse, decision, answers }: InstanceOnRecord,
  wanted: InstanceDecision['decision'],
): boolean {
  const unanswered = notes.some((uid) => !answers.includes(uid));
  if (decision === wanted) return unanswered;
  return decision !== null || unanswered || outOfUse === (wanted === 'in_use');
}

async function instancesOf(transaction: Queryable, given: GivenInstances): Promise<readonly InstanceOnRecord[]> {
  const uids = 'fileId' in given ? await listInstancesOfFile(transaction, given.fileId) : [given.sopInstanceUid];
  const found = await readInstances(transaction, uids);
  // Beside reports only what a note names can be decided about: it may still come.
  return found.filter(({ outOfUse, notes, decision }) => outOfUse !== null || notes.length > 0 || decision !== null);
}

/**
 * Puts instances back in use, or takes them out, as a person says: no machine changes that on account of the notes that are
 * there now. Throws REASON_EMPTY, INSTANCE_UNKNOWN.
 */
export async function decideInstances(
  pool: Pool,
  given: GivenInstances,
  decision: InstanceDecision['decision'],
  signature: Signature,
): Promise<Decided> {
  if (signature.note.trim() === '') throw refuse('REASON_EMPTY', 'Say why: the reason is kept with the decision.');
  return await inTransaction(pool, async (transaction) => {
    await lockStoring(transaction);
    const found = await instancesOf(transaction, given);
    if (found.length === 0) {
      throw refuse('INSTANCE_UNKNOWN', 'No stored report and no rejection note is about this instance.');
    }
    const uids = found.map(({ sopInstanceUid }) => sopInstanceUid);
    await lockInstances(transaction, uids);
    const news = found.filter((one) => isNews(one, decision));
    for (const one of news) await writeDecision(transaction, one, decision, signature);
    const patientIds = await settleInstances(transaction, uids);
    return { instances: news.map(({ sopInstanceUid }) => sopInstanceUid), patientIds };
  });
}
