import { keepReport, READER_FAILURES, recordOutcome } from '../../db/files/file-outcome.ts';
import type { SourceFile } from '../../db/files/source-file.ts';
import { lockInstances, lockStoring } from '../../db/locks.ts';
import type { Queryable } from '../../db/pool.ts';
import { type StoredReport, storeReport } from '../../db/records/report.ts';
import {
  displace,
  findStanding,
  holdClaimants,
  requeueNextClaimant,
  sortClaimants,
  takesPrecedence,
  withdrawReport,
} from '../../db/records/standing.ts';
import { readMappingRevision } from '../../db/registry/site-mapping.ts';
import { listNamed, removeNote, storeNote } from '../../db/rejection/note.ts';
import { settleInstances } from '../../db/rejection/settle.ts';
import type { Finding } from '../../dxa/values/finding.ts';
import { DxaflowError } from '../../errors/errors.ts';
import { READING_VERSION } from '../versions.ts';
import type { ReadOutcome, Refused } from './read-thread.ts';

export type StoredOutcome = {
  readonly state: 'stored' | 'refused' | 'conflicted' | 'duplicate' | 'noted';
  /** Why it was not stored; of a stored file why a later reading failed, whose earlier report stands. */
  readonly code: string | null;
  /** Set when the patient must be judged again. */
  readonly patientId: string | null;
  /** Patients who lost a report by it, or to whom a note gave one back, and must be judged again as well. */
  readonly losers: readonly string[];
  /** Files that claimed the same SOP instance and are to be read again, because what stood for it is gone. */
  readonly requeued: readonly string[];
  /** What leads on from the file: its report, and the revision of its patient that a later assessment names. */
  readonly trace: { readonly report: string; readonly patient: string; readonly revision: string } | null;
};

const nothing = { code: null, patientId: null, losers: [], requeued: [], trace: null };
const known = (...uids: readonly (string | null | undefined)[]) =>
  uids.filter((uid) => uid != null && uid !== '') as string[];

/** Of a file whose report was stored. */
export function outcomeOf({ patientId, revision, reportId }: StoredReport): StoredOutcome {
  return { ...nothing, state: 'stored', patientId, trace: { report: reportId, patient: patientId, revision } };
}

/**
 * Writes what reading a file gave, in place of whatever an earlier reading wrote; run it inside a transaction. The same
 * outcome again gives the same rows. Throws MAPPINGS_CHANGED (transient) when the site's mappings are no longer those that
 * the file was read with: the change did not take this file into account.
 */
export async function storeOutcome(
  transaction: Queryable,
  file: SourceFile,
  outcome: ReadOutcome,
): Promise<StoredOutcome> {
  const uid = outcome.ok ? outcome.report.sopInstanceUid : outcome.sopInstanceUid;
  const uids = known(uid, file.sopInstanceUid);
  const isNote = !outcome.ok && outcome.note !== undefined;
  if (isNote || (await listNamed(transaction, uids)).length > 0) await lockStoring(transaction);
  await lockInstances(transaction, uids);
  if (outcome.mappingRevision != null && (await readMappingRevision(transaction)) !== outcome.mappingRevision) {
    throw new DxaflowError('MAPPINGS_CHANGED', 'The site mappings changed while a file was read; it is read again.', {
      transient: true,
    });
  }
  // What a note under this UID named may come back into use by it.
  const named = await listNamed(transaction, uids);
  const stored = await write(transaction, file, outcome, uids);
  const settled = await settleInstances(transaction, [...uids, ...named]);
  return {
    ...stored,
    losers: known(...new Set([...stored.losers, ...settled])).filter((id) => id !== stored.patientId),
  };
}

async function write(
  transaction: Queryable,
  file: SourceFile,
  outcome: ReadOutcome,
  uids: readonly string[],
): Promise<StoredOutcome> {
  if (outcome.ok) {
    const { report, contentIdentity = null, mappingRevision = null } = outcome;
    const { issuerOfPatientId, patientId, sopInstanceUid, contentAt, findings } = report;
    await holdClaimants(transaction, file.id, uids, { issuerOfPatientId, patientId });
    const claimed = { sopInstanceUid, contentAt, findings, contentIdentity, mappingRevision };
    return await claim(transaction, file, claimed, uids, async (displaced) => {
      await removeNote(transaction, file.id);
      if (displaced !== null) await removeNote(transaction, displaced);
      return outcomeOf(await storeReport(transaction, report, file.id, { contentIdentity, mappingRevision }));
    });
  }
  const { note } = outcome;
  if (note === undefined) return await refuse(transaction, file, outcome, uids);
  const { findings, contentIdentity = null, mappingRevision = null } = outcome;
  await holdClaimants(transaction, file.id, uids, null);
  const claimed = { ...note, findings, contentIdentity, mappingRevision };
  return await claim(transaction, file, claimed, uids, async () => {
    await storeNote(transaction, file.id, note);
    await recordOutcome(
      transaction,
      file.id,
      {
        ...{ state: 'noted', reasonCode: null, reasonPath: null, reasonFacts: {}, readerVersion: READING_VERSION },
        ...{ sopInstanceUid: note.sopInstanceUid, contentAt: note.contentAt, contentIdentity, mappingRevision },
      },
      findings,
    );
    return { ...nothing, state: 'noted' };
  });
}

async function refuse(
  transaction: Queryable,
  file: SourceFile,
  outcome: Refused,
  uids: readonly string[],
): Promise<StoredOutcome> {
  const { code, path, facts, sopInstanceUid, findings, mappingRevision = null, reading = READING_VERSION } = outcome;
  if (READER_FAILURES.includes(code) && (await keepReport(transaction, file.id, code))) {
    return { ...nothing, state: 'stored', code };
  }
  // A file that was never read before affects nothing else; one to be read again is `received` too.
  const first = file.attempts === 0;
  if (!first) await holdClaimants(transaction, file.id, uids, null);
  const gone = first ? null : await withdrawReport(transaction, file.id);
  if (!first) await removeNote(transaction, file.id);
  await recordOutcome(
    transaction,
    file.id,
    {
      ...{ state: 'refused', reasonCode: code, reasonPath: path, reasonFacts: facts, sopInstanceUid, mappingRevision },
      ...{ readerVersion: reading, contentAt: null, contentIdentity: null },
    },
    findings,
  );
  const requeued = first ? [] : await requeueClaimants(transaction, [...uids, ...known(gone?.sopInstanceUid)]);
  return { ...nothing, state: 'refused', code, losers: known(gone?.patientId), requeued };
}

async function requeueClaimants(
  transaction: Queryable,
  sopInstanceUids: readonly string[],
): Promise<readonly string[]> {
  const requeued: string[] = [];
  for (const uid of new Set(sopInstanceUids)) requeued.push(...(await requeueNextClaimant(transaction, uid)));
  return requeued;
}

type Claimed = {
  readonly sopInstanceUid: string;
  readonly contentAt: string;
  readonly findings: readonly Finding[];
  readonly contentIdentity: string | null;
  readonly mappingRevision: string | null;
};

/** The report or note of the file stands for its SOP instance (`put` writes it), or that of another file goes on doing so. */
async function claim(
  transaction: Queryable,
  file: SourceFile,
  { sopInstanceUid, contentAt, findings, contentIdentity, mappingRevision }: Claimed,
  uids: readonly string[],
  put: (displacedFileId: string | null) => Promise<StoredOutcome>,
): Promise<StoredOutcome> {
  const standing = await findStanding(transaction, sopInstanceUid);
  const other = standing?.id === file.id ? null : standing;
  const own = { contentAt, identity: contentIdentity ?? file.sha256, sha256: file.sha256, readable: true };
  const gone = await withdrawReport(transaction, file.id);
  const others = uids.filter((uid) => uid !== sopInstanceUid);
  if (other !== null && takesPrecedence(other, own)) {
    const same = other.identity === own.identity;
    const state = same ? 'duplicate' : 'conflicted';
    const code = same ? null : 'SOP_INSTANCE_CONFLICT';
    await removeNote(transaction, file.id);
    await recordOutcome(
      transaction,
      file.id,
      {
        ...{ state, reasonCode: code, reasonPath: null, reasonFacts: {}, sopInstanceUid, contentAt, contentIdentity },
        ...{ mappingRevision, readerVersion: READING_VERSION, duplicateOfId: same ? other.id : null },
      },
      findings,
    );
    const requeued = await requeueClaimants(transaction, others);
    return { ...nothing, state, code, losers: known(gone?.patientId), requeued };
  }
  const displaced = other === null ? null : await displace(transaction, other, READING_VERSION);
  const stored = await put(other?.id ?? null);
  await sortClaimants(transaction, sopInstanceUid);
  return {
    ...stored,
    losers: known(gone?.patientId, displaced).filter((id) => id !== stored.patientId),
    requeued: await requeueClaimants(transaction, others),
  };
}
