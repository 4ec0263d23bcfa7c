import { monitoringDays } from '../precision/monitoring-interval.ts';
import { areaChange } from '../scan/area.ts';
import { daysBetween } from '../study/chronology.ts';
import { type ComparabilityRule, check } from './pair.ts';

/**
 * C13: similar bone area. The residual test beside the 2 % and the 1 cm² rule (R2.4); 22-46 % of good same-day pairs
 * exceed 2 %, so it never blocks (Leslie group 2006, VERIFIED).
 */
export const similarArea: ComparabilityRule = ({ followUp, densities, settings }) => {
  const change = areaChange(densities.reference, densities.followUp, settings.areaPerBmcSlope);
  if (change === null || densities.set === 'none') return check('C13', 'ok', 'AREA_NOT_STATED', {});
  const facts = {
    areaPercent: decimals(100 * change.relative),
    bmcPercent: decimals(100 * change.bmcRelative),
    residualPercent: decimals(100 * change.residual),
    areaShare: change.areaShare === null ? null : decimals(change.areaShare),
    twoPercentRule: Math.abs(change.relative) > settings.areaChangeLimit,
    oneSquareCentimetreRule: followUp.region === 'spine' && Math.abs(change.absolute) > settings.spineAreaChangeLimit,
    residualRule: Math.abs(change.residual) > settings.areaResidualLimit,
  };
  const differs = facts.twoPercentRule || facts.oneSquareCentimetreRule || facts.residualRule;
  return differs ? check('C13', 'warn', 'AREA_DIFFERS', facts) : check('C13', 'ok', 'AREA_SIMILAR', facts);
};

/** C15: not less than a year (ISCD, RECALLED) nor less than the monitoring time interval LSC / expected rate (R1.10). */
export const longEnough: ComparabilityRule = ({ reference, followUp, lsc, settings }) => {
  const days = daysBetween(reference.scannedOn, followUp.scannedOn);
  const rate = settings.expectedAnnualChange[followUp.region];
  const intervalDays = lsc === null || rate === undefined ? null : monitoringDays(lsc.leastSignificantChange, rate);
  const facts = { days, monitoringIntervalDays: intervalDays };
  if (days < settings.shortIntervalDays) return check('C15', 'warn', 'INTERVAL_SHORT', facts);
  if (intervalDays !== null && days < intervalDays) return check('C15', 'warn', 'INTERVAL_BELOW_MTI', facts);
  return check('C15', 'ok', 'INTERVAL_LONG_ENOUGH', facts);
};

/** C16: an LSC for this scanner, region, side and both dates; without one the change is provisional (R1.9). */
export const lscOnFile: ComparabilityRule = ({ bridge, lsc }) => {
  if (bridge !== null) {
    const facts = { crossCalibrationId: bridge.crossCalibration.crossCalibrationId };
    return bridge.complete
      ? check('C16', 'ok', 'LSC_GENERALISED', facts)
      : check('C16', 'warn', 'CROSS_CALIBRATION_INCOMPLETE', facts);
  }
  if (lsc === null) return check('C16', 'warn', 'NO_LSC', {});
  const facts = { lscIds: lsc.lscIds.join(','), leastSignificantChangeMicro: lsc.leastSignificantChange };
  return check('C16', 'ok', lsc.lscIds.length > 1 ? 'LSC_GENERALISED' : 'LSC_ON_FILE', facts);
};

/** Four decimals: enough to read, and the same text on every machine. */
function decimals(value: number): number {
  return Math.round(value * 10_000) / 10_000 || 0;
}
