/**
 * Monitoring time interval in days, rounded up: LSC / |expected change a year|, both in the same unit, absolute or percent
 * (R1.10; Lenora 2010, VERIFIED).
 */
export function monitoringDays(leastSignificantChange: number, annualChange: number): number {
  return Math.ceil((365.25 * leastSignificantChange) / Math.abs(annualChange));
}
