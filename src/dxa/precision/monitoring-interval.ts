/**
 * Monitoring time interval in years: LSC / |expected change a year|, both in the same unit, absolute or percent (R1.10;
 * Lenora 2010, VERIFIED).
 */
export function monitoringTimeInterval(leastSignificantChange: number, annualChange: number): number {
  return leastSignificantChange / Math.abs(annualChange);
}

/** Trend assessment interval in years: 1.8 * PE / |rate|, 80 % two-sided (R1.10; Glüer 1999, RECALLED). */
export function trendAssessmentInterval(precisionError: number, annualChange: number): number {
  return (TREND_FACTOR * precisionError) / Math.abs(annualChange);
}

const TREND_FACTOR = 1.8;
