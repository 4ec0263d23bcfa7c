import { roundHalfAway } from '../values/arithmetic.ts';
import type { Comparison } from '../values/assessment.ts';
import { formatMicro, type Micro } from '../values/quantity.ts';
import type { Laterality, RegionOfInterest } from '../values/region.ts';
import type { IsoDate, VendorClaim } from '../values/report.ts';
import { siteKey } from '../values/wording.ts';

/** A change that the vendor's software printed: of the scan of `date` against its previous one or its baseline. */
export type ChangeClaim = {
  readonly kind: Exclude<VendorClaim['kind'], 'prior_bmd'>;
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
  readonly date: IsoDate;
  /** Millionths of g/cm² or of a percent. */
  readonly value: Micro;
  readonly rawText: string;
  readonly rawUnit: string | null;
  /** Where it stands: "SOP Instance UID#tree path". */
  readonly source: string;
};

/** The vendor's change beside ours (E16). */
export type VendorChange = {
  readonly deltas: readonly string[];
  readonly percents: readonly string[];
  readonly sources: readonly string[];
  /** True when every claim equals ours within rounding. */
  readonly agrees: boolean;
};

/** BMD is printed with three decimals (clinical-rules section 7): a difference of two printed values can be off by one of the last. */
export const PRINTED_BMD_STEP = 1000;

const KINDS = {
  previous: ['change_vs_previous', 'percent_change_vs_previous'],
  baseline: ['change_vs_baseline', 'percent_change_vs_baseline'],
} as const satisfies Record<Comparison['kind'], readonly ChangeClaim['kind'][]>;

/**
 * Holds a comparison against what the vendor claims of the same scan, region and side. Where the previous scan is the
 * baseline too, claims about either are about it. Null when there is no delta or the vendor says nothing.
 */
export function vendorChangeOf(
  comparison: Comparison,
  all: readonly Comparison[],
  claims: readonly ChangeClaim[],
): VendorChange | null {
  const { delta, percent, followUp, kind } = comparison;
  if (delta === null || percent === null) return null;
  const hasBaseline = all.some(
    (other) =>
      other.kind === 'baseline' &&
      other.followUp.studyId === followUp.studyId &&
      siteKey(other) === siteKey(comparison),
  );
  const kinds: readonly ChangeClaim['kind'][] =
    kind === 'previous' && !hasBaseline ? [...KINDS.previous, ...KINDS.baseline] : KINDS[kind];
  const about = claims.filter(
    (claim) =>
      kinds.includes(claim.kind) &&
      claim.date === followUp.scannedOn &&
      siteKey(claim) === siteKey(comparison) &&
      (isPercent(claim) ? isPercentUnit(claim.rawUnit) : isGramsPerCm2(claim.rawUnit)),
  );
  if (about.length === 0) return null;
  const reference = comparison.referenceConverted ?? comparison.reference.bmd;
  const agrees = about.every((claim) => {
    const [ours, step] = isPercent(claim)
      ? [percent, roundHalfAway((100 * PRINTED_BMD_STEP * 1e6) / reference)]
      : [delta, PRINTED_BMD_STEP];
    return Math.abs(claim.value - ours) <= step + lastPlace(claim.rawText) / 2;
  });
  const texts = (percents: boolean) => [
    ...new Set(about.filter((claim) => isPercent(claim) === percents).map(({ value }) => formatMicro(value, 6))),
  ];
  return { deltas: texts(false), percents: texts(true), sources: about.map(({ source }) => source), agrees };
}

const isPercent = ({ kind }: ChangeClaim) => kind.startsWith('percent_');

const isPercentUnit = (rawUnit: string | null) => /^(%|percent)?$/i.test(rawUnit?.trim() ?? '');

/** Whether a claim is in g/cm²; one without a unit is taken to be. */
export const isGramsPerCm2 = (rawUnit: string | null) => /^(g\s*\/\s*cm\s*(2|²|\^2))?$/i.test(rawUnit?.trim() ?? '');

/** Millionths of one unit in the last printed place: "0.012" -> 1000, "-1.4 %" -> 100000. */
function lastPlace(text: string): number {
  const decimals = /[.,](\d*)/.exec(text)?.[1]?.length ?? 0;
  return 10 ** Math.max(0, 6 - decimals);
}
