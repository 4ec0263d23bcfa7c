import type { Finding } from '../../dxa/values/finding.ts';
import type { Bmd } from '../../dxa/values/quantity.ts';
import type { Laterality, RegionOfInterest } from '../../dxa/values/region.ts';
import type { IsoDate, NormalisedReport, VendorClaim } from '../../dxa/values/report.ts';
import { finding } from './finding.ts';

/** An earlier BMD on record, of the same patient and scanner. */
export type PriorBmd = {
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
  readonly scannedOn: IsoDate;
  readonly bmd: Bmd;
};

/** Both numbers of a difference are rounded to 0.001 g/cm2 in print; so may be the difference. */
const CHANGE_TOLERANCE = 1500;
/** Percent, in millionths: printed to 0.1, from BMDs that are rounded themselves. */
const PERCENT_TOLERANCE = 250_000;

/**
 * Holds what the vendor says about earlier scans and changes (E16) against the scans on record. A claim without a
 * readable date, or about a scan that is not on record, is not judged.
 */
export function checkVendorClaims(
  { claims, values, study }: Pick<NormalisedReport, 'claims' | 'values' | 'study'>,
  priors: readonly PriorBmd[],
): readonly Finding[] {
  const today = study.scannedAt.slice(0, 10);
  return claims.flatMap((claim) => {
    const own = priors
      .filter((prior) => sameRegion(prior, claim) && prior.scannedOn < today)
      .sort((a, b) => (a.scannedOn < b.scannedOn ? -1 : 1));
    if (claim.value === null || claim.date === null) return [];
    if (claim.kind === 'prior_bmd') {
      const same = own.find(({ scannedOn }) => scannedOn === claim.date);
      const differs = same !== undefined && Math.abs(same.bmd - claim.value) >= 1000;
      return differs ? [finding('VENDOR_PRIOR_DIFFERS', claim.path, { region: claim.roi.region })] : [];
    }
    const reference = claim.kind.endsWith('baseline') ? own[0] : own.at(-1);
    const now = values.find((value) => value.quantity === 'bmd' && sameRegion(value, claim));
    if (claim.date !== today || reference === undefined || now === undefined) return [];
    const delta = now.value - reference.bmd;
    const isPercent = claim.kind.startsWith('percent');
    const expected = isPercent ? (100_000_000 * delta) / reference.bmd : delta;
    const tolerance = isPercent ? PERCENT_TOLERANCE : CHANGE_TOLERANCE;
    if (Math.abs(claim.value - expected) <= tolerance) return [];
    return [finding('VENDOR_CHANGE_DIFFERS', claim.path, { region: claim.roi.region, kind: claim.kind })];
  });
}

function sameRegion(
  one: Pick<VendorClaim, 'roi' | 'laterality'>,
  other: Pick<VendorClaim, 'roi' | 'laterality'>,
): boolean {
  return (
    one.roi.region === other.roi.region &&
    one.laterality === other.laterality &&
    one.roi.vertebrae.join() === other.roi.vertebrae.join()
  );
}
