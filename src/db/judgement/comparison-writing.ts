import { type ChangeClaim, vendorChangeOf } from '../../dxa/change/vendor-change.ts';
import type { Assessment, Comparison } from '../../dxa/values/assessment.ts';
import { vertebraeKey } from '../../dxa/values/region.ts';
import { toNumeric } from '../numeric.ts';
import type { Queryable } from '../pool.ts';
import { replaceRows, withContentHash } from './current-rows.ts';

function comparisonRow(
  comparison: Comparison,
  { comparisons, ruleSetVersion }: Assessment,
  claims: readonly ChangeClaim[],
) {
  const { lsc, reference, followUp } = comparison;
  const vendorChange = vendorChangeOf(comparison, comparisons, claims);
  const row = {
    follow_up_study_id: followUp.studyId,
    reference_study_id: reference.studyId,
    kind: comparison.kind,
    region: comparison.roi.region,
    vertebrae: vertebraeKey(comparison.roi.vertebrae),
    laterality: comparison.laterality,
    reference_on: reference.scannedOn,
    follow_up_on: followUp.scannedOn,
    reference_scanner_key: reference.scannerId,
    follow_up_scanner_key: followUp.scannerId,
    reference_bmd_g_per_cm2: toNumeric(reference.bmd),
    reference_converted_g_per_cm2: toNumeric(comparison.referenceConverted),
    follow_up_bmd_g_per_cm2: toNumeric(followUp.bmd),
    reference_sources: reference.sourceValueIds,
    follow_up_sources: followUp.sourceValueIds,
    rebuilt: comparison.rebuilt,
    verdict: comparison.verdict,
    delta_g_per_cm2: toNumeric(comparison.delta),
    delta_percent: toNumeric(comparison.percent),
    lsc_id: lsc?.lscId ?? null,
    cross_calibration_id: lsc?.crossCalibrationId ?? null,
    lsc_g_per_cm2: toNumeric(lsc?.leastSignificantChange ?? null),
    lsc_source: lsc === null ? null : lsc.crossCalibrationId === null ? lsc.source : 'cross_calibration',
    strength: comparison.strength,
    robust: comparison.robust,
    checks: comparison.checks,
    vendor_change: vendorChange,
    vendor_agrees: vendorChange?.agrees ?? null,
    rule_set_version: ruleSetVersion,
  };
  return withContentHash(row);
}

const COMPARISON_COLUMNS = [
  ['follow_up_study_id', 'bigint'],
  ['reference_study_id', 'bigint'],
  ['kind', 'text'],
  ['region', 'text'],
  ['vertebrae', 'text'],
  ['laterality', 'text'],
  ['reference_on', 'date'],
  ['follow_up_on', 'date'],
  ['reference_scanner_key', 'text'],
  ['follow_up_scanner_key', 'text'],
  ['reference_bmd_g_per_cm2', 'numeric'],
  ['reference_converted_g_per_cm2', 'numeric'],
  ['follow_up_bmd_g_per_cm2', 'numeric'],
  ['reference_sources', 'text[]'],
  ['follow_up_sources', 'text[]'],
  ['rebuilt', 'boolean'],
  ['verdict', 'text'],
  ['delta_g_per_cm2', 'numeric'],
  ['delta_percent', 'numeric'],
  ['lsc_id', 'bigint'],
  ['cross_calibration_id', 'bigint'],
  ['lsc_g_per_cm2', 'numeric'],
  ['lsc_source', 'text'],
  ['strength', 'double precision'],
  ['robust', 'boolean'],
  ['checks', 'jsonb'],
  ['vendor_change', 'jsonb'],
  ['vendor_agrees', 'boolean'],
  ['rule_set_version', 'text'],
  ['content_hash', 'text'],
] as const satisfies readonly (readonly [keyof ReturnType<typeof comparisonRow>, string])[];

/** Writes the comparisons of an assessment; `written` are the hashes of the current ones. Returns whether any differ. */
export async function writeComparisons(
  database: Queryable,
  patientId: string,
  assessment: Assessment,
  claims: readonly ChangeClaim[],
  written: readonly string[],
  settingsVersion: string,
): Promise<boolean> {
  const rows = assessment.comparisons.map((comparison) => comparisonRow(comparison, assessment, claims));
  return await replaceRows(database, 'comparison', COMPARISON_COLUMNS, patientId, rows, written, settingsVersion);
}
