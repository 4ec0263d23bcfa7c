import { lockRegistry, retireRow, type Signature } from '../db/audit.ts';
import { findMeasuredStudy, findPatientOfStudy, findPinInForce, insertBaselinePin } from '../db/baseline-pin.ts';
import { touchPatient } from '../db/dependents.ts';
import { inTransaction, type Pool } from '../db/pool.ts';
import type { Laterality, Region } from '../dxa/region.ts';
import { DxaflowError, EXIT } from '../errors.ts';

/** A region and side of the study that is or was to be the baseline; the patient follows from the study. */
export type PinPlace = {
  readonly studyInstanceUid: string;
  readonly region: Region;
  readonly laterality: Laterality;
};

/**
 * Makes a study the baseline of a region and side, in place of an earlier pin. Returns the pin's id; null when it is
 * pinned there already. Throws STUDY_UNKNOWN when no such study measured the region on that side.
 */
export async function pinBaseline(pool: Pool, place: PinPlace, signature: Signature): Promise<string | null> {
  const { studyInstanceUid, region, laterality } = place;
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    const found = await findMeasuredStudy(transaction, studyInstanceUid, region, laterality);
    if (found === null) {
      throw new DxaflowError('STUDY_UNKNOWN', 'No stored study with this UID has a BMD of the region on that side.', {
        exitCode: EXIT.usage,
      });
    }
    const before = await findPinInForce(transaction, found.patientId, region, laterality);
    if (before?.studyId === found.studyId) return null;
    if (before !== null) await retireRow(transaction, 'baseline_pin', before.pinId, 'replace', signature);
    const id = await insertBaselinePin(transaction, { ...found, region, laterality }, signature);
    await touchPatient(transaction, found.patientId);
    return id;
  });
}

/** Takes the pin off a region and side of the study's patient; false when there is none. */
export async function unpinBaseline(pool: Pool, place: PinPlace, signature: Signature): Promise<boolean> {
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    const patientId = await findPatientOfStudy(transaction, place.studyInstanceUid);
    if (patientId === null) return false;
    const pin = await findPinInForce(transaction, patientId, place.region, place.laterality);
    if (pin === null) return false;
    await retireRow(transaction, 'baseline_pin', pin.pinId, 'retire', signature);
    await touchPatient(transaction, patientId);
    return true;
  });
}
