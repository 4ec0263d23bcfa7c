import { yearsBetween } from '../study/chronology.ts';
import { percentText } from '../values/arithmetic.ts';
import type { Comparison } from '../values/assessment.ts';
import { sentence, siteName } from '../values/wording.ts';
import { type CaseView, type ExplanationRule, sitesThatFell } from './explanation.ts';

export const LOSS_EXPLANATIONS: readonly ExplanationRule[] = [
  {
    code: 'DOSES_NOT_TAKEN',
    group: 'treatment',
    basis: 'measured',
    weight: 89,
    source: 'clinical-rules 4.4',
    weigh: ({ fell, context: { adherence } }) => {
      if (fell.length === 0 || (adherence !== 'partly_taken' && adherence !== 'not_taken')) return null;
      return {
        says: `The treatment on file was ${adherence === 'not_taken' ? 'not taken' : 'taken in part'}.`,
        evidence: { adherence },
      };
    },
  },
  {
    code: 'SECONDARY_CAUSES_ON_FILE',
    group: 'site_specific_loss',
    basis: 'measured',
    weight: 58,
    source: 'clinical-rules 4.4, 4.5',
    weigh: ({ fell, context }) => {
      const causes = context.secondaryCauses ?? [];
      if (fell.length === 0 || causes.length === 0) return null;
      return {
        says: `Conditions that can lower BMD are on file: ${causes.join(', ')}.`,
        evidence: { count: causes.length },
      };
    },
  },
  {
    code: 'FASTER_THAN_AGE',
    group: 'site_specific_loss',
    basis: 'measured',
    weight: 40,
    source: 'after Warming 2002 (VERIFIED); limit own',
    weigh: (view) => {
      const fastest = fastestHipLoss(view);
      const { followUp, age, settings } = view;
      // Around the menopause loss is faster without another cause, and no file tells the menopause.
      const isPastMenopause = followUp.sex === 'M' || (age !== null && age >= settings.hipLossAge);
      if (fastest === null || fastest.rate <= settings.ageLossLimit || !isPastMenopause) return null;
      const rate = percentText(fastest.rate, settings.ageLossLimit, 1);
      return {
        says: `${sentence(siteName(fastest.loss))} fell by ${rate} % a year since ${fastest.loss.reference.scannedOn}, faster than loss with age alone (up to ${settings.ageLossLimit.toFixed(1)} %): age does not explain it.`,
        evidence: { percentPerYear: fastest.rate, since: fastest.loss.reference.scannedOn },
      };
    },
  },
  {
    code: 'HIP_LOSS_WITH_AGE',
    group: 'site_specific_loss',
    basis: 'likely',
    weight: 20,
    source: 'Warming 2002 (VERIFIED): late after menopause the hip goes on losing while the spine stays',
    weigh: (view) => {
      const { fell, ofStudy, followUp, age, context, settings } = view;
      const fastest = fastestHipLoss(view);
      if (fastest === null || fastest.rate > settings.ageLossLimit) return null;
      // With age the spine does not fall, nor does another site beside the hip.
      if ([...fell, ...ofStudy].some(({ roi, verdict }) => roi.region === 'spine' && verdict === 'down')) return null;
      if (followUp.sex !== 'F' || age === null || age < settings.hipLossAge) return null;
      // With a therapy on file, loss of age alone does not explain the hip.
      if (context.therapies !== null && context.therapies.length > 0) return null;
      const known = context.therapies === null ? 'therapy is not known' : 'no therapy is on file';
      const rate = percentText(fastest.rate, settings.ageLossLimit, 1);
      return {
        says: `At ${age} years the hip goes on losing bone while the spine stays; it fell by ${rate} % a year since ${fastest.loss.reference.scannedOn}, and ${known}.`,
        evidence: {
          age,
          therapyKnown: context.therapies !== null,
          percentPerYear: fastest.rate,
          since: fastest.loss.reference.scannedOn,
        },
      };
    },
  },
  {
    code: 'SEVERAL_SITES_FELL',
    group: 'site_specific_loss',
    basis: 'measured',
    weight: 45,
    source: 'clinical-rules 4.4, 4.5 (RECALLED)',
    weigh: (view) => {
      const regions = [
        ...new Set(view.fell.map(({ roi }) => (roi.region === 'femoral_neck' ? 'total_hip' : roi.region))),
      ];
      if (regions.length < SEVERAL) return null;
      return {
        says: `BMD fell at ${sitesThatFell(view)}: a placement of one region does not explain that; treatment, adherence and secondary causes may.`,
        evidence: { regions: regions.length },
      };
    },
  },
];

const SEVERAL = 2;

type LossRate = {
  readonly loss: Comparison;
  /** Percent a year, positive. */
  readonly rate: number;
};

/** The fastest loss at a hip or its neck in the case: percent of the pair over its years; null where none fell. */
function fastestHipLoss({ fell }: CaseView): LossRate | null {
  const rates = fell.flatMap((loss): readonly LossRate[] => {
    const { roi, percent, reference, followUp } = loss;
    const years = yearsBetween(reference.scannedOn, followUp.scannedOn);
    if ((roi.region !== 'total_hip' && roi.region !== 'femoral_neck') || percent === null || years <= 0) return [];
    return [{ loss, rate: Number((-percent / 1e6 / years).toFixed(6)) }];
  });
  return rates.toSorted((a, b) => b.rate - a.rate)[0] ?? null;
}
