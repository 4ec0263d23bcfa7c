import { type RegionScan, regionScans } from '../scan/region-scan.ts';
import { compareText, dayOf } from '../study/chronology.ts';
import type { OnFile, PatientHistory } from '../study/history.ts';
import { type Visit, visitsByStudy, visitsOf } from '../study/visits.ts';
import type { AssessedVisit, Assessment, Comparison, DiscordanceCase, RuleTopic } from '../values/assessment.ts';
import type { Region } from '../values/region.ts';
import type { AssessmentSettings } from '../values/settings.ts';

/** What texts about a patient's visits are made from. */
export type ToReport = {
  readonly assessment: Assessment;
  readonly history: PatientHistory;
  readonly onFile: OnFile;
  readonly settings: AssessmentSettings;
};

/** One visit with everything that its text may say. */
export type ReportedVisit = {
  readonly visit: Visit;
  readonly assessed: AssessedVisit;
  /** Of the regions that a report names, in their order. */
  readonly scans: readonly RegionScan[];
  readonly comparisons: readonly Comparison[];
  /** Of the whole assessment, to which cases refer by index. */
  readonly comparisonsOfAll: readonly Comparison[];
  readonly cases: readonly DiscordanceCase[];
  /** The patient's visits by the id of each of their studies. */
  readonly visits: ReadonlyMap<string, Visit>;
  /** Those before it, the latest last. */
  readonly earlier: readonly Visit[];
  /** First studies of the visits of which it is open whose scan they are. */
  readonly inQuestion: ReadonlySet<string>;
  readonly onFile: OnFile;
  readonly settings: AssessmentSettings;
};

/** Primary sites first (C11); the neck is secondary, total body less head is for children (ISCD Pediatric 2013). */
const REPORTED: readonly Region[] = ['spine', 'total_hip', 'femoral_neck', 'radius_33', 'whole_body_less_head'];

/** The visits of an assessment, in its order. */
export function reportedVisits({ assessment, history, onFile, settings }: ToReport): readonly ReportedVisit[] {
  const visits = visitsByStudy(visitsOf(history.studies));
  const visitOf = (studyId: string) => visits.get(studyId)?.studyId;
  const comparisons = Map.groupBy(assessment.comparisons, ({ followUp }) => visitOf(followUp.studyId));
  const cases = Map.groupBy(assessment.cases, ({ followUpStudyId }) => visitOf(followUpStudyId));
  const inQuestion = openIdentities({ assessment, history });
  const ordered = assessment.visits.flatMap((assessed) => {
    const visit = visits.get(assessed.studyId);
    return visit === undefined ? [] : [{ assessed, visit }];
  });
  const isOthers = ({ remarks }: AssessedVisit) => remarks.some(({ code }) => code === 'OTHER_PERSON');
  return ordered.map(({ assessed, visit }, place) => ({
    visit,
    assessed,
    scans: regionScans(visit)
      .filter(({ region, laterality }) => REPORTED.includes(region) && laterality !== 'mean')
      .toSorted(
        (a, b) => REPORTED.indexOf(a.region) - REPORTED.indexOf(b.region) || compareText(a.laterality, b.laterality),
      ),
    comparisons: comparisons.get(visit.studyId) ?? [],
    comparisonsOfAll: assessment.comparisons,
    cases: cases.get(visit.studyId) ?? [],
    visits,
    earlier: ordered
      .slice(0, place)
      .filter((one) => !isOthers(one.assessed))
      .map((one) => one.visit),
    inQuestion,
    onFile,
    settings,
  }));
}

/** Visits that may be another person's, of which nobody has said whose they are. */
function openIdentities({ assessment, history }: Pick<ToReport, 'assessment' | 'history'>): ReadonlySet<string> {
  const answered = new Set((history.identityAnswers ?? []).map(({ studyId }) => studyId));
  return new Set(
    assessment.cases
      .filter(({ rule, studyIds }) => rule === 'MAYBE_OTHER_PERSON' && !studyIds.some((id) => answered.has(id)))
      .map(({ followUpStudyId }) => followUpStudyId),
  );
}

export const scannedOn = ({ visit }: ReportedVisit): string => dayOf(visit.scannedAt);

/** The cases of a visit that are work, of one topic. */
export const workOf = ({ cases }: ReportedVisit, topic: RuleTopic): readonly DiscordanceCase[] =>
  cases.filter((one) => one.topic === topic && one.tier !== 'information');
