import { inScanOrder } from '../study/chronology.ts';
import type { PatientHistory } from '../study/history.ts';
import type { Comparison, DiscordanceCase } from '../values/assessment.ts';
import type { AssessmentSettings } from '../values/settings.ts';
import type { IndexedComparison } from './rule.ts';
import { DISCORDANCE_RULES } from './rules.ts';

/** Asks every rule about every study; in order of study, then of rule. */
export function findDiscordances(
  history: PatientHistory,
  comparisons: readonly Comparison[],
  settings: AssessmentSettings,
): readonly DiscordanceCase[] {
  const indexed = comparisons.map((comparison, index): IndexedComparison => ({ ...comparison, index }));
  const byStudy = Map.groupBy(indexed, ({ followUp }) => followUp.studyId);
  const studies = new Map(history.studies.map((study) => [study.studyId, study]));
  return inScanOrder(history.studies).flatMap((study) => {
    const ofStudy = byStudy.get(study.studyId) ?? [];
    const view = {
      study,
      studies,
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
