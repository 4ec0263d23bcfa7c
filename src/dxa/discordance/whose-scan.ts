import { maybeOtherPerson } from '../metadata/other-person.ts';
import { dayOf } from '../study/chronology.ts';
import type { Visit } from '../study/visits.ts';
import type { DiscordanceRule } from './rule.ts';

/** Whose scan is this? Until a person says, it stands before every other case of the visit (surveillance 6). */
export const maybeAnotherPerson: DiscordanceRule = {
  code: 'MAYBE_OTHER_PERSON',
  tier: 'review',
  topic: 'technical',
  standsBeforeAll: true,
  needs: 'bone areas, height, sex or birth date at this visit and at the one before',
  says: 'Bone area, height, sex or birth date differ from the visit before more than those of one adult do.',
  source: 'surveillance 6',
  reads: ['single_vertebrae'],
  evaluate: ({ study, earlier, settings }) => {
    const day = dayOf(study.scannedAt);
    // Back to the last earlier day with values: a visit without any, or of the same day, says nothing about areas.
    const isBefore = ({ scannedAt, measurements }: Visit) => dayOf(scannedAt) < day && measurements.length > 0;
    const before = earlier.slice(Math.max(0, earlier.findLastIndex(isBefore))).toReversed();
    const [found] = before.flatMap((visit) => maybeOtherPerson(visit, study, settings) ?? []);
    if (found === undefined) return [];
    const { says, ...hit } = found;
    return [{ regionPair: 'person', comparisons: [], statement: says, ...hit }];
  },
};
