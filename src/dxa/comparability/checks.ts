import type { ComparabilityCheck } from '../values/assessment.ts';
import type { ComparabilityCode } from '../values/codes.ts';
import type { Grade } from '../values/grade.ts';

export type Outcome = ComparabilityCheck['outcome'];

type CheckDefinition = Readonly<Record<Outcome, readonly ComparabilityCode[]>> & {
  readonly asks: string;
  readonly source: string;
  readonly grade: Grade;
};

/**
 * Every check of a pair with the codes that each outcome can carry; a rule cannot give another one. What is not recorded is
 * `unknown`, never in order.
 */
export const COMPARABILITY_CHECKS = {
  C1: {
    asks: 'Is the follow-up another study, of a later day?',
    ok: ['LATER_DAY'],
    unknown: [],
    warn: ['REGION_SCANNED_TWICE'],
    block: ['NOT_LATER'],
    source: 'A second scan of a day is a repeat.',
    grade: 'own',
  },
  C2: {
    asks: 'Is it the same physical scanner, unchanged, or is there a cross-calibration?',
    ok: ['SAME_SCANNER'],
    unknown: [],
    warn: ['CROSS_CALIBRATED'],
    block: ['SCANNER_NOT_IDENTIFIED', 'SCANNER_DIFFERS', 'SCANNER_EPOCH_DIFFERS', 'CROSS_CALIBRATION_RANGE'],
    source: 'ISCD, BMD comparison between facilities.',
    grade: 'VERIFIED-2nd',
  },
  C3: {
    asks: 'Is it the same model?',
    ok: ['SAME_MODEL'],
    unknown: ['MODEL_NOT_STATED'],
    warn: ['MODEL_DIFFERS', 'CROSS_CALIBRATED'],
    block: ['MODEL_DIFFERS', 'CROSS_CALIBRATION_RANGE'],
    source: 'Saarelainen 2016, Hind 2014.',
    grade: 'VERIFIED',
  },
  C4: {
    asks: 'Is it the same manufacturer?',
    ok: ['SAME_MANUFACTURER'],
    unknown: ['MANUFACTURER_NOT_STATED'],
    warn: ['MANUFACTURER_DIFFERS', 'CROSS_CALIBRATED'],
    block: ['MANUFACTURER_DIFFERS', 'CROSS_CALIBRATION_RANGE'],
    source: 'Fan 2010: published conversions err by 4-7 %, too much for one person.',
    grade: 'VERIFIED',
  },
  C5: {
    asks: 'Is it the same analysis software?',
    ok: ['SAME_SOFTWARE'],
    unknown: ['SOFTWARE_NOT_STATED'],
    warn: ['SOFTWARE_DIFFERS', 'SOFTWARE_MAJOR_CHANGE'],
    block: ['SOFTWARE_MAJOR_CHANGE'],
    source: 'ISCD and vendors; that results move with the analysis mode: Tothill 1999 (VERIFIED).',
    grade: 'RECALLED',
  },
  C6: {
    asks: 'Is it the same scan mode?',
    ok: ['SAME_SCAN_MODE'],
    unknown: ['SCAN_MODE_NOT_STATED'],
    warn: ['SCAN_MODE_DIFFERS'],
    block: [],
    source: 'Tothill 1999, Fan 2010.',
    grade: 'VERIFIED',
  },
  C7: {
    asks: 'Are the same vertebrae compared?',
    ok: ['SAME_VERTEBRAE', 'NO_VERTEBRAE'],
    unknown: [],
    warn: ['VERTEBRAE_REDUCED', 'VERTEBRAE_REBUILT'],
    block: ['VERTEBRAE_DIFFER'],
    source: 'ISCD.',
    grade: 'RECALLED',
  },
  C8: {
    asks: 'Are there enough vertebrae?',
    ok: ['ENOUGH_VERTEBRAE', 'NO_VERTEBRAE'],
    unknown: [],
    warn: [],
    block: ['TOO_FEW_VERTEBRAE'],
    source: 'ISCD 2023, Reporting Less Than Four Vertebrae.',
    grade: 'VERIFIED-2nd',
  },
  C9: {
    asks: 'Is it the same side?',
    ok: ['SAME_SIDE', 'NO_SIDE'],
    unknown: [],
    warn: ['SIDE_NOT_STATED'],
    block: ['SIDE_DIFFERS', 'SIDE_NOT_STATED'],
    source:
      'Rule RECALLED; Cole 2006: left and right total hip differ by more than the LSC in 47 % of women (VERIFIED).',
    grade: 'RECALLED',
  },
  C10: {
    asks: 'Is it one side, or the mean of both hips at both visits?',
    ok: ['SINGLE_SIDE', 'MEAN_OF_BOTH', 'NO_SIDE'],
    unknown: [],
    warn: [],
    block: [],
    source: 'ISCD 2023, Reporting of Bilateral Hip Exams.',
    grade: 'VERIFIED-2nd',
  },
  C11: {
    asks: 'Is the region a primary one for monitoring?',
    ok: ['PRIMARY_REGION'],
    unknown: [],
    warn: ['SECONDARY_REGION'],
    block: [],
    source: 'DVO and ISCD.',
    grade: 'VERIFIED-2nd',
  },
  C12: {
    asks: 'At the forearm: is it the 33 % radius?',
    ok: ['FOREARM_33_RADIUS', 'NOT_FOREARM'],
    unknown: [],
    warn: ['FOREARM_INFORMATIVE'],
    block: [],
    source: 'ISCD.',
    grade: 'RECALLED',
  },
  C13: {
    asks: 'Is the bone area similar?',
    ok: ['AREA_SIMILAR'],
    unknown: ['AREA_NOT_STATED'],
    warn: ['AREA_DIFFERS'],
    block: [],
    source: 'Leslie group 2006; residual test from Tothill & Avenell 1998 (DERIVED).',
    grade: 'VERIFIED',
  },
  C14: {
    asks: 'Is the weight similar?',
    ok: ['WEIGHT_SIMILAR'],
    unknown: ['WEIGHT_NOT_STATED'],
    warn: ['WEIGHT_DIFFERS'],
    block: [],
    source: 'Rajamanohar 2011.',
    grade: 'VERIFIED',
  },
  C15: {
    asks: 'Is the interval long enough?',
    ok: ['INTERVAL_LONG_ENOUGH'],
    unknown: ['MONITORING_INTERVAL_NOT_KNOWN'],
    warn: ['INTERVAL_SHORT', 'INTERVAL_BELOW_MTI'],
    block: [],
    source: 'ISCD; the monitoring time interval after Lenora 2010 (VERIFIED).',
    grade: 'RECALLED',
  },
  C16: {
    asks: 'Is an LSC of scanner, region and side on file for both days?',
    ok: ['LSC_ON_FILE', 'LSC_GENERALISED'],
    unknown: [],
    warn: ['LSC_LATER_THAN_REFERENCE', 'NO_LSC', 'CROSS_CALIBRATION_INCOMPLETE', 'CROSS_CALIBRATION_WITHOUT_LSC'],
    block: [],
    source: 'ISCD; two LSCs combine after Shepherd & Lu 2007 (R2.2, DERIVED).',
    grade: 'RECALLED',
  },
  C17: {
    asks: 'Are sex, birth date and ethnic group the same?',
    ok: ['SAME_DEMOGRAPHICS'],
    unknown: ['DEMOGRAPHICS_NOT_STATED'],
    warn: ['DEMOGRAPHICS_DIFFER'],
    block: [],
    source: 'They choose the reference of T and Z; BMD does not depend on them.',
    grade: 'own',
  },
  C18: {
    asks: 'Was the phantom in control on both days?',
    ok: ['PHANTOM_IN_CONTROL'],
    unknown: ['PHANTOM_NOT_KNOWN'],
    warn: ['PHANTOM_OUT_OF_CONTROL'],
    block: ['PHANTOM_SHIFT'],
    source: 'ISCD.',
    grade: 'RECALLED',
  },
} as const satisfies Record<string, CheckDefinition>;

export type CheckId = keyof typeof COMPARABILITY_CHECKS;

/** The codes that a check can give with an outcome. */
export type CodeOf<R extends CheckId, O extends Outcome> = (typeof COMPARABILITY_CHECKS)[R][O][number];

/** What stands for something that is not recorded. */
export const NOT_KNOWN_CODES: readonly ComparabilityCode[] = Object.values<CheckDefinition>(
  COMPARABILITY_CHECKS,
).flatMap(({ unknown }) => unknown);

/** The outcome of a stored check: rule set 5 and those before called what is not known in order. */
export function outcomeOf({ outcome, code }: Pick<ComparabilityCheck, 'outcome' | 'code'>): Outcome {
  const codes: readonly string[] = NOT_KNOWN_CODES;
  return outcome === 'ok' && codes.includes(code) ? 'unknown' : outcome;
}
