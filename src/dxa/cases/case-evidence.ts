import { createHash } from 'node:crypto';
import { DISCORDANCE_RULES } from '../discordance/rules.ts';
import { compareText, dayOf } from '../study/chronology.ts';
import type { Measurement, PatientHistory, StudyOfPatient } from '../study/history.ts';
import { visitsOf } from '../study/visits.ts';
import type {
  Assessment,
  ComparedScan,
  Comparison,
  DiscordanceCase,
  QuotedValue,
  RegionTrend,
  SupportingFinding,
} from '../values/assessment.ts';
import { formatMicro, type Micro } from '../values/quantity.ts';
import { vertebraeKey } from '../values/region.ts';

const numeric = (value: Micro | null) => (value === null ? null : formatMicro(value, 6));

const scanEvidence = (scan: ComparedScan) => ({
  studyId: scan.studyId,
  scannedOn: scan.scannedOn,
  bmdGramsPerCm2: numeric(scan.bmd),
  bmcGrams: numeric(scan.bmc),
  areaCm2: numeric(scan.area),
  sources: scan.sourceValueIds,
});

/** What a reader is shown of one comparison: both values and dates, the change, the LSC and why they may be compared. */
const comparisonEvidence = (comparison: Comparison) => ({
  region: comparison.roi.region,
  vertebrae: vertebraeKey(comparison.roi.vertebrae),
  laterality: comparison.laterality,
  kind: comparison.kind,
  verdict: comparison.verdict,
  rebuilt: comparison.rebuilt,
  reference: scanEvidence(comparison.reference),
  followUp: scanEvidence(comparison.followUp),
  deltaGramsPerCm2: numeric(comparison.delta),
  deltaPercent: numeric(comparison.percent),
  lscGramsPerCm2: numeric(comparison.lsc?.leastSignificantChange ?? null),
  lscId: comparison.lsc?.lscId ?? null,
  lscSource: comparison.lsc?.source ?? null,
  strength: comparison.strength,
  robust: comparison.robust,
  checks: comparison.checks,
});

export type ComparisonEvidence = ReturnType<typeof comparisonEvidence>;

/** A number that a rule read beside the comparisons: a T-score, or BMC and area of a single vertebra. */
export type MeasuredEvidence = {
  readonly scannedOn: string;
  readonly region: string;
  readonly vertebrae: string;
  readonly laterality: string;
  readonly quantity: 't_score' | 'bmc' | 'area';
  readonly referencePopulation: string;
  readonly value: string;
  readonly source: string;
};

/** The line that a rule judged by. */
const trendEvidence = ({ roi, laterality, studyIds, ...trend }: RegionTrend) => ({
  region: roi.region,
  vertebrae: vertebraeKey(roi.vertebrae),
  laterality,
  scans: studyIds.length,
  firstOn: trend.firstOn,
  lastOn: trend.lastOn,
  verdict: trend.verdict,
  strength: trend.strength,
  lscGramsPerCm2: numeric(trend.leastSignificantChange),
  gramsPerCm2PerYear: numeric(trend.annualRate),
  percentPerYear: numeric(trend.annualPercent),
});

export type TrendEvidence = ReturnType<typeof trendEvidence>;

/** What another rule, or a check of the visit, saw beside the rule that names the case. */
export type SupportingEvidence = Pick<SupportingFinding, 'rule' | 'statement'> & {
  /** Those that the case does not show already. */
  readonly comparisons: readonly ComparisonEvidence[];
};

export type CaseEvidence = {
  readonly comparisons: readonly ComparisonEvidence[];
  /** Absent in cases of an older release. */
  readonly measured?: readonly MeasuredEvidence[];
  /** Numbers that its sentences quote beside those; absent where there are none, and no part of the hash. */
  readonly quoted?: readonly MeasuredEvidence[];
  /** Absent where the rule judged no line. */
  readonly trends?: readonly TrendEvidence[];
  /** What the rule looked at beside changes of BMD; absent where there is nothing. */
  readonly facts?: DiscordanceCase['facts'];
  readonly supporting?: readonly SupportingEvidence[];
};

const quotedEvidence = ({ roi, quantity, value, valueId, ...quoted }: QuotedValue): MeasuredEvidence => ({
  scannedOn: quoted.scannedOn,
  region: roi.region,
  vertebrae: vertebraeKey(roi.vertebrae),
  laterality: quoted.laterality,
  quantity,
  referencePopulation: quoted.referencePopulation,
  value: formatMicro(value, 6),
  source: valueId,
});

function measuredEvidence(found: DiscordanceCase, studies: readonly StudyOfPatient[]): readonly MeasuredEvidence[] {
  const regions = new Set(found.regionPair.split('|').map((site) => site.split(':')[0] ?? ''));
  const reads = DISCORDANCE_RULES.find(({ code }) => code === found.rule)?.reads ?? [];
  const readsScores = reads.includes('t_scores');
  const readsVertebrae = reads.includes('single_vertebrae');
  const ofMeasurement = (study: StudyOfPatient, { roi, laterality, ...measurement }: Measurement) => {
    const place = {
      scannedOn: dayOf(study.scannedAt),
      region: roi.region,
      vertebrae: vertebraeKey(roi.vertebrae),
      laterality,
    };
    const scores = measurement.tScores.map(({ referencePopulation, value, valueId }) => ({
      ...place,
      quantity: 't_score' as const,
      referencePopulation,
      value: formatMicro(value, 6),
      source: valueId,
    }));
    const parts = (['bmc', 'area'] as const).flatMap((quantity) => {
      const sourced = roi.vertebrae.length === 1 ? measurement[quantity] : null;
      if (sourced === null) return [];
      return [
        {
          ...place,
          quantity,
          referencePopulation: '',
          value: formatMicro(sourced.value, 6),
          source: sourced.valueId,
        },
      ];
    });
    return [...(readsScores ? scores : []), ...(readsVertebrae ? parts : [])];
  };
  if (!readsScores && !readsVertebrae) return [];
  return studies.flatMap((study) =>
    study.measurements
      .filter(({ roi }) => regions.has(roi.region))
      .flatMap((measurement) => ofMeasurement(study, measurement)),
  );
}

/** Everything that the rule looked at, with where each number stands. */
export function evidenceOf(found: DiscordanceCase, assessment: Assessment, history: PatientHistory): CaseEvidence {
  const comparisons = found.comparisons
    .map((index) => assessment.comparisons[index])
    .filter((comparison) => comparison !== undefined);
  const involved = new Set([found.followUpStudyId, ...comparisons.map(({ reference }) => reference.studyId)]);
  const visits = visitsOf(history.studies).filter(({ studyIds }) => studyIds.some((studyId) => involved.has(studyId)));
  const supporting = found.supporting.map(({ comparisons: indexes, ...rest }) => ({
    ...rest,
    comparisons: indexes
      .filter((index) => !found.comparisons.includes(index))
      .flatMap((index) => assessment.comparisons[index] ?? [])
      .map(comparisonEvidence),
  }));
  return {
    comparisons: comparisons.map(comparisonEvidence),
    measured: measuredEvidence(found, visits),
    ...(found.quoted.length === 0 ? {} : { quoted: found.quoted.map(quotedEvidence) }),
    ...(found.trends.length === 0 ? {} : { trends: found.trends.map(trendEvidence) }),
    ...(Object.keys(found.facts).length === 0 ? {} : { facts: found.facts }),
    ...(supporting.length === 0 ? {} : { supporting }),
  };
}

/** Every place of a value that a case looked at or quotes, "SOP Instance UID#tree path". */
export const sourcesOf = ({ comparisons, measured = [], quoted = [] }: CaseEvidence): readonly string[] => [
  ...comparisons.flatMap(({ reference, followUp }) => [...reference.sources, ...followUp.sources]),
  ...[...measured, ...quoted].map(({ source }) => source),
];

const withoutIds = (facts: ComparisonEvidence['checks'][number]['facts']) =>
  Object.entries(facts)
    .filter(([name]) => !/ids?$/i.test(name))
    .sort(([a], [b]) => compareText(a, b));

const comparedNumbers = ({ scannedOn, bmdGramsPerCm2, bmcGrams, areaCm2 }: ComparisonEvidence['reference']) => [
  scannedOn,
  bmdGramsPerCm2,
  bmcGrams,
  areaCm2,
];

/**
 * Hash of what the rule looked at: days, values, changes, the size of the LSC, and whatever speaks against comparing.
 * What supports the case and what its sentences quote is shown and no part of it. Row ids, file places and the texts of a
 * release are no part of it, so that reading the same numbers again, in another database too, gives the same hash; neither is
 * a check that finds nothing, so that a new one reopens no case by itself.
 */
export function hashEvidence(found: Pick<DiscordanceCase, 'rule' | 'tier'>, evidence: CaseEvidence): string {
  const comparisons = evidence.comparisons.map((one) => [
    [one.kind, one.region, one.vertebrae, one.laterality, one.verdict, one.rebuilt, one.robust],
    comparedNumbers(one.reference),
    comparedNumbers(one.followUp),
    [one.deltaGramsPerCm2, one.lscGramsPerCm2],
    one.checks
      .filter(({ outcome }) => outcome === 'warn' || outcome === 'block')
      .map(({ rule, outcome, code, facts }) => [rule, outcome, code, withoutIds(facts)]),
  ]);
  const measured = (evidence.measured ?? [])
    .map(({ source: _source, ...number }) => Object.values(number).join(' '))
    .sort(compareText);
  // Absent parts leave the hash of an older release as it was.
  const more = [
    ...(evidence.trends === undefined ? [] : [['trends', evidence.trends.map((trend) => Object.values(trend))]]),
    ...(evidence.facts === undefined ? [] : [['facts', withoutIds(evidence.facts)]]),
  ];
  return createHash('sha256')
    .update(JSON.stringify([found.rule, found.tier, comparisons, measured, ...more]))
    .digest('hex');
}
