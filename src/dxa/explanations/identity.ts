import { maybeAnotherPerson } from '../discordance/whose-scan.ts';
import type { ExplanationRule } from './explanation.ts';

/** What could lie behind a scan that looks like another person's (surveillance 6, MAYBE_OTHER_PERSON). */
export const IDENTITY_EXPLANATIONS: readonly ExplanationRule[] = [
  {
    code: 'OTHER_PATIENT_SELECTED',
    group: 'identity',
    basis: 'measured',
    weight: 98,
    ofIdentity: true,
    source: 'own',
    weigh: ({ found }) => {
      if (found.rule !== maybeAnotherPerson.code) return null;
      const { areaSite, heightChangeCm, sexDiffers, birthDateDiffers } = found.facts;
      const differ = [
        ...(typeof areaSite === 'string' ? [`the bone area of the ${areaSite}`] : []),
        ...(typeof heightChangeCm === 'number' ? ['the height'] : []),
        ...(sexDiffers === true ? ['the sex'] : []),
        ...(birthDateDiffers === true ? ['the birth date'] : []),
      ];
      return {
        says: `The wrong patient may have been selected at the scanner, or two patients share one id: ${differ.join(', ')} ${differ.length > 1 ? 'differ' : 'differs'} from the visit before.`,
        evidence: found.facts,
      };
    },
  },
  {
    code: 'TYPED_WRONG',
    group: 'identity',
    basis: 'measured',
    weight: 70,
    ofIdentity: true,
    source: 'own',
    weigh: ({ found }) => {
      const { areaSite, heightChangeCm, sexDiffers, birthDateDiffers } = found.facts;
      const typed = [
        ...(typeof heightChangeCm === 'number' ? ['height'] : []),
        ...(sexDiffers === true ? ['sex'] : []),
        ...(birthDateDiffers === true ? ['birth date'] : []),
      ];
      // A bone area is not typed: where it differs as well, an error of typing does not explain the visit.
      if (found.rule !== maybeAnotherPerson.code || typed.length === 0 || typeof areaSite === 'string') return null;
      return {
        says: `Only what is typed at the scanner differs (${typed.join(', ')}), no bone area by as much: it may have been typed wrong at one of the visits.`,
        evidence: { typed: typed.join(', ') },
      };
    },
  },
];
