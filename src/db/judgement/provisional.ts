import { parseVertebraeKey, type Region, type Vertebra } from '../../dxa/values/region.ts';
import type { Queryable } from '../pool.ts';
import { readSettings } from '../registry/setting.ts';

/**
 * Why nothing may be said about significance: no LSC was ever on file for the region on this scanner, there is one but
 * not for both days (expired, not yet valid, or cut off by an epoch), or a cross-calibration lacks figures.
 */
export type ProvisionalReason = 'none_on_file' | 'not_valid_on_both_days' | 'cross_calibration_incomplete';

// "any" stands for either single side, as in the judgement.
const REASON = `
  case when c.reference_scanner_key <> c.follow_up_scanner_key or c.reference_converted_g_per_cm2 is not null
       then 'cross_calibration_incomplete'
       when exists (select 1 from least_significant_change l
                     where l.scanner_key = c.follow_up_scanner_key and l.region = c.region and l.vertebrae = c.vertebrae
                       and (l.laterality = c.laterality or (l.laterality = 'any' and c.laterality in ('left', 'right')))
                       and l.operator = '' and l.retired_at is null)
       then 'not_valid_on_both_days' else 'none_on_file' end`;

/** One LSC that would settle pairs: what a facility has to put on file first. */
export type MissingLsc = {
  readonly scannerKey: string;
  readonly region: Region;
  readonly vertebrae: readonly Vertebra[];
  readonly laterality: string;
  readonly reason: ProvisionalReason;
  readonly comparisons: number;
  readonly patients: number;
  /** Days that it would have to cover. */
  readonly earliestOn: string;
  readonly latestOn: string;
};

/** The missing LSCs of the monitored regions, the one that holds up most pairs first. */
export async function listMissingLsc(database: Queryable): Promise<readonly MissingLsc[]> {
  const { monitoredRegions } = (await readSettings(database)).settings;
  const { rows } = await database.query<Omit<MissingLsc, 'vertebrae'> & { readonly vertebrae: string }>(
    `with provisional as (
       select c.*, ${REASON} as reason from comparison c
        where c.superseded_at is null and c.verdict = 'provisional' and c.region = any($1))
     select follow_up_scanner_key as "scannerKey", region, vertebrae, laterality, reason, count(*)::int as comparisons,
            count(distinct patient_id)::int as patients, min(reference_on) as "earliestOn", max(follow_up_on) as "latestOn"
       from provisional
      group by follow_up_scanner_key, region, vertebrae, laterality, reason
      order by comparisons desc, 1, 2, 3, 4, 5`,
    [monitoredRegions],
  );
  return rows.map((row) => ({ ...row, vertebrae: parseVertebraeKey(row.vertebrae) }));
}
