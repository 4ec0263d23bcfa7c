import { ASSESSMENT_SETTINGS, type AssessmentSettings } from '../values/settings.ts';

/** Choices in the evaluation of a precision study. */
export type PrecisionSettings = {
  readonly lscFactor: AssessmentSettings['lscFactor'];
  /** Fewer degrees of freedom make a study insufficient. */
  readonly minimumDegreesOfFreedom: number;
  /** Probability below the chi-square quantile of the upper limit. */
  readonly upperLimitLowerTail: number;
};

export const PRECISION_SETTINGS: PrecisionSettings = {
  lscFactor: ASSESSMENT_SETTINGS.lscFactor,
  // Glüer's example for +30 % has 27 (R1.3, VERIFIED); strict ISCD is 30, from 15x3 or 30x2 (R1.2).
  minimumDegreesOfFreedom: 27,
  // Upper end of a two-sided 90 % interval, as reproduced from Glüer's 27 df and +30 % (R1.3, DERIVED).
  upperLimitLowerTail: 0.05,
};
