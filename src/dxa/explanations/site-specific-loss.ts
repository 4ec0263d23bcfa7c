import type { ExplanationRule } from './explanation.ts';

export const SITE_SPECIFIC_EXPLANATIONS: readonly ExplanationRule[] = [
  {
    code: 'SECONDARY_CAUSES_ON_FILE',
    group: 'site_specific_loss',
    weight: 58,
    source: 'clinical-rules 4.4, 4.5',
    weigh: ({ hip, context }) => {
      const causes = context.secondaryCauses ?? [];
      if (hip?.verdict !== 'down' || causes.length === 0) return null;
      return {
        says: `Conditions that can lower BMD are on file: ${causes.join(', ')}.`,
        evidence: { count: causes.length },
      };
    },
  },
  {
    code: 'DOSES_NOT_TAKEN',
    group: 'treatment',
    weight: 59,
    source: 'clinical-rules 4.4',
    weigh: ({ hip, context }) => {
      if (hip?.verdict !== 'down' || (context.adherence !== 'partly_taken' && context.adherence !== 'not_taken'))
        return null;
      return {
        says: `The treatment on file was ${context.adherence === 'not_taken' ? 'not taken' : 'taken in part'}.`,
        evidence: { adherence: context.adherence },
      };
    },
  },
  {
    code: 'HIP_LOSS_WITH_AGE',
    group: 'site_specific_loss',
    weight: 35,
    source: 'Warming 2002 (VERIFIED): late after menopause the hip goes on losing while the spine stays',
    weigh: ({ hip, spine, followUp, age, context, settings }) => {
      if (
        hip?.verdict !== 'down' ||
        spine?.verdict === 'down' ||
        followUp.sex !== 'F' ||
        age === null ||
        age < settings.hipLossAge
      )
        return null;
      // With a therapy on file, loss of age alone does not explain the hip.
      if (context.therapies !== null && context.therapies.length > 0) return null;
      const known = context.therapies === null ? 'therapy is not known' : 'no therapy is on file';
      return {
        says: `At ${age} years the hip goes on losing bone while the spine stays; ${known}.`,
        evidence: { age, therapyKnown: context.therapies !== null },
      };
    },
  },
];
