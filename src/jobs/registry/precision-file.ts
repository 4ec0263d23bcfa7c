import type { Signature } from '../../db/audit.ts';
import type { Pool } from '../../db/pool.ts';
import type { NewLsc } from '../../db/registry/lsc.ts';
import { findPrecisionStudy, type PrecisionOnFile } from '../../db/registry/precision.ts';
import { JUDGED_CONFIDENCE } from '../../dxa/precision/lsc.ts';
import { roundHalfAway } from '../../dxa/values/arithmetic.ts';
import type { Bmd } from '../../dxa/values/quantity.ts';
import type { IsoDate } from '../../dxa/values/report.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { withReason } from './lsc-import.ts';

export type FilingChoices = {
  readonly validFrom: IsoDate;
  readonly validTo: IsoDate | null;
  /** Files the LSC of one side for both single sides. */
  readonly forEitherSide: boolean;
  /** Files it although the study is insufficient or a technologist is due for retraining; the note must say why. */
  readonly despiteVerdict: boolean;
  /** Why it is filed although it is implausible (R1.12); null asks for a plausible one. */
  readonly despite: string | null;
};

/** The LSC of a study at 95 %, one scan at each visit; throws PRECISION_NOT_FILED with what stands in the way. */
function lscOfStudy(study: PrecisionOnFile, choices: FilingChoices, { by, note }: Signature): NewLsc {
  const refuse = (message: string) => new DxaflowError('PRECISION_NOT_FILED', message, { exitCode: EXIT.usage });
  const { pooled, leastSignificantChange, verdict } = study.result;
  const lsc = roundHalfAway(leastSignificantChange ?? 0);
  if (pooled === null || lsc <= 0)
    throw refuse('The study gives no LSC: no repeat scans are left, or all of them are equal.');
  if (verdict !== 'sufficient' && !choices.despiteVerdict) {
    throw refuse(
      `The study's verdict is ${verdict}. --despite-verdict files it nevertheless; --note must then say why.`,
    );
  }
  if (choices.despiteVerdict && note === '') throw refuse('--despite-verdict needs a --note that says why.');
  if (choices.validTo !== null && choices.validTo < choices.validFrom)
    throw refuse('The last day lies before the first.');
  const single = study.laterality === 'left' || study.laterality === 'right';
  if (choices.forEitherSide && !single)
    throw refuse('Only the LSC of a left or right side can be filed for either side.');
  return {
    scannerKey: study.scannerKey,
    manufacturer: study.manufacturer,
    modelName: study.modelName,
    deviceSerialNumber: study.deviceSerialNumber,
    stationName: study.stationName,
    roi: study.roi,
    laterality: choices.forEitherSide ? 'any' : study.laterality,
    leastSignificantChange: lsc as Bmd,
    confidenceLevel: JUDGED_CONFIDENCE,
    precisionError: roundHalfAway(pooled.precisionError) as Bmd,
    precisionErrorUpper: roundHalfAway(pooled.precisionErrorUpper) as Bmd,
    degreesOfFreedom: pooled.degreesOfFreedom,
    validFrom: choices.validFrom,
    validTo: choices.validTo,
    operator: '',
    precisionStudyId: study.precisionStudyId,
    given: null,
    despite: null,
    source: `precision study ${study.precisionStudyId}: ${pooled.subjects} subjects, ${pooled.degreesOfFreedom} df, ${study.settings.lscFactor.name}${verdict === 'sufficient' ? '' : `, ${verdict}`}`,
    author: by,
    note,
  };
}

/**
 * The LSC of a precision study, ready to be filed; null when there is no such study. Throws PRECISION_NOT_FILED and
 * LSC_IMPLAUSIBLE.
 */
export async function lscToFile(
  pool: Pool,
  studyId: string,
  choices: FilingChoices,
  signature: Signature,
): Promise<NewLsc | null> {
  const study = await findPrecisionStudy(pool, studyId);
  if (study === null) return null;
  const entry = lscOfStudy(study, choices, signature);
  return withReason([entry], choices.despite)[0] ?? entry;
}
