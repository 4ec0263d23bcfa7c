import { parseVertebraeKey, type Region, type Vertebra } from '../../dxa/values/region.ts';
import type { Queryable } from '../pool.ts';
import { readSettings } from '../registry/setting.ts';

/**
 * Why nothing may be said about significance: no LSC was ever on file for the region on this scanner; there is one, but
 * it does not speak for both days (ended, or cut off by an epoch); a cross-calibration lacks figures; or it has them, and
 * this one of its two scanners has no LSC for its day.
 */
export type ProvisionalReason =
  | 'none_on_file'
  | 'not_valid_on_both_days'
  | 'cross_calibration_incomplete'
  | 'cross_calibration_without_lsc';

/** One LSC that would settle pairs: what a facility has to put on file first. */
export type MissingLsc = {
  readonly scannerKey: string;
  readonly region: Region;
  readonly vertebrae: readonly Vertebra[];
  readonly laterality: string;
  readonly reason: ProvisionalReason;
  /** Pairs that wait for it, of how many patients. */
  readonly comparisons: number;
  readonly patients: number;
  /** Days that it would have to cover. */
  readonly earliestOn: string;
  readonly latestOn: string;
};

/**
 * The missing LSCs of the monitored regions, the one that holds up most pairs first. A pair across scanners is listed for each
 * scanner that lacks its LSC, as check C16 of the judgement noted. "any" stands for either single side, as there.
 */
export async function listMissingLsc(database: Queryable): Promise<readonly MissingLsc[]> {
  const { monitoredRegions } = (await readSettings(database)).settings;
  const { rows } = await database.query<Omit<MissingLsc, 'vertebrae'> & { readonly vertebrae: string }>(
    `with provisional as (
       select c.*, x ->> 'code' as code, x -> 'facts' as facts
         from comparison c left join lateral jsonb_array_elements(c.checks) x on x ->> 'rule' = 'C16'
        where c.superseded_at is null and c.verdict = 'provisional' and c.region = any($1)),
     missing as (
       select region, vertebrae, laterality, patient_id, follow_up_scanner_key as scanner_key, reference_on as earliest,
              follow_up_on as latest, case when code = 'CROSS_CALIBRATION_INCOMPLETE' then 'cross_calibration_incomplete' end as reason
         from provisional where code is distinct from 'CROSS_CALIBRATION_WITHOUT_LSC'
       union all
       select region, vertebrae, laterality, patient_id, reference_scanner_key, reference_on, reference_on,
              'cross_calibration_without_lsc'
         from provisional where code = 'CROSS_CALIBRATION_WITHOUT_LSC' and facts ->> 'referenceHasLsc' = 'false'
       union all
       select region, vertebrae, laterality, patient_id, follow_up_scanner_key, follow_up_on, follow_up_on,
              'cross_calibration_without_lsc'
         from provisional where code = 'CROSS_CALIBRATION_WITHOUT_LSC' and facts ->> 'followUpHasLsc' = 'false'),
     reasoned as (
       select m.scanner_key, m.region, m.vertebrae, m.laterality, m.patient_id, m.earliest, m.latest,
              coalesce(m.reason, case when exists (
                select 1 from least_significant_change l
                 where l.scanner_key = m.scanner_key and l.region = m.region and l.vertebrae = m.vertebrae
                   and (l.laterality = m.laterality or (l.laterality = 'any' and m.laterality in ('left', 'right')))
                   and l.operator = '' and l.retired_at is null)
                then 'not_valid_on_both_days' else 'none_on_file' end) as reason
         from missing m)
     select scanner_key as "scannerKey", region, vertebrae, laterality, reason, count(*)::int as comparisons,
            count(distinct patient_id)::int as patients, min(earliest) as "earliestOn", max(latest) as "latestOn"
       from reasoned
      group by scanner_key, region, vertebrae, laterality, reason
      order by comparisons desc, 1, 2, 3, 4, 5`,
    [monitoredRegions],
  );
  return rows.map((row) => ({ ...row, vertebrae: parseVertebraeKey(row.vertebrae) }));
}
