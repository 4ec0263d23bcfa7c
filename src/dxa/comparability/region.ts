import type { PairedDensities } from '../scan/vertebral-set.ts';
import type { ComparabilityCode } from '../values/codes.ts';
import { vertebraeKey } from '../values/region.ts';
import { type ComparabilityRule, check } from './pair.ts';

const CODE_OF_SET = {
  same: 'SAME_VERTEBRAE',
  reduced: 'VERTEBRAE_REDUCED',
  rebuilt: 'VERTEBRAE_REBUILT',
  none: 'VERTEBRAE_DIFFER',
} as const satisfies Record<PairedDensities['set'], ComparabilityCode>;

const OUTCOME_OF_SET = { same: 'ok', reduced: 'warn', rebuilt: 'warn', none: 'block' } as const;

/**
 * C7: the same vertebrae (ISCD, RECALLED). L1-L4 against L2-L4 alone is a "change" of 3 %, so sets are never mixed: the
 * largest common one is compared, rebuilt from BMC and area where it was not measured (R2.3).
 */
export const sameVertebrae: ComparabilityRule = ({ reference, followUp, densities }) => {
  if (followUp.region !== 'spine') return check('C7', 'ok', 'NO_VERTEBRAE', {});
  const facts = {
    reference: vertebraeKey(reference.densities[0].vertebrae),
    followUp: vertebraeKey(followUp.densities[0].vertebrae),
    compared: densities.set === 'none' ? null : vertebraeKey(densities.followUp.vertebrae),
  };
  return check('C7', OUTCOME_OF_SET[densities.set], CODE_OF_SET[densities.set], facts);
};

/** C8: at least two vertebrae (ISCD 2023, "Reporting Less Than Four Vertebrae", VERIFIED-2nd). */
export const enoughVertebrae: ComparabilityRule = ({ followUp, densities, settings }) => {
  if (followUp.region !== 'spine') return check('C8', 'ok', 'NO_VERTEBRAE', {});
  const count = Math.min(densities.reference.vertebrae.length, densities.followUp.vertebrae.length);
  const facts = { vertebrae: count, minimum: settings.minimumVertebrae };
  return count >= settings.minimumVertebrae
    ? check('C8', 'ok', 'ENOUGH_VERTEBRAE', facts)
    : check('C8', 'block', 'TOO_FEW_VERTEBRAE', facts);
};

/**
 * C9: the same side. Left and right total hip differ by more than the LSC in 47 % of women (Cole/Larson 2006,
 * VERIFIED), so a change of side alone would look like a change of bone, and a hip of unknown side is no hip to compare.
 */
export const sameSide: ComparabilityRule = ({ reference, followUp }) => {
  const facts = { reference: reference.laterality, followUp: followUp.laterality };
  const sideless = reference.laterality === 'none' || followUp.laterality === 'none';
  if (sideless && followUp.scanType === 'hip') return check('C9', 'block', 'SIDE_NOT_STATED', facts);
  if (sideless && followUp.scanType === 'forearm') return check('C9', 'warn', 'SIDE_NOT_STATED', facts);
  if (reference.laterality !== followUp.laterality) return check('C9', 'block', 'SIDE_DIFFERS', facts);
  return check('C9', 'ok', followUp.laterality === 'none' ? 'NO_SIDE' : 'SAME_SIDE', facts);
};

/** C10: the mean of both hips at both visits (ISCD 2023, "Reporting of Bilateral Hip Exams", VERIFIED-2nd). */
export const meanOfBothHips: ComparabilityRule = ({ followUp }) => {
  if (followUp.laterality === 'none') return check('C10', 'ok', 'NO_SIDE', {});
  return check('C10', 'ok', followUp.laterality === 'mean' ? 'MEAN_OF_BOTH' : 'SINGLE_SIDE', {});
};

/** C11: spine and total hip are primary; neck and trochanter are shown, not relied on (DVO/ISCD, VERIFIED-2nd). */
export const monitoringRegion: ComparabilityRule = ({ followUp, settings }) => {
  const facts = { region: followUp.region };
  return settings.secondaryRegions.includes(followUp.region)
    ? check('C11', 'warn', 'SECONDARY_REGION', facts)
    : check('C11', 'ok', 'PRIMARY_REGION', facts);
};

/** C12: at the forearm, the 33 % radius (ISCD, RECALLED); whether it is the non-dominant one no file says. */
export const forearmRegion: ComparabilityRule = ({ followUp }) => {
  const facts = { region: followUp.region };
  if (followUp.scanType !== 'forearm') return check('C12', 'ok', 'NOT_FOREARM', facts);
  return followUp.region === 'radius_33'
    ? check('C12', 'ok', 'FOREARM_33_RADIUS', facts)
    : check('C12', 'warn', 'FOREARM_INFORMATIVE', facts);
};
