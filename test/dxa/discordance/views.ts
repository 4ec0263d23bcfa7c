import { compareHistory } from '../../../src/dxa/change/longitudinal.ts';
import { scansBySite } from '../../../src/dxa/change/region-trend.ts';
import { viewsOfVisits } from '../../../src/dxa/discordance/evaluate.ts';
import type { FollowUpView } from '../../../src/dxa/discordance/rule.ts';
import type { OnFile, PatientHistory } from '../../../src/dxa/study/history.ts';
import { visitsOf } from '../../../src/dxa/study/visits.ts';
import { ASSESSMENT_SETTINGS } from '../../../src/dxa/values/settings.ts';

/** What the rules see of each visit of a patient. */
export function viewsOf(patient: PatientHistory, onFile: OnFile): readonly FollowUpView[] {
  const context = { onFile, settings: ASSESSMENT_SETTINGS };
  const visits = visitsOf(patient.studies);
  const compared = { ...patient, studies: visits };
  const comparisons = compareHistory(compared, context);
  const scans = scansBySite(compared, context);
  return viewsOfVisits({ visits, comparisons, scans, answers: new Map(), context }).map(({ view }) => view);
}
