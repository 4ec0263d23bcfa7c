import type { Micro } from './quantity.ts';
import type { Region, Vertebra } from './region.ts';

/** Stand-ins for an LSC that is not on file (R1.9); whatever is chosen, the verdict stays `provisional`. */
export type FallbackLsc = 'iscd_ceiling' | 'five_percent' | 'manitoba' | 'none';

/**
 * Every choice that decides what a comparison says. Callers pass it explicitly, so that no clinical choice hides in a
 * default parameter. R and C numbers are those of docs/clinical-rules.md.
 */
export type AssessmentSettings = {
  /** Whether a change must reach (">=") or exceed (">") the LSC. */
  readonly significanceOperator: '>=' | '>';
  /** Factor from precision error to LSC at 95 %, one scan at each visit, with the name under which it is reported. */
  readonly lscFactor: { readonly name: string; readonly value: number };
  /** How an LSC given at another confidence level is rounded to millionths after conversion by the ratio of z'. */
  readonly lscConversionRounding: 'half_away_from_zero' | 'up';
  /** What judges a pair whose two days have different LSCs. */
  readonly lscAcrossEntries: 'provisional' | 'generalised';
  /** What speaks for a scan of before the first LSC of its scanner. */
  readonly lscBeforeFirstEntry: 'first_entry' | 'provisional';
  readonly fallbackLsc: FallbackLsc;
  /** Vertebrae that a spine region may consist of. */
  readonly monitoredVertebrae: readonly Vertebra[];
  readonly minimumVertebrae: number;
  /** Regions that are never compared over time. */
  readonly uncomparedRegions: readonly Region[];
  /** Regions whose missing LSCs and pairs that cannot be compared are work for the QA lists. */
  readonly monitoredRegions: readonly Region[];
  /** Regions whose change is shown and judged but counts as secondary. */
  readonly secondaryRegions: readonly Region[];
  readonly softwareChange: 'warn' | 'block_major';
  /** Weight change above which a comparison is marked, millionths of a kilogram. */
  readonly weightChangeLimit: Micro;
  /** Relative change of bone area above which a comparison is marked. */
  readonly areaChangeLimit: number;
  /** Absolute change of bone area at the spine above which a comparison is marked, millionths of cm². */
  readonly spineAreaChangeLimit: Micro;
  /** Change of area that comes with a change of BMC without anything being wrong: %area per %BMC. */
  readonly areaPerBmcSlope: number;
  readonly areaResidualLimit: number;
  /** Relative change of area up to which the residual test says nothing. */
  readonly areaResidualMinimum: number;
  /** Share of a change that the area explains, above which it is called area-driven. */
  readonly areaDrivenShare: number;
  readonly shortIntervalDays: number;
  /** Change expected in a year, millionths of g/cm², for the monitoring time interval; empty says nothing. */
  readonly expectedAnnualChange: Readonly<Partial<Record<Region, Micro>>>;
  /** Factor from short-term to long-term precision error. */
  readonly longTermFactor: number;
  /** LSC from the upper limit of the precision error over the plain LSC, where that limit is not on file. */
  readonly upperLimitFactor: number;
  /** Under this age, in years, a person is growing: no loss or discordance is looked for. */
  readonly adultAge: number;
  /** From this age on T-scores are printed for everyone. */
  readonly tScoreAge: number;
  /** Change of a T-score against BMD that is looked into, tenths. */
  readonly tScoreAgainstBmdTenths: number;
  /** Relative change of bone area at one scanner type above which the scan may be another person's. */
  readonly otherPersonAreaChange: number;
  /** Change of height above which the scan may be another person's, millionths of a metre. */
  readonly otherPersonHeightChange: Micro;
  /** Loss of height that hints at vertebral imaging, millionths of a metre. */
  readonly heightLossHint: Micro;
  /** Percent a year above which a gain, or below which a loss, is implausible. */
  readonly implausibleTotalHipGain: number;
  readonly implausibleTotalHipLoss: number;
  readonly implausibleSpineGain: number;
  readonly implausibleSpineLoss: number;
  /** Relative change of the neck's area, with a stable total, that speaks for a moved neck box. */
  readonly neckBoxAreaChange: number;
  /** Relative change of the total hip's area up to which it is stable. */
  readonly neckBoxTotalAreaChange: number;
  /** Equal triples of BMD, BMC and area on two days from which on the numbers are taken to be the same scan's. */
  readonly sameNumbersTriples: number;
  /** Change of height beyond which demographics count as changed, millionths of a metre. */
  readonly heightChangeLimit: Micro;
  /** Fewest scans on a line that is called a trend; with two it would be the LSC test itself. */
  readonly minimumTrendScans: number;
  /** Age from which on loss with age is named as an explanation of a falling hip. */
  readonly hipLossAge: number;
  /** Time on an antiresorptive agent after which a loss is not expected, and longest gap before a switch. */
  readonly antiresorptiveDays: number;
  /** Percent a year up to which loss at the hip may be that of age. */
  readonly ageLossLimit: number;
  /** Days after the start of teriparatide or abaloparatide in which a falling hip is known. */
  readonly anabolicDays: number;
  /** Days that a dose of denosumab lasts; longer without one is a gap. */
  readonly denosumabGapDays: number;
  /** Days before the start of an agent from which a sample of a marker is its baseline. */
  readonly markerBaselineDays: number;
  /** Days after the start of an agent from which, and up to which, a sample shows the response. */
  readonly markerResponseFromDays: number;
  readonly markerResponseToDays: number;
};

/**
 * What judges where the facility has set nothing else. Where each value comes from, how well that is known and how it is
 * written stands in SETTING_SOURCES.
 */
export const ASSESSMENT_SETTINGS: AssessmentSettings = {
  significanceOperator: '>=',
  lscFactor: { name: '1.96*sqrt(2)', value: 1.96 * Math.SQRT2 },
  lscConversionRounding: 'half_away_from_zero',
  lscAcrossEntries: 'generalised',
  lscBeforeFirstEntry: 'first_entry',
  fallbackLsc: 'iscd_ceiling',
  monitoredVertebrae: ['L1', 'L2', 'L3', 'L4'],
  minimumVertebrae: 2,
  uncomparedRegions: ['wards'],
  monitoredRegions: ['spine', 'total_hip', 'femoral_neck', 'radius_33', 'whole_body_less_head'],
  secondaryRegions: [
    'femoral_neck',
    'upper_femoral_neck',
    'lower_femoral_neck',
    'trochanter',
    'intertrochanter',
    'femoral_shaft',
  ],
  softwareChange: 'warn',
  weightChangeLimit: 5_000_000 as Micro,
  areaChangeLimit: 0.02,
  spineAreaChangeLimit: 1_000_000 as Micro,
  areaPerBmcSlope: 0.25,
  areaResidualLimit: 0.02,
  areaResidualMinimum: 0.01,
  areaDrivenShare: 0.5,
  shortIntervalDays: 365,
  expectedAnnualChange: {},
  longTermFactor: 1,
  upperLimitFactor: 1.2929,
  adultAge: 20,
  tScoreAge: 50,
  tScoreAgainstBmdTenths: 3,
  otherPersonAreaChange: 0.1,
  otherPersonHeightChange: 60_000 as Micro,
  heightLossHint: 20_000 as Micro,
  implausibleTotalHipGain: 12,
  implausibleTotalHipLoss: 8,
  implausibleSpineGain: 20,
  implausibleSpineLoss: 10,
  neckBoxAreaChange: 0.05,
  neckBoxTotalAreaChange: 0.02,
  sameNumbersTriples: 6,
  heightChangeLimit: 20_000 as Micro,
  minimumTrendScans: 3,
  hipLossAge: 60,
  antiresorptiveDays: 365,
  ageLossLimit: 1,
  anabolicDays: 548,
  denosumabGapDays: 214,
  markerBaselineDays: 183,
  markerResponseFromDays: 60,
  markerResponseToDays: 365,
};

/** Choices in the evaluation of a precision study. */
export type PrecisionSettings = Pick<AssessmentSettings, 'lscFactor'> & {
  /** Fewer degrees of freedom make a study insufficient. */
  readonly minimumDegreesOfFreedom: number;
  /** Probability below the chi-square quantile of the upper limit. */
  readonly upperLimitLowerTail: number;
};

/** Everything that a facility can set; one value of each is in force for all of its processes. */
export type Settings = AssessmentSettings & PrecisionSettings;
export type SettingName = keyof Settings;

export const DEFAULT_SETTINGS: Settings = {
  ...ASSESSMENT_SETTINGS,
  // Glüer's example for +30 % has 27 (R1.3, VERIFIED); strict ISCD is 30, from 15x3 or 30x2 (R1.2).
  minimumDegreesOfFreedom: 27,
  // Upper end of a two-sided 90 % interval, as reproduced from Glüer's 27 df and +30 % (R1.3, DERIVED).
  upperLimitLowerTail: 0.05,
};
