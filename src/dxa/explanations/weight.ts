import { formatMicro } from '../values/quantity.ts';
import { type CaseView, type ExplanationRule, isKeyPattern, isMirrorImage } from './explanation.ts';

const SOURCE =
  'fat-overlay experiment, J Clin Densitom 2006 (VERIFIED; R2.6): more fat lowers the spine 1.6 % and raises the hip 0.7 %';

/** Weight explains a pattern only in its own direction: loss for spine up and hip down, gain for the mirror image (R2.6). */
export const WEIGHT_EXPLANATIONS: readonly ExplanationRule[] = [
  {
    code: 'WEIGHT_LOSS',
    group: 'weight',
    weight: 85,
    source: SOURCE,
    weigh: (view) => {
      const change = weightChange(view);
      if (change === null || change >= -view.settings.weightChangeLimit || !isKeyPattern(view)) return null;
      return {
        says: `Weight fell by ${formatMicro(-change, 1)} kg between the scans; less fat over the bone raises the measured spine and lowers the measured hip, and real loss at the hip adds to it.`,
        evidence: { weightChangeMicroKg: change },
      };
    },
  },
  {
    code: 'WEIGHT_GAIN',
    group: 'weight',
    weight: 85,
    source: SOURCE,
    weigh: (view) => {
      const change = weightChange(view);
      if (change === null || change <= view.settings.weightChangeLimit || !isMirrorImage(view)) return null;
      return {
        says: `Weight rose by ${formatMicro(change, 1)} kg between the scans; more fat over the bone lowers the measured spine and raises the measured hip.`,
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
