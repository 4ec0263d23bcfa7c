import { ageOn, dayOf } from '../study/chronology.ts';
import type { StudyOfPatient } from '../study/history.ts';
import type { Visit } from '../study/visits.ts';
import type { Comparison } from '../values/assessment.ts';
import type { AssessmentSettings } from '../values/settings.ts';
import type { VisitCheck } from './visit-view.ts';

type Aged = Pick<StudyOfPatient, 'birthDate' | 'scannedAt'>;

/** Full years; null where the birth date is not known. */
export const ageAt = ({ birthDate, scannedAt }: Aged): number | null =>
  birthDate === null ? null : ageOn(birthDate, dayOf(scannedAt));

/** True under the age of an adult; a person of unknown age is taken for one, so that nothing stays silent. */
export function isGrowing(visit: Aged, { adultAge }: AssessmentSettings): boolean {
  const age = ageAt(visit);
  return age !== null && age < adultAge;
}

/** True where the person was growing at either scan (surveillance 6, GROWING). */
export function comparesGrowing(
  { reference, followUp }: Comparison,
  visits: ReadonlyMap<string, Visit>,
  settings: AssessmentSettings,
): boolean {
  return [reference, followUp].some(({ studyId }) => {
    const visit = visits.get(studyId);
    return visit !== undefined && isGrowing(visit, settings);
  });
}

/** Of a growing person BMD rises with size: Z-scores and total body less head say more than a change (ISCD Pediatric 2013). */
export const growing: VisitCheck = ({ visits, compared, settings }) =>
  compared.some((comparison) => comparesGrowing(comparison, visits, settings))
    ? [
        {
          code: 'GROWING',
          kind: 'information',
          subject: 'birthDate',
          says: `The person was under ${settings.adultAge} at one of the scans, so loss and discordance are not looked for; Z-scores are read instead.`,
          facts: {},
        },
      ]
    : [];

/** A T-score is printed at an age at which a Z-score is read (R3.1); among women the menopause decides, which no file tells. */
export const tScoreUnderAge: VisitCheck = ({ visit, settings }) => {
  const age = ageAt(visit);
  if (age === null || age >= settings.tScoreAge) return [];
  if (visit.measurements.every(({ tScores }) => tScores.length === 0)) return [];
  const kind = age >= settings.adultAge && visit.sex !== 'M' ? 'information' : 'finding';
  return [
    {
      code: 'T_SCORE_UNDER_AGE',
      kind,
      subject: 'tScore',
      says: `T-scores are printed at the age of ${age}; under ${settings.tScoreAge} Z-scores are read${kind === 'information' ? ', unless the woman is past menopause' : ''}.`,
      facts: { age },
    },
  ];
};
