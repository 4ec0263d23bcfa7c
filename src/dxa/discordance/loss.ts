import { reaches } from '../change/judge-change.ts';
import { roundHalfAway } from '../values/arithmetic.ts';
import type { RegionTrend } from '../values/assessment.ts';
import { type Bmd, formatMicro } from '../values/quantity.ts';
import type { AssessmentSettings } from '../values/settings.ts';
import { describeChange, printLsc, sentence, siteKey } from '../values/wording.ts';
import {
  type DiscordanceRule,
  type IndexedComparison,
  inDirection,
  judged,
  judgedHips,
  type RuleHit,
  SPINE_HIP_OR_LOSS,
  weakestStrength,
} from './rule.ts';

/**
 * Sources of the loss rules: loss beyond the LSC predicts fracture independently (ISCD 2019 monitoring position, PMID
 * 31378452, VERIFIED abstract); total hip loss adds 2.9 % to the absolute five-year risk (Leslie 2016, VERIFIED-2nd); IOF
 * 2012 counts a BMD that continues to decrease as failure (VERIFIED-2nd). The tiers are our own.
 */
const SOURCE = 'surveillance 2; ISCD 2019 (PMID 31378452), Leslie 2016, IOF 2012';

/** Losses at the sites that decide: lumbar spine, total hip, 33 % radius. Of hips the mean of both where it is judged. */
function losses(comparisons: readonly IndexedComparison[]): readonly IndexedComparison[] {
  return inDirection(
    [...judged(comparisons, 'spine'), ...judgedHips(comparisons), ...judged(comparisons, 'radius_33')],
    'down',
  );
}

/** L1: spine and total hip fell, against the same kind of reference: both the previous scan, or both the baseline. */
export const lossAtBothSites: DiscordanceRule = {
  code: 'L1_LOSS_AT_BOTH_SITES',
  tier: 'review',
  topic: 'loss',
  sharesCase: SPINE_HIP_OR_LOSS,
  needs: 'judged changes of the lumbar spine and of a total hip against the previous scan or the baseline',
  says: 'Spine and hip fell, both by at least the least significant change.',
  source: SOURCE,
  reads: [],
  evaluate: ({ previous, sinceBaseline }) => {
    const sincePrevious = atBothSites(previous);
    if (sincePrevious !== null) return [sincePrevious];
    const hit = atBothSites(sinceBaseline);
    return hit === null ? [] : [{ ...hit, carriedBy: hit.comparisons }];
  },
};

/** L2: a line through three or more scans falls, and so does the change since the baseline. */
export const confirmedLoss: DiscordanceRule = {
  code: 'L2_CONFIRMED_LOSS',
  tier: 'review',
  topic: 'loss',
  sharesCase: SPINE_HIP_OR_LOSS,
  needs: 'three or more comparable scans of the lumbar spine, a total hip or the 33 % radius',
  says: 'A site fell since the baseline by at least the least significant change, and the line through its scans falls significantly.',
  source: SOURCE,
  reads: [],
  evaluate: ({ sinceBaseline, trendOf }) =>
    losses(sinceBaseline).flatMap((loss): readonly RuleHit[] => {
      const trend = trendOf(loss);
      if (trend === null || trend.verdict !== 'down') return [];
      return [
        {
          regionPair: siteKey(loss),
          strength: loss.strength ?? 0,
          comparisons: [loss],
          carriedBy: [loss],
          trends: [trend],
          statement: `${sentence(describeLoss(loss))}; ${describeTrend(trend)}.`,
        },
      ];
    }),
};

/** L3: a loss since the previous scan that would be significant with the upper limit of the precision error too (R1.3). */
export const robustLoss: DiscordanceRule = {
  code: 'L3_ROBUST_LOSS',
  tier: 'review',
  topic: 'loss',
  sharesCase: SPINE_HIP_OR_LOSS,
  needs: 'a judged change of the lumbar spine, a total hip or the 33 % radius since the previous scan',
  says: 'A site fell by more than the least significant change could be underestimated.',
  source: `${SOURCE}; R1.3`,
  reads: [],
  evaluate: ({ previous, settings }) =>
    losses(previous)
      .filter((loss) => isRobust(loss, settings))
      .map(singleLoss),
};

/** L4: any other loss since the previous scan. */
export const otherLoss: DiscordanceRule = {
  code: 'L4_SINGLE_LOSS',
  tier: 'check',
  topic: 'loss',
  sharesCase: SPINE_HIP_OR_LOSS,
  needs: 'a judged change of the lumbar spine, a total hip or the 33 % radius since the previous scan',
  says: 'A site fell by at least the least significant change.',
  source: SOURCE,
  reads: [],
  evaluate: ({ previous, settings }) =>
    losses(previous)
      .filter((loss) => !isRobust(loss, settings))
      .map(singleLoss),
};

/** `robust` where the upper limit is on file; where it is not, the factor of a study of common size stands in. */
function isRobust({ robust, delta, lsc }: IndexedComparison, settings: AssessmentSettings): boolean {
  if (robust !== null) return robust;
  if (delta === null || lsc === null) return false;
  const limit = roundHalfAway(lsc.leastSignificantChange * settings.upperLimitFactor) as Bmd;
  return reaches(delta, limit, settings.significanceOperator);
}

function atBothSites(comparisons: readonly IndexedComparison[]): RuleHit | null {
  const spines = inDirection(judged(comparisons, 'spine'), 'down');
  const hips = inDirection(judgedHips(comparisons), 'down');
  const [spine] = spines;
  const [hip] = hips;
  if (spine === undefined || hip === undefined) return null;
  return {
    regionPair: `${siteKey(spine)}|${siteKey(hip)}`,
    strength: weakestStrength([spine, hip]),
    comparisons: [...spines, ...hips],
    statement: `${sentence([spine, ...hips].map(describeLoss).join(', and '))}.`,
  };
}

function singleLoss(loss: IndexedComparison): RuleHit {
  return {
    regionPair: siteKey(loss),
    strength: loss.strength ?? 0,
    comparisons: [loss],
    statement: `${sentence(describeLoss(loss))}.`,
  };
}

const bmd = (value: number) => formatMicro(Math.abs(value), 3);

/** "left total hip fell by 0.040 g/cm² (5.1 %) since 2020-03-05, 2.35 times its LSC of 0.017 g/cm²". */
function describeLoss(loss: IndexedComparison): string {
  const { lsc, strength } = loss;
  const against =
    lsc === null
      ? ''
      : `, ${(strength ?? 0).toFixed(2)} times its LSC of ${printLsc(lsc.leastSignificantChange)} g/cm²`;
  return `${describeChange(loss)}${against}`;
}

function describeTrend({ studyIds, firstOn, annualRate, annualPercent }: RegionTrend): string {
  const rate = `${bmd(annualRate)} g/cm² (${formatMicro(Math.abs(annualPercent), 1)} %)`;
  return `the line through its ${studyIds.length} scans since ${firstOn} falls significantly, by ${rate} a year`;
}
