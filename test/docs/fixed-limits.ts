import { PRINTED_BMD_STEP } from '../../src/dxa/change/vendor-change.ts';
import { LEVEL_SHIFT_VERTEBRAE } from '../../src/dxa/metadata/level-shift.ts';
import { MINIMUM_CALIBRATION_SUBJECTS, Z_95 } from '../../src/dxa/precision/cross-calibration.ts';
import { ISCD_LSC_CEILING_PERCENT, MANITOBA_LSC, SIMPLIFIED_PERCENT } from '../../src/dxa/precision/fallback-lsc.ts';
import { JUDGED_CONFIDENCE } from '../../src/dxa/precision/lsc.ts';
import { CEILING_AT, PLAUSIBLE_LSC, PRECISION_ERROR_TOLERANCE } from '../../src/dxa/precision/plausible-lsc.ts';
import { MINIMUM_REPEATS } from '../../src/dxa/precision/precision.ts';
import { HALF_PRINTED, QUOTIENT_TOLERANCE, USUAL_BMD, USUAL_SCORE } from '../../src/dxa/scan/consistency.ts';
import { SCORE_GAP_TENTHS } from '../../src/dxa/scan/score-gap.ts';
import { NORMAL_FROM_TENTHS, OSTEOPOROSIS_TO_TENTHS } from '../../src/dxa/values/classification.ts';
import { formatMicro } from '../../src/dxa/values/quantity.ts';
import { T_SCORE_TOLERANCE_TENTHS } from '../../src/vendors/report/check-scores.ts';
import { EXPLANATION_LIMITS } from './explanation-limits.ts';
import { fixed, type RuleValue } from './rule-value.ts';

const trimmed = (micro: number) => formatMicro(micro, 6).replace(/\.?0+$/, '');
const minus = (text: string) => text.replace('-', '−');
const tenths = (value: number) => minus((value / 10).toFixed(1));

const IOC = 'ISCD minimum acceptable precision as an LSC, quoted by the IOC REDs CAT2 table.';
const CEILING = 'Highest LSC of a technologist, and stand-in of a missing LSC';

/** Limits that stand in the code itself: changing one is a change of the product. */
export const FIXED_VALUES: readonly RuleValue[] = [
  fixed(
    'JUDGED_CONFIDENCE',
    `${100 * JUDGED_CONFIDENCE} %`,
    'Confidence at which every change is judged, two-sided.',
    'R1.4',
    'ISCD precision calculator glossary.',
    'VERIFIED',
  ),
  fixed(
    'Z_95',
    String(Z_95),
    'Multiplier of the prediction interval of a cross-calibration.',
    'R2.2',
    'Shepherd & Lu 2007 judge at 95 %.',
    'DERIVED',
  ),
  ...Object.entries(ISCD_LSC_CEILING_PERCENT).map(([region, percent]) =>
    fixed(
      `ISCD_LSC_CEILING_PERCENT.${region}`,
      `${percent} %`,
      `${CEILING}: ${region.replaceAll('_', ' ')}.`,
      'R1.5',
      IOC,
      'VERIFIED-2nd',
    ),
  ),
  fixed(
    'PLAUSIBLE_LSC.least',
    `${trimmed(PLAUSIBLE_LSC.least)} g/cm²`,
    'An LSC at 95 % of spine, total hip, femoral neck or 33 % radius below it is filed only with a reason.',
    'R1.12',
    'Finer than any published precision of these regions.',
    'own',
  ),
  fixed(
    'PLAUSIBLE_LSC.most',
    `${trimmed(PLAUSIBLE_LSC.most)} g/cm²`,
    'An LSC at 95 % of these regions above it is filed only with a reason.',
    'R1.12',
    'Coarser than the ISCD minimum acceptable precision of any of them; mostly a slip of the point.',
    'own',
  ),
  fixed(
    'PRECISION_ERROR_TOLERANCE',
    `${trimmed(PRECISION_ERROR_TOLERANCE)} g/cm²`,
    "Difference between an LSC and z' · √2 · its precision error that rounding can make.",
    'R1.12',
    'Both are given to 0.001 mostly: 2.77 · 0.0005, and a little.',
    'own',
  ),
  fixed(
    'CEILING_AT',
    `${trimmed(CEILING_AT)} g/cm²`,
    'BMD at which the ISCD ceiling in percent is held against an LSC that is filed.',
    'R1.12',
    'A common BMD of the spine; it only warns.',
    'own',
  ),
  ...Object.entries(MANITOBA_LSC).map(([region, lsc]) =>
    fixed(
      `MANITOBA_LSC.${region}`,
      `${formatMicro(lsc, 3)} g/cm²`,
      `Stand-in with \`fallbackLsc\` = manitoba: ${region.replaceAll('_', ' ')}.`,
      'R1.9',
      'Manitoba programme (Leslie 2016).',
      'VERIFIED',
    ),
  ),
  fixed(
    'SIMPLIFIED_PERCENT',
    `${SIMPLIFIED_PERCENT} %`,
    'Stand-in with `fallbackLsc` = five_percent.',
    'R1.9',
    'UpToDate, through a mirror.',
    'VERIFIED',
  ),
  fixed(
    'MINIMUM_REPEATS',
    `${MINIMUM_REPEATS} scans`,
    'A person with fewer scans is left out of a precision study.',
    'R1.1',
    'A sample SD needs two.',
    'DERIVED',
  ),
  fixed(
    'MINIMUM_CALIBRATION_SUBJECTS',
    `${MINIMUM_CALIBRATION_SUBJECTS} people`,
    'Fewest for a cross-calibration line.',
    'R2.1',
    'A line has two parameters; with two people it has no scatter.',
    'DERIVED',
  ),
  fixed(
    'NORMAL_FROM_TENTHS',
    tenths(NORMAL_FROM_TENTHS),
    'Lowest T-score that is normal.',
    'R3.1',
    'CAR, RACGP.',
    'VERIFIED',
  ),
  fixed(
    'OSTEOPOROSIS_TO_TENTHS',
    tenths(OSTEOPOROSIS_TO_TENTHS),
    'Highest T-score of the class osteoporosis.',
    'R3.1',
    'CAR, RACGP.',
    'VERIFIED',
  ),
  fixed(
    'SCORE_GAP_TENTHS',
    tenths(SCORE_GAP_TENTHS),
    'Neighbouring vertebrae stand out beyond this difference in T-score.',
    'R2.5',
    'ISCD atlas, Spine Discordance.',
    'VERIFIED',
  ),
  fixed(
    'T_SCORE_TOLERANCE_TENTHS',
    tenths(T_SCORE_TOLERANCE_TENTHS),
    'Difference between a printed T-score and the one computed again that is let pass.',
    'R3.5',
    'Rounding of both.',
    'own',
  ),
  fixed(
    'QUOTIENT_TOLERANCE',
    `${QUOTIENT_TOLERANCE} g/cm²`,
    'How far BMD may lie from BMC / area, before rounding.',
    'R2.3',
    'This project.',
    'own',
  ),
  fixed(
    'HALF_PRINTED',
    String(HALF_PRINTED),
    'Rounding allowed for in BMC (g) and area (cm²): half the last printed place.',
    'R2.3',
    'Both are printed with two decimals.',
    'own',
  ),
  fixed(
    'USUAL_BMD',
    `${USUAL_BMD.map((value) => formatMicro(value, 1)).join(' to ')} g/cm²`,
    'A BMD outside is a finding.',
    'E13',
    'This project.',
    'own',
  ),
  fixed(
    'USUAL_SCORE',
    trimmed(USUAL_SCORE),
    'A T- or Z-score beyond it, either way, is a finding.',
    'E13',
    'This project.',
    'own',
  ),
  fixed(
    'PRINTED_BMD_STEP',
    `${formatMicro(PRINTED_BMD_STEP, 3)} g/cm²`,
    'Last printed place of BMD; a printed difference may be off by one of it.',
    'E16',
    'ISCD: BMD with three decimals.',
    'RECALLED',
  ),
  fixed(
    'LEVEL_SHIFT_VERTEBRAE',
    `${LEVEL_SHIFT_VERTEBRAE} vertebrae`,
    'Fewest in common for the label-shift test.',
    'E8',
    'With fewer any shift can fit by chance.',
    'own',
  ),
  ...EXPLANATION_LIMITS,
];
