import { type RegionScan, regionScans } from '../scan/region-scan.ts';
import { isWide, scoreGaps } from '../scan/score-gap.ts';
import { printTenths } from '../scan/t-score.ts';
import { rebuild } from '../scan/vertebral-set.ts';
import { formatMicro } from '../values/quantity.ts';
import { describeVertebrae, type Vertebra } from '../values/region.ts';
import type { CaseView, ExplanationRule } from './explanation.ts';

/** From here on a spine rise beside a hip fall is taken as artefact until shown otherwise (clinical-rules 4.2; OPRA, Tenne 2013, VERIFIED). */
export const DEGENERATION_AGE = 70;

/** From here on the rates seen at 85 are quoted, before it those at 75. */
export const LATER_RATES_AGE = 80;

/** Share of women with degenerative change at L1 to L4, percent (OPRA, Tenne 2013, VERIFIED). */
export const DEGENERATION_RATES = { 75: [5, 15, 26, 36], 85: [20, 39, 59, 72] } as const;

export const SPINE_ARTEFACT_EXPLANATIONS: readonly ExplanationRule[] = [
  {
    code: 'T_SCORE_GAP',
    group: 'spine_artefact',
    basis: 'measured',
    weight: 82,
    source: 'clinical-rules R2.5; ISCD atlas, Spine Discordance (VERIFIED)',
    weigh: ({ spine, followUp }) => {
      if (spine?.verdict !== 'up') return null;
      const [gap] = scoreGaps(followUp, spine.roi.vertebrae)
        .filter(isWide)
        .sort((a, b) => b.tenths - a.tenths);
      if (gap === undefined) return null;
      return {
        says: `The T-scores of ${gap.pair} differ by ${printTenths(gap.tenths)}, more than 1.0.`,
        evidence: { vertebrae: gap.pair, gap: printTenths(gap.tenths) },
      };
    },
  },
  {
    code: 'LOWER_VERTEBRAE_ROSE',
    group: 'spine_artefact',
    basis: 'measured',
    weight: 80,
    source: 'clinical-rules 4.2; L1-L2 degenerate less (OPRA, Tenne 2013, VERIFIED)',
    weigh: (view) => {
      const limit = view.spine?.lsc?.leastSignificantChange;
      const upper = changeOf(view, ['L1', 'L2']);
      const lower = changeOf(view, ['L3', 'L4']);
      if (view.spine?.verdict !== 'up' || limit === undefined || upper === null || lower === null) return null;
      if (lower - upper < limit) return null;
      return {
        says: `${describeVertebrae(['L3', 'L4'])} changed by ${formatMicro(lower, 3)} g/cm² and ${describeVertebrae(['L1', 'L2'])} by ${formatMicro(upper, 3)} g/cm²: the rise is in the lower vertebrae.`,
        evidence: { lowerMicro: lower, upperMicro: upper },
      };
    },
  },
  {
    code: 'DEGENERATION_BY_AGE',
    group: 'spine_artefact',
    basis: 'likely',
    weight: 25,
    source: 'OPRA (Tenne 2013, VERIFIED); clinical-rules 4.2',
    weigh: (view) => {
      const { age, spine, followUp } = view;
      // The cohort is one of women.
      if (followUp.sex !== 'F' || age === null || age < DEGENERATION_AGE || spine?.verdict !== 'up') return null;
      const at = age < LATER_RATES_AGE ? 75 : 85;
      const rates = DEGENERATION_RATES[at].map((rate, index) => `L${index + 1} ${rate} %`).join(', ');
      return {
        says: `At ${age} years degenerative change raises the spine's BMD in many women: at ${at} years it was seen at ${rates}.`,
        evidence: { age, ratesAtAge: at },
      };
    },
  },
];

/** Change of a part of the spine, from BMC and area; null where a vertebra was not compared or not measured. */
function changeOf({ spine, studies, followUp }: CaseView, vertebrae: readonly Vertebra[]): number | null {
  if (spine === null || !vertebrae.every((vertebra) => spine.roi.vertebrae.includes(vertebra))) return null;
  const earlier = studies.get(spine.reference.studyId);
  const from = earlier === undefined ? null : part(regionScans(earlier), vertebrae);
  const to = part(regionScans(followUp), vertebrae);
  return from === null || to === null ? null : to - from;
}

function part(scans: readonly RegionScan[], vertebrae: readonly Vertebra[]): number | null {
  const scan = scans.find(({ region }) => region === 'spine');
  return scan === undefined ? null : (rebuild(scan, vertebrae)?.bmd ?? null);
}
