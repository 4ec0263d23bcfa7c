import type { Comparison, DiscordanceCase } from '../assessment.ts';
import { inScanOrder } from '../chronology.ts';
import type { PatientHistory } from '../history.ts';
import type { AssessmentSettings } from '../settings.ts';
import type { DiscordanceRule, IndexedComparison } from './rule.ts';
import { spineDownHipUp, spineUpHipDown } from './spine-and-hip.ts';

export const DISCORDANCE_RULES: readonly DiscordanceRule[] = [spineUpHipDown, spineDownHipUp];

/** Asks every rule about every follow-up study; in order of study, then of rule. */
export function findDiscordances(
  history: PatientHistory,
  comparisons: readonly Comparison[],
  settings: AssessmentSettings,
): readonly DiscordanceCase[] {
  const indexed = comparisons.map((comparison, index): IndexedComparison => ({ ...comparison, index }));
  const byStudy = Map.groupBy(indexed, ({ followUp }) => followUp.studyId);
  return inScanOrder(history.studies).flatMap((study) => {
    const ofStudy = byStudy.get(study.studyId) ?? [];
    const view = {
      study,
      previous: ofStudy.filter(({ kind }) => kind === 'previous'),
      baseline: ofStudy.filter(({ kind }) => kind === 'baseline'),
      settings,
    };
    return DISCORDANCE_RULES.flatMap((rule) =>
      rule.evaluate(view).map(
        (hit): DiscordanceCase => ({
          rule: rule.code,
          tier: rule.tier,
          followUpStudyId: study.studyId,
          regionPair: hit.regionPair,
          strength: hit.strength,
          comparisons: hit.comparisons.map(({ index }) => index),
          statement: hit.statement,
        }),
      ),
    );
  });
}
