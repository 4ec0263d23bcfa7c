import { lockRegistry, retireRow, type Signature } from '../../db/audit.ts';
import { touchPatientsOfEpoch, unknownScanners } from '../../db/judgement/dependents.ts';
import { inTransaction, type Pool } from '../../db/pool.ts';
import { findScannerEpoch, insertScannerEpoch, type NewScannerEpoch } from '../../db/registry/scanner-epoch.ts';

export type EpochChange = {
  readonly epochId: string;
  readonly patientsToAssess: number;
  readonly unknownScanners: readonly string[];
};

/** Splits a scanner's history on a day; null when it is already split on that day. */
export async function addScannerEpoch(
  pool: Pool,
  epoch: NewScannerEpoch,
  signature: Signature,
): Promise<EpochChange | null> {
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    const epochId = await insertScannerEpoch(transaction, epoch, signature);
    if (epochId === null) return null;
    return {
      epochId,
      patientsToAssess: await touchPatientsOfEpoch(transaction, epoch),
      unknownScanners: await unknownScanners(transaction, [epoch.scannerKey]),
    };
  });
}

/** Rejoins a scanner's history; returns how many patients are reassessed, null when no such epoch is in force. */
export async function retireScannerEpoch(pool: Pool, epochId: string, signature: Signature): Promise<number | null> {
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    const epoch = await findScannerEpoch(transaction, epochId);
    if (epoch === null || !(await retireRow(transaction, 'scanner_epoch', epochId, 'retire', signature))) return null;
    return await touchPatientsOfEpoch(transaction, epoch);
  });
}
