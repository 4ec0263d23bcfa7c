import { lookup } from '../../dxa/values/lookup.ts';
import type { Laterality, Region, RegionOfInterest } from '../../dxa/values/region.ts';
import type { FindingCode } from '../report/codes.ts';
import { labelled, mappedRegion, mappedSide, type Named } from '../report/site-mapping.ts';
import { normaliseLabel } from '../text/label.ts';
import { readSpineLabel } from '../text/spine-label.ts';
import type { GeRules } from './quirks.ts';
import { FOREARM_REGIONS, type GeScan, HIP_REGIONS, WHOLE_BODY_REGIONS } from './vocabulary.ts';

export type ResolvedRegion =
  | { readonly kind: 'region'; readonly roi: RegionOfInterest; readonly laterality: Laterality }
  | { readonly kind: 'difference' }
  | { readonly kind: 'problem'; readonly code: FindingCode };

const SIDES = lookup<Laterality | 'difference'>({
  left: 'left',
  right: 'right',
  mean: 'mean',
  diff: 'difference',
  l: 'left',
  lt: 'left',
  r: 'right',
  rt: 'right',
  difference: 'difference',
});

const problem = (code: FindingCode): ResolvedRegion => ({ kind: 'problem', code });

/** Says which region of interest a label means inside its scan: "Total" alone means four different things. */
export function resolveRegion(label: string, scan: GeScan, rules: GeRules): ResolvedRegion {
  switch (scan.scanType) {
    case 'spine': {
      const text = rules.quirks.has('excluded-vertebra') ? label : label.replace(/\s*\(.*\)$/, '');
      const vertebrae = readSpineLabel(text);
      if (vertebrae === null) return problem('UNKNOWN_REGION');
      return { kind: 'region', roi: { region: 'spine', vertebrae }, laterality: 'none' };
    }
    case 'hip':
      return resolveSided(label, scan, HIP_REGIONS, rules);
    case 'forearm':
      return resolveSided(label, scan, FOREARM_REGIONS, rules);
    case 'whole_body':
      return resolveWholeBody(label);
    default:
      return scan.scanType satisfies never;
  }
}

/** The same; where no table knows the label, what the site says of it, or of the code beside it. */
export function resolveOrMap(
  label: string,
  scan: GeScan,
  rules: GeRules,
  concept: Named | null = labelled(label),
): ResolvedRegion {
  const known = resolveRegion(label, scan, rules);
  if (known.kind !== 'problem' || known.code !== 'UNKNOWN_REGION') return known;
  const mapped = mappedRegion(rules.mapping, concept, scan.scanType);
  if (mapped === null) return known;
  const headerSide = scan.both === true || scan.laterality !== null ? null : rules.headerSide;
  const laterality = mappedSide(mapped, scan.laterality ?? headerSide);
  return laterality === 'LATERALITY_UNKNOWN' || laterality === 'LATERALITY_CONFLICT'
    ? problem(laterality)
    : { kind: 'region', roi: mapped.roi, laterality };
}

function resolveSided(
  label: string,
  scan: GeScan,
  regions: Readonly<Record<string, Region>>,
  { quirks, headerSide }: GeRules,
): ResolvedRegion {
  const { name, side } = splitSide(normaliseLabel(label));
  const region = regions[name];
  if (region === undefined) return problem('UNKNOWN_REGION');
  const roi: RegionOfInterest = { region, vertebrae: [] };
  if (side === 'difference' && quirks.has('difference-row')) return { kind: 'difference' };
  if (side === 'mean' && quirks.has('mean-is-not-a-side')) return { kind: 'region', roi, laterality: 'mean' };
  const named = side === 'left' || side === 'right' ? side : null;
  if (side !== null && named === null) return problem('LATERALITY_UNKNOWN');
  if (named !== null && scan.laterality !== null && named !== scan.laterality) return problem('LATERALITY_CONFLICT');
  const laterality = scan.laterality ?? named ?? (scan.both === true ? null : headerSide);
  return laterality === null ? problem('LATERALITY_UNKNOWN') : { kind: 'region', roi, laterality };
}

/** "neck left" and "left neck" both name the left neck; a label without a side gives null. */
function splitSide(label: string): { readonly name: string; readonly side: Laterality | 'difference' | null } {
  const words = label.split(' ');
  const last = SIDES[words.at(-1) ?? ''];
  if (last !== undefined && words.length > 1) return { name: words.slice(0, -1).join(' '), side: last };
  const first = SIDES[words[0] ?? ''];
  if (first !== undefined && words.length > 1) return { name: words.slice(1).join(' '), side: first };
  return { name: label, side: null };
}

function resolveWholeBody(label: string): ResolvedRegion {
  const name = normaliseLabel(label);
  const region = WHOLE_BODY_REGIONS[name];
  if (region !== undefined) return { kind: 'region', roi: { region, vertebrae: [] }, laterality: 'none' };
  return splitSide(name).side === 'difference' ? { kind: 'difference' } : problem('UNKNOWN_REGION');
}
