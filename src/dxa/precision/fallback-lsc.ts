import { roundHalfAway } from '../values/arithmetic.ts';
import type { AppliedLsc } from '../values/assessment.ts';
import type { Bmd } from '../values/quantity.ts';
import type { Region } from '../values/region.ts';
import type { AssessmentSettings, FallbackLsc } from '../values/settings.ts';

/** ISCD minimum acceptable technologist precision as LSC, percent (R1.5; VERIFIED-2nd: IOC REDs CAT2 quoting ISCD). */
export const ISCD_LSC_CEILING_PERCENT: Readonly<Partial<Record<Region, number>>> = {
  spine: 5.3,
  total_hip: 5,
  femoral_neck: 6.9,
};

/** Manitoba programme, millionths of g/cm² (R1.9; Leslie 2016, VERIFIED). */
export const MANITOBA_LSC: Readonly<Partial<Record<Region, number>>> = { spine: 50_000, total_hip: 30_000 };

/** UpToDate: "a simplified approximation for exceeding LSC is >= 5 %" (R1.9, VERIFIED via a mirror). */
export const SIMPLIFIED_PERCENT = 5;

/**
 * A labelled stand-in that a reader may hold a provisional change against, never what makes it significant (R1.9).
 * Null where the chosen source says nothing about the region.
 */
export function fallbackLsc(region: Region, reference: Bmd, settings: AssessmentSettings): AppliedLsc | null {
  const found = lookUp(settings.fallbackLsc, region, reference);
  if (found === undefined) return null;
  return {
    lscId: null,
    crossCalibrationId: null,
    leastSignificantChange: roundHalfAway(found.value) as Bmd,
    source: found.source,
  };
}

type Found = { readonly value: number; readonly source: string };

function lookUp(fallback: FallbackLsc, region: Region, reference: Bmd): Found | undefined {
  switch (fallback) {
    case 'none':
      return undefined;
    case 'iscd_ceiling': {
      const percent = ISCD_LSC_CEILING_PERCENT[region];
      if (percent === undefined) return undefined;
      return {
        value: (percent * reference) / 100,
        source: `fallback: ISCD minimum acceptable precision, ${percent} %`,
      };
    }
    case 'five_percent':
      return { value: (SIMPLIFIED_PERCENT * reference) / 100, source: 'fallback: simplified 5 % (UpToDate)' };
    case 'manitoba': {
      const value = MANITOBA_LSC[region];
      return value === undefined ? undefined : { value, source: 'fallback: Manitoba BMD programme' };
    }
    default:
      return fallback satisfies never;
  }
}
