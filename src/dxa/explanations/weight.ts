import { formatMicro } from '../values/quantity.ts';
import { type CaseView, type ExplanationRule, isKeyPattern, isMirrorImage } from './explanation.ts';

const SOURCE =
  'fat-overlay experiment, J Clin Densitom 2006 (VERIFIED; R2.6): more fat lowers the spine 1.6 % and raises the hip 0.7 %';

/** Weight explains a change only in the direction in which it moves the spine or the hip, and only as far (R2.6). */
export const WEIGHT_EXPLANATIONS: readonly ExplanationRule[] = [
  {
    code: 'WEIGHT_LOSS',
    group: 'weight',
    basis: 'measured',
    weight: 85,
    source: SOURCE,
    weigh: (view) => {
      const change = weightChange(view);
      if (change === null || change >= -view.settings.weightChangeLimit || view.hip?.verdict !== 'down') return null;
      const both = isKeyPattern(view) ? 'raises the measured spine (about 1.6 %) and lowers' : 'lowers';
      return {
        says: `Weight fell by ${formatMicro(-change, 1)} kg between the scans; less fat over the bone ${both} the measured hip (about 0.7 %), and real loss at the hip adds to it.`,
        evidence: { weightChangeMicroKg: change },
      };
    },
  },
  {
    code: 'WEIGHT_GAIN',
    group: 'weight',
    basis: 'measured',
    weight: 85,
    source: SOURCE,
    weigh: (view) => {
      const change = weightChange(view);
      if (change === null || change <= view.settings.weightChangeLimit || view.spine?.verdict !== 'down') return null;
      const both = isMirrorImage(view) ? ' and raises the measured hip (about 0.7 %)' : '';
      return {
        says: `Weight rose by ${formatMicro(change, 1)} kg between the scans; more fat over the bone lowers the measured spine (about 1.6 %)${both}.`,
        evidence: { weightChangeMicroKg: change },
      };
    },
  },
];

function weightChange({ followUp, spine, hip, studies }: CaseView): number | null {
  const reference = studies.get((spine ?? hip)?.reference.studyId ?? '');
  const before = reference?.weightKg ?? null;
  return before === null || followUp.weightKg === null ? null : followUp.weightKg - before;
}
