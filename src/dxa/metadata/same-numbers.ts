import { dayOf } from '../study/chronology.ts';
import type { Visit } from '../study/visits.ts';
import { regionKey } from '../values/region.ts';
import type { VisitCheck } from './visit-view.ts';

/** BMD, BMC and area of each region that has all three, with the scanner. */
function triplesOf({ measurements }: Visit): ReadonlyMap<string, string> {
  return new Map(
    measurements.flatMap((measurement) => {
      const { bmd, bmc, area, scanner } = measurement;
      if (bmd === null || bmc === null || area === null || measurement.laterality === 'mean') return [];
      return [[`${scanner.scannerId} ${regionKey(measurement)}`, `${bmd.value} ${bmc.value} ${area.value}`] as const];
    }),
  );
}

/** Two days of one scanner show the very same numbers: one scan was sent, or filed, twice (surveillance 6). */
export const sameNumbersAgain: VisitCheck = ({ visit, earlier, settings }) => {
  const now = triplesOf(visit);
  if (now.size < settings.sameNumbersTriples) return [];
  return earlier
    .filter((before) => dayOf(before.scannedAt) < dayOf(visit.scannedAt))
    .toReversed()
    .flatMap((before) => {
      const then = triplesOf(before);
      const common = [...now].filter(([region]) => then.has(region));
      if (common.length < settings.sameNumbersTriples) return [];
      if (common.some(([region, triple]) => then.get(region) !== triple)) return [];
      const day = dayOf(before.scannedAt);
      return [
        {
          code: 'SAME_NUMBERS_AGAIN',
          kind: 'finding' as const,
          subject: 'measurements',
          says: `BMD, BMC and area of ${common.length} regions are exactly those of ${day}: one scan may have been sent under two dates.`,
          facts: { regions: common.length, sameAsOn: day },
        },
      ];
    })
    .slice(0, 1);
};
