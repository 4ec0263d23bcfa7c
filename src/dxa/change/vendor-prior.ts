import type { ReportOfStudy } from '../study/assembly.ts';
import { compareText, dayOf } from '../study/chronology.ts';
import type { StudyFinding } from '../values/finding.ts';
import type { Micro } from '../values/quantity.ts';
import { type Laterality, type RegionOfInterest, regionKey, type ScanType } from '../values/region.ts';
import type { IsoDate } from '../values/report.ts';
import { isGramsPerCm2, PRINTED_BMD_STEP } from './vendor-change.ts';

/** The BMD that a report shows for an earlier scan of the same region and side. */
export type PriorClaim = {
  readonly scanType: ScanType;
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
  /** Day of the earlier scan. */
  readonly date: IsoDate;
  /** Millionths of g/cm². */
  readonly value: Micro;
  readonly rawUnit: string | null;
  /** Null where the report does not say which scanner it is from. */
  readonly scannerId: string | null;
  readonly sopInstanceUid: string;
  /** Day of the study that shows it. */
  readonly shownOn: IsoDate;
};

/** A study with everything that was ever reported of it, superseded analyses too. */
export type ReportedStudy = { readonly studyId: string; readonly reports: readonly ReportOfStudy[] };

/**
 * Holds the BMDs that vendors show for earlier scans against those on record of the same day, scanner, region and side
 * (E16). A finding where none of the study's analyses shows it: the earlier scan was analysed again and its report is not
 * here. A claim about a scan that is not on record says nothing. The order of arrival means nothing.
 */
export function priorsThatDiffer(
  studies: readonly ReportedStudy[],
  claims: readonly PriorClaim[],
): readonly (StudyFinding & { readonly studyId: string })[] {
  const claimsBySite = Map.groupBy(
    claims.filter(({ rawUnit, scannerId }) => scannerId !== null && isGramsPerCm2(rawUnit)),
    (claim) => `${claim.scannerId} ${claim.date} ${regionKey(claim)}`,
  );
  if (claimsBySite.size === 0) return [];
  return [...Map.groupBy(studies.flatMap(analysesOf), ({ site }) => site)].flatMap(([site, analyses]) => {
    const differing = (claimsBySite.get(site) ?? []).filter(({ value }) =>
      analyses.every(({ bmd }) => Math.abs(bmd - value) >= PRINTED_BMD_STEP),
    );
    if (differing.length === 0) return [];
    const facts = {
      reports: new Set(differing.map(({ sopInstanceUid }) => sopInstanceUid)).size,
      lastShownOn:
        differing
          .map(({ shownOn }) => shownOn)
          .sort(compareText)
          .at(-1) ?? null,
    };
    const byStudy = Map.groupBy(analyses, ({ studyId }) => studyId);
    return [...byStudy].map(([studyId, [first]]) => ({
      code: 'VENDOR_PRIOR_DIFFERS',
      subject: first?.region ?? '',
      facts,
      studyId,
    }));
  });
}

function analysesOf({ studyId, reports }: ReportedStudy) {
  return reports.flatMap(({ scannedAt, scanDateDoubted, measurements }) =>
    measurements.flatMap((measurement) => {
      const { bmd, scanner } = measurement;
      if (bmd === null || scanDateDoubted === true || !scanner.identified) return [];
      const region = regionKey(measurement);
      return [{ studyId, region, site: `${scanner.scannerId} ${dayOf(scannedAt)} ${region}`, bmd: bmd.value }];
    }),
  );
}
