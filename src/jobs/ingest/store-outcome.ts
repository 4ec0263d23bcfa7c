import { keepReport, READER_FAILURES, recordOutcome } from '../../db/files/file-outcome.ts';
import type { SourceFile } from '../../db/files/source-file.ts';
import { lockInstances } from '../../db/locks.ts';
import type { Queryable } from '../../db/pool.ts';
import { type StoredReport, storeReport } from '../../db/records/report.ts';
import {
  displace,
  findStanding,
  holdClaimants,
  offerNext,
  sortClaimants,
  standsBefore,
  withdrawReport,
} from '../../db/records/standing.ts';
import { readMappingRevision } from '../../db/registry/site-mapping.ts';
import { DxaflowError } from '../../errors/errors.ts';
import { READING_VERSION } from '../versions.ts';
import type { ReadOutcome } from './read-thread.ts';

export type StoredOutcome = {
  readonly state: 'stored' | 'refused' | 'conflicted' | 'duplicate';
  /** Why it was not stored; of a stored file why a later reading failed, whose earlier report stands. */
  readonly code: string | null;
  /** Set when the patient must be judged again. */
  readonly patientId: string | null;
  /** Patients who lost a report by it, and must be judged again as well. */
  readonly losers: readonly string[];
  /** Files that claimed the same SOP instance and are to be read again, because what stood for it is gone. */
  readonly offered: readonly string[];
  /** What leads on from the file: its report, and the revision of its patient that a later assessment names. */
  readonly trace: { readonly report: string; readonly patient: string; readonly revision: string } | null;
};

type ReadReport = Extract<ReadOutcome, { readonly ok: true }>;
type Refused = Extract<ReadOutcome, { readonly ok: false }>;

const nothing = { code: null, patientId: null, losers: [], offered: [], trace: null };
const known = (...uids: readonly (string | null | undefined)[]) =>
  uids.filter((uid) => uid != null && uid !== '') as string[];

/** Of a file whose report was stored. */
export function outcomeOf({ patientId, revision, reportId }: StoredReport): StoredOutcome {
  return { ...nothing, state: 'stored', patientId, trace: { report: reportId, patient: patientId, revision } };
}

/**
 * Writes what reading a file gave, in place of whatever an earlier reading wrote; run it inside a transaction. The same
 * outcome again gives the same rows. Throws MAPPINGS_CHANGED (transient) when the site's mappings are no longer those that
 * the file was read with: whoever changed them could not see it.
 */
export async function storeOutcome(
  transaction: Queryable,
  file: SourceFile,
  outcome: ReadOutcome,
): Promise<StoredOutcome> {
  const uid = outcome.ok ? outcome.report.sopInstanceUid : outcome.sopInstanceUid;
  const uids = known(uid, file.sopInstanceUid);
  await lockInstances(transaction, uids);
  if (outcome.mappingRevision != null && (await readMappingRevision(transaction)) !== outcome.mappingRevision) {
    throw new DxaflowError('MAPPINGS_CHANGED', 'The site mappings changed while a file was read; it is read again.', {
      transient: true,
    });
  }
  if (!outcome.ok) return await refuse(transaction, file, outcome, uids);
  const { issuerOfPatientId, patientId } = outcome.report;
  await holdClaimants(transaction, file.id, uids, { issuerOfPatientId, patientId });
  return await claim(transaction, file, outcome, uids);
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
  // A file that was never read before is in nobody's way; one to be read again is `received` too.
  const first = file.attempts === 0;
  if (!first) await holdClaimants(transaction, file.id, uids, null);
  const gone = first ? null : await withdrawReport(transaction, file.id);
  await recordOutcome(
    transaction,
    file.id,
    {
      ...{ state: 'refused', reasonCode: code, reasonPath: path, reasonFacts: facts, sopInstanceUid, mappingRevision },
      ...{ readerVersion: reading, contentAt: null, contentIdentity: null },
    },
    findings,
  );
  const offered = first ? [] : await offerAll(transaction, [...uids, ...known(gone?.sopInstanceUid)]);
  return { ...nothing, state: 'refused', code, losers: known(gone?.patientId), offered };
}

async function offerAll(transaction: Queryable, sopInstanceUids: readonly string[]): Promise<readonly string[]> {
  const offered: string[] = [];
  for (const uid of new Set(sopInstanceUids)) offered.push(...(await offerNext(transaction, uid)));
  return offered;
}

/** The report of the file stands for its SOP instance, or that of another file goes on doing so. */
async function claim(
  transaction: Queryable,
  file: SourceFile,
  { report, contentIdentity = null, mappingRevision = null }: ReadReport,
  uids: readonly string[],
): Promise<StoredOutcome> {
  const { sopInstanceUid, contentAt } = report;
  const standing = await findStanding(transaction, sopInstanceUid);
  const other = standing?.id === file.id ? null : standing;
  const own = { contentAt, identity: contentIdentity ?? file.sha256, sha256: file.sha256, readable: true };
  const gone = await withdrawReport(transaction, file.id);
  if (other !== null && standsBefore(other, own)) {
    const same = other.identity === own.identity;
    await recordOutcome(
      transaction,
      file.id,
      {
        ...{ state: same ? 'duplicate' : 'conflicted', reasonCode: same ? null : 'SOP_INSTANCE_CONFLICT' },
        ...{ reasonPath: null, reasonFacts: {}, sopInstanceUid, contentAt, contentIdentity, mappingRevision },
        ...{ readerVersion: READING_VERSION, duplicateOfId: same ? other.id : null },
      },
      report.findings,
    );
    const offered = await offerAll(
      transaction,
      uids.filter((uid) => uid !== sopInstanceUid),
    );
    const code = same ? null : 'SOP_INSTANCE_CONFLICT';
    return { ...nothing, state: same ? 'duplicate' : 'conflicted', code, losers: known(gone?.patientId), offered };
  }
  const displaced = other === null ? null : await displace(transaction, other, READING_VERSION);
  const stored = await storeReport(transaction, report, file.id, { contentIdentity, mappingRevision });
  await sortClaimants(transaction, sopInstanceUid);
  return {
    ...outcomeOf(stored),
    losers: known(gone?.patientId, displaced).filter((id) => id !== stored.patientId),
    offered: await offerAll(
      transaction,
      uids.filter((uid) => uid !== sopInstanceUid),
    ),
  };
}
