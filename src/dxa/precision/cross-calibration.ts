import type { RegionScan } from '../scan/region-scan.ts';
import { compareText, epochsBetween } from '../study/chronology.ts';
import type { CrossCalibration, OnFile } from '../study/history.ts';
import { roundHalfAway } from '../values/arithmetic.ts';
import type { Bmd } from '../values/quantity.ts';
import { type RegionOfInterest, vertebraeKey } from '../values/region.ts';
import { coversSide, type JudgingLsc } from './lsc.ts';

/** 1.96: Shepherd & Lu 2007 and R2.2 judge at 95 % two-sided. */
export const Z_95 = 1.96;

/** A line has two parameters: with fewer than three subjects it has no scatter. */
export const MINIMUM_CALIBRATION_SUBJECTS = 3;

/** A cross-calibration that covers a pair of scans, and what it makes of the reference. */
export type Bridge = {
  readonly crossCalibration: CrossCalibration;
  /** The reference as the follow-up's scanner would have measured it. */
  readonly converted: Bmd;
  /** 95 % prediction interval of one converted value (R2.2). */
  readonly predictionInterval: Bmd;
  /** False when the record lacks what the interval is computed from: mean and sum of squares, a SEE, three subjects. */
  readonly complete: boolean;
  /** False when the reference lies outside the values the relationship was measured on. */
  readonly inRange: boolean;
};

/** Finds the cross-calibration between the scanners of two scans; null when there is none or none is needed. */
export function findBridge(
  reference: RegionScan,
  followUp: RegionScan,
  roi: RegionOfInterest,
  bmd: Bmd,
  { crossCalibrations, scannerEpochs }: OnFile,
): Bridge | null {
  if (crossCalibrations.length === 0) return null;
  const found = crossCalibrations
    .filter(
      (calibration) =>
        calibration.fromScannerId === reference.scanner.scannerId &&
        calibration.toScannerId === followUp.scanner.scannerId &&
        calibration.roi.region === roi.region &&
        vertebraeKey(calibration.roi.vertebrae) === vertebraeKey(roi.vertebrae) &&
        coversSide(calibration.laterality, followUp.laterality) &&
        calibration.validFrom <= followUp.scannedOn &&
        (calibration.validTo === null || calibration.validTo >= followUp.scannedOn),
    )
    .filter((calibration) => {
      const { fromScannerId, toScannerId, validFrom } = calibration;
      // Within one scanner it must have been measured after the one change that lies between the scans.
      if (fromScannerId === toScannerId) {
        const between = epochsBetween(scannerEpochs, toScannerId, reference.scannedOn, followUp.scannedOn);
        return between.length === 1 && between[0] !== undefined && validFrom >= between[0].startsOn;
      }
      return (
        epochsBetween(scannerEpochs, fromScannerId, reference.scannedOn, validFrom).length === 0 &&
        epochsBetween(scannerEpochs, fromScannerId, validFrom, reference.scannedOn).length === 0 &&
        epochsBetween(scannerEpochs, toScannerId, validFrom, followUp.scannedOn).length === 0
      );
    })
    .sort(mostSpecificFirst)[0];
  return found === undefined ? null : bridge(found, bmd);
}

/** Converts one BMD and gives its prediction interval: 1.96 * SEE * sqrt(1 + 1/n + (x - mean)² / Sxx) (R2.2). */
export function bridge(crossCalibration: CrossCalibration, bmd: Bmd): Bridge {
  const { slope, intercept, standardErrorOfEstimate, n, meanFrom, sumOfSquaresFrom, minFrom, maxFrom } =
    crossCalibration;
  const x = bmd / 1e6;
  const hasLeverage = meanFrom !== null && sumOfSquaresFrom !== null && sumOfSquaresFrom > 0;
  const leverage = hasLeverage ? (x - meanFrom) ** 2 / sumOfSquaresFrom : 0;
  const converted = roundHalfAway(slope * bmd + intercept * 1e6) as Bmd;
  return {
    crossCalibration,
    converted,
    predictionInterval: roundHalfAway(Z_95 * standardErrorOfEstimate * Math.sqrt(1 + 1 / n + leverage) * 1e6) as Bmd,
    complete: hasLeverage && standardErrorOfEstimate > 0 && n >= MINIMUM_CALIBRATION_SUBJECTS,
    inRange: converted > 0 && (minFrom === null || x >= minFrom) && (maxFrom === null || x <= maxFrom),
  };
}

/** Both limits of a change across scanners, and the larger, which judges: no conversion makes two scanners finer. */
export type LimitAcross = {
  readonly predictionInterval: Bmd;
  /** sqrt((LSC1² + LSC2²) / 2) of the scanners' own LSCs on the two days (R2.2). */
  readonly plainLsc: Bmd;
  readonly leastSignificantChange: Bmd;
};

/**
 * What judges a change across scanners. A SEE of people who were scanned twice on the new scanner, or of few people, can
 * come out below what the scanners can tell apart at all (R2.2). Null where the cross-calibration lacks
 * figures, or a scanner its LSC.
 */
export function limitAcross({ complete, predictionInterval }: Bridge, lsc: JudgingLsc | null): LimitAcross | null {
  if (!complete || lsc === null) return null;
  const plainLsc = lsc.leastSignificantChange;
  return {
    predictionInterval,
    plainLsc,
    leastSignificantChange: Math.max(predictionInterval, plainLsc) as Bmd,
  };
}

function mostSpecificFirst(a: CrossCalibration, b: CrossCalibration): number {
  return (
    Number(a.laterality === 'any') - Number(b.laterality === 'any') ||
    compareText(b.validFrom, a.validFrom) ||
    compareText(a.crossCalibrationId, b.crossCalibrationId)
  );
}
