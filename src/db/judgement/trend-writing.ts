import type { Assessment, RegionTrend } from '../../dxa/values/assessment.ts';
import { vertebraeKey } from '../../dxa/values/region.ts';
import { toNumeric } from '../numeric.ts';
import type { Queryable } from '../pool.ts';
import { replaceRows, withContentHash } from './current-rows.ts';

function trendRow(trend: RegionTrend, { ruleSetVersion }: Assessment) {
  const row = {
    follow_up_study_id: trend.studyIds.at(-1) ?? null,
    baseline_study_id: trend.studyIds.at(0) ?? null,
    region: trend.roi.region,
    vertebrae: vertebraeKey(trend.roi.vertebrae),
    laterality: trend.laterality,
    baseline_on: trend.firstOn,
    follow_up_on: trend.lastOn,
    study_ids: trend.studyIds,
    years: trend.years,
    annual_rate_g_per_cm2: toNumeric(trend.annualRate),
    annual_percent: toNumeric(trend.annualPercent),
    strength: trend.strength,
    verdict: trend.verdict,
    lsc_id: trend.lscId,
    lsc_g_per_cm2: toNumeric(trend.leastSignificantChange),
    rule_set_version: ruleSetVersion,
  };
  return withContentHash(row);
}

const TREND_COLUMNS = [
  ['follow_up_study_id', 'bigint'],
  ['baseline_study_id', 'bigint'],
  ['region', 'text'],
  ['vertebrae', 'text'],
  ['laterality', 'text'],
  ['baseline_on', 'date'],
  ['follow_up_on', 'date'],
  ['study_ids', 'bigint[]'],
  ['years', 'double precision'],
  ['annual_rate_g_per_cm2', 'numeric'],
  ['annual_percent', 'numeric'],
  ['strength', 'double precision'],
  ['verdict', 'text'],
  ['lsc_id', 'bigint'],
  ['lsc_g_per_cm2', 'numeric'],
  ['rule_set_version', 'text'],
  ['content_hash', 'text'],
] as const satisfies readonly (readonly [keyof ReturnType<typeof trendRow>, string])[];

/** Writes the trends of an assessment; `written` are the hashes of the current ones. Returns whether any differ. */
export async function writeTrends(
  database: Queryable,
  patientId: string,
  assessment: Assessment,
  written: readonly string[],
  settingsVersion: string,
): Promise<boolean> {
  const rows = assessment.trends.map((trend) => trendRow(trend, assessment));
  return await replaceRows(database, 'trend', TREND_COLUMNS, patientId, rows, written, settingsVersion);
}
