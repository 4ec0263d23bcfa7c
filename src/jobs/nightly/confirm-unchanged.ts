import { type Confirmation, confirmReports, listFilesToCompare, type RecordedFile } from '../../db/night/confirm.ts';
import { BY_KEYS, inTransaction, TO_JUDGE } from '../../db/pool.ts';
import { isOutage } from '../../errors/transient.ts';
import type { FileReading } from '../ingest/read-source-file.ts';
import type { ReadOutcome } from '../ingest/read-thread.ts';
import type { NightContext } from './redo.ts';

/** Files of a patient that are read at the same time. */
const TOGETHER = 16;

/** What reading some files gave that are not what is on record, by their ids, until they are stored. */
export type Outcomes = Map<string, ReadOutcome>;

/** The same night, in which what was read to be compared is not read once more. A second try reads it again. */
export function readingOnce(context: NightContext, outcomes: Outcomes): NightContext {
  const { readFile } = context;
  const once = async (file: Parameters<FileReading>[0]): Promise<ReadOutcome> => {
    const outcome = outcomes.get(file.id);
    outcomes.delete(file.id);
    return outcome ?? (await readFile(file));
  };
  return { ...context, readFile: once };
}

/** Null where the file does not give what is on record, or cannot be read: it is then done as a whole, and reported. */
async function compare(
  { readFile }: NightContext,
  file: RecordedFile,
  outcomes: Outcomes,
): Promise<Confirmation | null> {
  if (file.digest === null || file.supersededById !== null) return null;
  try {
    const outcome = await readFile(file, file.digest);
    if (!outcome.ok || outcome.same === undefined) {
      outcomes.set(file.id, outcome);
      return null;
    }
    const { contentIdentity = null, mappingRevision = null } = outcome;
    return { ...outcome, contentIdentity, mappingRevision, patientId: file.patientId, fileId: file.id };
  } catch (error) {
    if (isOutage(error)) throw error;
    return null;
  }
}

/**
 * Reads the files of these patients that are to be read again, and confirms the reports of the patients all of whose files
 * say what is on record. Returns them: nothing else is to be done for them. A dry run writes nothing.
 */
export async function confirmUnchanged(
  context: NightContext,
  patientIds: readonly string[],
  outcomes: Outcomes,
): Promise<ReadonlySet<string>> {
  const { pool, run } = context;
  const files = await listFilesToCompare(pool, patientIds, context);
  // A report without a digest is stored again whatever its file says, and the patient with it.
  const other = new Set(files.filter(({ digest }) => digest === null).map(({ patientId }) => patientId));
  const compared = files.filter(({ patientId }) => !other.has(patientId));
  const same: Confirmation[] = [];
  for (let at = 0; at < compared.length; at += TOGETHER) {
    const some = compared.slice(at, at + TOGETHER);
    const results = await Promise.all(some.map((file) => compare(context, file, outcomes)));
    for (const [index, result] of results.entries()) {
      if (result === null) other.add(some[index]?.patientId ?? '');
      else same.push(result);
    }
  }
  const given = same.filter(({ patientId }) => !other.has(patientId));
  if (given.length === 0) return new Set();
  return await inTransaction(
    pool,
    async (transaction) => await confirmReports(transaction, given, run !== null),
    run === null ? BY_KEYS : TO_JUDGE,
  );
}
