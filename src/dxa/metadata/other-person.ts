import { type RegionScan, regionScans } from '../scan/region-scan.ts';
import { pairDensities } from '../scan/vertebral-set.ts';
import { dayOf } from '../study/chronology.ts';
import type { Visit } from '../study/visits.ts';
import { exceeds } from '../values/arithmetic.ts';
import type { QuotedValue, VisitRemark } from '../values/assessment.ts';
import { type Laterality, type RegionOfInterest, vertebraeKey } from '../values/region.ts';
import type { AssessmentSettings } from '../values/settings.ts';
import { siteName } from '../values/wording.ts';
import { isGrowing } from './age.ts';
import { percentOf } from './visit-view.ts';

/** What speaks for another person: how much more than the limit, and where. */
export type OtherPerson = {
  /** The largest change over its limit; 1 where sex or birth date differ. */
  readonly strength: number;
  readonly says: string;
  readonly facts: VisitRemark['facts'];
  /** The bone areas of both visits, where they speak for it. */
  readonly quoted: readonly QuotedValue[];
};

/**
 * Whether a visit may be another person's than the visit before: bone area on one scanner type, or height, changed more
 * than an adult's does, or sex or birth date differ (surveillance 6, MAYBE_OTHER_PERSON; limits own).
 */
export function maybeOtherPerson(before: Visit, now: Visit, settings: AssessmentSettings): OtherPerson | null {
  const adults = ![before, now].some((visit) => isGrowing(visit, settings));
  const differ = <T>(a: T | null, b: T | null) => a !== null && b !== null && a !== b;
  const sexDiffers = differ(before.sex, now.sex);
  const birthDateDiffers = differ(before.birthDate, now.birthDate);
  const area = adults ? largestAreaChange(before, now, settings) : null;
  const areaDiffers = area !== null && exceeds(area.change, settings.otherPersonAreaChange);
  const height = adults && before.heightM !== null && now.heightM !== null ? now.heightM - before.heightM : null;
  const heightDiffers = height !== null && Math.abs(height) > settings.otherPersonHeightChange;
  if (!sexDiffers && !birthDateDiffers && !areaDiffers && !heightDiffers) return null;
  const reasons = [
    ...(areaDiffers
      ? [
          `the bone area of the ${area.site} ${area.change > 0 ? 'rose' : 'fell'} by ${Math.abs(percentOf(area.change)).toFixed(1)} %`,
        ]
      : []),
    ...(heightDiffers
      ? [`the height ${height > 0 ? 'rose' : 'fell'} by ${Math.round(Math.abs(height) / 10_000)} cm`]
      : []),
    ...(sexDiffers ? ['the sex differs'] : []),
    ...(birthDateDiffers ? ['the birth date differs'] : []),
  ];
  return {
    strength: Math.max(
      1,
      area === null ? 0 : Math.abs(area.change) / settings.otherPersonAreaChange,
      height === null ? 0 : Math.abs(height) / settings.otherPersonHeightChange,
    ),
    says: `Against the visit of ${dayOf(before.scannedAt)}, ${reasons.join(', ')}: this may be a scan of another person.`,
    facts: {
      previousOn: dayOf(before.scannedAt),
      areaSite: areaDiffers ? area.site : null,
      areaPercent: areaDiffers ? percentOf(area.change) : null,
      heightChangeCm: heightDiffers ? Math.round(height / 10_000) : null,
      sexDiffers,
      birthDateDiffers,
    },
    quoted: areaDiffers ? [before, now].flatMap((visit) => areasOf(visit, area)) : [],
  };
}

function largestAreaChange(before: Visit, now: Visit, settings: AssessmentSettings) {
  const earlier = regionScans(before);
  const changes = regionScans(now).flatMap((scan) => {
    if (scan.region !== 'spine' && scan.region !== 'total_hip') return [];
    const other = earlier.find((one) => one.region === scan.region && one.laterality === scan.laterality);
    return other === undefined || !isOneType(other, scan) ? [] : areaChangeOf(other, scan, settings);
  });
  return changes.toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change))[0] ?? null;
}

function areaChangeOf(before: RegionScan, now: RegionScan, settings: AssessmentSettings) {
  const { reference, followUp, set } = pairDensities(before, now, settings);
  if (set === 'none' || reference.area === null || followUp.area === null || reference.area <= 0) return [];
  const roi: RegionOfInterest = { region: now.region, vertebrae: followUp.vertebrae };
  const laterality: Laterality = now.laterality;
  return [{ roi, laterality, site: siteName({ roi, laterality }), change: followUp.area / reference.area - 1 }];
}

/** The area of a site as it was measured: of the set, or of the single vertebrae that it is rebuilt from. */
function areasOf(
  { scannedAt, measurements }: Visit,
  { roi, laterality }: { readonly roi: RegionOfInterest; readonly laterality: Laterality },
): readonly QuotedValue[] {
  const areas = measurements.flatMap((one) =>
    one.roi.region !== roi.region || one.laterality !== laterality || one.area === null
      ? []
      : [
          {
            scannedOn: dayOf(scannedAt),
            roi: one.roi,
            laterality,
            quantity: 'area' as const,
            referencePopulation: '',
            value: one.area.value,
            valueId: one.area.valueId,
          },
        ],
  );
  const ofSet = areas.filter((one) => vertebraeKey(one.roi.vertebrae) === vertebraeKey(roi.vertebrae));
  const ofLevels = areas.filter(({ roi: { vertebrae } }) => vertebrae.length === 1 && vertebrae.every(isIn(roi)));
  return ofSet.length > 0 ? ofSet : ofLevels;
}

const isIn =
  ({ vertebrae }: RegionOfInterest) =>
  (vertebra: RegionOfInterest['vertebrae'][number]) =>
    vertebrae.includes(vertebra);

const folded = (text: string) => text.trim().toLowerCase();

function isOneType({ scanner: a }: RegionScan, { scanner: b }: RegionScan): boolean {
  return folded(a.manufacturer) === folded(b.manufacturer) && folded(a.modelName) === folded(b.modelName);
}
