import type { Region } from '../../dxa/values/region.ts';
import type { IsoDate } from '../../dxa/values/report.ts';
import { raiseRevisions } from '../locks.ts';
import type { Queryable } from '../pool.ts';

/** A scanner and region for which an LSC was put on file, corrected or retired. */
export type LscPlace = { readonly scannerKey: string; readonly region: Region };

/** Both scanners, region and span of days of a cross-calibration. */
export type CrossSpan = LscPlace & {
  readonly fromScannerKey: string;
  readonly from: IsoDate;
  readonly to: IsoDate | null;
};

/** Spans as parameters, each once: a correction mostly has the span of what it corrects. */
const spanRows = (spans: readonly CrossSpan[]) =>
  `[${[
    ...new Set(
      spans.map((span) =>
        JSON.stringify({
          scanner_key: span.scannerKey,
          from_scanner_key: span.fromScannerKey,
          region: span.region,
          valid_from: span.from,
          valid_to: span.to ?? '9999-12-31',
        }),
      ),
    ),
  ].join(',')}]`;

const placeRows = (places: readonly LscPlace[]) =>
  `[${[...new Set(places.map(({ scannerKey, region }) => JSON.stringify({ scanner_key: scannerKey, region })))].join(
    ',',
  )}]`;

/**
 * The patients that an LSC of these places ($1) can judge: the region was scanned on that scanner in two studies, or in
 * one and in another on a scanner that is cross-calibrated with it. Its days say nothing: it speaks for scans of before
 * it when it is the first, ends an earlier one for good, and judges together with the one after it (C16).
 */
const PATIENTS_OF_LSC = `
  with place as (select * from jsonb_to_recordset($1::jsonb) as x (scanner_key text, region text)),
       scanned as (
         select distinct x.scanner_key, x.region, s.patient_id, s.id as study_id
           from place x join scanner c on c.identity_key = x.scanner_key
           join report r on r.scanner_id = c.id join study s on s.id = r.study_id
          where exists (select 1 from report_values v where v.report_id = r.id and x.region = any(v.region)))
  select patient_id from scanned group by scanner_key, region, patient_id having count(*) > 1
  union
  select n.patient_id
    from scanned n
    join cross_calibration k on k.retired_at is null and k.region = n.region
     and n.scanner_key in (k.from_scanner_key, k.to_scanner_key)
    join scanner c on c.identity_key in (k.from_scanner_key, k.to_scanner_key) and c.identity_key <> n.scanner_key
   where exists (select 1 from study s join report r on r.study_id = s.id and r.scanner_id = c.id
                   join report_values v on v.report_id = r.id
                  where s.patient_id = n.patient_id and s.id <> n.study_id and n.region = any(v.region))`;

/** Marks the patients that an LSC of these places can judge. No other assessment can depend on it. */
export async function touchPatientsOfLsc(database: Queryable, places: readonly LscPlace[]): Promise<number> {
  return await raiseRevisions(database, PATIENTS_OF_LSC, [placeRows(places)]);
}

export type ConcernedPatients = { readonly total: number; readonly patientIds: readonly string[] };

/** The same patients, at most `limit` of them, taken evenly from all in order of their ids. */
export async function listPatientsOfLsc(
  database: Queryable,
  places: readonly LscPlace[],
  limit: number,
): Promise<ConcernedPatients> {
  const { rows } = await database.query<{ readonly id: string; readonly total: number }>(
    `with concerned as (${PATIENTS_OF_LSC}),
          numbered as (select patient_id, row_number() over (order by patient_id) - 1 as place, count(*) over ()::int as total
                         from concerned)
     select patient_id::text as id, total from numbered
      where place % greatest(1, ceil(total::numeric / $2)::int) = 0 order by place`,
    [placeRows(places), limit],
  );
  return { total: rows[0]?.total ?? 0, patientIds: rows.map(({ id }) => id) };
}

/** Marks the patients with the region scanned on the one scanner, and in the span on the other in another study. */
export async function touchPatientsOfCrossCalibration(
  database: Queryable,
  spans: readonly CrossSpan[],
): Promise<number> {
  return await raiseRevisions(
    database,
    `select s.patient_id
       from jsonb_to_recordset($1::jsonb) as x (scanner_key text, from_scanner_key text, region text, valid_from text,
              valid_to text)
       join scanner c on c.identity_key = x.scanner_key
       join scanner c2 on c2.identity_key = x.from_scanner_key
       join report r on r.scanner_id = c.id
        and left(r.scanned_at, 10) between x.valid_from and x.valid_to
       join study s on s.id = r.study_id
      where exists (select 1 from report_values v where v.report_id = r.id and x.region = any(v.region))
        and exists (select 1 from study s2 join report r2 on r2.study_id = s2.id
                      join report_values v2 on v2.report_id = r2.id
                     where s2.patient_id = s.patient_id and s2.id <> s.id and r2.scanner_id = c2.id
                       and x.region = any(v2.region))`,
    [spanRows(spans)],
  );
}

/**
 * Marks the patients that a new epoch of a scanner can part: scanned on it on or after the day, or scanned on it and on
 * another scanner too (a cross-calibration ends with the epoch); in more than one study. Scans of before it are parted
 * from the first LSC of their scanner, where that begins on or after the day (C16).
 */
export async function touchPatientsOfEpoch(
  database: Queryable,
  epoch: { readonly scannerKey: string; readonly startsOn: IsoDate },
): Promise<number> {
  return await raiseRevisions(
    database,
    `select s.patient_id
       from scanner c join report r on r.scanner_id = c.id join study s on s.id = r.study_id
      where c.identity_key = $1
        and exists (select 1 from study s2 where s2.patient_id = s.patient_id and s2.id <> s.id)
        and (left(r.scanned_at, 10) >= $2
             or exists (select 1 from study s3 join report r3 on r3.study_id = s3.id
                         where s3.patient_id = s.patient_id and r3.scanner_id <> c.id)
             or exists (
               select 1 from least_significant_change l
                where l.scanner_key = $1 and l.retired_at is null and l.operator = '' and l.valid_from >= $2::date
                  and not exists (
                    select 1 from least_significant_change b
                     where b.scanner_key = $1 and b.retired_at is null and b.operator = '' and b.region = l.region
                       and b.vertebrae = l.vertebrae and b.laterality = l.laterality
                       and b.valid_from::text <= left(r.scanned_at, 10)
                       and not exists (select 1 from scanner_epoch e
                                        where e.scanner_key = $1 and e.retired_at is null and e.starts_on > b.valid_from
                                          and e.starts_on::text <= left(r.scanned_at, 10)))))`,
    [epoch.scannerKey, epoch.startsOn],
  );
}

export async function touchPatient(database: Queryable, patientId: string): Promise<void> {
  await database.query('update patient set revision = revision + 1 where id = $1', [patientId]);
}

export type Affected = { readonly comparisons: number; readonly patients: number };

/** How many current comparisons, of how many patients, an LSC or a cross-calibration judges, alone or with another. */
export async function countJudgedBy(
  database: Queryable,
  by: { readonly lscId: string } | { readonly crossCalibrationId: string },
): Promise<Affected> {
  const [condition, id] =
    'lscId' in by
      ? [
          `(c.lsc_id = $1 or exists (
             select 1 from least_significant_change l
              where l.id = $1 and l.region = c.region and l.scanner_key in (c.reference_scanner_key, c.follow_up_scanner_key)
                and exists (select 1 from jsonb_array_elements(c.checks) x
                             where x ->> 'rule' = 'C16' and l.id::text = any(string_to_array(x -> 'facts' ->> 'lscIds', ',')))))`,
          by.lscId,
        ]
      : ['c.cross_calibration_id = $1', by.crossCalibrationId];
  const { rows } = await database.query<Affected>(
    `select count(*)::int as comparisons, count(distinct c.patient_id)::int as patients
       from comparison c
      where c.superseded_at is null and c.verdict in ('up', 'down', 'not_significant') and ${condition}`,
    [id],
  );
  return rows[0] ?? { comparisons: 0, patients: 0 };
}

/** Which of these scanners no stored report names: perhaps not scanned yet, perhaps a slip of the pen. */
export async function unknownScanners(database: Queryable, scannerKeys: readonly string[]): Promise<readonly string[]> {
  const { rows } = await database.query<{ key: string }>(
    `select x.key from unnest($1::text[]) as x (key)
      where not exists (select 1 from scanner c where c.identity_key = x.key) order by 1`,
    [[...new Set(scannerKeys)]],
  );
  return rows.map(({ key }) => key);
}

/** Marks every patient of whom there is a study: whom a setting leaves as they are, only their judgement tells. */
export async function touchPatientsOfSettings(database: Queryable): Promise<number> {
  return await raiseRevisions(database, 'select s.patient_id from study s', []);
}

/**
 * Up to `limit` of the patients that `touchPatientsOfSettings` marks, in an order that has nothing to do with when they
 * came, and how many there are.
 */
export async function samplePatientsOfSettings(
  database: Queryable,
  limit: number,
): Promise<{ readonly patients: number; readonly sample: readonly string[] }> {
  const { rows } = await database.query<{ patients: number; sample: readonly string[] }>(
    `with concerned as materialized (select distinct s.patient_id as id from study s)
     select (select count(*)::int from concerned) as patients,
            array(select id::text from concerned order by md5(id::text) limit $1) as sample`,
    [limit],
  );
  return rows[0] ?? { patients: 0, sample: [] };
}
