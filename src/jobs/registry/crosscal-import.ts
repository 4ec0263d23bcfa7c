import { lockRegistry, retireRow, type Signature } from '../../db/audit.ts';
import {
  type Affected,
  countJudgedBy,
  touchPatientsOfCrossCalibration,
  unknownScanners,
} from '../../db/judgement/dependents.ts';
import { inTransaction, type Pool } from '../../db/pool.ts';
import {
  fileCrossCalibration,
  findCrossCalibration,
  type NewCrossCalibration,
} from '../../db/registry/cross-calibration.ts';

export type CrossCalibrationImport = {
  readonly imported: readonly string[];
  readonly unchanged: number;
  readonly corrections: readonly (Affected & { readonly id: string; readonly replacesId: string })[];
  readonly patientsToAssess: number;
  readonly unknownScanners: readonly string[];
};

type Spanning = Pick<NewCrossCalibration, 'from' | 'to' | 'roi' | 'validFrom' | 'validTo'>;
const spanOf = ({ from, to, roi, validFrom, validTo }: Spanning) => ({
  fromScannerKey: from.scannerKey,
  scannerKey: to.scannerKey,
  region: roi.region,
  from: validFrom,
  to: validTo,
});

/** Puts cross-calibrations on file and marks the patients with scans on both scanners for a new judgement. */
export async function importCrossCalibrations(
  pool: Pool,
  entries: readonly NewCrossCalibration[],
  signature: Signature,
): Promise<CrossCalibrationImport> {
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    const corrections: (Affected & { id: string; replacesId: string })[] = [];
    const imported: string[] = [];
    const changed: Spanning[] = [];
    for (const entry of entries) {
      const filed = await fileCrossCalibration(transaction, entry, signature);
      if (filed === null) continue;
      imported.push(filed.crossCalibrationId);
      changed.push(entry);
      if (filed.replaced === null) continue;
      changed.push(filed.replaced);
      const replacesId = filed.replaced.crossCalibrationId;
      const affected = await countJudgedBy(transaction, { crossCalibrationId: replacesId });
      corrections.push({ id: filed.crossCalibrationId, replacesId, ...affected });
    }
    const keys = entries.flatMap(({ from, to }) => [from.scannerKey, to.scannerKey]);
    return {
      imported,
      unchanged: entries.length - imported.length,
      corrections,
      patientsToAssess: await touchPatientsOfCrossCalibration(transaction, changed.map(spanOf)),
      unknownScanners: await unknownScanners(transaction, keys),
    };
  });
}

/** Takes a cross-calibration out of force; null when there is none in force under the id. */
export async function retireCrossCalibration(
  pool: Pool,
  id: string,
  signature: Signature,
): Promise<{ readonly affected: Affected; readonly patientsToAssess: number } | null> {
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    const entry = await findCrossCalibration(transaction, id);
    if (entry === null || entry.retiredAt !== null) return null;
    const affected = await countJudgedBy(transaction, { crossCalibrationId: id });
    await retireRow(transaction, 'cross_calibration', id, 'retire', signature);
    return { affected, patientsToAssess: await touchPatientsOfCrossCalibration(transaction, [spanOf(entry)]) };
  });
}
