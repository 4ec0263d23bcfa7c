import type { Finding } from '../../dxa/values/finding.ts';
import type { Region } from '../../dxa/values/region.ts';
import type { MeasuredValue } from '../../dxa/values/report.ts';
import { finding } from './finding.ts';

/** Young adult mean and SD (thousandths of g/cm2) against which a vendor computes a T-score. */
export type ScoreReference = {
  readonly vendor: string;
  /** Found in the name of the reference population that stands in the report. */
  readonly population: RegExp;
  readonly region: Region;
  readonly mean: number;
  readonly standardDeviation: number;
  readonly source: string;
};

const LOOKER = 'NHANES III, non-Hispanic white women 20-29, Hologic; Looker 1998 (pubmed 9850356), values recalled';
const WHITE_WOMEN = /NHANES.*White Female/i;

/**
 * References that reports name. GE Lunar's report names none, and for the spine each manufacturer has its own, so neither
 * is here.
 */
export const SCORE_REFERENCES: readonly ScoreReference[] = [
  {
    vendor: 'hologic',
    population: WHITE_WOMEN,
    region: 'femoral_neck',
    mean: 858,
    standardDeviation: 120,
    source: LOOKER,
  },
  {
    vendor: 'hologic',
    population: WHITE_WOMEN,
    region: 'total_hip',
    mean: 942,
    standardDeviation: 122,
    source: LOOKER,
  },
];

/** A T-score is printed to one decimal, from a BMD that is rounded itself. */
export const T_SCORE_TOLERANCE_TENTHS = 1;

/** Computes T-scores again where the report names their reference; a difference of more than 0.1 is a finding. */
export function checkTScores(
  vendor: string,
  values: readonly MeasuredValue[],
  references: readonly ScoreReference[],
): readonly Finding[] {
  return values.flatMap((score) => {
    if (score.quantity !== 't_score') return [];
    const { roi, laterality, referencePopulation } = score;
    const reference = references.find(
      (one) => one.vendor === vendor && one.region === roi.region && one.population.test(referencePopulation),
    );
    const bmd = values.find(
      (value) => value.quantity === 'bmd' && value.roi.region === roi.region && value.laterality === laterality,
    );
    if (reference === undefined || bmd === undefined) return [];
    const computed = Math.round((bmd.value / 1000 - reference.mean) / (reference.standardDeviation / 10));
    const printed = Math.round(score.value / 100_000);
    if (Math.abs(printed - computed) <= T_SCORE_TOLERANCE_TENTHS) return [];
    return [finding('T_SCORE_REFERENCE_MISMATCH', score.path, { region: roi.region, reference: reference.source })];
  });
}
