import { checkPair } from '../comparability/check-pair.ts';
import type { Pair } from '../comparability/pair.ts';
import { type Bridge, findBridge, limitAcross } from '../precision/cross-calibration.ts';
import { fallbackLsc } from '../precision/fallback-lsc.ts';
import { combineLscs, type JudgingLsc, lscOfDay, lscOfPair } from '../precision/lsc.ts';
import type { Density, RegionScan } from '../scan/region-scan.ts';
import { pairDensities } from '../scan/vertebral-set.ts';
import { epochsBetween } from '../study/chronology.ts';
import type { OnFile } from '../study/history.ts';
import { percentOf } from '../values/arithmetic.ts';
import type { AppliedLsc, ComparedScan, Comparison, ComparisonKind } from '../values/assessment.ts';
import type { Micro } from '../values/quantity.ts';
import type { RegionOfInterest } from '../values/region.ts';
import type { IsoDate } from '../values/report.ts';
import type { AssessmentSettings } from '../values/settings.ts';
import { judgeChange, reaches } from './judge-change.ts';

/** What a comparison needs beside the two scans. */
export type ComparisonContext = { readonly onFile: OnFile; readonly settings: AssessmentSettings };

/** Compares a follow-up with an earlier scan of the region: comparability first, subtraction only after it. */
export function compareScans(
  kind: ComparisonKind,
  reference: RegionScan,
  followUp: RegionScan,
  { onFile, settings }: ComparisonContext,
): Comparison {
  const densities = pairDensities(reference, followUp, settings);
  const roi: RegionOfInterest = { region: followUp.region, vertebrae: densities.followUp.vertebrae };
  const bridge = findBridge(reference, followUp, roi, densities.reference.bmd, onFile);
  const lscs = findLscs(reference, followUp, roi, bridge, { onFile, settings });
  const pair: Pair = { reference, followUp, densities, bridge, ...lscs, onFile, settings };
  const checks = checkPair(pair);
  const compared = {
    kind,
    roi,
    laterality: followUp.laterality,
    reference: comparedScan(reference, densities.reference),
    followUp: comparedScan(followUp, densities.followUp),
    rebuilt: densities.set === 'rebuilt',
    checks,
  };
  if (checks.some(({ outcome }) => outcome === 'block')) return { ...compared, ...NOT_COMPARABLE };
  return { ...compared, ...judge(pair) };
}

type Judgement = Pick<
  Comparison,
  'referenceConverted' | 'verdict' | 'delta' | 'percent' | 'lsc' | 'strength' | 'robust'
>;

const NOT_COMPARABLE: Judgement = {
  referenceConverted: null,
  verdict: 'not_comparable',
  delta: null,
  percent: null,
  lsc: null,
  strength: null,
  robust: null,
};

function judge({ densities, followUp, bridge, lsc, settings }: Pair): Judgement {
  const reference = bridge?.converted ?? densities.reference.bmd;
  const referenceConverted = bridge?.converted ?? null;
  const limit = appliedLsc(bridge, lsc);
  if (limit === null) {
    const delta = (densities.followUp.bmd - reference) as Micro;
    return {
      referenceConverted,
      verdict: 'provisional',
      delta,
      percent: percentOf(delta, reference),
      // Across scanners no single-scanner stand-in would do.
      lsc: bridge === null ? fallbackLsc(followUp.region, reference, settings) : null,
      strength: null,
      robust: null,
    };
  }
  const operator = settings.significanceOperator;
  const change = judgeChange(reference, densities.followUp.bmd, limit.leastSignificantChange, operator);
  // Of a cross-calibration no upper limit is known.
  const upperLimit = bridge === null ? (lsc?.upperLimit ?? null) : null;
  const robust = upperLimit === null ? null : reaches(change.delta, upperLimit, operator);
  return { referenceConverted, ...change, lsc: limit, robust };
}

function appliedLsc(bridge: Bridge | null, lsc: JudgingLsc | null): AppliedLsc | null {
  if (bridge !== null) {
    const limits = limitAcross(bridge, lsc);
    if (limits === null) return null;
    const { leastSignificantChange, predictionInterval } = limits;
    return {
      lscId: null,
      crossCalibrationId: bridge.crossCalibration.crossCalibrationId,
      leastSignificantChange,
      source:
        leastSignificantChange === predictionInterval
          ? 'cross-calibration: 95 % prediction interval'
          : `cross-calibration, not below the LSCs of both scanners: ${lsc?.source}`,
    };
  }
  if (lsc === null) return null;
  return {
    // Of two combined LSCs the follow-up's; `source` names both.
    lscId: lsc.lscIds.at(-1) ?? null,
    crossCalibrationId: null,
    leastSignificantChange: lsc.leastSignificantChange,
    source: lsc.source,
  };
}

/** On one scanner both days must lie in one epoch of it; a cross-calibration asks each scanner, or epoch, for its own. */
function findLscs(
  reference: RegionScan,
  followUp: RegionScan,
  roi: RegionOfInterest,
  bridge: Bridge | null,
  { onFile: { lscEntries, scannerEpochs }, settings }: ComparisonContext,
): Pick<Pair, 'lsc' | 'withoutLsc'> {
  const on = ({ scannerId }: RegionScan['scanner'], day: IsoDate) =>
    lscOfDay({ scannerId, roi, laterality: followUp.laterality }, day, lscEntries, scannerEpochs, settings);
  const isOneScanner = bridge === null;
  const { scannerId } = followUp.scanner;
  const isParted =
    isOneScanner && epochsBetween(scannerEpochs, scannerId, reference.scannedOn, followUp.scannedOn).length > 0;
  const before = isParted ? null : on(isOneScanner ? followUp.scanner : reference.scanner, reference.scannedOn);
  const after = on(followUp.scanner, followUp.scannedOn);
  const withoutLsc = { reference: before === null, followUp: after === null };
  if (before === null || after === null) return { lsc: null, withoutLsc };
  const isRenewed = isOneScanner && before.entry.lscId !== after.entry.lscId;
  if (isRenewed && settings.lscAcrossEntries === 'provisional') return { lsc: null, withoutLsc };
  return { lsc: (isOneScanner ? lscOfPair : combineLscs)(before, after, settings), withoutLsc };
}

function comparedScan(scan: RegionScan, density: Density): ComparedScan {
  return {
    studyId: scan.studyId,
    scannedOn: scan.scannedOn,
    scannerId: scan.scanner.scannerId,
    bmdValueId: density.bmdValueId,
    sourceValueIds: density.sourceValueIds,
    bmd: density.bmd,
    bmc: density.bmc,
    area: density.area,
  };
}
