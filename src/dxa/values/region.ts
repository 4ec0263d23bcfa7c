/** The vertebrae a spine scan can include, from the top down. */
export const VERTEBRAE = ['T12', 'L1', 'L2', 'L3', 'L4'] as const;
export type Vertebra = (typeof VERTEBRAE)[number];

/** Regions of interest, a closed set. A spine region is `spine` together with its set of vertebrae. */
export const REGIONS = [
  'spine',
  'total_hip',
  'femoral_neck',
  'upper_femoral_neck',
  'lower_femoral_neck',
  'wards',
  'trochanter',
  'intertrochanter',
  'femoral_shaft',
  'radius_33',
  'radius_mid',
  'radius_ultradistal',
  'radius_total',
  'ulna_33',
  'ulna_mid',
  'ulna_ultradistal',
  'ulna_total',
  'forearm_33',
  'forearm_mid',
  'forearm_ultradistal',
  'forearm_total',
  'whole_body',
  'whole_body_less_head',
  'head',
  'arms',
  'left_arm',
  'right_arm',
  'legs',
  'left_leg',
  'right_leg',
  'trunk',
  'ribs',
  'left_ribs',
  'right_ribs',
  'pelvis',
  'whole_body_spine',
  'thoracic_spine',
  'lumbar_spine',
  'android',
  'gynoid',
] as const;
export type Region = (typeof REGIONS)[number];

/** Which kind of scan a region was measured in: "Total" means something else in a hip than in a forearm. */
export const SCAN_TYPES = ['spine', 'hip', 'forearm', 'whole_body'] as const;
export type ScanType = (typeof SCAN_TYPES)[number];

const HIP_REGIONS: ReadonlySet<Region> = new Set([
  'total_hip',
  'femoral_neck',
  'upper_femoral_neck',
  'lower_femoral_neck',
  'wards',
  'trochanter',
  'intertrochanter',
  'femoral_shaft',
]);

/** The kind of scan that a region stands in: each stands in one. */
export function scanTypeOf(region: Region): ScanType {
  if (region === 'spine') return 'spine';
  if (HIP_REGIONS.has(region)) return 'hip';
  return /^(?:radius|ulna|forearm)_/.test(region) ? 'forearm' : 'whole_body';
}

/** `mean` is the mean of both sides and not a side; `none` is for regions without one. */
export const LATERALITIES = ['left', 'right', 'mean', 'none'] as const;
export type Laterality = (typeof LATERALITIES)[number];

/** A region of interest: `vertebrae` is empty unless `region` is `spine`, and then ordered from the top down. */
export type RegionOfInterest = {
  readonly region: Region;
  readonly vertebrae: readonly Vertebra[];
};

/** Writes a set of vertebrae in one canonical way: "L1,L3,L4". */
export function vertebraeKey(vertebrae: readonly Vertebra[]): string {
  if (vertebrae.length === 0) return '';
  return VERTEBRAE.filter((vertebra) => vertebrae.includes(vertebra)).join(',');
}

/** What makes results the same region of one study. The scan's own label does not: DualFemur holds both femurs. */
export function regionKey(of: {
  readonly scanType: ScanType;
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
}): string {
  return [of.scanType, of.roi.region, vertebraeKey(of.roi.vertebrae), of.laterality].join('|');
}

/** Reads the canonical form back; throws a RangeError on anything else, for it can only come from our own rows. */
export function parseVertebraeKey(key: string): readonly Vertebra[] {
  if (key === '') return [];
  const vertebrae = key.split(',') as Vertebra[];
  if (vertebraeKey(vertebrae) !== key) throw new RangeError('not a canonical set of vertebrae');
  return vertebrae;
}

/** Names a set of vertebrae for a reader: "L1-L4", "L1, L3-L4". */
export function describeVertebrae(vertebrae: readonly Vertebra[]): string {
  const runs: Vertebra[][] = [];
  for (const [index, vertebra] of VERTEBRAE.entries()) {
    if (!vertebrae.includes(vertebra)) continue;
    const run = runs.at(-1);
    const previous = VERTEBRAE[index - 1];
    if (run !== undefined && previous !== undefined && run.at(-1) === previous) run.push(vertebra);
    else runs.push([vertebra]);
  }
  return runs.map((run) => (run.length === 1 ? run[0] : `${run[0]}-${run.at(-1)}`)).join(', ');
}
