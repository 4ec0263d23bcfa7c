import type { StudyFollowUp } from '../../db/judgement/study-follow-up.ts';
import { dayOf, daysBetween, inScanOrder } from '../../dxa/study/chronology.ts';
import type { PatientHistory, StudyOfPatient } from '../../dxa/study/history.ts';
import type { Assessment } from '../../dxa/values/assessment.ts';
import type { Micro } from '../../dxa/values/quantity.ts';
import type { AssessmentSettings } from '../../dxa/values/settings.ts';

type Demographics = Pick<StudyOfPatient, 'sex' | 'birthDate' | 'ethnicGroup' | 'heightM' | 'weightKg'>;

/** What a person's scores depend on and what differs from the study before; an attribute that one lacks says nothing. */
function changedDemographics(
  earlier: Demographics,
  later: Demographics,
  settings: AssessmentSettings,
): readonly string[] {
  const differs = <T>(a: T | null, b: T | null) => a !== null && b !== null && a !== b;
  const beyond = (a: Micro | null, b: Micro | null, limit: number) =>
    a !== null && b !== null && Math.abs(a - b) > limit;
  return [
    ...(differs(earlier.sex, later.sex) ? ['sex'] : []),
    ...(differs(earlier.birthDate, later.birthDate) ? ['birth_date'] : []),
    ...(differs(earlier.ethnicGroup, later.ethnicGroup) ? ['ethnic_group'] : []),
    ...(beyond(earlier.heightM, later.heightM, settings.heightChangeLimit) ? ['height'] : []),
    ...(beyond(earlier.weightKg, later.weightKg, settings.weightChangeLimit) ? ['weight'] : []),
  ];
}

/** One line per study for the QA lists that ask about studies rather than about changes. */
export function followUpsOf(
  history: PatientHistory,
  assessment: Assessment,
  settings: AssessmentSettings,
): readonly StudyFollowUp[] {
  const ordered = inScanOrder(history.studies);
  const compared = new Set(
    assessment.comparisons.filter(({ delta }) => delta !== null).map((one) => one.followUp.studyId),
  );
  return ordered.map((study) => {
    const scannedOn = dayOf(study.scannedAt);
    const regions = new Set(study.measurements.map(({ roi }) => roi.region));
    const earlier = ordered.filter((other) => dayOf(other.scannedAt) < scannedOn);
    // A study of other regions is no prior: a spine scan a month after a hip scan is no short interval.
    const previous = earlier.findLast(({ measurements }) => measurements.some(({ roi }) => regions.has(roi.region)));
    const before = earlier.at(-1);
    const previousOn = previous === undefined ? null : dayOf(previous.scannedAt);
    const intervalDays = previousOn === null ? null : daysBetween(previousOn, scannedOn);
    return {
      studyId: study.studyId,
      scannedOn,
      scannerKey: study.measurements[0]?.scanner.scannerId ?? '',
      previousStudyId: previous?.studyId ?? null,
      previousOn,
      intervalDays,
      shortInterval: intervalDays !== null && intervalDays < settings.shortIntervalDays,
      compared: compared.has(study.studyId),
      changedDemographics: before === undefined ? [] : changedDemographics(before, study, settings),
    };
  });
}
