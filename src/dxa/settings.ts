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
  /** What judges a pair when no single LSC covers both dates but each date has one. */
  readonly lscAcrossEntries: 'provisional' | 'generalised';
  readonly fallbackLsc: FallbackLsc;
  /** Vertebrae that a spine region may consist of. */
  readonly monitoredVertebrae: readonly Vertebra[];
  readonly minimumVertebrae: number;
  /** Regions that are never compared over time. */
  readonly unmonitoredRegions: readonly Region[];
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
  /** Share of a change that the area explains, above which it is called area-driven. */
  readonly areaDrivenShare: number;
  readonly shortIntervalDays: number;
  /** Change expected in a year, millionths of g/cm², for the monitoring time interval; empty says nothing. */
  readonly expectedAnnualChange: Readonly<Partial<Record<Region, Micro>>>;
  /** Factor from short-term to long-term precision error. */
  readonly longTermFactor: number;
};

export const ASSESSMENT_SETTINGS: AssessmentSettings = {
  // ISCD precision calculator glossary: a change "must equal or exceed" the LSC (VERIFIED); Shepherd & Lu 2007: "must be
  // exceeded" (VERIFIED).
  significanceOperator: '>=',
  // 1.96 * sqrt(2) = 2.7718 (R1.4); ISCD rounds to 2.77, which moves three-decimal LSCs at the edge.
  lscFactor: { name: '1.96*sqrt(2)', value: 1.96 * Math.SQRT2 },
  // Own: nearest millionth; `up` would never understate an LSC.
  lscConversionRounding: 'half_away_from_zero',
  // C16: one LSC record must cover both dates (ISCD, RECALLED). `generalised` is the root mean square of the two LSCs,
  // which is 1.96*sqrt(PE1^2 + PE2^2) (R2.2, DERIVED).
  lscAcrossEntries: 'provisional',
  // ISCD minimum acceptable precision 5.3/5.0/6.9 % (R1.5, VERIFIED-2nd).
  fallbackLsc: 'iscd_ceiling',
  // ISCD: the spine is L1-L4 or its evaluable part (R3.2).
  monitoredVertebrae: ['L1', 'L2', 'L3', 'L4'],
  // ISCD 2023, "Reporting Less Than Four Vertebrae" (C8, VERIFIED-2nd).
  minimumVertebrae: 2,
  // Never Ward's (C11; ISCD atlas, VERIFIED).
  unmonitoredRegions: ['wards'],
  // Spine and total hip are primary for monitoring (C11; DVO/ISCD, VERIFIED-2nd).
  secondaryRegions: [
    'femoral_neck',
    'upper_femoral_neck',
    'lower_femoral_neck',
    'trochanter',
    'intertrochanter',
    'femoral_shaft',
  ],
  // Warn on any change; blocking until the earlier scan is analysed again is left to the site (C5, RECALLED).
  softwareChange: 'warn',
  // Up to 5 kg has little effect on precision (C14; Rajamanohar 2011, VERIFIED).
  weightChangeLimit: 5_000_000 as Micro,
  // "2 % rule" and "1 cm² rule"; 22-46 % of good same-day pairs exceed the first, so it only warns (R2.4, VERIFIED).
  areaChangeLimit: 0.02,
  spineAreaChangeLimit: 1_000_000 as Micro,
  // Edge detection: %area follows %BMC with a slope of about 0.25 (Tothill & Avenell 1998, VERIFIED; test DERIVED).
  areaPerBmcSlope: 0.25,
  areaResidualLimit: 0.02,
  // Own (R2.4).
  areaDrivenShare: 0.5,
  // One year between scans (C15; ISCD, RECALLED).
  shortIntervalDays: 365,
  // No published rate fits everyone (R1.10): a site that wants the check names its own.
  expectedAnnualChange: {},
  // Long-term precision error is about 1.5 times the short-term one (R1.8, VERIFIED); 1.0 leaves LSCs as filed.
  longTermFactor: 1,
};
