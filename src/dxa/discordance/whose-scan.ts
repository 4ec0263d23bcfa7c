import { maybeOtherPerson } from '../metadata/other-person.ts';
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
  evaluate: ({ study, previousVisit, settings }) => {
    const found = previousVisit === null ? null : maybeOtherPerson(previousVisit, study, settings);
    if (found === null) return [];
    const { strength, says, facts } = found;
    return [{ regionPair: 'person', strength, comparisons: [], statement: says, facts }];
  },
};
