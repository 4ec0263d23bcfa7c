import { lockRegistry, retireRow, type Signature } from '../../db/audit.ts';
import { type Affected, countJudgedBy, touchPatientsOfLsc } from '../../db/judgement/dependents.ts';
import { inTransaction, type Pool } from '../../db/pool.ts';
import { fileLsc, findLscOnFile } from '../../db/registry/lsc.ts';
import type { IsoDate } from '../../dxa/values/report.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { judges, spanOf } from './lsc-import.ts';

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
    const patientsToAssess = judges(entry) ? await touchPatientsOfLsc(transaction, [spanOf(entry)]) : 0;
    return { affected, patientsToAssess, endedLscId: filed?.lscId ?? null };
  });
}
