import { lockRegistry, retireRow, type Signature } from '../../db/audit.ts';
import { touchPatient } from '../../db/judgement/dependents.ts';
import { inTransaction, type Pool } from '../../db/pool.ts';
import {
  insertBaselinePin,
  listMeasuredStudies,
  listPatientsOfStudy,
  listPinsInForce,
} from '../../db/registry/baseline-pin.ts';
import type { Laterality, Region } from '../../dxa/values/region.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';

/** A region and side of the study that is or was to be the baseline; the patient follows from the study. */
export type PinPlace = {
  readonly studyInstanceUid: string;
  readonly region: Region;
  readonly laterality: Laterality;
};

const refuse = (code: string, message: string) => new DxaflowError(code, message, { exitCode: EXIT.usage });

/**
 * Makes a study the baseline of a region and side, in place of an earlier pin. Returns the pin's id; null when it is
 * pinned there already. Throws STUDY_UNKNOWN when no such study measured the region on that side, and
 * STUDY_OF_TWO_PATIENTS when its reports name two.
 */
export async function pinBaseline(pool: Pool, place: PinPlace, signature: Signature): Promise<string | null> {
  const { studyInstanceUid, region, laterality } = place;
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    const [found, ...others] = await listMeasuredStudies(transaction, studyInstanceUid, region, laterality);
    if (found === undefined) {
      throw refuse('STUDY_UNKNOWN', 'No stored study with this UID has a BMD of the region on that side.');
    }
    if (others.some(({ patientId }) => patientId !== found.patientId)) {
      throw refuse(
        'STUDY_OF_TWO_PATIENTS',
        'The reports of this study name two patients; correct or merge them first.',
      );
    }
    const before = await listPinsInForce(transaction, found.patientId, region, laterality);
    if (before.length === 1 && before[0]?.studyId === found.studyId) return null;
    for (const { pinId } of before) await retireRow(transaction, 'baseline_pin', pinId, 'replace', signature);
    const id = await insertBaselinePin(transaction, { ...found, region, laterality }, signature);
    await touchPatient(transaction, found.patientId);
    return id;
  });
}

/** Takes the pin off a region and side of the study's patient; false when there is none. */
export async function unpinBaseline(pool: Pool, place: PinPlace, signature: Signature): Promise<boolean> {
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    let unpinned = false;
    for (const patientId of await listPatientsOfStudy(transaction, place.studyInstanceUid)) {
      const pins = await listPinsInForce(transaction, patientId, place.region, place.laterality);
      for (const { pinId } of pins) await retireRow(transaction, 'baseline_pin', pinId, 'retire', signature);
      if (pins.length > 0) await touchPatient(transaction, patientId);
      unpinned ||= pins.length > 0;
    }
    return unpinned;
  });
}
