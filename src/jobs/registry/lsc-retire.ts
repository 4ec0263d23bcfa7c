import { lockRegistry, retireRow, type Signature } from '../../db/audit.ts';
import { type Affected, countJudgedBy, type LscPlace, touchPatientsOfLsc } from '../../db/judgement/dependents.ts';
import { inTransaction, type Pool, type Queryable } from '../../db/pool.ts';
import { fileLsc, findLscOnFile } from '../../db/registry/lsc.ts';
import type { IsoDate } from '../../dxa/values/report.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { judges, lscPlaceOf } from './lsc-import.ts';

export type Retired = {
  /** What it had judged until now. */
  readonly affected: Affected;
  readonly patientsToAssess: number;
  /** The entry that goes on with a last day; null when it was taken out of force altogether. */
  readonly endedLscId: string | null;
};

/**
 * Takes an LSC out of force: altogether, as if it had never been right, or with `lastDay` from the next day on. The old
 * row stays. Null when there is none in force under the id; throws LSC_INVALID when it begins after its last day.
 */
export async function retireLsc(
  pool: Pool,
  lscId: string,
  lastDay: IsoDate | null,
  signature: Signature,
): Promise<Retired | null> {
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    const retired = await retireInTransaction(transaction, lscId, lastDay, signature);
    if (retired === null) return null;
    const { places, ...rest } = retired;
    return { ...rest, patientsToAssess: places.length === 0 ? 0 : await touchPatientsOfLsc(transaction, places) };
  });
}

/** The same in the caller's transaction; it marks nobody. */
export async function retireInTransaction(
  transaction: Queryable,
  lscId: string,
  lastDay: IsoDate | null,
  signature: Signature,
): Promise<(Omit<Retired, 'patientsToAssess'> & { readonly places: readonly LscPlace[] }) | null> {
  const entry = await findLscOnFile(transaction, lscId);
  if (entry === null || entry.retiredAt !== null) return null;
  if (lastDay !== null && lastDay < entry.validFrom) {
    throw new DxaflowError(
      'LSC_INVALID',
      'The last day lies before the first day of the LSC. Leave --last-day out to take it out of force altogether.',
      { exitCode: EXIT.usage },
    );
  }
  const affected = await countJudgedBy(transaction, { lscId });
  const filed = lastDay === null ? null : await fileLsc(transaction, { ...entry, validTo: lastDay }, signature);
  if (lastDay === null) await retireRow(transaction, 'least_significant_change', lscId, 'retire', signature);
  return { affected, endedLscId: filed?.lscId ?? null, places: judges(entry) ? [lscPlaceOf(entry)] : [] };
}
