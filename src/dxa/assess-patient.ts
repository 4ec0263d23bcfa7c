import { compareHistory } from './change/longitudinal.ts';
import { trendsOf } from './change/region-trend.ts';
import { findDiscordances } from './discordance/evaluate.ts';
import type { OnFile, PatientHistory } from './study/history.ts';
import type { Assessment } from './values/assessment.ts';
import type { AssessmentSettings } from './values/settings.ts';

/** Raised with every change that can change a verdict, a check or a case; stored with each of them. */
export const RULE_SET_VERSION = '5';

/**
 * Judges everything that a patient's studies say about change. A function of its arguments alone: the same studies give
 * the same assessment, byte for byte, in whatever order they arrived.
 */
export function assessPatient(history: PatientHistory, onFile: OnFile, settings: AssessmentSettings): Assessment {
  const comparisons = compareHistory(history, { onFile, settings });
  return {
    ruleSetVersion: RULE_SET_VERSION,
    comparisons,
    trends: trendsOf(history, { onFile, settings }),
    cases: findDiscordances(history, comparisons, settings),
  };
}
