import { daysBetween } from '../study/chronology.ts';
import { exceeds, isBelow } from '../values/arithmetic.ts';
import { formatMicro } from '../values/quantity.ts';
import { describeChange, sentence, siteKey } from '../values/wording.ts';
import { comparesGrowing } from './age.ts';
import { shiftOfPair } from './level-shift.ts';
import { percentOf, type VisitCheck, withPrevious } from './visit-view.ts';

/**
 * The vertebrae fit the earlier scan better one level up or down: the labels of one scan are wrong. Looked for at every
 * pair of spines, also where no case opens (surveillance 6).
 */
export const shiftedLevels: VisitCheck = (view) =>
  withPrevious(view).flatMap((comparison) => {
    const found = shiftOfPair(comparison, view.visits, view.settings);
    if (found === null) return [];
    return [
      {
        code: 'LEVEL_SHIFT',
        kind: 'finding' as const,
        subject: siteKey(comparison),
        says: found.says,
        facts: { shift: found.shift.shift, referenceOn: comparison.reference.scannedOn },
      },
    ];
  });

/** A change that is faster than bone changes (AACE/ACE 2018: dramatic change in a short time suggests an error; limits own). */
export const implausibleRate: VisitCheck = (view) =>
  withPrevious(view).flatMap((comparison) => {
    const { visits, settings } = view;
    const { roi, delta, percent, lsc, reference, followUp, verdict } = comparison;
    if (verdict !== 'up' && verdict !== 'down') return [];
    if (percent === null || delta === null || lsc === null) return [];
    if (comparesGrowing(comparison, visits, settings)) return [];
    const limits =
      roi.region === 'total_hip'
        ? ([settings.implausibleTotalHipGain, settings.implausibleTotalHipLoss] as const)
        : roi.region === 'spine'
          ? ([settings.implausibleSpineGain, settings.implausibleSpineLoss] as const)
          : null;
    if (limits === null) return [];
    const years = Math.max(daysBetween(reference.scannedOn, followUp.scannedOn) / 365.25, 1);
    const rate = percent / 1e6 / years;
    if (rate <= limits[0] && rate >= -limits[1]) return [];
    return [
      {
        code: 'IMPLAUSIBLE_RATE',
        kind: 'finding' as const,
        subject: siteKey(comparison),
        says: `${sentence(describeChange(comparison))}, ${formatMicro(Math.round(Math.abs(rate) * 1e6), 1)} % a year: faster than bone usually changes, so both scans should be compared.`,
        facts: { percentPerYear: Math.round(10 * rate) / 10, referenceOn: reference.scannedOn },
      },
    ];
  });

/** The area of the neck changed and that of the total hip did not: the neck box was placed elsewhere (surveillance 6). */
export const neckBoxMoved: VisitCheck = (view) => {
  const { settings } = view;
  const previous = withPrevious(view);
  return previous.flatMap((neck) => {
    if (neck.roi.region !== 'femoral_neck' || neck.laterality === 'mean' || neck.verdict === 'not_comparable')
      return [];
    if (neck.referenceConverted !== null) return [];
    const total = previous.find(
      ({ roi, laterality, reference }) =>
        roi.region === 'total_hip' &&
        laterality === neck.laterality &&
        reference.scannedOn === neck.reference.scannedOn &&
        reference.scannerId === neck.reference.scannerId,
    );
    const ofNeck = relativeArea(neck.reference.area, neck.followUp.area);
    const ofTotal = total === undefined ? null : relativeArea(total.reference.area, total.followUp.area);
    if (ofNeck === null || ofTotal === null) return [];
    if (!exceeds(ofNeck, settings.neckBoxAreaChange) || !isBelow(ofTotal, settings.neckBoxTotalAreaChange)) return [];
    return [
      {
        code: 'NECK_BOX_MOVED',
        kind: 'finding' as const,
        subject: siteKey(neck),
        says: `The area of the ${neck.laterality} femoral neck ${ofNeck > 0 ? 'rose' : 'fell'} by ${Math.abs(percentOf(ofNeck)).toFixed(1)} % since ${neck.reference.scannedOn} and that of the total hip stayed: the neck boxes of both scans should be compared.`,
        facts: {
          neckAreaPercent: percentOf(ofNeck),
          totalAreaPercent: percentOf(ofTotal),
          referenceOn: neck.reference.scannedOn,
        },
      },
    ];
  });
};

const relativeArea = (before: number | null, now: number | null): number | null =>
  before === null || now === null || before <= 0 ? null : now / before - 1;
