import { type RegionScan, regionScans } from '../scan/region-scan.ts';
import { isWide, scoreGaps } from '../scan/score-gap.ts';
import { printTenths } from '../scan/t-score.ts';
import { rebuild } from '../scan/vertebral-set.ts';
import type { StudyOfPatient } from '../study/history.ts';
import type { Vertebra } from '../values/region.ts';
import { describeChange, sentence, siteKey } from '../values/wording.ts';
import { type DiscordanceRule, type IndexedComparison, judged, type RuleHit } from './rule.ts';

/** D6: one vertebra moved beyond the LSC against all the others together. */
export const vertebralOutlier: DiscordanceRule = {
  code: 'D6_VERTEBRAL_OUTLIER',
  tier: 'check',
  topic: 'technical',
  casePerRegion: true,
  needs: 'a judged change of the spine, with BMC and area of every vertebra in both scans',
  says: 'One vertebra changed in one direction and the others together in the other, both beyond their limits.',
  source: 'clinical-rules 4.1 D6',
  reads: ['single_vertebrae'],
  evaluate: ({ study, studies, previous }) =>
    judged(previous, 'spine').flatMap((comparison) => {
      const before = spineOf(studies.get(comparison.reference.studyId), comparison);
      const after = spineOf(study, comparison);
      if (before === null || after === null || comparison.reference.scannerId !== comparison.followUp.scannerId)
        return [];
      const hits = comparison.roi.vertebrae.flatMap((vertebra) => outlier(comparison, before, after, vertebra) ?? []);
      return hits.sort((a, b) => b.strength - a.strength).slice(0, 1);
    }),
};

/** D6: a gap of more than 1.0 between neighbouring T-scores that was not there before: fracture or degeneration. */
export const vertebralScoreGap: DiscordanceRule = {
  code: 'D6_NEW_T_SCORE_GAP',
  tier: 'check',
  topic: 'technical',
  casePerRegion: true,
  needs: 'a judged change of the spine, with T-scores of single vertebrae at both visits',
  says: 'Neighbouring vertebrae differ by more than 1.0 in T-score and did not before.',
  source: 'clinical-rules 4.1 D6, R2.5',
  reads: ['t_scores', 'single_vertebrae'],
  evaluate: ({ study, studies, previous }) =>
    judged(previous, 'spine').flatMap((comparison) => {
      const earlier = studies.get(comparison.reference.studyId);
      if (earlier === undefined) return [];
      const before = scoreGaps(earlier, comparison.roi.vertebrae);
      const [gap] = scoreGaps(study, comparison.roi.vertebrae)
        .filter((now) => {
          const then = before.find(({ pair }) => pair === now.pair);
          return isWide(now) && then !== undefined && !isWide(then);
        })
        .sort((a, b) => b.tenths - a.tenths);
      if (gap === undefined) return [];
      return [
        {
          regionPair: siteKey(comparison),
          strength: comparison.strength ?? 0,
          comparisons: [comparison],
          statement: `The T-scores of ${gap.pair} differ by ${printTenths(gap.tenths)}, more than 1.0, and did not on ${comparison.reference.scannedOn}; the vertebrae should be looked at for fracture and degeneration.`,
        },
      ];
    }),
};

/**
 * The limit for a part of the spine is the LSC times sqrt(vertebrae of the set / vertebrae of the part), as if their
 * errors were independent (own): a single vertebra is about twice as noisy as four, and with the LSC of the set half of
 * all spines would stand out.
 */
function outlier(
  comparison: IndexedComparison,
  before: RegionScan,
  after: RegionScan,
  vertebra: Vertebra,
): RuleHit | null {
  const { vertebrae } = comparison.roi;
  const others = vertebrae.filter((other) => other !== vertebra);
  const lsc = comparison.lsc?.leastSignificantChange;
  const single = change(before, after, [vertebra]);
  const rest = change(before, after, others);
  if (lsc === undefined || single === null || rest === null) return null;
  const strengthOf = (delta: number, count: number) => Math.abs(delta) / (lsc * Math.sqrt(vertebrae.length / count));
  const strength = Math.min(strengthOf(single, 1), strengthOf(rest, others.length));
  if (single * rest >= 0 || strength < 1) return null;
  return {
    regionPair: siteKey(comparison),
    strength,
    comparisons: [comparison],
    statement: `${sentence(describeChange(comparison))}; ${vertebra} ${single > 0 ? 'rose' : 'fell'} while ${others.join(', ')} together ${rest > 0 ? 'rose' : 'fell'}, so ${vertebra} should be looked at for fracture, degeneration and its edges.`,
  };
}

function change(before: RegionScan, after: RegionScan, vertebrae: readonly Vertebra[]): number | null {
  const from = rebuild(before, vertebrae);
  const to = rebuild(after, vertebrae);
  return from === null || to === null ? null : to.bmd - from.bmd;
}

function spineOf(study: StudyOfPatient | undefined, { laterality }: IndexedComparison): RegionScan | null {
  if (study === undefined) return null;
  return regionScans(study).find((scan) => scan.region === 'spine' && scan.laterality === laterality) ?? null;
}
