import { limitAcross } from '../precision/cross-calibration.ts';
import { monitoringDays } from '../precision/monitoring-interval.ts';
import { areaChange } from '../scan/area.ts';
import { daysBetween } from '../study/chronology.ts';
import { exceeds } from '../values/arithmetic.ts';
import { type ComparabilityRule, check } from './pair.ts';

/**
 * C13: similar bone area. The residual test beside the 2 % and the 1 cm² rule (R2.4), where the area changed at all: mineral
 * gained on a constant area leaves a residual too. 22-46 % of good same-day pairs exceed 2 %, so it never blocks (Leslie
 * group 2006, VERIFIED).
 */
export const similarArea: ComparabilityRule = ({ followUp, densities, settings }) => {
  const change = areaChange(densities.reference, densities.followUp, settings.areaPerBmcSlope);
  if (change === null || densities.set === 'none') return check('C13', 'unknown', 'AREA_NOT_STATED', {});
  const facts = {
    areaPercent: decimals(100 * change.relative),
    bmcPercent: decimals(100 * change.bmcRelative),
    residualPercent: decimals(100 * change.residual),
    areaShare: change.areaShare === null ? null : decimals(change.areaShare),
    twoPercentRule: Math.abs(change.relative) > settings.areaChangeLimit,
    oneSquareCentimetreRule: followUp.region === 'spine' && Math.abs(change.absolute) > settings.spineAreaChangeLimit,
    residualRule:
      Math.abs(change.residual) > settings.areaResidualLimit && exceeds(change.relative, settings.areaResidualMinimum),
  };
  const differs = facts.twoPercentRule || facts.oneSquareCentimetreRule || facts.residualRule;
  return differs ? check('C13', 'warn', 'AREA_DIFFERS', facts) : check('C13', 'ok', 'AREA_SIMILAR', facts);
};

/** C15: not less than a year (ISCD, RECALLED) nor less than the monitoring time interval LSC / expected rate (R1.10). */
export const longEnough: ComparabilityRule = ({ reference, followUp, bridge, lsc, settings }) => {
  const days = daysBetween(reference.scannedOn, followUp.scannedOn);
  const rate = settings.expectedAnnualChange[followUp.region];
  const limit = bridge === null ? lsc : limitAcross(bridge, lsc);
  const intervalDays = limit === null || rate === undefined ? null : monitoringDays(limit.leastSignificantChange, rate);
  const facts = { days, monitoringIntervalDays: intervalDays };
  if (days < settings.shortIntervalDays) return check('C15', 'warn', 'INTERVAL_SHORT', facts);
  if (intervalDays !== null && days < intervalDays) return check('C15', 'warn', 'INTERVAL_BELOW_MTI', facts);
  // A rate is expected and there is no limit to divide by it.
  if (limit === null && rate !== undefined) return check('C15', 'unknown', 'MONITORING_INTERVAL_NOT_KNOWN', facts);
  return check('C15', 'ok', 'INTERVAL_LONG_ENOUGH', facts);
};

/**
 * C16: an LSC of this scanner, region and side for both days; without one the change is provisional (R1.9). Across
 * scanners each needs its own beside the cross-calibration (R2.2).
 */
export const lscOnFile: ComparabilityRule = ({ bridge, lsc, withoutLsc }) => {
  const across = bridge === null ? {} : { crossCalibrationId: bridge.crossCalibration.crossCalibrationId };
  if (bridge !== null && !bridge.complete) return check('C16', 'warn', 'CROSS_CALIBRATION_INCOMPLETE', across);
  if (lsc === null) {
    const facts = { ...across, referenceHasLsc: !withoutLsc.reference, followUpHasLsc: !withoutLsc.followUp };
    return check('C16', 'warn', bridge === null ? 'NO_LSC' : 'CROSS_CALIBRATION_WITHOUT_LSC', facts);
  }
  const limits = bridge === null ? null : limitAcross(bridge, lsc);
  const facts = {
    ...across,
    lscIds: lsc.lscIds.join(','),
    leastSignificantChangeMicro: limits?.leastSignificantChange ?? lsc.leastSignificantChange,
    ...(limits === null ? {} : { predictionIntervalMicro: limits.predictionInterval, plainLscMicro: limits.plainLsc }),
  };
  if (lsc.laterThanScan !== null) {
    return check('C16', 'warn', 'LSC_LATER_THAN_REFERENCE', { ...facts, firstEntryFrom: lsc.laterThanScan });
  }
  return check('C16', 'ok', lsc.lscIds.length > 1 || bridge !== null ? 'LSC_GENERALISED' : 'LSC_ON_FILE', facts);
};

/** Four decimals: enough to read, and the same text on every machine. */
function decimals(value: number): number {
  return Math.round(value * 10_000) / 10_000 || 0;
}
