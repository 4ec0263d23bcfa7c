import type { RegionScan } from '../scan/region-scan.ts';
import type { LscEntry } from '../study/history.ts';
import { divideRounded } from '../values/arithmetic.ts';
import type { Bmd } from '../values/quantity.ts';

/**
 * The means of both hips of a study, for the regions whose mean has an LSC on file: without one of its own the mean
 * cannot be judged, and the single sides stand (C10; ISCD 2023, VERIFIED-2nd).
 */
export function meansOfHips(scans: readonly RegionScan[], lscEntries: readonly LscEntry[]): readonly RegionScan[] {
  const regions = new Set(lscEntries.filter(({ laterality }) => laterality === 'mean').map(({ roi }) => roi.region));
  if (regions.size === 0) return [];
  const hips = scans.filter(({ scanType, region }) => scanType === 'hip' && regions.has(region));
  return hips.flatMap((left) => {
    if (left.laterality !== 'left') return [];
    const right = hips.find(({ region, laterality }) => region === left.region && laterality === 'right');
    if (right === undefined || right.scanner.scannerId !== left.scanner.scannerId) return [];
    return [meanOf(left, right)];
  });
}

/** Computed from both sides rather than read from the file, so that it means the same at every visit. */
function meanOf(left: RegionScan, right: RegionScan): RegionScan {
  const [a] = left.densities;
  const [b] = right.densities;
  return {
    ...left,
    laterality: 'mean',
    densities: [
      {
        vertebrae: [],
        bmd: divideRounded(BigInt(a.bmd) + BigInt(b.bmd), 2n) as Bmd,
        bmdValueId: null,
        sourceValueIds: [...a.sourceValueIds, ...b.sourceValueIds],
        bmc: null,
        area: null,
      },
    ],
    scansInStudy: Math.max(left.scansInStudy, right.scansInStudy),
  };
}
