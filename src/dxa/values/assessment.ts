import type { Bmd, Micro } from './quantity.ts';
import type { Laterality, RegionOfInterest } from './region.ts';
import type { IsoDate } from './report.ts';

/** Outcome of one comparability rule. `facts` are what the rule looked at: units, dates, ids, never names. */
export type ComparabilityCheck = {
  /** Rule of clinical-rules section 2, e.g. "C2". */
  readonly rule: string;
  /** `unknown`: what the rule asks for is not recorded, which is not the same as in order. */
  readonly outcome: 'ok' | 'unknown' | 'warn' | 'block';
  /** Stable reason code, e.g. "SCANNER_DIFFERS". */
  readonly code: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
};

/**
 * `provisional` means that no LSC is on file, so that nothing may be said about significance; `not_comparable` means
 * that a rule blocks the comparison.
 */
export type Verdict = 'up' | 'down' | 'not_significant' | 'not_comparable' | 'provisional';

/** Reference the follow-up is held against: the previous comparable scan or the baseline. */
export type ComparisonKind = 'previous' | 'baseline';

/** The LSC that judged a comparison, with where it came from. */
export type AppliedLsc = {
  /** Null for a fallback. */
  readonly lscId: string | null;
  /** Set when the pair was judged across scanners through a cross-calibration. */
  readonly crossCalibrationId: string | null;
  /** At 95 % two-sided confidence, millionths of g/cm². */
  readonly leastSignificantChange: Bmd;
  readonly source: string;
};

export type ComparedScan = {
  readonly studyId: string;
  readonly scannedOn: IsoDate;
  readonly scannerId: string;
  /** Row of the BMD; null when the BMD was rebuilt from BMC and area of several vertebrae. */
  readonly bmdValueId: string | null;
  /** Every row the number was computed from. */
  readonly sourceValueIds: readonly string[];
  readonly bmd: Bmd;
  readonly bmc: Micro | null;
  readonly area: Micro | null;
};

export type Comparison = {
  readonly kind: ComparisonKind;
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
  readonly reference: ComparedScan;
  readonly followUp: ComparedScan;
  readonly rebuilt: boolean;
  /** The reference on the follow-up's scanner, when a cross-calibration covers the pair: `delta` starts from it. */
  readonly referenceConverted: Bmd | null;
  readonly verdict: Verdict;
  /** followUp - reference, millionths of g/cm²; null when not comparable. */
  readonly delta: Micro | null;
  /** 100 * delta / reference, in millionths of a percent, rounded half away from zero; display only. */
  readonly percent: Micro | null;
  readonly lsc: AppliedLsc | null;
  /** |delta| / LSC; null without an LSC on file. */
  readonly strength: number | null;
  /** True when beyond the LSC from the upper limit of the precision error (R1.3); null when that is unknown. */
  readonly robust: boolean | null;
  readonly checks: readonly ComparabilityCheck[];
};

export type RuleTier = 'review' | 'check' | 'information';

/** What a case is about: the tabs of the worklist. */
export const RULE_TOPICS = ['loss', 'discordance', 'technical'] as const;
export type RuleTopic = (typeof RULE_TOPICS)[number];

/** A number that a sentence of a case quotes beside its comparisons, with the row that it stands in. */
export type QuotedValue = {
  readonly scannedOn: IsoDate;
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
  readonly quantity: 't_score' | 'bmc' | 'area';
  /** Empty unless it is a score. */
  readonly referencePopulation: string;
  readonly value: Micro;
  readonly valueId: string;
};

/** What another rule saw at the same visit, named in the case of the first. */
export type SupportingFinding = {
  readonly rule: string;
  /** Indexes into the assessment's `comparisons`. */
  readonly comparisons: readonly number[];
  readonly statement: string;
};

/** A discordance or a loss that a rule saw at one visit. */
export type DiscordanceCase = {
  /** e.g. "D1_SPINE_UP_HIP_DOWN". */
  readonly rule: string;
  readonly tier: RuleTier;
  readonly topic: RuleTopic;
  /** Which case of the visit it is: rules of which only one can name a case share it. */
  readonly caseKey: string;
  /** The first study of the visit. */
  readonly followUpStudyId: string;
  /** Every study of the visit. */
  readonly studyIds: readonly string[];
  /** What the rule compared, e.g. "spine:L1,L2,L3,L4:none|total_hip::left". */
  readonly regionPair: string;
  /** min |delta|/LSC over the regions involved, for ranking. */
  readonly strength: number;
  /** Indexes into the assessment's `comparisons`. */
  readonly comparisons: readonly number[];
  /** The straight lines that the rule judged by. */
  readonly trends: readonly RegionTrend[];
  /** What the rule looked at beside changes of BMD. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  /** Shown with the case and no part of what the rule looked at. */
  readonly quoted: readonly QuotedValue[];
  /** One sentence: what was measured and why a person should look. No diagnosis, no order. */
  readonly statement: string;
  readonly supporting: readonly SupportingFinding[];
};

/** A line about a visit: an error that its metadata shows, or information beside the cases. */
export type VisitRemark = {
  readonly code: string;
  /** A finding is work for the QA list; information is shown with the visit. */
  readonly kind: 'finding' | 'information';
  /** Sites, as `siteKey` writes them, or the name of a field; never a value. */
  readonly subject: string;
  readonly says: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
};

export type AssessedVisit = {
  /** The first study of the visit. */
  readonly studyId: string;
  readonly studyIds: readonly string[];
  readonly scannedOn: IsoDate;
  /** Empty where the visit has no value. */
  readonly scannerId: string;
  readonly remarks: readonly VisitRemark[];
};

/** Straight line through three or more scans of a region that are all comparable with the latest one. */
export type RegionTrend = {
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
  /** In order of scan; the last one is the study that the others were compared with. */
  readonly studyIds: readonly string[];
  readonly firstOn: IsoDate;
  readonly lastOn: IsoDate;
  readonly lscId: string | null;
  /** At 95 % two-sided confidence, millionths of g/cm². */
  readonly leastSignificantChange: Bmd;
  readonly years: number;
  /** Millionths of g/cm² a year; for display, `verdict` tests the line. */
  readonly annualRate: Micro;
  /** Of the fitted value at the first scan, millionths of a percent a year; for display. */
  readonly annualPercent: Micro;
  /** |slope| over the smallest slope that is significant. */
  readonly strength: number;
  readonly verdict: 'up' | 'down' | 'not_significant';
};

export type Assessment = {
  readonly ruleSetVersion: string;
  readonly comparisons: readonly Comparison[];
  /** One for each region and side that has three or more comparable scans up to its latest. */
  readonly trends: readonly RegionTrend[];
  readonly cases: readonly DiscordanceCase[];
  /** In order of scan. */
  readonly visits: readonly AssessedVisit[];
};
