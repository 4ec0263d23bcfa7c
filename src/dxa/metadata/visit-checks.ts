import { reaches } from '../change/judge-change.ts';
import { lscAt95, lscOfDay } from '../precision/lsc.ts';
import { dayOf } from '../study/chronology.ts';
import type { RepeatedScan } from '../study/history.ts';
import type { VisitRemark } from '../values/assessment.ts';
import type { Micro } from '../values/quantity.ts';
import { formatMicro } from '../values/quantity.ts';
import { siteKey, siteName } from '../values/wording.ts';
import { growing, isGrowing, tScoreUnderAge } from './age.ts';
import { implausibleRate, neckBoxMoved, shiftedLevels } from './pair-checks.ts';
import { sameNumbersAgain } from './same-numbers.ts';
import type { VisitCheck, VisitView } from './visit-view.ts';

/** A region was scanned twice on one day: the later scan stands; where they differ by the LSC, neither is a change (surveillance 1). */
const sameDayRepeat: VisitCheck = ({ visit, onFile, settings }) =>
  (visit.repeats ?? []).flatMap((repeat): readonly VisitRemark[] => {
    const { roi, laterality, scannerId, standing, bmd } = repeat;
    if (standing === null) return [];
    const place = { scannerId, roi, laterality };
    const lsc = lscOfDay(place, dayOf(visit.scannedAt), onFile.lscEntries, onFile.scannerEpochs, settings);
    const delta = (standing.value - bmd.value) as Micro;
    const disagrees = lsc !== null && reaches(delta, lscAt95(lsc.entry, settings), settings.significanceOperator);
    return [remarkOf(repeat, standing.value, disagrees)];
  });

function remarkOf(repeat: RepeatedScan, standing: Micro, disagrees: boolean): VisitRemark {
  const values = `${formatMicro(repeat.bmd.value, 3)} g/cm² at ${repeat.scannedAt.slice(11, 16)} and ${formatMicro(standing, 3)} g/cm² later`;
  return {
    code: disagrees ? 'SAME_DAY_REPEAT_DISAGREES' : 'SAME_DAY_REPEAT',
    kind: disagrees ? 'finding' : 'information',
    subject: siteKey(repeat),
    says: `The ${siteName(repeat)} was scanned more than once: ${values}; the last scan is used${disagrees ? ', and the two differ by the least significant change or more' : ''}.`,
    facts: {
      scannedAt: repeat.scannedAt,
      bmdGramsPerCm2: formatMicro(repeat.bmd.value, 6),
      standingBmdGramsPerCm2: formatMicro(standing, 6),
    },
  };
}

/** A loss of height hints at vertebral imaging (RECALLED); an adult's only, against the visit before. */
const heightLoss: VisitCheck = ({ visit, earlier, settings }) => {
  const before = earlier.at(-1);
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
];

/** Everything that the metadata of a visit shows, one remark an error and site. */
export function checkVisit(view: VisitView): readonly VisitRemark[] {
  return VISIT_CHECKS.flatMap((check) => check(view));
}
