import { dayOf } from '../study/chronology.ts';
import type { VisitRemark } from '../values/assessment.ts';
import { formatMicro } from '../values/quantity.ts';
import { growing, isGrowing, tScoreUnderAge } from './age.ts';
import { implausibleRate, neckBoxMoved, shiftedLevels } from './pair-checks.ts';
import { analysesDiffer, sameDayRepeat } from './repeats.ts';
import { sameNumbersAgain } from './same-numbers.ts';
import { type VisitCheck, type VisitView, visitBefore } from './visit-view.ts';

/** A loss of height hints at vertebral imaging (RECALLED); an adult's only, against the visit before that states one. */
const heightLoss: VisitCheck = ({ visit, earlier, settings }) => {
  const before = visitBefore({ visit, earlier }, ({ heightM }) => heightM !== null);
  if (before === undefined || before.heightM === null || visit.heightM === null) return [];
  if ([before, visit].some((one) => isGrowing(one, settings))) return [];
  const lost = before.heightM - visit.heightM;
  if (lost < settings.heightLossHint) return [];
  const centimetres = formatMicro(lost * 100, 1);
  return [
    {
      code: 'HEIGHT_LOSS',
      kind: 'finding',
      subject: 'height',
      says: `The height is ${centimetres} cm less than on ${dayOf(before.scannedAt)}: a hint to vertebral imaging, where the measurement of height is right.`,
      facts: { lostCm: Math.round(lost / 1000) / 10, previousOn: dayOf(before.scannedAt) },
    },
  ];
};

/** From L1 to L4 area and BMC rise together; where only the area does, levels or regions may be wrong (surveillance 6). */
const vertebralBmcNotRising: VisitCheck = ({ visit }) => {
  const level = (vertebra: 'L1' | 'L4') =>
    visit.measurements.find(({ roi }) => roi.vertebrae.length === 1 && roi.vertebrae[0] === vertebra);
  const [upper, lower] = [level('L1'), level('L4')];
  if (!upper?.bmc || !lower?.bmc || !upper.area || !lower.area) return [];
  if (lower.bmc.value >= upper.bmc.value || lower.area.value <= upper.area.value) return [];
  return [
    {
      code: 'VERTEBRAL_BMC_NOT_RISING',
      kind: 'finding',
      subject: 'spine:L1,L4:none',
      says: 'L4 is larger than L1 and holds less bone mineral: levels and regions of the spine should be checked.',
      facts: {},
    },
  ];
};

const VISIT_CHECKS: readonly VisitCheck[] = [
  sameNumbersAgain,
  shiftedLevels,
  growing,
  tScoreUnderAge,
  implausibleRate,
  neckBoxMoved,
  heightLoss,
  vertebralBmcNotRising,
  sameDayRepeat,
  analysesDiffer,
];

/** Everything that the metadata of a visit shows, one remark an error and site. */
export function checkVisit(view: VisitView): readonly VisitRemark[] {
  return VISIT_CHECKS.flatMap((check) => check(view));
}
