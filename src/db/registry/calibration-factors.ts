import type { Queryable } from '../pool.ts';

/** Factors with which a scanner measured from a day on, as its reports print them. */
export type CalibrationFactorsFrom = {
  readonly scannedOn: string;
  readonly acf: string | null;
  readonly bcf: string | null;
};

/** The days on which a scanner's reports begin to name other factors than before, in order. */
export async function listCalibrationFactors(
  database: Queryable,
  scannerId: string,
): Promise<readonly CalibrationFactorsFrom[]> {
  const { rows } = await database.query<CalibrationFactorsFrom>(
    `select left(f.scanned_at, 10) as "scannedOn", f.acf::text, f.bcf::text
       from (select r.scanned_at, r.id, r.acf, r.bcf, lag(r.id) over w as before,
                    row(r.acf, r.bcf) is distinct from row(lag(r.acf) over w, lag(r.bcf) over w) as changed
               from report r
              where r.scanner_id = $1 and num_nonnulls(r.acf, r.bcf) > 0 and not r.scan_date_doubted
             window w as (order by r.scanned_at collate "C", r.id)) f
      where f.before is null or f.changed
      order by f.scanned_at collate "C", f.id`,
    [scannerId],
  );
  return rows;
}

/** The latest day from which a scanner's reports name other factors. */
export type FactorChange = {
  readonly scannerId: string;
  readonly changedOn: string;
  /** Whether its history is split between the last scan before and that day. */
  readonly splitsHistory: boolean;
};

/** Of every scanner whose factors ever changed the latest change. */
export async function listFactorChanges(database: Queryable): Promise<readonly FactorChange[]> {
  const { rows } = await database.query<FactorChange>(
    `select c.id::text as "scannerId", f.changed_on as "changedOn",
            exists (select 1 from scanner_epoch e
                     where e.scanner_key = c.identity_key and e.retired_at is null
                       and e.starts_on between f.before_on::date and f.changed_on::date) as "splitsHistory"
       from (select distinct on (o.scanner_id) o.scanner_id, left(o.before_at, 10) as before_on,
                    left(o.scanned_at, 10) as changed_on
               from (select r.scanner_id, r.id, r.scanned_at, lag(r.scanned_at) over w as before_at,
                            row(r.acf, r.bcf) is distinct from row(lag(r.acf) over w, lag(r.bcf) over w) as changed
                       from report r
                      where num_nonnulls(r.acf, r.bcf) > 0 and not r.scan_date_doubted
                     window w as (partition by r.scanner_id order by r.scanned_at collate "C", r.id)) o
              where o.changed and o.before_at is not null
              order by o.scanner_id, o.scanned_at collate "C" desc, o.id desc) f
       join scanner c on c.id = f.scanner_id`,
  );
  return rows;
}
