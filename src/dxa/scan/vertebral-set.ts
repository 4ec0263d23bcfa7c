import { ratio } from '../values/arithmetic.ts';
import type { Bmd, Micro } from '../values/quantity.ts';
import { type Vertebra, vertebraeKey } from '../values/region.ts';
import type { AssessmentSettings } from '../values/settings.ts';
import type { Density, RegionScan } from './region-scan.ts';

/** The densities that a pair of scans is compared by; `set` tells how they came about. */
export type PairedDensities = {
  readonly reference: Density;
  readonly followUp: Density;
  /** `none`: nothing in common, each scan is shown with what it has. */
  readonly set: 'same' | 'reduced' | 'rebuilt' | 'none';
};

/** Finds what two scans of a region can be compared by: for a spine, the largest set of vertebrae in both. */
export function pairDensities(
  reference: RegionScan,
  followUp: RegionScan,
  settings: AssessmentSettings,
): PairedDensities {
  if (followUp.region !== 'spine') {
    return { reference: reference.densities[0], followUp: followUp.densities[0], set: 'same' };
  }
  const inReference = evaluableVertebrae(reference, settings);
  const inFollowUp = evaluableVertebrae(followUp, settings);
  const common = inFollowUp.filter((vertebra) => inReference.includes(vertebra));
  const whole = vertebraeKey(inReference) === vertebraeKey(inFollowUp);
  const rebuilt: PairedDensities[] = [];
  for (const set of subsetsBySize(common, settings.minimumVertebrae)) {
    const before = supply(reference, set);
    const after = supply(followUp, set);
    // A larger rebuilt set is better than a smaller measured one; at equal size the measured one is.
    if (rebuilt[0] !== undefined && rebuilt[0].followUp.vertebrae.length > set.length) break;
    if (before === null || after === null) continue;
    if (before.bmdValueId === null || after.bmdValueId === null) {
      rebuilt.push({ reference: before, followUp: after, set: 'rebuilt' });
    } else {
      const same = whole && set.length === inFollowUp.length;
      return { reference: before, followUp: after, set: same ? 'same' : 'reduced' };
    }
  }
  return rebuilt[0] ?? { reference: primary(reference, settings), followUp: primary(followUp, settings), set: 'none' };
}

/**
 * The vertebrae that may be used: those of the largest measured set, for a reader who left one out had a reason. Where
 * no set was measured, all single ones.
 */
function evaluableVertebrae(scan: RegionScan, settings: AssessmentSettings): readonly Vertebra[] {
  const largest = primary(scan, settings).vertebrae;
  const vertebrae = largest.length > 1 ? largest : scan.parts.map((part) => part.vertebra);
  return settings.monitoredVertebrae.filter((vertebra) => vertebrae.includes(vertebra));
}

function primary(scan: RegionScan, settings: AssessmentSettings): Density {
  const monitored = scan.densities.find(({ vertebrae }) =>
    vertebrae.every((vertebra) => settings.monitoredVertebrae.includes(vertebra)),
  );
  return monitored ?? scan.densities[0];
}

function supply(scan: RegionScan, set: readonly Vertebra[]): Density | null {
  const key = vertebraeKey(set);
  return scan.densities.find((density) => vertebraeKey(density.vertebrae) === key) ?? rebuild(scan, set);
}

/**
 * BMD of a set of vertebrae as sum of BMC over sum of area, which is what areal density means; the mean of the
 * vertebrae's BMDs is another and wrong number (R2.3).
 */
export function rebuild(scan: RegionScan, set: readonly Vertebra[]): Density | null {
  let bmc = 0;
  let area = 0;
  const sourceValueIds: string[] = [];
  for (const vertebra of set) {
    const part = scan.parts.find((candidate) => candidate.vertebra === vertebra);
    if (part === undefined) return null;
    bmc += part.bmc;
    area += part.area;
    sourceValueIds.push(...part.sourceValueIds);
  }
  const bmd = ratio(bmc as Micro, area as Micro) as Bmd;
  return { vertebrae: set, bmd, bmdValueId: null, sourceValueIds, bmc: bmc as Micro, area: area as Micro };
}

/** All subsets with at least `minimum` members, larger ones first, upper vertebrae first (they degenerate less, OPRA). */
function subsetsBySize(vertebrae: readonly Vertebra[], minimum: number): readonly (readonly Vertebra[])[] {
  let subsets: (readonly Vertebra[])[] = [[]];
  for (const vertebra of vertebrae) subsets = subsets.flatMap((subset) => [[...subset, vertebra], subset]);
  return subsets.filter((subset) => subset.length >= minimum).sort((a, b) => b.length - a.length);
}
